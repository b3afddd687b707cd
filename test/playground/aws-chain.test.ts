/** The way of an audit event from EKS to Datadog's intake: each test breaks one link only. */
import { PutSubscriptionFilterCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeUpdateCommand, UpdateClusterConfigCommand } from '@aws-sdk/client-eks';
import { expect, test } from 'vitest';
import { execIntoPod } from '../../playground/aws/audit-actions.ts';
import { awsService } from '../../playground/aws/routes.ts';
import { Aws } from '../../playground/aws/state.ts';
import { Door } from '../../playground/http.ts';
import { WorldTime } from '../../playground/time.ts';
import type { AwsWorld } from './aws-world.ts';
import {
  ACCOUNT,
  AUDIT_ONLY,
  addCluster,
  addForwarder,
  addWiredCluster,
  clientsAt,
  entries,
  GROUP,
  group,
  REGION,
  startAws,
} from './aws-world.ts';

function enableAudit({ clients }: AwsWorld, enabled = true) {
  return clients.eks.send(
    new UpdateClusterConfigCommand({ name: 'prod-a', logging: { clusterLogging: [{ types: ['audit'], enabled }] } }),
  );
}

test('enabling audit and subscribing the group brings audit events to the intake', async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  const forwarder = addForwarder(world);
  const { update } = await enableAudit(world);
  expect(update).toMatchObject({ status: 'InProgress', type: 'LoggingUpdate' });
  expect(update?.params).toEqual([
    { type: 'ClusterLogging', value: '{"clusterLogging":[{"types":["audit"],"enabled":true}]}' },
  ]);
  await world.pass(36);
  const described = await world.clients.eks.send(new DescribeUpdateCommand({ name: 'prod-a', updateId: update?.id }));
  expect(described.update?.status).toBe('Successful');
  expect(world.aws.logGroup(ACCOUNT, REGION, GROUP)).toBeUndefined();
  await world.pass(60);
  expect(group(world)).toMatchObject({ class: 'STANDARD', retentionInDays: undefined });
  await world.clients.logs.send(
    new PutSubscriptionFilterCommand({
      logGroupName: GROUP,
      filterName: 'eks-audit',
      filterPattern: AUDIT_ONLY,
      destinationArn: forwarder.arn,
    }),
  );
  const event = cluster.record(execIntoPod({ namespace: 'payments' }));
  await world.pass(10);
  const arrived = entries(world).find((entry) => entry.message.includes(event?.auditID ?? '?'));
  expect(arrived).toMatchObject({
    aws: { awslogs: { logGroup: GROUP, owner: ACCOUNT }, invoked_function_arn: forwarder.arn },
    ddsource: 'cloudwatch',
    ddsourcecategory: 'aws',
    host: GROUP,
    service: 'cloudwatch',
    ddtags: `forwardername:${forwarder.name.toLowerCase()},forwarder_version:5.4.11`,
  });
  expect(arrived?.aws.awslogs.logStream).toMatch(/^kube-apiserver-audit-[0-9a-f]{32}$/);
  expect(arrived?.id).toMatch(/^\d{56}$/);
  expect(JSON.parse(arrived?.message ?? '')).toMatchObject({ verb: 'get', objectRef: { subresource: 'exec' } });
  expect(world.shipped[0]).toMatchObject({ apiKey: 'intake-key', site: 'datadoghq.com' });
});

