/** What becomes of the process when a connection to the database breaks: nothing; and how to know such a failure. */
import type { Socket } from 'node:net';
import type pg from 'pg';
import { NETWORK_CODES } from '../errors.ts';

/**
 * Whoever asks is told, and the pool replaces the connection; without listeners it would end the process, and the pool's
 * own does not hear a connection that is in use, such as one inside a transaction.
 */
export function outliveLostConnections(pool: pg.Pool): pg.Pool {
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Longer than any statement of ours takes once the schema is there. */
const SILENT_FOR_MS = 30_000;

/**
 * A host that vanishes while it owes an answer is waited for by the kernel for a quarter of an hour, and whatever queues
 * behind that statement with it. `query_timeout` of `pg` would give such a connection back to the pool as if it were well
 * (https://github.com/brianc/node-postgres/issues/3399), so the connection itself is ended. Not for migrations, which may
 * take long.
 */
export function endSilentConnections(pool: pg.Pool, silentForMs = SILENT_FOR_MS): void {
  const socketOf = (client: pg.PoolClient) => client.connection.stream as Socket;
  function end(this: Socket): void {
    const silence = new Error(`PostgreSQL has not answered for ${silentForMs / 1000} s`);
    this.destroy(Object.assign(silence, { code: 'ETIMEDOUT' }));
  }
  pool.on('acquire', (client) => void socketOf(client).setTimeout(silentForMs, end));
  // Nothing is owed by a connection that nobody uses.
  pool.on('release', (_, client) => void socketOf(client).setTimeout(0, end));
}

/**
 * Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: lost connections, a server that
 * stops or is full, transactions that PostgreSQL gave up for another one's sake.
 */
const PASSING_STATES = /^(08...|57P0[1-3]|53300|40001|40P01|25P03)$/;
/** `pg` and its pool give these no code. */
const PASSING_MESSAGES = /^Connection terminated|^timeout exceeded when trying to connect|^Query read timeout/;

/** Whether the same may go well a moment later; what was asked may have had its effect. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as { code?: string };
  return PASSING_STATES.test(code) || NETWORK_CODES.has(code) || PASSING_MESSAGES.test(error.message);
}
