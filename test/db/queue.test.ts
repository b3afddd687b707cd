import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { Queue, type QueueDeps } from '../../src/queue.ts';
import { MovableClock } from '../bot.ts';
import { freshDatabase } from './fresh.ts';

const NO_CHORES: QueueDeps['database'] = { bossOptions: {} };
/** Long enough that no test meets a sweep it does not wait for. */
const NO_SWEEP_MS = 60_000;

function makeQueue(options: Partial<QueueDeps> = {}): {
  queue: Queue;
  logged: Record<string, unknown>[];
  clock: MovableClock;
} {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const clock = new MovableClock();
  return { queue: new Queue({ database: NO_CHORES, clock, log, sweepMs: NO_SWEEP_MS, ...options }), logged, clock };
}

async function until(probe: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!probe()) {
    if (performance.now() > deadline) throw new Error('it did not come true');
    await wait(10);
  }
}

test('the start looks at every kind of work once', async () => {
  const { queue } = makeQueue();
  const looks: string[] = [];
  for (const name of ['inbox', 'runs'])
    queue.define(name, async () => {
      looks.push(name);
      return undefined;
    });
  queue.start();
  await wait(30);
  expect(looks.sort()).toEqual(['inbox', 'runs']);
  await queue.stop();
});

test('nudges in one turn of the loop are one look', async () => {
  const { queue } = makeQueue();
  let looks = 0;
  queue.define('inbox', async () => {
    looks += 1;
    return undefined;
  });
  for (let i = 0; i < 20; i++) queue.nudge('inbox');
  await wait(30);
  expect(looks).toBe(1);
  await queue.stop();
});

test('what comes soon after a look, or during it, is one look after the rest', async () => {
  const { queue } = makeQueue();
  const looksAt: number[] = [];
  queue.define(
    'inbox',
    async () => {
      looksAt.push(performance.now());
      return undefined;
    },
    { restMs: 200 },
  );
  queue.nudge('inbox');
  queue.nudge('inbox');
  await until(() => looksAt.length === 1);
  for (let i = 0; i < 10; i++) {
    queue.nudge('inbox');
    await wait(5);
  }
  await until(() => looksAt.length === 2);
  const [first = 0, second = 0] = looksAt;
  expect(second - first).toBeGreaterThanOrEqual(195);
  await wait(250);
  expect(looksAt).toHaveLength(2);
  await queue.stop();
});

