/**
 * Loaded into the bot's process before its own code (`node --import`): counts what it commits, kills the process right
 * after the commit the harness chose, and shows the harness the rows. The bot knows nothing of it.
 */
import { isMainThread } from 'node:worker_threads';
import { countCommit, type Question, readOrder, TABLES } from './commits.ts';
import { askDatabase, type Statement, watchCommits } from './watch-commits.ts';

// Threads inherit `--import`, and only the main one asks the database.
if (isMainThread && process.env.CRASH_DIR) watch(process.env.CRASH_DIR);

function watch(dir: string): void {
  const ask = askDatabase();
  watchCommits((done) => {
    if (!done.some(changes)) return;
    // Synchronous, so that nothing of the bot runs between the commit and its death.
    const { segment, killAfter } = readOrder(dir);
    if (countCommit(dir, segment) === killAfter) process.kill(process.pid, 'SIGKILL');
  });

  process.on('message', async (question: Question) => {
    process.send?.(await (question === 'rows' ? readTables() : readUnfinished()));
  });
  // A harness that was killed itself leaves nothing behind.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Listening must not keep a bot alive that wants to end.
  process.channel?.unref();

  async function readTables(): Promise<unknown> {
    const read = TABLES.map(async (table) => [table, await ask(`select * from ${table}`)]);
    return Object.fromEntries(await Promise.all(read));
  }

  /** Requests not worked on, messages not in Slack, runs at work. */
  async function readUnfinished(): Promise<unknown> {
    const rows = await ask(`
      select 'request ' || id as what from inbox where done_at is null
      union all select 'message ' || key from messages where sent_version < version and failure is null
      union all select 'run ' || id from runs where ended_at is null and state <> 'approval'`);
    return rows.map(({ what }) => what);
  }
}

/** Rows that are different now. */
function changes({ sql, changed }: Statement): boolean {
  return changed > 0 && /^\s*(insert|update|delete)\b/i.test(sql);
}
