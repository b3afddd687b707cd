/** Nobody else clears away what changes of rows leave behind in the embedded engine. */
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { autovacuum } from '../../../src/db/autovacuum.ts';
import { type Db, openDatabase } from '../../../src/db/database.ts';
import { freshDatabase } from '../fresh.ts';

/** The engine counts what a transaction changed at most once a second. */
const COUNTED_AFTER_MS = 1_100;

async function choose(db: Db, count: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    await sql`
      insert into choices (key, value, chosen_by, chosen_at) select 'k' || i, 'v', 'U1', now() from generate_series(1, ${count}) i
      on conflict (key) do update set chosen_at = now()`.execute(db);
  await wait(COUNTED_AFTER_MS);
  await sql`select 1`.execute(db);
}

async function deadIn(db: Db): Promise<number> {
  const { rows } = await sql<{ dead: number }>`
    select n_dead_tup::int as dead from pg_stat_user_tables where relname = 'choices'`.execute(db);
  return rows[0]?.dead ?? Number.NaN;
}

test('dead rows are cleared where there are many, and a few are left alone', async () => {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  await choose(db, 100, 3);
  await autovacuum(db);
  expect(await deadIn(db)).toBeGreaterThan(0);
  await choose(db, 2_000, 3);
  expect(await deadIn(db)).toBeGreaterThan(1_000);
  await autovacuum(db);
  expect(await deadIn(db)).toBe(0);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from choices`.execute(db);
  expect(rows).toEqual([{ count: 2_000 }]);
  await close();
});
