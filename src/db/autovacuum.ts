/**
 * What PostgreSQL's autovacuum process does, which the embedded engine has none of. Every change of a row leaves its
 * former version behind; after some ten thousand changes each look for due work would take tens of milliseconds. And a
 * plan made while a table was empty is kept until the table's statistics say otherwise.
 */
import { sql } from 'kysely';
import type { Db } from './database.ts';

/**
 * As autovacuum decides, with less patience: clearing a thousand dead rows takes 2 ms, fifty thousand 200. Analyzing takes
 * up to 40 ms, by the few samples the engine is started with.
 */
const ROWS_AT_LEAST = 500;
const SHARE_OF_LIVING = 0.1;

/** Between two looks; at full speed some ten thousand rows are changed meanwhile. */
export const AUTOVACUUM_REST_MS = 5_000;

/**
 * Clears and analyzes the tables of which much has changed, as work of the queue that never knows when it is due next.
 * Not inside a transaction.
 */
export async function autovacuum(db: Db): Promise<undefined> {
  const { rows } = await sql<{ schema: string; name: string; dead: boolean; changed: boolean }>`
    select * from (
      select schemaname as schema, relname as name, n_dead_tup > many as dead, n_mod_since_analyze > many as changed
      from pg_stat_user_tables, lateral (select ${ROWS_AT_LEAST} + ${SHARE_OF_LIVING}::float8 * n_live_tup as many)
    ) as tables where dead or changed`.execute(db);
  for (const { schema, name, dead, changed } of rows) {
    const table = sql.id(schema, name);
    if (dead) await sql`vacuum ${table}`.execute(db);
    if (changed) await sql`analyze ${table}`.execute(db);
  }
}
