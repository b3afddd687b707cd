/** What Cloud SIEM looks at, what keeps a signal from being raised, and what a raised signal says. */
import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import { expect, test } from 'vitest';
import { DETECTION_COVERAGE } from '../../playground/datadog/coverage.ts';
import type { Rule } from '../../playground/datadog/rule.ts';
import { METHODS } from '../../playground/datadog/rule-validation.ts';
import type { SecurityFilter } from '../../playground/datadog/security-filters.ts';
import { auditEntry, type DatadogWorld, execBy, START } from './datadog-world.ts';
import { addNewValueRule, addRule, DAY, execs, HOUR, MINUTE, openSiem, raised } from './siem-world.ts';

function suppress(world: DatadogWorld, over: Record<string, unknown>): void {
  const person = { handle: 'admin@example.com', name: 'Admin' };
  world.datadog.suppressions.push({
    id: 'sup-pre-sss',
    type: 'suppressions',
    attributes: {
      name: 'CI may exec',
      enabled: true,
      rule_query: 'type:log_detection source:kubernetes.audit',
      suppression_query: '',
      data_exclusion_query: '',
      creation_date: START,
      creator: person,
      editable: true,
      tags: [],
      update_date: START,
      updater: person,
      version: 1,
      ...over,
    },
  });
}

function set<T extends object>(target: T, values: Partial<T>): void {
  Object.assign(target, values);
}

function changeFilter({ datadog }: DatadogWorld, values: Partial<SecurityFilter>): void {
  for (const filter of datadog.securityFilters) set(filter, values);
}

function standalone({ datadog }: DatadogWorld): void {
  datadog.securityFilters.splice(0);
  datadog.sku = 'standalone_indexed';
}

function ruleOf({ datadog }: DatadogWorld): Rule {
  const rule = datadog.rule('exec into a pod');
  if (!rule) throw new Error('no rule');
  return rule;
}

test.each<[string, (world: DatadogWorld) => void, number]>([
  ['a log that a security filter covers is analysed', () => {}, 1],
  ['a log outside every security filter is not', (world) => changeFilter(world, { query: 'source:cloudtrail' }), 0],
  ['a disabled security filter covers nothing', (world) => changeFilter(world, { isEnabled: false }), 0],
  ['without security filters nothing is analysed', ({ datadog }) => void datadog.securityFilters.splice(0), 0],
  ['the standalone product has no security filters', standalone, 1],
  ['an organisation without Cloud SIEM detects nothing', ({ datadog }) => set(datadog, { cloudSiemActive: false }), 0],
  ['a log that the index excludes is analysed all the same', ({ datadog }) => datadog.logs.excludeFromIndex('*'), 1],
  ['a disabled rule sees nothing', (world) => set(ruleOf(world), { isEnabled: false }), 0],
  ['a deleted rule sees nothing', (world) => world.datadog.rules.remove(ruleOf(world)), 0],
  ['a rule for other things than logs sees nothing', (world) => set(ruleOf(world), { type: 'workload_security' }), 0],
])('%s', async (_what, change, count) => {
  await using world = await openSiem();
  addRule(world);
  change(world);
  execs(world, 'jane');
  expect(world.datadog.signals).toHaveLength(count);
});

test.each<[string, Record<string, unknown>, string[]]>([
  ['hides the signals it names', { suppression_query: '@usr.name:ci' }, ['medium jane 1']],
  ['sees the attributes of the log', { suppression_query: '@objectRef.namespace:shop' }, []],
  ['sees the tags of the rule', { suppression_query: 'tactic:ta0002-execution' }, []],
  [
    'concerns only the rules it names',
    { suppression_query: '*', rule_query: 'source:cloudtrail' },
    ['medium ci 1', 'medium jane 1'],
  ],
  ['does nothing while it is disabled', { suppression_query: '*', enabled: false }, ['medium ci 1', 'medium jane 1']],
  [
    'does nothing before it starts',
    { suppression_query: '*', start_date: START + HOUR },
    ['medium ci 1', 'medium jane 1'],
  ],
  [
    'does nothing after it has expired',
    { suppression_query: '*', expiration_date: START },
    ['medium ci 1', 'medium jane 1'],
  ],
  ['keeps logs away from the rule', { data_exclusion_query: '@usr.name:ci' }, ['medium jane 1']],
])('a suppression %s', async (_what, attributes, expected) => {
  await using world = await openSiem();
  addRule(world);
  suppress(world, attributes);
  execs(world, 'ci');
  execs(world, 'jane');
  expect(raised(world)).toEqual(expected);
});

