import { LogsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js';
import { expect, test } from 'vitest';
import type { IntakeEntry } from '../../playground/datadog/intake.ts';
import type { DatadogWorld } from './datadog-world.ts';
import { API_KEY, APP_KEY, auditEntry, execBy, failureOf, OWNER, openDatadog, START } from './datadog-world.ts';

const SITE = 'datadoghq.com';
const EXEC = 'source:kubernetes.audit @objectRef.subresource:exec';

function ship(world: DatadogWorld, ...entries: IntakeEntry[]): void {
  world.datadog.intake({ apiKey: API_KEY, site: SITE, entries });
  world.pass(world.datadog.indexDelayMs);
}

async function found(world: DatadogWorld, query: string, appKey = APP_KEY) {
  const logs = new LogsApi(world.configuration({ appKey }));
  return (await logs.listLogs({ body: { filter: { query } } })).data ?? [];
}

test('a shipped audit event is searchable only after the index delay', async () => {
  await using world = await openDatadog();
  world.datadog.intake({ apiKey: API_KEY, site: SITE, entries: [auditEntry(execBy('jane'))] });
  world.pass(19_999);
  expect(await found(world, EXEC)).toHaveLength(0);
  world.pass(1);
  expect(await found(world, EXEC)).toHaveLength(1);
});

test('the index delay follows the speed of the world', async () => {
  await using world = await openDatadog({ speed: 20 });
  world.datadog.intake({ apiKey: API_KEY, site: SITE, entries: [auditEntry(execBy('jane'))] });
  world.pass(1_000);
  expect(await found(world, EXEC)).toHaveLength(1);
});

test('a wrong key or site loses the batch and is written down', async () => {
  await using world = await openDatadog();
  const entries = [auditEntry(execBy('jane'))];
  world.datadog.intake({ apiKey: 'wrong', site: SITE, entries });
  world.datadog.intake({ apiKey: API_KEY, site: 'datadoghq.eu', entries });
  world.datadog.intake({
    apiKey: API_KEY,
    site: SITE,
    entries: [auditEntry({}, { timestamp: START - 19 * 3600_000 })],
  });
  world.pass(60_000);
  expect(await found(world, '*')).toHaveLength(0);
  expect(world.datadog.rejectedIntake.map(({ reason, entries }) => [reason, entries])).toEqual([
    ['wrong api key', 1],
    ['wrong site', 1],
    ['older than 18 hours', 1],
  ]);
});

test('an audit event keeps its raw fields and gains the standard ones', async () => {
  await using world = await openDatadog();
  ship(world, auditEntry(execBy('jane')));
  const [log] = await found(world, EXEC);
  expect(log).toMatchObject({ type: 'log', id: expect.stringMatching(/^AQAAA[\w-]{50}$/) });
  expect(log?.attributes).toMatchObject({
    host: '/aws/eks/prod/cluster',
    service: 'cloudwatch',
    status: 'info',
    timestamp: new Date(START),
    tags: ['source:kubernetes.audit', 'env:test', 'forwardername:datadogforwarder', 'forwarder_version:5.4.11'],
  });
  expect(log?.attributes?.attributes).toMatchObject({
    verb: 'create',
    user: { username: 'jane' },
    aws: { awslogs: { logGroup: '/aws/eks/prod/cluster', owner: '111122223333' } },
    usr: { name: 'jane', id: 'jane' },
    http: { method: 'create', status_code: 101, url_details: { path: '/api/v1/namespaces/shop/pods/web-0/exec' } },
    network: { client: { ip: '203.0.113.7' } },
  });
});

test.each([
  ['@usr.name:jane @http.method:(create OR get) @http.status_code:[101 TO 299]', 1],
  ['host:"/aws/eks/prod/cluster" @aws.awslogs.owner:111122223333', 1],
  ['@aws.invoked_function_arn:"arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder"', 1],
  ['forwardername:datadogforwarder', 1],
  ['@annotations.authorization.k8s.io/decision:allow', 1],
  ['source:kubernetes.aduit', 0],
  ['-@usr.name:jane', 0],
  ['', 1],
])('the query %j finds %i of the events', async (query, count) => {
  await using world = await openDatadog();
  ship(world, auditEntry(execBy('jane')));
  expect(await found(world, query)).toHaveLength(count);
});

test.each([
  ['kube-apiserver-audit-4ddc', 'kubernetes.audit'],
  ['kube-apiserver-4ddc', 'kube-apiserver'],
  ['kube-scheduler-4ddc', 'kube_scheduler'],
  ['kube-controller-manager-4ddc', 'kube-controller-manager'],
  ['authenticator-4ddc', 'aws-iam-authenticator'],
  ['cloud-controller-manager-4ddc', 'eks'],
])('the log stream %s has the source %s', async (logStream, source) => {
  await using world = await openDatadog();
  ship(world, auditEntry({}, { aws: { awslogs: { logGroup: '/aws/eks/prod/cluster', logStream, owner: '1' } } }));
  expect(await found(world, `source:${source}`)).toHaveLength(1);
});

test('a source set on the Forwarder hides audit events from their source and their pipeline', async () => {
  await using world = await openDatadog();
  const ddtags = 'source_overridden:true,forwardername:f';
  ship(
    world,
    auditEntry(execBy('jane'), { ddsource: 'eks-prod', ddtags }),
    auditEntry(execBy('john'), { ddsource: 'cloudwatch', ddtags }),
  );
  expect(await found(world, 'source:kubernetes.audit')).toHaveLength(0);
  expect(await found(world, '@usr.name:*')).toHaveLength(0);
  expect(await found(world, 'source_overridden:true @user.username:(jane OR john)')).toHaveLength(2);
});

test('a Forwarder before 4.6.0 names the source itself', async () => {
  await using world = await openDatadog();
  ship(world, auditEntry(execBy('jane'), { ddsource: 'kubernetes.audit' }));
  expect(await found(world, 'source:kubernetes.audit @usr.name:jane')).toHaveLength(1);
});

test('a record cut short stays text', async () => {
  await using world = await openDatadog();
  ship(world, auditEntry({}, { message: '{"kind":"Event","verb":"cre' }));
  const [log] = await found(world, 'source:kubernetes.audit');
  expect(log?.attributes?.message).toBe('{"kind":"Event","verb":"cre');
  expect(log?.attributes?.attributes).not.toHaveProperty('verb');
});

test('the last page has a cursor, and the page after it has neither logs nor meta', async () => {
  await using world = await openDatadog();
  ship(world, ...[0, 1, 2].map((second) => auditEntry(execBy(`user${second}`), { timestamp: START + second * 1000 })));
  const logs = new LogsApi(world.configuration());
  const page = (cursor?: string) =>
    logs.listLogs({ body: { sort: 'timestamp', page: { limit: 2, ...(cursor && { cursor }) } } });
  const first = await page();
  expect(first.data?.map((log) => log.attributes?.attributes?.usr.name)).toEqual(['user0', 'user1']);
  expect(first.links?.next).toMatch(/^https:\/\/api\.datadoghq\.com\/api\/v2\/logs\/events\?/);
  const second = await page(first.meta?.page?.after);
  expect(second.data?.map((log) => log.attributes?.attributes?.usr.name)).toEqual(['user2']);
  const third = await page(second.meta?.page?.after);
  expect(third.data).toEqual([]);
  expect(third.meta).toBeUndefined();
});

test('a search without logs answers a meta without a cursor', async () => {
  await using world = await openDatadog();
  const answer = await new LogsApi(world.configuration()).listLogs({ body: {} });
  expect(answer.data).toEqual([]);
  expect(answer.meta).toMatchObject({ status: 'done', requestId: expect.any(String) });
  expect(answer.meta?.page).toBeUndefined();
});

test('GET pages through the same logs, newest first', async () => {
  await using world = await openDatadog();
  ship(world, ...[0, 1, 2].map((second) => auditEntry(execBy(`user${second}`), { timestamp: START + second * 1000 })));
  const logs = new LogsApi(world.configuration());
  const names: unknown[] = [];
  for await (const log of logs.listLogsGetWithPagination({ filterQuery: EXEC, pageLimit: 2 })) {
    names.push(log.attributes?.attributes?.usr.name);
  }
  expect(names).toEqual(['user2', 'user1', 'user0']);
});

test.each([
  [{ from: 'now-1h', to: 'now' }, 2],
  [{ from: 'now-5m', to: 'now' }, 1],
  [{ from: String(START - 60_000), to: String(START + 60_000) }, 1],
  [{ from: '2026-11-23T08:29:00+01:00', to: '2026-11-23T08:31:00+01:00' }, 1],
  [{ from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }, 0],
])('the time range %j holds %i logs', async (range, count) => {
  await using world = await openDatadog();
  ship(world, auditEntry(execBy('jane')), auditEntry(execBy('john'), { timestamp: START - 30 * 60_000 }));
  const answer = await new LogsApi(world.configuration()).listLogs({ body: { filter: range } });
  expect(answer.data).toHaveLength(count);
});

test.each([
  [{ filter: { query: 'a:(' } }],
  [{ filter: { from: 'yesterday' } }],
  [{ page: { limit: 1001 } }],
  [{ page: { cursor: 'nonsense' } }],
])('the search %j is a bad request', async (body) => {
  await using world = await openDatadog();
  const failure = await failureOf(new LogsApi(world.configuration()).listLogs({ body }));
  expect(failure).toMatchObject({ code: 400, body: { errors: [expect.any(String)] } });
});

test('a restriction query hides logs without any error', async () => {
  await using world = await openDatadog();
  world.datadog.addApplicationKey({ key: 'blind', owner: OWNER, restrictionQuery: '-*' });
  world.datadog.addApplicationKey({ key: 'team', owner: OWNER, restrictionQuery: 'env:other' });
  ship(world, auditEntry(execBy('jane')));
  expect(await found(world, '*', 'blind')).toEqual([]);
  expect(await found(world, '*', 'team')).toEqual([]);
  expect(await found(world, '*')).toHaveLength(1);
  const logs = new LogsApi(world.configuration({ appKey: 'blind' }));
  expect((await logs.aggregateLogs({ body: { compute: [{ aggregation: 'count' }] } })).data?.buckets).toEqual([]);
});

test('an exclusion filter of the index hides logs from search', async () => {
  await using world = await openDatadog();
  world.datadog.logs.excludeFromIndex('@usr.name:jane');
  ship(world, auditEntry(execBy('jane')), auditEntry(execBy('john')));
  const [log, ...others] = await found(world, '*');
  expect(others).toEqual([]);
  expect(log?.attributes?.attributes?.usr.name).toBe('john');
});

test('logs arrive over HTTP too, and only with a valid key', async () => {
  await using world = await openDatadog();
  const body = [{ ddsource: 'nginx', ddtags: 'env:staging', hostname: 'i-01', message: 'hello', service: 'payment' }];
  const logs = new LogsApi(world.configuration());
  expect(await logs.submitLog({ body })).toEqual({});
  await logs.submitLog({ body: [{ message: 'squeezed' }], contentEncoding: 'gzip', ddtags: 'env:dev' });
  const refused = new LogsApi(world.configuration({ apiKey: 'wrong' })).submitLog({ body });
  expect((await failureOf(refused)).code).toBe(403);
  world.pass(world.datadog.indexDelayMs);
  const [log, ...others] = await found(world, 'source:nginx env:staging service:payment host:i-01 hello');
  expect(others).toEqual([]);
  expect(log?.attributes?.timestamp).toEqual(new Date(START));
  expect(await found(world, 'squeezed env:dev')).toHaveLength(1);
});
