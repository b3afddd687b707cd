/** The database opened only to look, by a process beside the bot. */
import { expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { emptyDatabase, openForReading } from '../../src/db/reading.ts';
import { examineDatabase } from '../../src/doctor/database.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const CHOICE = { key: 'forwarder:1/r', value: 'arn', chosen_by: 'U1', chosen_at: NOW };

test('what the bot wrote is read, and nothing can be written to it', async () => {
  await using fresh = await freshDatabase();
  const own = await openDatabase(fresh.config);
  await own.db.insertInto('choices').values(CHOICE).execute();
  await own.close();

  const reading = await openForReading(fresh.config);
  if (reading.state !== 'open') throw new Error(`not open: ${JSON.stringify(reading)}`);
  expect(await reading.db.selectFrom('choices').select('value').execute()).toEqual([{ value: 'arn' }]);
  await reading.db
    .deleteFrom('choices')
    .execute()
    .catch((error) => expect(String(error)).toContain('read-only'));
  await reading.close();

  const again = await openDatabase(fresh.config);
  expect(await again.db.selectFrom('choices').select('value').execute()).toEqual([{ value: 'arn' }]);
  await again.close();
});

test('a running bot keeps its embedded database to itself; PostgreSQL is read beside it', async () => {
  await using fresh = await freshDatabase();
  const own = await openDatabase(fresh.config);
  const reading = await openForReading(fresh.config);
  expect(reading).toMatchObject(own.kind === 'pglite' ? { state: 'in-use', pid: process.pid } : { state: 'open' });
  if (reading.state === 'open') await reading.close();
  await own.close();
});

test('a database on which no bot was ever started has none of our tables, which is no failure', async () => {
  await using fresh = await freshDatabase();
  const own = await openDatabase(fresh.config);
  await own.db.schema.dropTable('choices').execute();
  await own.close();
  const reading = await openForReading(fresh.config);
  expect(reading).toMatchObject({ state: 'open', made: false });
  if (reading.state === 'open') await reading.close();
});

test('what is not there or does not answer is said so', async () => {
  expect(await openForReading({ DATABASE_URL: undefined, DATA_DIR: '/nonexistent/data' })).toEqual({ state: 'absent' });
  const away = await openForReading({ DATABASE_URL: 'postgres://bot:secret@127.0.0.1:9/audit', DATA_DIR: 'data' });
  expect(away).toMatchObject({ state: 'failed' });
  expect(JSON.stringify(away)).not.toContain('secret');
  expect(await emptyDatabase().selectFrom('choices').selectAll().execute()).toEqual([]);
});

test('doctor says which database it is, and counts the work that nobody did', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const { kind, db } = database;
  const config = fresh.config as Config;
  const examine = async () => {
    const results = await examineDatabase(config, { state: 'open', kind, db }, NOW);
    return results.filter(({ check }) => check !== 'database.disk').map(({ ok, what }) => `${ok}: ${what.en}`);
  };
  expect(await examine()).toEqual([expect.stringMatching(/^yes: .* can be written\.$/), 'yes: No work is stuck.']);

  const late = new Date(NOW.getTime() - 120_000);
  await db
    .insertInto('inbox')
    .values({ id: 'late', kind: 'command', body: '{}', received_at: late, next_at: late })
    .execute();
  const message = { channel: 'C1', content: '{}', version: 1, next_at: late, created_at: late };
  await db
    .insertInto('messages')
    .values([
      { ...message, key: 'late' },
      { ...message, key: 'lost', failure: 'is_archived' },
    ])
    .execute();
  expect((await examine()).slice(1)).toEqual([
    'warning: Due for over a minute and not done: 1 request, 1 message.',
    'warning: 1 message of the last day could not be delivered to Slack.',
  ]);
  await database.close();
});

test('a database that is no longer there is what is wrong', async () => {
  await using fresh = await freshDatabase();
  const { kind, db, close } = await openDatabase(fresh.config);
  await close();
  const [first] = await examineDatabase(fresh.config as Config, { state: 'open', kind, db }, NOW);
  expect(first?.ok).toBe('no');
});
