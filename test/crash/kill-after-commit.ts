/**
 * Loaded into the bot's process before its own code (`node --import`): counts what it commits, kills the process right
 * after the commit the harness chose, and shows the harness the rows. The bot knows nothing of it.
 */
import { isMainThread } from 'node:worker_threads';
import type { PGlite, Results, Transaction } from '@electric-sql/pglite';
import { countCommit, type Question, readOrder, TABLES } from './commits.ts';

type Query = (sql: string, ...rest: unknown[]) => Promise<Results>;

// Threads inherit `--import`, and only the main one has the database.
if (isMainThread && process.env.CRASH_DIR) await watchCommits(process.env.CRASH_DIR);

async function watchCommits(dir: string): Promise<void> {
  const { PGlite } = await import('@electric-sql/pglite');
  const query = PGlite.prototype.query as Query;
  const { transaction } = PGlite.prototype;
  let database: PGlite | undefined;

  PGlite.prototype.query = async function (this: PGlite, sql: string, ...rest: unknown[]) {
    database = this;
    const result = await query.call(this, sql, ...rest);
    if (changes(sql, result)) committed(dir);
    return result;
  } as PGlite['query'];

  PGlite.prototype.transaction = async function <T>(this: PGlite, work: (trx: Transaction) => Promise<T>) {
    let changed = false;
    const result = await transaction.call(this, (trx: Transaction) => {
      const inner = trx.query as Query;
      trx.query = (async (sql: string, ...rest: unknown[]) => {
        const answer = await inner(sql, ...rest);
        changed ||= changes(sql, answer);
        return answer;
      }) as Transaction['query'];
      return work(trx);
    });
    if (changed) committed(dir);
    return result as T;
  };

  process.on('message', async (question: Question) => {
    process.send?.(await (question === 'rows' ? readTables() : readUnfinished()));
  });
  // A harness that was killed itself leaves nothing behind.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Listening must not keep a bot alive that wants to end.
  process.channel?.unref();

  async function readTables(): Promise<unknown> {
    const read = TABLES.map(async (table) => [table, await select(`select * from ${table}`)]);
    return Object.fromEntries(await Promise.all(read));
  }

  /** Requests not worked on, messages not in Slack, runs at work. */
  async function readUnfinished(): Promise<unknown> {
    const rows = await select(`
      select 'request ' || id as what from inbox where done_at is null
      union all select 'message ' || key from messages where sent_version < version and failure is null
      union all select 'run ' || id from runs where ended_at is null and state <> 'approval'`);
    return rows.map(({ what }) => what);
  }

  async function select(sql: string): Promise<Record<string, unknown>[]> {
    return database ? ((await query.call(database, sql)).rows as Record<string, unknown>[]) : [];
  }
}

/** Rows of ours that are different now; the chores of pg-boss have a schema of their own. */
function changes(sql: string, result: Results): boolean {
  return (result.affectedRows ?? 0) > 0 && /^\s*(insert|update|delete)\b/i.test(sql) && !sql.includes('pgboss');
}

/** Synchronous, so that nothing of the bot runs between the commit and its death. */
function committed(dir: string): void {
  const { segment, killAfter } = readOrder(dir);
  if (countCommit(dir, segment) === killAfter) process.kill(process.pid, 'SIGKILL');
}
