import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import { expect, test } from 'vitest';
import type { Severity } from '../../playground/datadog/rule.ts';
import type { Signal } from '../../playground/datadog/signal.ts';
import type { DatadogWorld } from './datadog-world.ts';
import { API_KEY, APP_KEY, auditEntry, execBy, failureOf, OWNER, openDatadog, START } from './datadog-world.ts';

function api(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

function raise(world: DatadogWorld, severity: Severity, secondsAgo: number): Signal {
  const at = START - secondsAgo * 1000;
  const log = world.datadog.addLog(auditEntry(execBy('jane'), { timestamp: at - 500 }));
  const signal: Signal = {
    id: world.datadog.ids.event(at),
    timestampMs: at,
    version: 1,
    severity,
    title: 'jane opened a shell in a pod',
    message: 'Ask jane.',
    rule: {
      id: '5br-mto-gse',
      name: 'exec into a pod',
      type: 'Log Detection',
      detectionMethod: 'threshold',
      version: 3,
      isDefault: false,
    },
    ruleCase: { status: severity, name: '', condition: 'a > 0', notifications: ['@webhook-eks-audit'] },
    queries: [{ name: '', query: 'source:kubernetes.audit', aggregation: 'count', groupByFields: ['@usr.name'] }],
    firstSeenMs: at - 500,
    lastSeenMs: at - 500,
    eventsMatched: 1,
    groupByPaths: ['@usr.name'],
    entities: ['@usr.name:jane'],
    projected: { usr: { name: 'jane' } },
    tags: ['source:kubernetes.audit', 'security:attack', 'tactic:ta0002-execution'],
    services: ['cloudwatch'],
    host: '/aws/eks/prod/cluster',
    samples: [{ eventId: log.id, event: log.event }],
    relatedQuery: '(source:kubernetes.audit) @usr.name:"jane"',
    triage: { state: 'open', archiveReason: 'none', incidentIds: [] },
  };
  world.datadog.signals.push(signal);
  return signal;
}

test('signals come oldest first, and the page after the last is empty', async () => {
  await using world = await openDatadog();
  const [first, second, third] = [raise(world, 'high', 30), raise(world, 'low', 20), raise(world, 'info', 10)];
  const page = (cursor?: string) =>
    api(world).searchSecurityMonitoringSignals({ body: { page: { limit: 2, ...(cursor && { cursor }) } } });
  const one = await page();
  expect(one.data?.map(({ id }) => id)).toEqual([first.id, second.id]);
  const two = await page(one.meta?.page?.after);
  expect(two.data?.map(({ id }) => id)).toEqual([third.id]);
  const three = await page(two.meta?.page?.after);
  expect([three.data, three.meta]).toEqual([[], undefined]);
  const listed = await api(world).listSecurityMonitoringSignals({ sort: '-timestamp' });
  expect(listed.data?.map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
});

test.each([
  ['status:(high OR critical)', 1],
  ['source:kubernetes.audit', 2],
  ['@workflow.triage.state:(open OR under_review)', 2],
  ['@workflow.rule.id:5br-mto-gse', 2],
  ['@workflow.rule.name:"exec into a pod"', 2],
  ['security:attack @usr.name:jane', 2],
  ['@usr.name:john', 0],
])('the signal search %s finds %i', async (query, count) => {
  await using world = await openDatadog();
  raise(world, 'high', 30);
  raise(world, 'low', 20);
  const { data } = await api(world).searchSecurityMonitoringSignals({ body: { filter: { query } } });
  expect(data).toHaveLength(count);
});

test('a search looks at the last 15 minutes unless told otherwise', async () => {
  await using world = await openDatadog();
  raise(world, 'high', 3600);
  expect((await api(world).searchSecurityMonitoringSignals({ body: {} })).data).toHaveLength(0);
  const filter = { from: new Date(START - 7200_000), to: new Date(START) };
  expect((await api(world).searchSecurityMonitoringSignals({ body: { filter } })).data).toHaveLength(1);
});

test('list and single answer keep the same facts in different places', async () => {
  await using world = await openDatadog();
  const signal = raise(world, 'high', 30);
  const [item] = (await api(world).searchSecurityMonitoringSignals({ body: {} })).data ?? [];
  expect(item?.attributes?.additionalProperties).toMatchObject({ status: 'high', service: ['cloudwatch'] });
  expect(item?.attributes?.attributes).toMatchObject({
    title: signal.title,
    usr: { name: 'jane' },
    workflow: {
      events_matched: 1,
      rule: { id: '5br-mto-gse', type: 'Log Detection', isDefaultRule: false },
      triage: { state: 'open', assignee: { name: 'Unassigned', id: -1 } },
    },
    relatedLogsQueryUrl: expect.stringMatching(/^\/logs\?query=.*&live=false&integration_id=security_monitoring/),
    samples: [{ eventId: signal.samples[0]?.eventId, content: { custom: { user: { username: 'jane' } } } }],
  });
  const { data } = await api(world).getSecurityMonitoringSignal({ signalId: signal.id });
  expect(data?.attributes?.attributes).toBeUndefined();
  expect(data?.attributes?.message).toBe('%%%\nAsk jane.\n%%%');
  expect(data?.attributes?.custom).toMatchObject({
    title: signal.title,
    workflow: { triage: { state: 'open' }, rule: { id: '5br-mto-gse', name: 'exec into a pod' } },
  });
  expect(data?.attributes?.additionalProperties).toMatchObject({
    status: 'high',
    severity: 3,
    version: 1,
    gated: {
      usr: { name: 'jane' },
      workflow: { events_matched: 1, rule: { isDefaultRule: false, defaultRuleId: null } },
      relatedQuery: { track: 'logs', query: signal.relatedQuery },
      samples: [{ eventId: signal.samples[0]?.eventId, id: expect.stringMatching(/^[\w-]{24}$/) }],
    },
  });
});

test('an unknown signal is not found, nor is a new one for a while when reading lags', async () => {
  await using world = await openDatadog();
  const signalId = raise(world, 'high', 0).id;
  world.datadog.signalReadLagMs = 5000;
  const get = (id: string) => api(world).getSecurityMonitoringSignal({ signalId: id });
  expect(await failureOf(get('nothing'))).toMatchObject({ code: 404, body: { errors: ['Signal not found'] } });
  expect((await failureOf(get(signalId))).code).toBe(404);
  world.pass(5000);
  expect((await get(signalId)).data?.id).toBe(signalId);
});

test('triage is attributed to the owner of the application key', async () => {
  await using world = await openDatadog();
  const signal = raise(world, 'high', 30);
  const signalId = signal.id;
  const archived = await api(world).editSecurityMonitoringSignalState({
    signalId,
    body: {
      data: {
        attributes: { state: 'archived', archiveReason: 'false_positive', archiveComment: 'by jane', version: 1 },
      },
    },
  });
  expect(archived.data).toMatchObject({
    id: signalId,
    type: 'signal_metadata',
    attributes: {
      state: 'archived',
      archiveReason: 'false_positive',
      archiveComment: 'by jane',
      incidentIds: [],
      assignee: { id: -1, name: 'Unassigned', uuid: '' },
      stateUpdateTimestamp: START,
      stateUpdateUser: { handle: OWNER, uuid: world.datadog.user(OWNER)?.id },
    },
  });
  const query = '@workflow.triage.state:archived';
  const found = await api(world).searchSecurityMonitoringSignals({ body: { filter: { query } } });
  expect(found.data).toHaveLength(1);
});

test('an older version is refused', async () => {
  await using world = await openDatadog();
  const signal = raise(world, 'high', 30);
  signal.version = 5;
  const edit = (version: number) =>
    api(world).editSecurityMonitoringSignalState({
      signalId: signal.id,
      body: { data: { attributes: { state: 'under_review', version } } },
    });
  expect((await failureOf(edit(4))).code).toBe(409);
  expect((await edit(5)).data.attributes?.state).toBe('under_review');
});

test('a signal is assigned by uuid and unassigned by an empty one', async () => {
  await using world = await openDatadog();
  const signalId = raise(world, 'high', 30).id;
  const jane = world.datadog.addUser({ email: 'jane@example.com', name: 'Jane' });
  const assign = async (uuid: string) => {
    const body = { data: { attributes: { assignee: { uuid } } } };
    return (await api(world).editSecurityMonitoringSignalAssignee({ signalId, body })).data.attributes?.assignee;
  };
  expect(await assign(jane.id)).toMatchObject({ uuid: jane.id, handle: 'jane@example.com', name: 'Jane' });
  expect((await failureOf(assign('00000000-0000-4000-a000-000000000000'))).code).toBe(400);
  expect(await assign('')).toMatchObject({ id: -1, uuid: '' });
});

test('incidents, and state with assignee in one call', async () => {
  await using world = await openDatadog();
  const signalId = raise(world, 'high', 30).id;
  const uuid = world.datadog.user(OWNER)?.id ?? '';
  const incidents = await api(world).editSecurityMonitoringSignalIncidents({
    signalId,
    body: { data: { attributes: { incidentIds: [2066] } } },
  });
  expect(incidents.data.attributes?.incidentIds).toEqual([2066]);
  const both = await api(world).editSecurityMonitoringSignal({
    signalId,
    body: { data: { type: 'signal_metadata', attributes: { state: 'under_review', assignee: { uuid } } } },
  });
  expect(both.data.attributes).toMatchObject({ state: 'under_review', assignee: { uuid }, incidentIds: [2066] });
});

test('many signals change in one call, and unknown ones are left out of the answer', async () => {
  await using world = await openDatadog();
  const ids = [raise(world, 'high', 30).id, raise(world, 'low', 20).id, 'nothing'];
  const attributes = { state: 'archived' as const, archiveReason: 'other' as const };
  const answer = await api(world).bulkEditSecurityMonitoringSignalsState({
    body: { data: ids.map((id) => ({ id, type: 'signal' as const, attributes })) },
  });
  expect(answer).toMatchObject({ status: 'done', result: { count: 2 } });
  expect(answer.result.events.map(({ id, event }) => [id, event.state])).toEqual([
    [ids[0], 'archived'],
    [ids[1], 'archived'],
  ]);
  const assigned = await api(world).bulkEditSecurityMonitoringSignalsAssignee({
    body: { data: [{ id: ids[0] ?? '', attributes: { assignee: world.datadog.user(OWNER)?.id ?? '' } }] },
  });
  expect(assigned.result.events[0]?.event.assignee.handle).toBe(OWNER);
});

test('an unknown state is a bad request', async () => {
  await using world = await openDatadog();
  const { id } = raise(world, 'high', 30);
  const answer = await fetch(`${world.url}/api/v2/security_monitoring/signals/${id}/state`, {
    method: 'PATCH',
    headers: { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY },
    body: JSON.stringify({ data: { attributes: { state: 'closed' } } }),
  });
  expect(answer.status).toBe(400);
});