test('a world sped up a thousand times runs the same chain on wall time', async () => {
  const shipped: string[] = [];
  const time = new WorldTime({ speed: 1000 });
  const aws = new Aws({ time, ship: ({ entries }) => void shipped.push(...entries.map((entry) => entry.message)) });
  const door = new Door();
  const url = await door.open(awsService(aws));
  const key = aws.identities.issue(aws.addRole({ arn: `arn:aws:iam::${ACCOUNT}:role/R`, allow: ['*'] }), 'run-1', 900);
  const { eks } = clientsAt(url, REGION, key);
  aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-a' });
  const forwarder = aws.addForwarder({
    account: ACCOUNT,
    region: REGION,
    policy: 'template',
    apiKey: 'k',
    site: 'datadoghq.eu',
  });
  aws.autoSubscribe({ account: ACCOUNT, region: REGION, forwarderArn: forwarder.arn });
  await eks.send(
    new UpdateClusterConfigCommand({
      name: 'prod-a',
      logging: { clusterLogging: [{ types: ['audit'], enabled: true }] },
    }),
  );
  await expect.poll(() => shipped.length, { timeout: 5000, interval: 5 }).toBeGreaterThan(10);
  time.stop();
  await door.close();
  expect(time.errors).toEqual([]);
});

test('nothing is written and no group appears while audit is off', async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  await world.pass(300);
  expect(world.aws.logGroup(ACCOUNT, REGION, GROUP)).toBeUndefined();
  expect(cluster.record(execIntoPod())).toBeUndefined();
});

test('events stop when audit is switched off, the group stays', async () => {
  await using world = await startAws();
  const { cluster } = addWiredCluster(world);
  await world.pass(30);
  expect(entries(world).length).toBeGreaterThan(0);
  await enableAudit(world, false);
  await world.pass(60);
  const before = entries(world).length;
  expect(cluster.record(execIntoPod())).toBeUndefined();
  await world.pass(60);
  expect(entries(world).length).toBe(before);
  expect(group(world).name).toBe(GROUP);
});

test('a failed update changes nothing and tells why', async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  cluster.failNextUpdate = {
    errorCode: 'IpNotAvailable',
    errorMessage: 'subnet-1 has too few addresses',
    resourceIds: ['subnet-1'],
  };
  const { update } = await enableAudit(world);
  await world.pass(40);
  const described = await world.clients.eks.send(new DescribeUpdateCommand({ name: 'prod-a', updateId: update?.id }));
  expect(described.update).toMatchObject({ status: 'Failed', errors: [{ errorCode: 'IpNotAvailable' }] });
  expect(cluster.logging).toEqual([]);
  expect(cluster.status).toBe('ACTIVE');
});

test('a deleted group comes back while logging is on, without the filter', async () => {
  await using world = await startAws();
  addWiredCluster(world);
  world.aws.removeLogGroup(ACCOUNT, REGION, GROUP);
  await world.pass(70);
  expect(group(world).filters).toEqual([]);
  await world.pass(20);
  expect(group(world).events.length).toBeGreaterThan(0);
  expect(entries(world)).toEqual([]);
});

test('the group stays away when audit is off again before EKS makes it', async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  cluster.setLogging(['audit']);
  cluster.setLogging([]);
  await world.pass(120);
  expect(world.aws.logGroup(ACCOUNT, REGION, GROUP)).toBeUndefined();
});

test('without a filter nothing reaches the Forwarder', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  addForwarder(world);
  await world.pass(60);
  expect(group(world).events.length).toBeGreaterThan(0);
  expect(entries(world)).toEqual([]);
});

test('a pattern that matches nothing delivers nothing', async () => {
  await using world = await startAws();
  addWiredCluster(world, '{ $.kind = "Metric" }');
  await world.pass(60);
  expect(entries(world)).toEqual([]);
});

test('the audit-only pattern keeps the other log types out, the empty pattern lets them through', async () => {
  await using world = await startAws();
  const { cluster, forwarder } = addWiredCluster(world);
  cluster.setLogging(['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']);
  await world.pass(30);
  const streams = () => new Set(entries(world).map((entry) => entry.aws.awslogs.logStream.replace(/-[0-9a-f]+$/, '')));
  expect(streams()).toEqual(new Set(['kube-apiserver-audit']));
  group(world).putFilter('eks-audit', '', forwarder.arn, world.time.now());
  await world.pass(30);
  expect([...streams()].sort()).toEqual([
    'authenticator',
    'kube-apiserver',
    'kube-apiserver-audit',
    'kube-controller-manager',
    'kube-scheduler',
  ]);
});
