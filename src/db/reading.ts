/**
 * The database, opened only to look: without a migration, without a lock that would keep the bot from starting.
 * PostgreSQL refuses writes by itself. The embedded database knows no such mode, so a copy is opened, and only while no
 * bot is running on the original.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Database, Db } from './database.ts';
import { ownerOf } from './lock-file.ts';
import type { Tables } from './tables.ts';

export type Reading =
  /** `made`: our tables are there, because a bot has been started on it. */
  | { state: 'open'; kind: Database['kind']; db: Db; made: boolean; close(): Promise<void> }
  | { state: 'absent' }
  | { state: 'in-use'; pid: number }
  | { state: 'failed'; reason: string };

export async function openForReading({
  DATABASE_URL,
  DATA_DIR,
}: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>): Promise<Reading> {
  try {
    if (DATABASE_URL) return await readPostgres(DATABASE_URL);
    if (!existsSync(join(DATA_DIR, 'db'))) return { state: 'absent' };
    const pid = await ownerOf(DATA_DIR);
    return pid === undefined ? await readCopy(join(DATA_DIR, 'db')) : { state: 'in-use', pid };
  } catch (error) {
    return { state: 'failed', reason: messageOf(error) };
  }
}

/** A database in which nothing is, for looking without one. */
export function emptyDatabase(): Db {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

async function readPostgres(url: string): Promise<Reading> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: 5_000,
    options: '-c default_transaction_read_only=on',
  });
  pool.on('error', () => {});
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await db.destroy();
    // Kysely ends a pool only after it has used it.
    if (!pool.ended) await pool.end();
  };
  return await opened('postgres', db, close);
}

async function readCopy(original: string): Promise<Reading> {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-reading-'));
  const forget = () => rmSync(dir, { recursive: true, force: true });
  try {
    cpSync(original, join(dir, 'db'), { recursive: true });
  } catch (error) {
    forget();
    throw error;
  }
  const { embeddedPostgres } = await import('./embedded/embedded.ts');
  const embedded = embeddedPostgres(join(dir, 'db'));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: embedded.back }) });
  return await opened('pglite', db, async () => {
    await db.destroy();
    // Its thread keeps the process alive, whether or not there was a database.
    await embedded.close();
    forget();
  });
}

/** Closes what cannot be read. */
async function opened(kind: 'pglite' | 'postgres', db: Db, close: () => Promise<void>): Promise<Reading> {
  try {
    return { state: 'open', kind, db, made: await hasTables(db), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function hasTables(db: Db): Promise<boolean> {
  const { rows } = await sql<{ made: boolean }>`select to_regclass('choices') is not null as made`.execute(db);
  return rows[0]?.made ?? false;
}
