/** What becomes of the process when a connection to the database breaks: nothing. */
import type pg from 'pg';

/**
 * Whoever asks is told, and the pool replaces the connection; without listeners it would end the process, and the pool's
 * own does not hear a connection that is in use, such as one inside a transaction.
 */
export function outliveLostConnections(pool: pg.Pool): pg.Pool {
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
