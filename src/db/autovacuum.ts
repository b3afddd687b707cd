/**
 * What PostgreSQL's autovacuum process does, which the embedded engine has none of: every change of a row leaves its
 * former version behind, and after some ten thousand changes each look for due work would take tens of milliseconds.
 * Tables are cleared, not analyzed: a plan that is kept is made for any value, and averages over a group of thousands and
 * many of one suit neither.
 */
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** As autovacuum decides, with less patience: clearing a thousand takes 2 ms, fifty thousand 200. */
const DEAD_AT_LEAST = 500;
const SHARE_OF_LIVING = 0.1;

/** Between two looks; at full speed some ten thousand rows are changed meanwhile. */
export const AUTOVACUUM_REST_MS = 5_000;

/** Clears the tables where many are, as work of the queue that never knows when it is due next. Not inside a transaction. */
export async function autovacuum(db: Db): Promise<undefined> {
  const { rows } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, relname as name from pg_stat_user_tables
    where n_dead_tup > ${DEAD_AT_LEAST} + ${SHARE_OF_LIVING}::float8 * n_live_tup`.execute(db);
  for (const { schema, name } of rows) await sql`vacuum ${sql.id(schema, name)}`.execute(db);
}
