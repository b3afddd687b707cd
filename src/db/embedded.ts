/** PGlite, made fit to live in the thread that answers Slack. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PGlite, type Transaction as PGliteTransaction, type QueryOptions, type Results } from '@electric-sql/pglite';
import { createStatementCache } from './statement-cache.ts';

/**
 * PGlite answers in the same turn of the event loop it is asked in, so a chain of queries, or a transaction of them,
 * would keep everybody else waiting until its end; each query waits for the next turn instead.
 */
export class EmbeddedPostgres extends PGlite {
  readonly #send = createStatementCache((message) => super.execProtocolRawSync(message));

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    return this.#send(message);
  }

  override async query<T>(query: string, params?: unknown[], options?: QueryOptions): Promise<Results<T>> {
    await nextTurn();
    return await super.query<T>(query, params, options);
  }

  override async exec(query: string, options?: QueryOptions): Promise<Results[]> {
    await nextTurn();
    return await super.exec(query, options);
  }

  override async transaction<T>(work: (tx: PGliteTransaction) => Promise<T>): Promise<T> {
    return await super.transaction((tx) => {
      const query: PGliteTransaction['query'] = async (text, params, options) => {
        await nextTurn();
        return await tx.query(text, params, options);
      };
      return work({ ...tx, query });
    });
  }
}
