/** New-value rules: learning, remembering, forgetting. */
import { expect, test } from 'vitest';
import { Groups } from '../../playground/datadog/detection-groups.ts';
import { auditEntry, execBy, START } from './datadog-world.ts';
import { addNewValueRule, DAY, execs, HOUR, MINUTE, openSiem, raised } from './siem-world.ts';

/** Each action: after so long, who. */
test.each<[string, Record<string, unknown>, [number, string][], string[]]>([
  [
    'is silent while it learns',
    { learningDuration: 1 },
    [
      [0, 'jane'],
      [23 * HOUR, 'john'],
    ],
    [],
  ],
  [
    'raises what it did not learn',
    { learningDuration: 1 },
    [
      [0, 'jane'],
      [DAY, 'jane'],
      [0, 'john'],
    ],
    ['medium john 1'],
  ],
  [
    'takes the first value as known when it does not learn',
    { learningDuration: 0 },
    [
      [0, 'jane'],
      [0, 'john'],
    ],
    ['medium john 1'],
  ],
  [
    'stays quiet about what it knows',
    { learningDuration: 0 },
    [
      [0, 'jane'],
      [0, 'john'],
      [HOUR, 'john'],
    ],
    ['medium john 1'],
  ],
  [
    'forgets what was not seen for long',
    { learningDuration: 0, forgetAfter: 2 },
    [
      [0, 'jane'],
      [DAY, 'jane'],
      [DAY, 'jane'],
      [2 * DAY, 'jane'],
    ],
    ['medium jane 1'],
  ],
  [
    'learns by occurrences where told to',
    { learningMethod: 'threshold', learningThreshold: 1 },
    [
      [0, 'jane'],
      [0, 'john'],
    ],
    ['medium john 1'],
  ],
  [
    'learns nothing with a threshold of 0',
    { learningMethod: 'threshold', learningThreshold: 0 },
    [[0, 'jane']],
    ['medium jane 1'],
  ],
])('%s', async (_what, newValueOptions, happens, expected) => {
  await using world = await openSiem();
  addNewValueRule(world, newValueOptions);
  for (const [ms, user] of happens) {
    world.pass(ms);
    execs(world, user);
  }
  expect(raised(world)).toEqual(expected);
});

test('an instantaneous baseline takes what is in the index within the learning window, instead of waiting', async () => {
  await using world = await openSiem();
  world.datadog.addLog(auditEntry(execBy('jane'), { timestamp: START - HOUR }));
  world.datadog.addLog(auditEntry(execBy('old'), { timestamp: START - 2 * DAY }));
  addNewValueRule(world, { learningDuration: 1, instantaneousBaseline: true });
  for (const user of ['jane', 'old', 'john']) execs(world, user);
  expect(raised(world)).toEqual(['medium old 1', 'medium john 1']);
});

test('what is known in one cluster is new in another', async () => {
  await using world = await openSiem();
  addNewValueRule(world, { learningMethod: 'threshold', learningThreshold: 0 });
  const awslogs = { logGroup: '/aws/eks/other/cluster', logStream: 'kube-apiserver-audit-1', owner: '111122223333' };
  execs(world, 'jane');
  execs(world, 'jane', {}, { aws: { awslogs } });
  expect(raised(world)).toHaveLength(2);
});

test.each([
  [0, ['medium jane 1', 'medium john 1']],
  [600, ['medium jane 2']],
])('with keepAlive %i two new values are %j', async (keepAlive, expected) => {
  await using world = await openSiem();
  const options = { keepAlive };
  addNewValueRule(world, { learningMethod: 'threshold' }, { options });
  execs(world, 'jane');
  world.pass(MINUTE);
  execs(world, 'john');
  expect(raised(world)).toEqual(expected);
});

test('several metrics are new together', async () => {
  await using world = await openSiem();
  const query = { aggregation: 'new_value', metrics: ['@usr.name', '@http.method'], groupByFields: [] };
  addNewValueRule(world, { learningDuration: 0 }, { query });
  const done = [
    ['jane', 'create'],
    ['jane', 'get'],
    ['john', 'get'],
    ['jane', 'create'],
    ['john', 'get'],
  ] as const;
  for (const [user, verb] of done) execs(world, user, { verb });
  expect(raised(world)).toEqual(['medium jane 1', 'medium john 1']);
});

test('a log without the metric teaches nothing', async () => {
  await using world = await openSiem();
  addNewValueRule(world, { learningDuration: 0 });
  execs(world, 'jane', { user: {} });
  execs(world, 'jane');
  execs(world, 'john');
  expect(raised(world)).toEqual(['medium john 1']);
});

test('groups and values that are long forgotten leave the memory', () => {
  const groups = new Groups<{ lastMs: number }>(({ lastMs }, nowMs) => nowMs - lastMs >= 100);
  for (let ms = 0; ms < 20_000; ms++) groups.get(`value ${ms}`, ms, () => ({ lastMs: ms }));
  expect(groups.size).toBeLessThanOrEqual(1000);
  expect(groups.get('value 19999', 20_000, () => ({ lastMs: -1 })).lastMs).toBe(19_999);
});

test('other edits keep what was learned, another query starts afresh', async () => {
  await using world = await openSiem();
  const { datadog } = world;
  const rule = addNewValueRule(world, { learningDuration: 0 });
  const author = datadog.users[0];
  if (!author) throw new Error('nobody');
  execs(world, 'jane');
  datadog.rules.update(
    rule,
    { name: 'another name', cases: [{ name: '', status: 'medium', notifications: ['@webhook-x'] }] },
    author,
  );
  execs(world, 'john');
  expect(datadog.signals[0]).toMatchObject({ title: 'another name', ruleCase: { notifications: ['@webhook-x'] } });
  datadog.rules.update(rule, { queries: rule.queries.map((query) => ({ ...query, query: '*' })) }, author);
  execs(world, 'paul');
  expect(raised(world)).toEqual(['medium john 1']);
});