test('many nudges during a look are one more look, and never two at once', async () => {
  const { queue } = makeQueue();
  let looks = 0;
  let atOnce = 0;
  queue.define('inbox', async () => {
    looks += 1;
    atOnce += 1;
    expect(atOnce).toBe(1);
    await wait(30);
    atOnce -= 1;
    return undefined;
  });
  queue.nudge('inbox');
  await wait(10);
  for (let i = 0; i < 20; i++) queue.nudge('inbox');
  await wait(100);
  expect(looks).toBe(2);
  await queue.stop();
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'a nudge %i microtasks after a look has read its rows is not lost',
  async (turns) => {
    const { queue } = makeQueue();
    let looks = 0;
    queue.define('inbox', async () => {
      looks += 1;
      if (looks === 1) afterMicrotasks(turns, () => queue.nudge('inbox'));
      return undefined;
    });
    queue.nudge('inbox');
    await wait(20);
    expect(looks).toBe(2);
    await queue.stop();
  },
);

function afterMicrotasks(count: number, then: () => void): void {
  queueMicrotask(count === 1 ? then : () => afterMicrotasks(count - 1, then));
}

test('work that says it has more due is looked at again, without keeping the process busy', async () => {
  const { queue, clock } = makeQueue();
  let looks = 0;
  queue.define('runs', async () => {
    looks += 1;
    return clock.now();
  });
  queue.nudge('runs');
  await wait(200);
  expect(looks).toBeGreaterThan(3);
  expect(looks).toBeLessThan(15);
  await queue.stop();
});

test('work is looked at when its next row falls due', async () => {
  const { queue, clock } = makeQueue();
  const looks: number[] = [];
  const started = performance.now();
  queue.define('messages', async () => {
    looks.push(performance.now() - started);
    return looks.length === 1 ? new Date(clock.now().getTime() + 150) : undefined;
  });
  queue.nudge('messages');
  await until(() => looks.length === 2);
  expect(looks[1]).toBeGreaterThan(140);
  await wait(50);
  expect(looks).toHaveLength(2);
  await queue.stop();
});

test('a later date does not push back an earlier one', async () => {
  const { queue, clock } = makeQueue();
  const started = performance.now();
  let lookedAfter = 0;
  queue.define('messages', async () => {
    lookedAfter ||= performance.now() - started;
    return undefined;
  });
  const now = clock.now().getTime();
  queue.nudge('messages', new Date(now + 60));
  queue.nudge('messages', new Date(now + 5_000));
  queue.nudge('messages', new Date(now + 400));
  await until(() => lookedAfter > 0);
  expect(lookedAfter).toBeLessThan(350);
  await queue.stop();
});

test('an earlier date comes before a later one set first', async () => {
  const { queue, clock } = makeQueue();
  let looks = 0;
  queue.define('messages', async () => {
    looks += 1;
    return undefined;
  });
  const now = clock.now().getTime();
  queue.nudge('messages', new Date(now + 5_000));
  queue.nudge('messages', new Date(now + 40));
  await until(() => looks === 1);
  await queue.stop();
});

test('the sweep finds what nobody nudged for', async () => {
  const { queue } = makeQueue({ sweepMs: 50 });
  const due: string[] = [];
  const done: string[] = [];
  queue.define('inbox', async () => {
    done.push(...due.splice(0));
    return undefined;
  });
  queue.start();
  await wait(20);
  due.push('left by another replica');
  await until(() => done.length === 1);
  await queue.stop();
});

test('work that failed is logged and tried again at the next sweep, other work goes on', async () => {
  const { queue, logged } = makeQueue({ sweepMs: 50 });
  let tries = 0;
  let others = 0;
  queue.define('runs', async () => {
    tries += 1;
    if (tries < 3) throw new Error('database away');
    return undefined;
  });
  queue.define('inbox', async () => {
    others += 1;
    return undefined;
  });
  queue.start();
  await until(() => tries >= 3);
  expect(others).toBeGreaterThanOrEqual(3);
  expect(logged.filter((line) => line.msg === 'work failed; the next sweep tries again')).toHaveLength(2);
  await queue.stop();
});

test('work that throws at once instead of failing later is tried again too', async () => {
  const { queue } = makeQueue({ sweepMs: 50 });
  let tries = 0;
  queue.define('runs', () => {
    tries += 1;
    throw new Error('a mistake of ours');
  });
  queue.start();
  await until(() => tries >= 2);
  await queue.stop();
});

test('stopping waits for the look under way and starts none', async () => {
  const { queue, clock } = makeQueue({ sweepMs: 20 });
  let begun = 0;
  let ended = 0;
  queue.define('runs', async () => {
    begun += 1;
    await wait(80);
    ended += 1;
    return clock.now();
  });
  queue.start();
  await wait(10);
  queue.nudge('runs');
  await queue.stop();
  expect(begun).toBe(1);
  expect(ended).toBe(1);
  queue.nudge('runs');
  queue.nudge('runs', new Date(clock.now().getTime() + 5));
  await wait(60);
  expect(begun).toBe(1);
});

test('without chores the database is not asked for a job queue', async () => {
  const { queue, logged } = makeQueue({ sweepMs: 20 });
  queue.define('inbox', async () => undefined);
  queue.start();
  await wait(60);
  await queue.stop();
  expect(logged).toEqual([]);
});

test('a nudge for work that nobody defined is a mistake of ours', () => {
  expect(() => makeQueue().queue.nudge('nothing')).toThrow('no work is named nothing');
});

/** A cron line that is due once today: now, or within ten seconds. pg-boss still does what was due a minute ago. */
function onceAboutNow(): string {
  const soon = new Date(Date.now() + 10_000);
  return `${soon.getUTCMinutes()} ${soon.getUTCHours()} * * *`;
}

async function withDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  try {
    await use(database);
  } finally {
    await database.close();
  }
}

test('a chore is done at its time, and a failed one is tried again', async () => {
  await withDatabase(async (database) => {
    const { queue, logged } = makeQueue({ database, sweepMs: 50, choreTickSeconds: 1 });
    let tries = 0;
    queue.chore('drift', onceAboutNow(), async () => {
      tries += 1;
      if (tries === 1) throw new Error('AWS is away');
    });
    queue.start();
    await until(() => tries === 2).finally(() => queue.stop());
    expect(logged.map((line) => line.msg)).toEqual(['a chore failed; it is tried again']);
  });
});

test('stopping waits for a chore under way', async () => {
  await withDatabase(async (database) => {
    const { queue } = makeQueue({ database, sweepMs: 50, choreTickSeconds: 1 });
    let begun = false;
    let ended = false;
    queue.chore('drift', onceAboutNow(), async () => {
      begun = true;
      await wait(300);
      ended = true;
    });
    queue.start();
    await until(() => begun);
    await queue.stop();
    expect(ended).toBe(true);
  });
});
