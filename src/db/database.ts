/**
 * One schema on two engines: PGlite in `DATA_DIR` when nothing else is configured, PostgreSQL when `DATABASE_URL` is.
 * Both speak PostgreSQL, so everything above this file is written once.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import v8 from 'node:v8';
import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { ConstructorOptions } from 'pg-boss';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { embeddedPostgres } from './embedded/embedded.ts';
import { lockDirectory } from './lock-file.ts';
import { endSilentConnections, outliveLostConnections } from './lost-connections.ts';
import * as first from './migrations/0001-first.ts';
import * as signals from './migrations/0002-signals.ts';
import * as intents from './migrations/0003-intents.ts';
import * as rules from './migrations/0004-rules.ts';
import * as summaries from './migrations/0005-summaries.ts';
import * as failures from './migrations/0006-failures.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;
/** A function that works inside or outside a transaction takes this. */
export type Executor = Db | Transaction<Tables>;

export interface Database {
  kind: 'pglite' | 'postgres';
  db: Db;
  /**
   * For what must not queue behind the bot's own work, as Slack, Datadog or people wait for it: it has connections of its
   * own, or the first turn.
   */
  front: Db;
  /** How pg-boss reaches the same database. */
  bossOptions: ConstructorOptions;
  close(): Promise<void>;
}

/** Migrations in order; never edit one that was released. */
const MIGRATIONS = {
  '0001-first': first,
  '0002-signals': signals,
  '0003-intents': intents,
  '0004-rules': rules,
  '0005-summaries': summaries,
  '0006-failures': failures,
};

/**
 * Opens the configured database and brings its schema up to date. Throws with a sentence for the operator where that
 * cannot be.
 */
export async function openDatabase(config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>): Promise<Database> {
  const { database, pools } = config.DATABASE_URL
    ? openPostgres(config.DATABASE_URL)
    : { database: await openEmbedded(config.DATA_DIR), pools: [] };
  try {
    // Connects, so that the first request does not have to.
    await sql`select 1`.execute(database.front).catch((cause) => {
      throw new Error(cannotOpen(config, messageOf(cause)), { cause });
    });
    await migrate(database.db);
    for (const pool of pools) endSilentConnections(pool);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

function cannotOpen({ DATABASE_URL, DATA_DIR }: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>, reason: string): string {
  return DATABASE_URL
    ? `PostgreSQL cannot be reached: ${reason}. Look whether it runs, and whether DATABASE_URL names its host, port, user and database.`
    : `the database in ${join(DATA_DIR, 'db')} cannot be opened: ${reason}. Look whether the disk is full and the directory can be written to; if it is damaged, put back a copy of it, or move it away to begin with an empty one.`;
}

function openPostgres(url: string): { database: Database; pools: pg.Pool[] } {
  const pool = openPool(url, { max: 10 });
  // Connecting takes longer than storing a request, so these stay open.
  const frontPool = openPool(url, { max: 4, idleTimeoutMillis: 0 });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const front = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: frontPool }) });
  const database: Database = {
    kind: 'postgres',
    db,
    front,
    bossOptions: bossOver(pool),
    async close() {
      await Promise.all([db.destroy(), front.destroy()]);
    },
  };
  return { database, pools: [pool, frontPool] };
}

function openPool(url: string, options: { max: number; idleTimeoutMillis?: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    // A host that is gone without a word is found out in 20 s (libuv probes ten times, a second apart), not in two hours.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // A replica that froze in a transaction must not hold its rows for longer than its lease.
    idle_in_transaction_session_timeout: 15_000,
    ...options,
  });
  return outliveLostConnections(pool);
}

async function openEmbedded(dataDir: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true });
  const unlock = await lockDirectory(dataDir);
  // V8's optimizing compiler takes half a gigabyte for moments and 90 MB for good to compile PostgreSQL's largest
  // functions, while our small queries run no faster for it. The flags hold for WebAssembly compiled from here on.
  v8.setFlagsFromString('--no-wasm-tier-up');
  v8.setFlagsFromString('--no-wasm-dynamic-tiering');
  const embedded = embeddedPostgres(join(dataDir, 'db'));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: embedded.back }) });
  const front = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: embedded.front }) });
  return {
    kind: 'pglite',
    db,
    front,
    bossOptions: bossOver(embedded.pool),
    async close() {
      await Promise.all([db.destroy(), front.destroy()]);
      await embedded.close();
      unlock();
    },
  };
}

function bossOver(pool: pg.Pool): ConstructorOptions {
  return { db: { executeSql: (text, values) => pool.query(text, values) } };
}

/**
 * For `column = anyOf(values)`: the same as `in`, but one text however many values there are, so that it is planned once.
 */
export function anyOf(values: readonly string[]): RawBuilder<string> {
  return sql<string>`any (${values}::text[])`;
}

/** Why it cannot be asked now; empty when it can. */
export async function databaseProblems(db: Db): Promise<string[]> {
  try {
    await sql`select 1`.execute(db);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

/**
 * A newer version may have migrated already: while it is rolled out, or when it is taken back. Its migrations keep the
 * schema right for this version (docs/design.md), so they are let stand.
 */
async function migrate(db: Db): Promise<void> {
  const { rows } = await sql<{ made: boolean }>`select to_regclass('kysely_migration') is not null as made`.execute(db);
  const ran = rows[0]?.made ? await sql<{ name: string }>`select name from kysely_migration`.execute(db) : { rows: [] };
  const newest = Object.keys(MIGRATIONS).at(-1) ?? '';
  const newer = ran.rows.filter(({ name }) => name > newest).map(({ name }) => [name, { up: async () => {} }]);
  const migrations = { ...MIGRATIONS, ...Object.fromEntries(newer) };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
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
