import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase, toJson } from '../../src/db/database.ts';
import { freshDatabase } from './fresh.ts';

test('text that PostgreSQL cannot store in jsonb arrives readable instead of failing', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const cases: [unknown, unknown][] = [
    ['a\0b', 'a\uFFFDb'],
    ['half \uD83D of a pair', 'half \uFFFD of a pair'],
    ['\uDE00 the other half', '\uFFFD the other half'],
    ['whole 😀 and 日本語', 'whole 😀 and 日本語'],
    // What only looks like an escape is text and stays.
    ['\\u0000 and \\ud83d', '\\u0000 and \\ud83d'],
    [{ 'key\0': ['\0', { deep: '\uDC00' }] }, { 'key\uFFFD': ['\uFFFD', { deep: '\uFFFD' }] }],
    [
      { at: new Date(0), zero: 0, no: false, nothing: null },
      { at: '1970-01-01T00:00:00.000Z', zero: 0, no: false, nothing: null },
    ],
    [
      { at: new Date(0), text: '\0', gone: undefined },
      { at: '1970-01-01T00:00:00.000Z', text: '\uFFFD' },
    ],
    [undefined, null],
    ['', ''],
  ];
  try {
    for (const [given, stored] of cases) {
      const read = await sql<{ value: unknown }>`select ${toJson(given)}::jsonb as value`.execute(database.db);
      expect(read.rows[0]?.value).toEqual(stored);
    }
  } finally {
    await database.close();
  }
});

test('a directory that holds no database says where it is and what to do', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'eks-audit-'));
  writeFileSync(join(DATA_DIR, 'db'), 'a file where the directory should be');
  try {
    await expect(openDatabase({ DATABASE_URL: undefined, DATA_DIR })).rejects.toThrow(
      new RegExp(
        `^the database in ${join(DATA_DIR, 'db')} cannot be opened: .+ move it away to begin with an empty one`,
      ),
    );
  } finally {
    rmSync(DATA_DIR, { recursive: true, force: true });
  }
});

test('opening a database twice changes nothing the second time', async () => {
  await using fresh = await freshDatabase();
  const now = new Date();
  const choice = { key: 'forwarder', value: 'arn', chosen_by: 'U1', chosen_at: now };
  const read = async () => {
    const database = await openDatabase(fresh.config);
    try {
      const schema = await sql<{ line: string }>`
        select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as line
        from information_schema.columns where table_schema = 'public' order by 1`.execute(database.db);
      const indexes = await sql<{ line: string }>`
        select indexdef as line from pg_indexes where schemaname = 'public' order by 1`.execute(database.db);
      const ran = await sql<{ name: string; timestamp: string }>`select name, timestamp from kysely_migration`.execute(
        database.db,
      );
      await database.db
        .insertInto('choices')
        .values(choice)
        .onConflict((c) => c.doNothing())
        .execute();
      const choices = await database.db.selectFrom('choices').selectAll().execute();
      return { schema: schema.rows, indexes: indexes.rows, ran: ran.rows, choices };
    } finally {
      await database.close();
    }
  };
  const first = await read();
  expect(first.ran.length).toBeGreaterThan(0);
  expect(first.choices).toEqual([choice]);
  expect(await read()).toEqual(first);
});

test('times come back as they went in, to the millisecond', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  try {
    const at = new Date('2026-03-29T01:30:00.123Z');
    await database.db.insertInto('choices').values({ key: 'k', value: 'v', chosen_by: 'U1', chosen_at: at }).execute();
    const row = await database.db.selectFrom('choices').select('chosen_at').executeTakeFirstOrThrow();
    expect(row.chosen_at).toEqual(at);
  } finally {
    await database.close();
  }
});

test('a failed transaction leaves nothing and the next one works', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const choice = { key: 'k', value: 'v', chosen_by: 'U1', chosen_at: new Date() };
  try {
    const failing = database.db.transaction().execute(async (trx) => {
      await trx.insertInto('choices').values(choice).execute();
      await trx.insertInto('choices').values(choice).execute();
    });
    await expect(failing).rejects.toThrow('duplicate key');
    const beside = await Promise.all([
      database.db.transaction().execute((trx) => trx.insertInto('choices').values(choice).execute()),
      database.db.transaction().execute((trx) =>
        trx
          .insertInto('choices')
          .values({ ...choice, key: 'l' })
          .execute(),
      ),
    ]);
    expect(beside).toHaveLength(2);
    expect(await database.db.selectFrom('choices').select('key').orderBy('key').execute()).toEqual([
      { key: 'k' },
      { key: 'l' },
    ]);
  } finally {
    await database.close();
  }
});
