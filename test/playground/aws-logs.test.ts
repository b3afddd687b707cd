/** Log groups, streams and events of CloudWatch Logs through the real SDK, every refusal by its exact text. */
import {
  CreateLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TestMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from 'vitest';
import { ACCOUNT, addCluster, addWiredCluster, GROUP, group, REGION, refusal, startAws } from './aws-world.ts';

test('a group prefix also finds longer names, and retention is left out when events never expire', async () => {
  await using world = await startAws();
  for (const name of [GROUP, `${GROUP}-x`, '/aws/lambda/other'])
    world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name });
  const { logs } = world.clients;
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: GROUP }));
  expect(logGroups?.map((found) => found.logGroupName)).toEqual([GROUP, `${GROUP}-x`]);
  expect(logGroups?.[0]).toMatchObject({
    arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}:*`,
    logGroupArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}`,
    logGroupClass: 'STANDARD',
  });
  expect(logGroups?.[0]).not.toHaveProperty('retentionInDays');
  const page = await logs.send(new DescribeLogGroupsCommand({ limit: 2 }));
  const rest = await logs.send(new DescribeLogGroupsCommand({ limit: 2, nextToken: page.nextToken }));
  expect([page.logGroups?.length, rest.logGroups?.length, rest.nextToken]).toEqual([2, 1, undefined]);
});

test('a group is created once, in the class asked for', async () => {
  await using world = await startAws();
  const { logs } = world.clients;
  const create = () =>
    logs.send(new CreateLogGroupCommand({ logGroupName: GROUP, logGroupClass: 'INFREQUENT_ACCESS' }));
  await create();
  expect(await refusal(create())).toEqual({
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
    status: 400,
  });
  expect(group(world).class).toBe('INFREQUENT_ACCESS');
});

test('retention takes only the values AWS lists', async () => {
  await using world = await startAws();
  world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP });
  const { logs } = world.clients;
  const retain = (retentionInDays: number) =>
    logs.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays }));
  expect(await refusal(retain(31))).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  await retain(90);
  expect(group(world).retentionInDays).toBe(90);
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: GROUP }));
  expect(group(world).retentionInDays).toBeUndefined();
});

test('FilterLogEvents reads by stream prefix, time and pattern, and may start with an empty page', async () => {
  await using world = await startAws();
  const { cluster } = addWiredCluster(world);
  cluster.setLogging(['audit', 'api']);
  await world.pass(20);
  const { logs } = world.clients;
  const query = { logGroupName: GROUP, logStreamNamePrefix: 'kube-apiserver-audit-', limit: 1 };
  group(world).emptyPages = 1;
  const empty = await logs.send(new FilterLogEventsCommand(query));
  expect(empty.events).toEqual([]);
  const page = await logs.send(new FilterLogEventsCommand({ ...query, nextToken: empty.nextToken }));
  expect(page.events).toMatchObject([{ logStreamName: expect.stringMatching(/^kube-apiserver-audit-/) }]);
  expect(page.nextToken).toBeDefined();
  const later = await logs.send(new FilterLogEventsCommand({ ...query, startTime: world.time.now() + 1 }));
  expect(later.events).toEqual([]);
  const watches = await logs.send(
    new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: '{ $.verb = "watch" }' }),
  );
  expect(new Set(watches.events?.map((event) => JSON.parse(event.message ?? '').verb))).toEqual(new Set(['watch']));
});

test('streams cannot be ordered by time with a prefix, and their last event lags', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  await world.pass(600);
  const { logs } = world.clients;
  const both = new DescribeLogStreamsCommand({
    logGroupName: GROUP,
    orderBy: 'LastEventTime',
    logStreamNamePrefix: 'kube-apiserver-audit-',
  });
  expect(await refusal(logs.send(both))).toEqual({
    name: 'InvalidParameterException',
    message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
    status: 400,
  });
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
  expect(logStreams).toHaveLength(2);
  for (const stream of logStreams ?? []) {
    expect(stream.storedBytes).toBe(0);
    expect(world.time.now() - (stream.lastEventTimestamp ?? 0)).toBeGreaterThan(500_000);
  }
});

test('a line of one’s own goes through the same filters', async () => {
  await using world = await startAws();
  addWiredCluster(world, 'hello');
  await world.pass(6);
  const [logStreamName] = [...group(world).streams.keys()];
  const logEvents = [{ timestamp: world.time.now(), message: 'hello world' }];
  await world.clients.logs.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents }));
  await world.pass(6);
  expect(world.shipped.flatMap((batch) => batch.entries.map((entry) => entry.message))).toEqual(['hello world']);
});

test('a pattern can be tried on samples', async () => {
  await using world = await startAws();
  const { matches } = await world.clients.logs.send(
    new TestMetricFilterCommand({ filterPattern: '{ $.a = 1 }', logEventMessages: ['{"a":2}', '{"a":1}', 'a=1'] }),
  );
  expect(matches?.map((match) => match.eventNumber)).toEqual([2]);
});

test('the published rates are enforced when asked for', async () => {
  await using world = await startAws();
  world.aws.enforceRates = true;
  world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP });
  const list = () => world.clients.logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: GROUP }));
  for (let call = 0; call < 5; call += 1) await list();
  expect(await refusal(list())).toEqual({ name: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
  await world.pass(1);
  await list();
});