test('a suppressed log counts towards the threshold, an excluded one does not', async () => {
  for (const [attributes, expected] of [
    [{ suppression_query: '@objectRef.name:web-0' }, ['medium jane 2']],
    [{ data_exclusion_query: '@objectRef.name:web-0' }, []],
  ] as const) {
    await using world = await openSiem();
    addRule(world, { cases: [{ status: 'medium', condition: 'a > 1' }] });
    suppress(world, attributes);
    execs(world, 'jane');
    execs(world, 'jane', { objectRef: { resource: 'pods', name: 'web-1' } });
    expect(raised(world)).toEqual(expected);
  }
});

test('a signal comes a while after its log, and what happens meanwhile is in it', async () => {
  await using world = await openSiem({ speed: 10 });
  world.datadog.detectionDelayMs = 20_000;
  addRule(world);
  execs(world, 'jane');
  world.pass(1999);
  execs(world, 'jane');
  expect(raised(world)).toEqual([]);
  world.pass(1);
  expect(raised(world)).toEqual(['medium jane 2']);
  expect(world.datadog.signals[0]).toMatchObject({
    timestampMs: START + 2000,
    firstSeenMs: START,
    lastSeenMs: START + 1999,
  });
});

test('durations of rules pass as fast as the world does', async () => {
  await using world = await openSiem({ speed: 60 });
  addRule(world, { options: { evaluationWindow: 60, keepAlive: 600, maxSignalDuration: 3600 } });
  for (const user of ['jane', 'jane', 'jane']) {
    execs(world, user);
    world.pass(9_999);
  }
  world.pass(1);
  execs(world, 'jane');
  expect(raised(world)).toEqual(['medium jane 3', 'medium jane 1']);
});

test('a signal shows rule, group, entities, tags of rule and log, and real logs', async () => {
  await using world = await openSiem();
  const rule = addRule(world, {
    name: 'exec by {{@usr.name}}',
    message:
      '{{@usr.name}} from {{ @network.client.ip }} in {{env}}: {{events_matched}} since {{first_seen}} ({{severity}}){{@none}} {{#if x}}',
    query: { groupByFields: ['@usr.name', 'host'] },
    cases: [{ name: 'shell', status: 'high', condition: 'a > 0', notifications: ['@ops@example.com'] }],
  });
  execs(world, 'jane "x"');
  const [signal] = world.datadog.signals;
  world.pass(world.datadog.indexDelayMs);
  expect(signal).toMatchObject({
    version: 1,
    severity: 'high',
    title: 'exec by jane "x" - shell',
    message: 'jane "x" from 203.0.113.7 in test: 1 since 2026-11-23 08:00:00 UTC (3) {{#if x}}',
    rule: {
      id: rule.id,
      name: rule.name,
      type: 'Log Detection',
      detectionMethod: 'threshold',
      version: 1,
      isDefault: false,
    },
    ruleCase: { status: 'high', name: 'shell', condition: 'a > 0', notifications: ['@ops@example.com'] },
    groupByPaths: ['@usr.name', 'host'],
    entities: ['@usr.name:jane "x"', 'host:/aws/eks/prod/cluster', '@network.client.ip:203.0.113.7'],
    projected: { usr: { name: 'jane "x"' }, network: { client: { ip: '203.0.113.7' } } },
    services: ['cloudwatch'],
    host: '/aws/eks/prod/cluster',
    relatedQuery: '(source:kubernetes.audit) @usr.name:"jane \\"x\\"" host:"/aws/eks/prod/cluster"',
    triage: { state: 'open' },
  });
  expect(signal?.tags).toEqual(
    expect.arrayContaining(['source:kubernetes.audit', 'tactic:ta0002-execution', 'env:test']),
  );
  expect(signal?.tags.filter((tag) => tag.startsWith('datadog.'))).toEqual([]);
  const api = new SecurityMonitoringApi(world.configuration());
  const found = await api.searchSecurityMonitoringSignals({
    body: { filter: { query: '@usr.name:"jane \\"x\\"" env:test', from: new Date(START) } },
  });
  expect(found.data?.map(({ id }) => id)).toEqual([signal?.id]);
  expect(world.datadog.logs.indexed.map(({ id }) => id)).toEqual(signal?.samples.map(({ eventId }) => eventId));
});

