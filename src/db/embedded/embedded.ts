/**
 * The embedded database: PGlite in a thread of its own, spoken to as to a PostgreSQL server, with messages between
 * threads for a socket. So it has PostgreSQL's driver, and whatever is above is the same for both.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { outliveLostConnections } from '../lost-connections.ts';
import { nameStatements } from './kept-statements.ts';
import { closeInThread, connectToThread } from './thread.ts';
import { createTurns } from './turns.ts';

export interface EmbeddedPostgres {
  /** Of one connection: that is all the engine has. */
  pool: pg.Pool;
  /** The same for Kysely, in two lines of which the first comes first. */
  front: PostgresPool;
  back: PostgresPool;
  /** When nothing is asked any more. */
  close(): Promise<void>;
}

/** The database in `dataDir`, which nobody else may have open. It is made when there is none. */
export function embeddedPostgres(dataDir: string): EmbeddedPostgres {
  const pool = new pg.Pool({
    stream: () => connectToThread(dataDir),
    // The engine knows one user, and asks for no password.
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
  });
  outliveLostConnections(pool);
  const turns = createTurns();
  const nameOf = nameStatements();
  const inLine = (line: 'front' | 'back'): PostgresPool => ({
    options: pool.options,
    async connect() {
      await turns.take(line);
      const client = await pool.connect().catch((error) => {
        turns.give();
        throw error;
      });
      const query = (text: string, values: readonly unknown[]) =>
        client.query({ name: nameOf(text), text, values: [...values] });
      return {
        // The other way to call it is with a cursor, and we have none.
        query: query as unknown as PostgresPoolClient['query'],
        release(destroy) {
          client.release(destroy);
          turns.give();
        },
      };
    },
    // The other line may still be in use.
    async end() {},
  });
  return {
    pool,
    front: inLine('front'),
    back: inLine('back'),
    async close() {
      await pool.end();
      await closeInThread(dataDir);
    },
  };
}
