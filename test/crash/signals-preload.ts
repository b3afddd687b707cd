/**
 * Loaded into the bot's process before its own code (`node --import`), for the runs about signals: names what each
 * commit did, on either engine, and kills the process right after one the harness is waiting for.
 */
import { isMainThread } from 'node:worker_threads';
import { commitOf, fall, readOrders } from './signals-commits.ts';
import { askDatabase, watchCommits } from './watch-commits.ts';

// Threads inherit `--import`, and only the main one asks the database.
if (isMainThread && process.env.CRASH_DIR) watch(process.env.CRASH_DIR);

function watch(dir: string): void {
  const ask = askDatabase();
  // Synchronous, so that nothing of the bot runs between the commit and its death.
  watchCommits((done) => {
    const orders = readOrders(dir);
    const due = done.map(commitOf).find((one) => one !== undefined && orders.includes(one));
    if (!due) return;
    fall(dir, due);
    process.kill(process.pid, 'SIGKILL');
  });
  process.on('message', async (question: string) => {
    process.send?.(await ask(question));
  });
  // A harness that was killed itself leaves nothing behind.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
