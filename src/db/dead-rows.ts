/**
 * Every change of a row leaves its former version behind. PostgreSQL has a process that clears these away; the embedded
 * engine has none, and after some ten thousand changes each look for due work would take tens of milliseconds.
 */
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** As PostgreSQL's own autovacuum decides, with less patience: clearing a thousand takes 2 ms, fifty thousand 200. */
const DEAD_AT_LEAST = 500;
const SHARE_OF_LIVING = 0.1;

/** Between two looks; at full speed some ten thousand rows are changed meanwhile. */
export const DEAD_ROWS_REST_MS = 5_000;

/** Clears the tables where many are, as work of the queue that never knows when it is due next. Not inside a transaction. */
export async function clearDeadRows(db: Db): Promise<undefined> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, relname as name from pg_stat_user_tables
    where n_dead_tup > ${DEAD_AT_LEAST} + ${SHARE_OF_LIVING}::float8 * n_live_tup`.execute(db);
  for (const { schema, name } of rows) await sql`vacuum ${sql.id(schema, name)}`.execute(db);
}
