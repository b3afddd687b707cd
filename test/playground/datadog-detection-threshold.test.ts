/** Threshold rules: what is counted, which case wins, and how long a signal stays open. */
import { expect, test } from 'vitest';
import { TimedQueue } from '../../playground/datadog/sliding-window.ts';
import { compileCondition } from '../../src/rules/condition.ts';
import { auditEntry, execBy } from './datadog-world.ts';
import { addRule, execs, MINUTE, openSiem, type RuleDraft, raised } from './siem-world.ts';

const WINDOW_5_MIN = { evaluationWindow: 300, keepAlive: 300, maxSignalDuration: 3600 };

test.each<[string, boolean]>([
  ['a > 3', true],
  ['a>=5', false],
  ['b < 1', true],
  ['a > 3 && b > 0', false],
  ['b > 0 || a == 4', true],
  ['b > 0 || a > 3 && a < 4', false],
  ['(b > 0 || a > 3) && a != 5', true],
  ['exec > 0', false],
  ['nonsense', false],
])('of four a and no b, "%s" is %s', (condition, holds) => {
  const values: Record<string, number> = { a: 4, b: 0 };
  expect(compileCondition(condition)((label) => values[label] ?? 0)).toBe(holds);
});

/** Each action: minutes later, who. */
test.each<[string, RuleDraft, [number, string][], string[]]>([
  ['fires at the first', {}, [[0, 'jane']], ['medium jane 1']],
  [
    'counts per group',
    {},
    [
      [0, 'jane'],
      [0, 'john'],
      [1, 'jane'],
    ],
    ['medium jane 2', 'medium john 1'],
  ],
  [
    'waits for the threshold',
    { cases: [{ status: 'low', condition: 'a > 2' }] },
    [
      [0, 'jane'],
      [1, 'jane'],
    ],
    [],
  ],
  [
    'counts what was there before it fired',
    { cases: [{ status: 'low', condition: 'a > 2' }] },
    [
      [0, 'jane'],
      [1, 'jane'],
      [1, 'jane'],
      [1, 'jane'],
    ],
    ['low jane 4'],
  ],
  [
    'forgets what has left the window',
    { cases: [{ status: 'low', condition: 'a > 1' }] },
    [
      [0, 'jane'],
      [5, 'jane'],
      [5, 'jane'],
    ],
    [],
  ],
  [
    'the first case that holds wins, whatever its severity',
    {
      cases: [
        { status: 'low', condition: 'a > 0' },
        { status: 'critical', condition: 'a > 1' },
      ],
    },
    [
      [0, 'jane'],
      [0, 'jane'],
    ],
    ['low jane 2'],
  ],
  [
    'severity rises while the signal is open, and never falls',
    {
      cases: [
        { status: 'critical', condition: 'a > 2' },
        { status: 'low', condition: 'a > 0' },
      ],
      options: { evaluationWindow: 60 },
    },
    [
      [0, 'jane'],
      [0.1, 'jane'],
      [0.1, 'jane'],
      [5, 'jane'],
    ],
    ['critical jane 4'],
  ],
  [
    'a signal stays open while it is fed',
    { options: WINDOW_5_MIN },
    [
      [0, 'jane'],
      [4, 'jane'],
      [4, 'jane'],
    ],
    ['medium jane 3'],
  ],
  [
    'idle for keepAlive closes it',
    { options: WINDOW_5_MIN },
    [
      [0, 'jane'],
      [5, 'jane'],
    ],
    ['medium jane 1', 'medium jane 1'],
  ],
  [
    'maxSignalDuration closes it however often it is fed',
    { options: { evaluationWindow: 60, keepAlive: 300, maxSignalDuration: 600 } },
    [
      [0, 'jane'],
      [4, 'jane'],
      [4, 'jane'],
      [4, 'jane'],
    ],
    ['medium jane 3', 'medium jane 1'],
  ],
  [
    'a window of 0 judges every event by itself',
    { options: { evaluationWindow: 0, keepAlive: 0, maxSignalDuration: 0 } },
    [
      [0, 'jane'],
      [0, 'jane'],
    ],
    ['medium jane 1', 'medium jane 1'],
  ],
  [
    'a window of 0 never counts two',
    {
      options: { evaluationWindow: 0, keepAlive: 0, maxSignalDuration: 0 },
      cases: [{ status: 'low', condition: 'a > 1' }],
    },
    [
      [0, 'jane'],
      [0, 'jane'],
    ],
    [],
  ],
])('%s', async (_what, draft, happens, expected) => {
  await using world = await openSiem();
  addRule(world, draft);
  for (const [minutes, user] of happens) {
    world.pass(minutes * MINUTE);
    execs(world, user);
  }
  expect(raised(world)).toEqual(expected);
  expect(world.time.errors).toEqual([]);
});

