/** GetMetricData over real traffic: volume, delivery and its failures, the Forwarder's invocations. */
import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { type AwsWorld, addWiredCluster, GROUP, group, REGION, refusal, startAws } from './aws-world.ts';

const DELIVERY = { LogGroupName: GROUP, DestinationType: 'Lambda', FilterName: 'eks-audit' };

function query(Id: string, MetricName: string, dimensions: Record<string, string>, Period = 60): MetricDataQuery {
  const Namespace = 'FunctionName' in dimensions ? 'AWS/Lambda' : 'AWS/Logs';
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: 'Sum' } };
}

async function sums({ clients, time }: AwsWorld, queries: MetricDataQuery[]) {
  const { MetricDataResults } = await clients.metrics.send(
    new GetMetricDataCommand({
      StartTime: new Date(time.now() - 3_600_000),
      EndTime: new Date(time.now()),
      MetricDataQueries: queries,
    }),
  );
  return Object.fromEntries(
    (MetricDataResults ?? []).map(({ Id, Values }) => [Id, (Values ?? []).reduce((total, value) => total + value, 0)]),
  );
}

test('incoming and forwarded events are counted per group and filter', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  await world.pass(300);
  const counted = await sums(world, [
    query('bytes', 'IncomingBytes', { LogGroupName: GROUP }),
    query('events', 'IncomingLogEvents', { LogGroupName: GROUP }, 300),
    query('forwarded', 'ForwardedLogEvents', DELIVERY),
    query('errors', 'DeliveryErrors', DELIVERY),
    query('invocations', 'Invocations', { FunctionName: forwarder.name }),
    query('failures', 'Errors', { FunctionName: forwarder.name }),
    query('other', 'IncomingBytes', { LogGroupName: '/aws/eks/other/cluster' }),
  ]);
  expect(counted).toMatchObject({ errors: 0, failures: 0, other: 0 });
  expect(counted.bytes).toBeGreaterThan(1000);
  expect(counted.forwarded).toBeGreaterThan((counted.events ?? 0) * 0.8);
  expect(counted.invocations).toBeGreaterThan(0);
});

test('metrics appear late', async () => {
  await using world = await startAws();
  addWiredCluster(world);
  await world.pass(50);
  expect(group(world).events.length).toBeGreaterThan(0);
  expect(await sums(world, [query('events', 'IncomingLogEvents', { LogGroupName: GROUP })])).toEqual({ events: 0 });
});

test('refused deliveries are errors, a throwing function has its own', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  forwarder.run = () => {
    throw new Error('Runtime.ImportModuleError');
  };
  await world.pass(30);
  forwarder.statements.splice(0);
  await world.pass(120);
  const counted = await sums(world, [
    query('failures', 'Errors', { FunctionName: forwarder.name }),
    query('errors', 'DeliveryErrors', DELIVERY),
  ]);
  expect(counted.failures).toBeGreaterThan(0);
  expect(counted.errors).toBeGreaterThan(0);
});

test('values come newest first with period-aligned timestamps', async () => {
  await using world = await startAws();
  addWiredCluster(world);
  await world.pass(300);
  const { MetricDataResults } = await world.clients.metrics.send(
    new GetMetricDataCommand({
      StartTime: new Date(world.time.now() - 600_000),
      EndTime: new Date(world.time.now()),
      MetricDataQueries: [query('events', 'IncomingLogEvents', { LogGroupName: GROUP })],
    }),
  );
  const times = MetricDataResults?.[0]?.Timestamps?.map((at) => at.getTime()) ?? [];
  expect(times.length).toBeGreaterThan(2);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  expect(times.every((at) => at % 60_000 === 0)).toBe(true);
});

test('a request without queries is refused', async () => {
  await using world = await startAws();
  const range = { StartTime: new Date(0), EndTime: new Date() };
  const { metrics } = world.clients;
  expect(await refusal(metrics.send(new GetMetricDataCommand({ ...range, MetricDataQueries: [] })))).toMatchObject({
    name: 'MissingRequiredParameterException',
    status: 400,
  });
});

test('the old query protocol works for metrics too', async () => {
  await using world = await startAws();
  addWiredCluster(world);
  await world.pass(200);
  const { metrics } = world.clients;
  const endpoint = await metrics.config.endpoint?.();
  const key = world.aws.identities.issue(
    world.aws.addRole({ arn: 'arn:aws:iam::111122223333:role/Q', allow: ['*'] }),
    'q',
    900,
  );
  const form = new URLSearchParams({
    Action: 'GetMetricData',
    Version: '2010-08-01',
    StartTime: new Date(world.time.now() - 3_600_000).toISOString(),
    EndTime: new Date(world.time.now()).toISOString(),
    'MetricDataQueries.member.1.Id': 'events',
    'MetricDataQueries.member.1.MetricStat.Stat': 'Sum',
    'MetricDataQueries.member.1.MetricStat.Period': '300',
    'MetricDataQueries.member.1.MetricStat.Metric.Namespace': 'AWS/Logs',
    'MetricDataQueries.member.1.MetricStat.Metric.MetricName': 'IncomingLogEvents',
    'MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name': 'LogGroupName',
    'MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value': GROUP,
  });
  const response = await fetch(`http://${endpoint?.hostname}:${endpoint?.port}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-security-token': key.sessionToken,
      authorization: `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/20261120/${REGION}/monitoring/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: form,
  });
  expect(response.status).toBe(200);
  const body = await response.text();
  expect(body).toContain('<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">');
  expect(body).toMatch(/<Id>events<\/Id>.*<Values><member>\d+<\/member>/s);
});
