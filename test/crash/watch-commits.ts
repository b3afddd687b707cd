/** Looked at from within the bot's process, without the bot knowing: what each commit did, and what stands in the database. */
import pg from 'pg';

export interface Statement {
  sql: string;
  /** How many rows it changed. */
  changed: number;
  /** What it answered. */
  rows: readonly unknown[];
}

type Row = Record<string, unknown>;
type Asked = string | { text: string };

/**
 * Calls `committed` with what was done, after the database has committed it and before the bot hears of that. Work of
 * pg-boss is not told: it is asked for by other means.
 */
export function watchCommits(committed: (done: readonly Statement[]) => void): void {
  const query = pg.Client.prototype.query as (this: pg.Client, ...args: unknown[]) => unknown;
  const open = new WeakMap<pg.Client, Statement[]>();

  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const answer = query.apply(this, args);
    if (!(answer instanceof Promise)) return answer;
    const [asked] = args as [Asked];
    const sql = typeof asked === 'string' ? asked : asked.text;
    return answer.then((result: pg.QueryResult) => {
      const done = open.get(this);
      if (/^begin/i.test(sql)) open.set(this, []);
      else if (/^(commit|rollback)/i.test(sql)) {
        open.delete(this);
        if (done && /^commit/i.test(sql)) committed(done);
      } else {
        const changed = /^\s*(select|with|\()/i.test(sql) ? 0 : (result.rowCount ?? 0);
        const one = { sql, changed, rows: result.rows };
        if (done) done.push(one);
        else committed([one]);
      }
      return result;
    });
  } as typeof pg.Client.prototype.query;
}

/** Returns a way to ask over the bot's own connection: nobody else can look into an embedded database. */
export function askDatabase(): (sql: string) => Promise<Row[]> {
  let pool: pg.Pool | undefined;
  const connect = pg.Pool.prototype.connect as (this: pg.Pool, ...args: unknown[]) => unknown;
  pg.Pool.prototype.connect = function (this: pg.Pool, ...args: unknown[]) {
    pool = this;
    return connect.apply(this, args);
  } as typeof pg.Pool.prototype.connect;
  return async (sql) => (pool ? (await pool.query<Row>(sql)).rows : []);
}