test.each<[string, Record<string, unknown>, string, number[], number]>([
  [
    'distinct values',
    { aggregation: 'cardinality', distinctFields: ['@http.status_code'] },
    'a > 1',
    [200, 200, 403],
    1,
  ],
  [
    'distinct values',
    { aggregation: 'cardinality', distinctFields: ['@http.status_code'] },
    'a > 1',
    [200, 200, 200],
    0,
  ],
  ['a sum', { aggregation: 'sum', metrics: ['@http.status_code'] }, 'a >= 600', [200, 200, 200], 1],
  ['a sum', { aggregation: 'sum', metrics: ['@http.status_code'] }, 'a >= 600', [200, 200], 0],
  ['a maximum', { aggregation: 'max', metrics: ['@http.status_code'] }, 'a > 400', [200, 403, 200], 1],
  ['a maximum', { aggregation: 'max', metrics: ['@http.status_code'] }, 'a > 403', [200, 403, 200], 0],
  ['what is not simulated', { aggregation: 'geo_data', metrics: ['@http.status_code'] }, 'a > 0', [200], 0],
])('measures %s: %j %s of %j raises %i', async (_what, query, condition, codes, count) => {
  await using world = await openSiem();
  addRule(world, { query, cases: [{ status: 'low', condition }] });
  for (const code of codes) execs(world, 'jane', { responseStatus: { code } });
  expect(world.datadog.signals).toHaveLength(count);
});

test('distinct values, sums and maxima leave with the window', async () => {
  await using world = await openSiem();
  const field = '@http.status_code';
  for (const [aggregation, condition] of [
    ['cardinality', 'a > 1'],
    ['sum', 'a > 250'],
    ['max', 'a > 300'],
  ] as const) {
    const query = {
      aggregation,
      distinctFields: [field],
      metrics: [field],
      query: `source:kubernetes.audit ${field}:<300`,
    };
    addRule(world, { name: aggregation, query, cases: [{ status: 'low', condition }] });
  }
  for (const code of [200, 201]) {
    execs(world, 'jane', { responseStatus: { code } });
    world.pass(5 * MINUTE);
  }
  expect(raised(world)).toEqual([]);
});

test('a window that slides for long forgets no more than it should', () => {
  const queue = new TimedQueue();
  let dropped = 0;
  for (let atMs = 1; atMs <= 5000; atMs++) {
    queue.push({ atMs });
    queue.dropUntil(atMs - 100, () => {
      dropped += 1;
    });
    expect([queue.size, queue.first?.atMs]).toEqual([Math.min(atMs, 100), Math.max(1, atMs - 99)]);
  }
  expect(dropped).toBe(4900);
  expect(queue.newest(2)).toEqual([{ atMs: 4999 }, { atMs: 5000 }]);
});

test('several queries meet in one group, also under the raw names of its fields', async () => {
  await using world = await openSiem();
  addRule(world, {
    queries: [
      { name: 'failed', query: '@http.status_code:403', groupByFields: ['@usr.name'] },
      { name: 'done', query: '@responseStatus.code:101', groupByFields: ['@user.username'] },
    ],
    cases: [{ name: 'guessed', status: 'high', condition: 'failed > 1 && done > 0' }],
    message: '{{events_matched_per_query.failed}} failures, then {{events_matched_per_query.done}} of {{case_name}}',
  });
  for (const code of [403, 101, 403]) execs(world, 'jane', { responseStatus: { code } });
  execs(world, 'john', { responseStatus: { code: 101 } });
  expect(raised(world)).toEqual(['high jane 3']);
  expect(world.datadog.signals[0]).toMatchObject({
    title: 'exec into a pod - guessed',
    message: '2 failures, then 1 of guessed',
  });
});

test.each([
  [false, []],
  [true, ['medium - 1']],
])(
  'a log without the group-by field counts only where it is optional: %s',
  async (hasOptionalGroupByFields, expected) => {
    await using world = await openSiem();
    addRule(world, { query: { groupByFields: ['@usr.email'], hasOptionalGroupByFields }, message: '' });
    execs(world, 'jane');
    expect(raised(world)).toEqual(expected);
  },
);

test('a burst is one update of the open signal, with the newest samples', async () => {
  await using world = await openSiem();
  addRule(world);
  execs(world, 'jane');
  const [signal] = world.datadog.signals;
  execs(world, 'john');
  expect(signal?.version).toBe(1);
  world.datadog.logs.receive(Array.from({ length: 20 }, () => auditEntry(execBy('jane'))));
  expect(signal).toMatchObject({ version: 2, eventsMatched: 21 });
  expect(signal?.samples).toHaveLength(5);
  execs(world, 'paul');
  expect(signal?.version).toBe(2);
  world.pass(world.datadog.indexDelayMs);
  const ids = world.datadog.logs.indexed.filter(({ event }) => event.message.includes('jane')).map(({ id }) => id);
  expect(signal?.samples.map(({ eventId }) => eventId)).toEqual(ids.slice(-5));
});

test('ten thousand logs of as many groups, or of one, take as long per log as a thousand do', async () => {
  await using world = await openSiem();
  addRule(world, { cases: [{ status: 'low', condition: 'a > 1000000' }] });
  const took = (count: number, user: (index: number) => string) => {
    const batch = Array.from({ length: count }, (_, index) => auditEntry(execBy(user(index))));
    const before = performance.now();
    world.datadog.logs.receive(batch);
    return (performance.now() - before) / count;
  };
  took(1000, String);
  const few = took(1000, (index) => `a${index}`);
  expect(took(10_000, (index) => `b${index}`)).toBeLessThan(few * 6 + 0.05);
  expect(took(10_000, () => 'one')).toBeLessThan(few * 6 + 0.05);
});
