/** Signals that tests raise and triage without logs and rules, and when the API shows them. */
import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import { expect, test } from 'vitest';
import { type DatadogWorld, failureOf, openDatadog, START } from './datadog-world.ts';

function api(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

test('a raised signal is complete: cluster, actor, action, and logs that a search finds', async () => {
  await using world = await openDatadog();
  const signal = world.datadog.raiseSignal({
    rule: 'exec into a pod',
    severity: 'high',
    cluster: 'prod-b',
    account: '444455556666',
    region: 'eu-west-1',
    user: 'jane',
    extra: { sessionName: ['jane@example.com'] },
    eventsMatched: 7,
  });
  expect(signal).toMatchObject({
    severity: 'high',
    title: 'exec into a pod',
    eventsMatched: 7,
    timestampMs: START,
    groupByPaths: ['@aws.awslogs.owner', '@aws.awslogs.logGroup', '@usr.name'],
    projected: {
      usr: { name: 'jane' },
      aws: { awslogs: { owner: '444455556666', logGroup: '/aws/eks/prod-b/cluster' } },
    },
  });
  expect(signal.samples[0]?.event).toMatchObject({
    host: '/aws/eks/prod-b/cluster',
    attributes: {
      aws: { invoked_function_arn: 'arn:aws:lambda:eu-west-1:444455556666:function:DatadogForwarder' },
      user: { extra: { sessionName: ['jane@example.com'] } },
      http: { method: 'get', status_code: 101 },
    },
  });
  expect(world.datadog.logs.indexed.map(({ id }) => id)).toEqual(signal.samples.map(({ eventId }) => eventId));
  expect((await api(world).getSecurityMonitoringSignal({ signalId: signal.id })).data?.id).toBe(signal.id);
});

test('without a word it is the shipped exec rule in prod-a; secrets and several clusters can be asked for', async () => {
  await using world = await openDatadog();
  const plain = world.datadog.raiseSignal();
  expect(plain.rule).toMatchObject({ isDefault: true, defaultId: '1d5-6cd-162' });
  const secrets = world.datadog.raiseSignal({
    action: 'secrets',
    cluster: ['prod-a', 'prod-b'],
    tags: ['team:payments'],
  });
  expect(secrets.samples.map(({ event }) => event.host)).toEqual([
    '/aws/eks/prod-a/cluster',
    '/aws/eks/prod-b/cluster',
  ]);
  expect(secrets.samples[0]?.event.attributes).toMatchObject({ verb: 'list', objectRef: { resource: 'secrets' } });
  expect(secrets.tags).toContain('team:payments');
});

test('the same made-up rule has the same id, another name another one', async () => {
  await using world = await openDatadog();
  const [one, two, other] = ['a', 'a', 'b'].map((rule) => world.datadog.raiseSignal({ rule }).rule.id);
  expect(one).toMatch(/^\w{3}-\w{3}-\w{3}$/);
  expect([one === two, one === other]).toEqual([true, false]);
});

test('two thousand signals are raised within two seconds, and paged by a thousand', async () => {
  await using world = await openDatadog();
  const before = performance.now();
  for (let i = 0; i < 2000; i++) world.datadog.raiseSignal({ rule: `rule ${i % 40}`, user: `user-${i}` });
  expect(performance.now() - before).toBeLessThan(2000);
  const ids = new Set<string>();
  const page = (cursor?: string) =>
    api(world).searchSecurityMonitoringSignals({
      body: { filter: { query: 'source:kubernetes.audit' }, page: { limit: 1000, ...(cursor && { cursor }) } },
    });
  for (let answer = await page(); answer.meta?.page?.after; answer = await page(answer.meta.page.after)) {
    for (const { id } of answer.data ?? []) if (id) ids.add(id);
  }
  expect(ids.size).toBe(2000);
});

test('while reading lags a new signal is neither found nor searchable nor changeable', async () => {
  await using world = await openDatadog();
  world.datadog.signalReadLagMs = 5000;
  const { id } = world.datadog.raiseSignal();
  const seen = async () => (await api(world).searchSecurityMonitoringSignals({ body: {} })).data?.length;
  const attributes = { state: 'under_review' as const };
  const bulk = async () => {
    const body = { data: [{ id, type: 'signal' as const, attributes }] };
    return (await api(world).bulkEditSecurityMonitoringSignalsState({ body })).result.count;
  };
  expect([await seen(), await bulk()]).toEqual([0, 0]);
  expect((await failureOf(api(world).getSecurityMonitoringSignal({ signalId: id }))).code).toBe(404);
  world.pass(5000);
  expect([await seen(), await bulk()]).toEqual([1, 1]);
});

test('a person’s triage in Datadog raises the version and names the person', async () => {
  await using world = await openDatadog();
  const { id } = world.datadog.raiseSignal();
  world.datadog.triage(id, { state: 'under_review', assignee: 'ana@example.com', by: 'lead@example.com' });
  const read = async () => {
    const { data } = await api(world).getSecurityMonitoringSignal({ signalId: id });
    const [item] = (await api(world).searchSecurityMonitoringSignals({ body: {} })).data ?? [];
    return { version: data?.attributes?.additionalProperties?.version, listed: item?.attributes?.attributes?.workflow };
  };
  expect(await read()).toMatchObject({
    version: 2,
    listed: {
      triage: { state: 'under_review', assignee: { name: 'ana@example.com' }, updater: { handle: 'lead@example.com' } },
    },
  });
  world.datadog.triage(id, { assignee: null, by: 'ana@example.com' });
  expect(await read()).toMatchObject({
    version: 3,
    listed: { triage: { state: 'under_review', assignee: { id: -1 }, updater: { handle: 'ana@example.com' } } },
  });
  world.datadog.triage(id, { state: 'archived', archiveReason: 'false_positive', by: 'ana@example.com' });
  expect(world.datadog.signals[0]?.triage).toMatchObject({ state: 'archived', archiveReason: 'false_positive' });
});

test('what Datadog would not let a person do is an error', async () => {
  await using world = await openDatadog();
  const { id } = world.datadog.raiseSignal();
  expect(() => world.datadog.triage(id, { archiveReason: 'because', by: 'ana@example.com' })).toThrow(
    'Invalid archive reason',
  );
  expect(() => world.datadog.triage('nothing', { state: 'open', by: 'ana@example.com' })).toThrow('No signal nothing');
});
