/**
 * One schema on two engines: PGlite in `DATA_DIR` when nothing else is configured, PostgreSQL when `DATABASE_URL` is.
 * Both speak PostgreSQL, so everything above this file is written once.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { ConstructorOptions } from 'pg-boss';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { lockDirectory } from './lock-file.ts';
import * as first from './migrations/0001-first.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;
/** A function that works inside or outside a transaction takes this. */
export type Executor = Db | Transaction<Tables>;

export interface Database {
  kind: 'pglite' | 'postgres';
  db: Db;
  /** How pg-boss reaches the same database; loads pg-boss. */
  bossOptions(): Promise<ConstructorOptions>;
  close(): Promise<void>;
}

/** Migrations in order; never edit one that was released. */
const MIGRATIONS = { '0001-first': first };

/** Opens the configured database and brings its schema up to date. */
export async function openDatabase(config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>): Promise<Database> {
  const database = config.DATABASE_URL ? openPostgres(config.DATABASE_URL) : await openEmbedded(config.DATA_DIR);
  try {
    await migrate(database.db);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // A replica that froze in a transaction must not hold its rows for longer than its lease.
    idle_in_transaction_session_timeout: 15_000,
  });
  // A connection that breaks is replaced by the pool; without listeners it would end the process, and the pool's own
  // does not hear a connection that is in use, such as one inside a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    kind: 'postgres',
    db,
    bossOptions: async () => ({ db: { executeSql: (text, values) => pool.query(text, values) } }),
    close: () => db.destroy(),
  };
}

async function openEmbedded(dataDir: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true });
  const unlock = await lockDirectory(dataDir);
  // 16 MB of shared buffers instead of 128: the bot's working set is small and memory is its largest cost.
  const pglite = new PGlite({
    dataDir: join(dataDir, 'db'),
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  });
  try {
    await pglite.waitReady;
  } catch (error) {
    unlock();
    throw error;
  }
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return {
    kind: 'pglite',
    db,
    async bossOptions() {
      const { fromPglite } = await import('pg-boss');
      return { db: fromPglite(pglite), backend: 'pglite' };
    },
    async close() {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      unlock();
    },
  };
}

async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw new Error(`cannot bring the database schema up to date: ${messageOf(error)}`, { cause: error });
}

/**
 * A value as the text a jsonb column takes on both engines. PostgreSQL refuses NUL and half a surrogate pair in jsonb;
 * both can come from outside, so they become U+FFFD instead of an error.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return /\\u0000|\\ud[89a-f]/i.test(text) ? JSON.stringify(storable(value)) : text;
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [String(storable(key)), storable(inner)]));
}
