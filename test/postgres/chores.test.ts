import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { wallClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/db/database.ts';
import { Queue } from '../../src/queue.ts';
import { freshDatabase } from '../db/fresh.ts';

/** Due once today: now, or within ten seconds. pg-boss still does what was due a minute ago. */
function onceAboutNow(): string {
  const soon = new Date(Date.now() + 10_000);
  return `${soon.getUTCMinutes()} ${soon.getUTCHours()} * * *`;
}

test('of two replicas one does a chore, once', async () => {
  await using fresh = await freshDatabase();
  const done: string[] = [];
  const logged: string[] = [];
  const log = pino({ write: (line: string) => void logged.push(line) });
  const cron = onceAboutNow();
  const replicas = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const database = await openDatabase(fresh.config);
      const queue = new Queue({ database, clock: wallClock, log, sweepMs: 50, choreTickSeconds: 1 });
      queue.chore('drift', cron, async () => {
        done.push(name);
      });
      queue.start();
      return { database, queue };
    }),
  );
  const deadline = performance.now() + 20_000;
  while (done.length === 0 && performance.now() < deadline) await wait(20);
  // Long enough for the other one to look at its schedules and its queue twice.
  await wait(2_500);
  for (const { queue, database } of replicas) {
    await queue.stop();
    await database.close();
  }
  expect(done).toHaveLength(1);
  expect(logged).toEqual([]);
});
