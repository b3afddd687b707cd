/** The database: which one, whether it can be written, whether work is stuck in it, how much room is left. */
import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sql } from 'kysely';
import type { Config } from '../config.ts';
import type { Database, Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { not, type Result, yes } from './result.ts';

/** The running bot's own database, or one opened only to look. */
export type DatabaseLook =
  | { state: 'open'; kind: Database['kind']; db: Db }
  /** Nothing there yet: made at the first start. */
  | { state: 'absent' }
  /** A running bot has it; its own `doctor` can look inside. */
  | { state: 'in-use'; pid: number }
  | { state: 'failed'; reason: string };

const MIB = 1024 * 1024;
/** Below this the embedded database is about to freeze: it does not survive a full disk. */
const LEAST_FREE = 64 * MIB;
const LITTLE_FREE = 1024 * MIB;
/** Work that was due so long ago is stuck, not busy. */
const STUCK_MS = 60_000;

export async function examineDatabase(config: Config, look: DatabaseLook, now: Date): Promise<Result[]> {
  const engine = await examineEngine(config, look, now);
  return config.DATABASE_URL ? engine : [...engine, ...(await examineDisk(config.DATA_DIR))];
}

async function examineEngine(config: Config, look: DatabaseLook, now: Date): Promise<Result[]> {
  const check = 'database.open';
  switch (look.state) {
    case 'absent':
      return [yes(check, (t) => t.databaseAbsent(config.DATA_DIR))];
    case 'in-use':
      return [yes(check, (t) => t.databaseInUse(config.DATA_DIR, look.pid))];
    case 'failed':
      return [cannotOpen(config, look.reason)];
    case 'open':
      try {
        return [...(await examineWriting(look.kind, look.db)), ...(await examineWork(look.db, now))];
      } catch (error) {
        return [cannotOpen(config, messageOf(error))];
      }
  }
}

function cannotOpen(config: Config, reason: string): Result {
  return not(
    'database.open',
    'no',
    (t) => t.databaseFails(config.DATABASE_URL ? 'PostgreSQL' : config.DATA_DIR, reason),
    (t) => (config.DATABASE_URL ? t.fixPostgres : t.fixEmbedded(config.DATA_DIR)),
  );
}

async function examineWriting(kind: Database['kind'], db: Db): Promise<Result[]> {
  const { rows } = await sql<{ version: string; standby: boolean; may_create: boolean }>`
    select current_setting('server_version') as version, pg_is_in_recovery() as standby,
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create`.execute(db);
  const { version = '', standby = false, may_create: mayCreate = false } = rows[0] ?? {};
  if (standby)
    return [
      not(
        'database.open',
        'no',
        (t) => t.databaseStandby,
        (t) => t.fixStandby,
      ),
    ];
  if (!mayCreate)
    return [
      not(
        'database.open',
        'no',
        (t) => t.databaseNoCreate,
        (t) => t.fixNoCreate,
      ),
    ];
  return [yes('database.open', (t) => t.databaseWorks(kind, version))];
}

/** Rows whose time came and that nobody worked on. */
async function examineWork(db: Db, now: Date): Promise<Result[]> {
  const { rows: tables } = await sql<{ made: boolean }>`select to_regclass('inbox') is not null as made`.execute(db);
  if (!tables[0]?.made) return [];
  const due = new Date(now.getTime() - STUCK_MS);
  const [inbox, messages, failed] = await Promise.all([
    count(sql`select count(*) as n from inbox where done_at is null and next_at < ${due}`, db),
    count(
      sql`select count(*) as n from messages where sent_version < version and failure is null and next_at < ${due}`,
      db,
    ),
    count(sql`select count(*) as n from messages where failure is not null and created_at > ${dayBefore(now)}`, db),
  ]);
  const stuck = inbox + messages;
  return [
    stuck === 0
      ? yes('database.queue', (t) => t.nothingStuck)
      : not(
          'database.queue',
          'warning',
          (t) => t.stuck(inbox, messages),
          (t) => t.fixStuck,
        ),
    ...(failed > 0
      ? [
          not(
            'database.messages',
            'warning',
            (t) => t.undelivered(failed),
            (t) => t.fixUndelivered,
          ),
        ]
      : []),
  ];
}

async function count(query: ReturnType<typeof sql>, db: Db): Promise<number> {
  const { rows } = await query.execute(db);
  return Number((rows[0] as { n?: unknown } | undefined)?.n ?? 0);
}

async function examineDisk(dataDir: string): Promise<Result[]> {
  // Before the first start the directory is not there; what counts is where it will be made.
  let place = resolve(dataDir);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
  } catch {
    return [
      not(
        'database.disk',
        'no',
        (t) => t.dirNotWritable(dataDir),
        (t) => t.fixDirNotWritable(dataDir),
      ),
    ];
  }
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const mib = Math.floor(free / MIB);
  if (free >= LITTLE_FREE) return [yes('database.disk', (t) => t.roomEnough(dataDir))];
  const verdict = free < LEAST_FREE ? 'no' : 'warning';
  return [
    not(
      'database.disk',
      verdict,
      (t) => t.roomLittle(dataDir, mib),
      (t) => t.fixRoom,
    ),
  ];
}

function dayBefore(now: Date): Date {
  return new Date(now.getTime() - 86_400_000);
}
