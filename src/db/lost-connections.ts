/** What becomes of the process when a connection to the database breaks: nothing; and how to know such a failure. */
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
