/**
 * Loaded into the bot's process before its own code (`node --import`), for the runs about signals: names what each
 * commit did, on either engine, and kills the process right after one the harness is waiting for.
 */
import { isMainThread } from 'node:worker_threads';
import type { PGlite, Results, Transaction } from '@electric-sql/pglite';
import pg from 'pg';
import { type Committed, commitOf, fall, readOrders } from './signals-commits.ts';

type Query = (sql: string, ...rest: unknown[]) => Promise<Results>;

// Threads inherit `--import`, and only the main one has the database.
if (isMainThread && process.env.CRASH_DIR) {
  if (process.env.DATABASE_URL) watchPostgres(process.env.CRASH_DIR);
  else await watchEmbedded(process.env.CRASH_DIR);
}
// A harness that was killed itself leaves nothing behind.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();

async function watchEmbedded(dir: string): Promise<void> {
  const { PGlite } = await import('@electric-sql/pglite');
  const query = PGlite.prototype.query as Query;
  const { transaction } = PGlite.prototype;
  let database: PGlite | undefined;

  PGlite.prototype.query = async function (this: PGlite, sql: string, ...rest: unknown[]) {
    database = this;
    const result = await query.call(this, sql, ...rest);
    dieAfter(dir, [commitOf(sql, { changed: result.affectedRows ?? 0, rows: result.rows })]);
    return result;
  } as PGlite['query'];

  PGlite.prototype.transaction = async function <T>(this: PGlite, work: (trx: Transaction) => Promise<T>) {
    const done: (Committed | undefined)[] = [];
    const result = await transaction.call(this, (trx: Transaction) => {
      const inner = trx.query as Query;
      trx.query = (async (sql: string, ...rest: unknown[]) => {
        const answer = await inner(sql, ...rest);
        done.push(commitOf(sql, { changed: answer.affectedRows ?? 0, rows: answer.rows }));
        return answer;
      }) as Transaction['query'];
      return work(trx);
    });
    dieAfter(dir, done);
    return result as T;
  };

  // PostgreSQL can be asked from outside, this engine only from within.
  process.on('message', async (question: string) => {
    const { rows } = database ? await query.call(database, question) : { rows: [] };
    process.send?.(rows);
  });
  process.channel?.unref();
}

function watchPostgres(dir: string): void {
  const query = pg.Client.prototype.query as (this: pg.Client, ...args: unknown[]) => unknown;
  const open = new WeakMap<pg.Client, (Committed | undefined)[]>();

  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const answer = query.apply(this, args);
    const [sql] = args;
    if (typeof sql !== 'string' || !(answer instanceof Promise)) return answer;
    return answer.then((result: pg.QueryResult) => {
      const done = open.get(this);
      if (/^begin/i.test(sql)) open.set(this, []);
      else if (/^(commit|rollback)/i.test(sql)) {
        open.delete(this);
        if (done && /^commit/i.test(sql)) dieAfter(dir, done);
      } else {
        const changed = /^\s*(select|with|\()/i.test(sql) ? 0 : (result.rowCount ?? 0);
        const one = commitOf(sql, { changed, rows: result.rows });
        if (done) done.push(one);
        else dieAfter(dir, [one]);
      }
      return result;
    });
  } as typeof pg.Client.prototype.query;
}

/** Synchronous, so that nothing of the bot runs between the commit and its death. */
function dieAfter(dir: string, done: readonly (Committed | undefined)[]): void {
  const orders = readOrders(dir);
  const due = done.find((one) => one !== undefined && orders.includes(one));
  if (!due) return;
  fall(dir, due);
  process.kill(process.pid, 'SIGKILL');
}
