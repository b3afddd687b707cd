/** Nobody else clears away what changes of rows leave behind in the embedded engine. */
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../../src/db/database.ts';
import { clearDeadRows } from '../../../src/db/dead-rows.ts';
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

test('dead rows are cleared where there are many, and a few are left alone', async () => {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  await choose(db, 100, 3);
  expect(await clearDeadRows(db)).toEqual([]);
  await choose(db, 400, 4);
  expect(await clearDeadRows(db)).toEqual(['choices']);
  expect(await clearDeadRows(db)).toEqual([]);
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from choices`.execute(db);
  expect(rows).toEqual([{ count: 400 }]);
  await close();
});
