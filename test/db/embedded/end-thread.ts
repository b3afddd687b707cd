/** Ends the thread of the embedded database, as running out of memory would. */
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { vi } from 'vitest';
import type { Executor } from '../../../src/db/database.ts';
import type { Order } from '../../../src/db/embedded/protocol.ts';

/** While it works on something that was asked through `db`; resolves when it is gone. */
export async function endEmbeddedThread(db: Executor): Promise<void> {
  const posts = vi.spyOn(Worker.prototype, 'postMessage');
  const asked = sql`select count(*) from generate_series(1, 3000000)`.execute(db).catch(() => {});
  const thread = await vi.waitFor(() => {
    const sent = posts.mock.calls.findIndex(([order]) => (order as Order).order === 'send');
    if (sent < 0) throw new Error('nothing was asked yet');
    return posts.mock.contexts[sent] as Worker;
  });
  posts.mockRestore();
  await thread.terminate();
  await asked;
}