test('several values of a projected attribute are a list', async () => {
  await using world = await openSiem();
  addRule(world, { query: { groupByFields: [] } });
  execs(world, 'jane');
  execs(world, 'john');
  expect(world.datadog.signals[0]?.projected).toEqual({ usr: { name: ['jane', 'john'] } });
});

test('a shipped rule raises signals that say so', async () => {
  await using world = await openSiem();
  const shipped = world.datadog.rule('User Exec into a Pod');
  if (shipped) shipped.isEnabled = true;
  execs(world, 'jane');
  expect(world.datadog.signals[0]?.rule).toMatchObject({ isDefault: true, defaultId: '1d5-6cd-162' });
  // Its rule has only source:kubernetes; the log brings the tag by which notification rules find it.
  expect(world.datadog.signals[0]?.tags).toContain('source:kubernetes.audit');
});

test.each([
  ['env:test', 'low'],
  ['env:prod', 'medium'],
])('with decreaseCriticalityBasedOnEnv the tag %s makes a medium case %s', async (tag, severity) => {
  await using world = await openSiem();
  addRule(world, { options: { decreaseCriticalityBasedOnEnv: true } });
  execs(world, 'jane', {}, { ddtags: tag });
  expect(world.datadog.signals[0]?.severity).toBe(severity);
});

test('an archived signal grows until it closes, and stays archived', async () => {
  await using world = await openSiem();
  addRule(world);
  execs(world, 'jane');
  const id = world.datadog.signals[0]?.id ?? '';
  world.datadog.triage(id, { state: 'archived', archiveReason: 'false_positive', by: 'ana@example.com' });
  execs(world, 'jane');
  expect(world.datadog.signals[0]).toMatchObject({ eventsMatched: 2, version: 3, triage: { state: 'archived' } });
  world.pass(10 * MINUTE);
  execs(world, 'jane');
  expect(world.datadog.signals[1]?.triage.state).toBe('open');
});

test('an edited query takes effect at the next log', async () => {
  await using world = await openSiem();
  const rule = addRule(world);
  const author = world.datadog.users[0];
  if (!author) throw new Error('nobody');
  execs(world, 'jane');
  world.datadog.rules.update(
    rule,
    { queries: rule.queries.map((query) => ({ ...query, query: '@usr.name:john' })) },
    author,
  );
  execs(world, 'jane');
  execs(world, 'john');
  expect(raised(world)).toEqual(['medium jane 1', 'medium john 1']);
});

test('every detection method that rules may have is on the coverage list, and what is not simulated raises nothing', async () => {
  expect(Object.keys(DETECTION_COVERAGE).sort()).toEqual([...METHODS].sort());
  await using world = await openSiem();
  for (const detectionMethod of METHODS) {
    if (detectionMethod === 'new_value')
      addNewValueRule(world, { learningMethod: 'threshold' }, { name: detectionMethod });
    else addRule(world, { name: detectionMethod, options: { detectionMethod } });
  }
  for (let day = 0; day < 3; day++) {
    world.datadog.logs.receive([auditEntry(execBy('jane'), { timestamp: world.time.now() })]);
    world.pass(DAY);
  }
  const simulated = METHODS.filter((method) => DETECTION_COVERAGE[method] !== 'not simulated');
  expect([...new Set(world.datadog.signals.map(({ title }) => title))].sort()).toEqual(simulated.sort());
});
