import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import * as first from '../../src/db/migrations/0001-first.ts';
import * as signals from '../../src/db/migrations/0002-signals.ts';
import { administer } from './administer.ts';

async function emptyDatabase(): Promise<{ url: string } & AsyncDisposable> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  const url = new URL(inject('postgresUrl'));
  await administer(url.href, `create database ${name}`);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => administer(inject('postgresUrl'), `drop database ${name}`) };
}

test('replicas that start at once on an empty database make one schema', async () => {
  await using empty = await emptyDatabase();
  const replicas = await Promise.all([1, 2, 3].map(() => openDatabase({ DATABASE_URL: empty.url, DATA_DIR: '' })));
  const ran = await sql<{ name: string }>`select name from kysely_migration`.execute(
    (replicas[0] as NonNullable<(typeof replicas)[0]>).db,
  );
  expect(ran.rows).toHaveLength(new Set(ran.rows.map((row) => row.name)).size);
  for (const replica of replicas) await replica.db.insertInto('leases').values(lease()).execute();
  for (const replica of replicas) await replica.close();
});

function lease() {
  return { key: randomBytes(4).toString('hex'), token: 't', until: new Date() };
}

test('rows of earlier versions are kept, and what later ones add is right for them', async () => {
  await using empty = await emptyDatabase();
  const early = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: empty.url }) }),
  });
  const { error } = await new Migrator({
    db: early,
    provider: { getMigrations: async () => ({ '0001-first': first, '0002-signals': signals }) },
  }).migrateToLatest();
  expect(error).toBeUndefined();
  const facts = { triage: { assignee: 'ana@acme.example' }, clusters: [{ name: 'prod-a' }, { name: 'staging' }] };
  await sql`
    insert into signals (id, via, facts, received_at, raised_at, first_seen, last_seen, next_at)
    values ('read', 'poll', ${JSON.stringify(facts)}, now(), now(), now(), now(), now()),
      ('unread', 'doorbell', null, now(), now(), now(), now(), now())`.execute(early);
  await sql`insert into inbox (id, kind, body, received_at, next_at) values ('asked', 'command', '{}', now(), now())`.execute(
    early,
  );
  await early.destroy();

  const database = await openDatabase({ DATABASE_URL: empty.url, DATA_DIR: '' });
  try {
    const { db } = database;
    expect(await db.selectFrom('signals').select(['id', 'assignee', 'clusters']).orderBy('id').execute()).toEqual([
      { id: 'read', assignee: 'ana@acme.example', clusters: ['prod-a', 'staging'] },
      { id: 'unread', assignee: null, clusters: [] },
    ]);
    expect(await db.selectFrom('inbox').select(['id', 'attempts', 'failures']).execute()).toEqual([
      { id: 'asked', attempts: 0, failures: 0 },
    ]);
  } finally {
    await database.close();
  }
});

test('a replica of this version starts although a newer one has migrated', async () => {
  await using empty = await emptyDatabase();
  const config = { DATABASE_URL: empty.url, DATA_DIR: '' };
  const newer = await openDatabase(config);
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', now()::text)`.execute(newer.db);
  await newer.close();
  const ours = await openDatabase(config);
  await ours.db.insertInto('leases').values(lease()).execute();
  await ours.close();
});

test('a database that is not there fails with its reason', async () => {
  const refused = { DATABASE_URL: 'postgres://postgres:secret-password@localhost:1/x', DATA_DIR: '' };
  const error = await openDatabase(refused).catch((e: unknown) => e);
  expect(String(error)).toMatch(/PostgreSQL cannot be reached: .*ECONNREFUSED.*whether DATABASE_URL names/);
  expect(String(error)).not.toContain('secret-password');
});
