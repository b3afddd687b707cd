import { LogsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js';
import type { LogsAggregateRequest } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/LogsAggregateRequest.js';
import { expect, test } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';
import { auditEntry, execBy, failureOf, openDatadog, START } from './datadog-world.ts';

/** Three events of jane, one of john, a minute apart, in two clusters. */
async function openWithEvents() {
  const world = await openDatadog();
  for (const [minute, user] of ['jane', 'jane', 'john', 'jane'].entries()) {
    const group = user === 'john' ? '/aws/eks/dev/cluster' : '/aws/eks/prod/cluster';
    world.datadog.addLog(
      auditEntry(execBy(user), {
        timestamp: START - (4 - minute) * 60_000,
        host: group,
        aws: { awslogs: { logGroup: group, logStream: 'kube-apiserver-audit-1', owner: '111122223333' } },
      }),
    );
  }
  return world;
}

async function buckets(world: DatadogWorld, request: LogsAggregateRequest) {
  const answer = await new LogsApi(world.configuration()).aggregateLogs({ body: request });
  expect(answer.meta).toMatchObject({ status: 'done' });
  return answer.data?.buckets?.map(({ by, computes }) => ({ by, computes }));
}

test('a count without groups is one bucket, or none when nothing matches', async () => {
  await using world = await openWithEvents();
  expect(await buckets(world, { compute: [{ aggregation: 'count' }] })).toEqual([{ by: {}, computes: { c0: 4 } }]);
  expect(await buckets(world, { filter: { query: 'source:kubernetes.aduit' } })).toEqual([]);
});

test('groups come largest first, cut at their limit', async () => {
  await using world = await openWithEvents();
  const groupBy = [{ facet: '@usr.name', limit: 1 }];
  expect(await buckets(world, { groupBy })).toEqual([{ by: { '@usr.name': 'jane' }, computes: { c0: 3 } }]);
});

test('groups can be alphabetical and nested', async () => {
  await using world = await openWithEvents();
  const groupBy = [
    { facet: '@usr.name', sort: { type: 'alphabetical' as const, order: 'desc' as const } },
    { facet: '@aws.awslogs.logGroup' },
  ];
  expect(await buckets(world, { groupBy })).toEqual([
    { by: { '@usr.name': 'john', '@aws.awslogs.logGroup': '/aws/eks/dev/cluster' }, computes: { c0: 1 } },
    { by: { '@usr.name': 'jane', '@aws.awslogs.logGroup': '/aws/eks/prod/cluster' }, computes: { c0: 3 } },
  ]);
});

test('cardinality, smallest and largest time are computed per group', async () => {
  await using world = await openWithEvents();
  const request: LogsAggregateRequest = {
    compute: [
      { aggregation: 'cardinality', metric: '@usr.name' },
      { aggregation: 'min', metric: 'timestamp' },
      { aggregation: 'max', metric: 'timestamp' },
      { aggregation: 'avg', metric: '@http.status_code' },
    ],
    groupBy: [{ facet: 'host' }],
  };
  expect(await buckets(world, request)).toEqual([
    { by: { host: '/aws/eks/prod/cluster' }, computes: { c0: 1, c1: START - 240_000, c2: START - 60_000, c3: 101 } },
    { by: { host: '/aws/eks/dev/cluster' }, computes: { c0: 1, c1: START - 120_000, c2: START - 120_000, c3: 101 } },
  ]);
});

test('logs without the facet are left out unless a value for them is given', async () => {
  await using world = await openWithEvents();
  const facet = '@user.extra.canonicalArn';
  expect(await buckets(world, { groupBy: [{ facet }] })).toEqual([]);
  expect(await buckets(world, { groupBy: [{ facet, missing: 'none' }] })).toEqual([
    { by: { [facet]: 'none' }, computes: { c0: 4 } },
  ]);
});

test('a time series has a point per interval', async () => {
  await using world = await openWithEvents();
  const [bucket] =
    (await buckets(world, { compute: [{ aggregation: 'count', type: 'timeseries', interval: '2m' }] })) ?? [];
  expect(bucket?.computes?.c0).toMatchObject([
    { time: '2026-11-23T07:56:00.000Z', value: 2 },
    { time: '2026-11-23T07:58:00.000Z', value: 2 },
  ]);
});

test.each<[LogsAggregateRequest]>([
  [{ compute: [{ aggregation: 'cardinality' }] }],
  [
    {
      groupBy: [
        { facet: 'host', limit: 1000 },
        { facet: 'service', limit: 1000 },
      ],
    },
  ],
])('the aggregation %j is a bad request', async (body) => {
  await using world = await openWithEvents();
  expect(await failureOf(new LogsApi(world.configuration()).aggregateLogs({ body }))).toMatchObject({ code: 400 });
});
