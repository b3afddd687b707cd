/** From the log group to the Forwarder: filters, permissions, account policies and Datadog's own subscriptions. */
import { expect, test } from 'vitest';
import { execIntoPod } from '../../playground/aws/audit-actions.ts';
import {
  ACCOUNT,
  addCluster,
  addForwarder,
  addWiredCluster,
  entries,
  GROUP,
  group,
  REGION,
  startAws,
} from './aws-world.ts';

test('two filters to the same Forwarder deliver every event twice', async () => {
  await using world = await startAws();
  const { cluster, forwarder } = addWiredCluster(world);
  world.aws.addFilter({ group: group(world), name: 'second', destinationArn: forwarder.arn });
  const event = cluster.record(execIntoPod());
  await world.pass(10);
  expect(entries(world).filter((entry) => entry.message.includes(event?.auditID ?? '?'))).toHaveLength(2);
});

test('an account-level policy delivers too, except for the groups it leaves out', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  addCluster(world, { name: 'prod-b', logging: ['audit'] });
  const forwarder = addForwarder(world);
  world.aws.setAccountPolicy(ACCOUNT, REGION, {
    name: 'datadog',
    destinationArn: forwarder.arn,
    selectionCriteria: `LogGroupName NOT IN ["${GROUP}"]`,
  });
  await world.pass(60);
  expect(new Set(entries(world).map((entry) => entry.host))).toEqual(new Set(['/aws/eks/prod-b/cluster']));
});

test('a Forwarder that does not let CloudWatch Logs in gets nothing, and the filter pauses for ten minutes', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  const [statement] = forwarder.statements;
  forwarder.disallow(statement?.Sid ?? '');
  await world.pass(60);
  expect(entries(world)).toEqual([]);
  const { metrics } = world.aws.region(ACCOUNT, REGION);
  const dimensions = { LogGroupName: GROUP, DestinationType: 'Lambda', FilterName: 'eks-audit' };
  expect(metrics.total('AWS/Logs', 'DeliveryErrors', dimensions)).toBeGreaterThan(0);
  if (statement) forwarder.allow(statement, 0);
  await world.pass(60);
  expect(entries(world)).toEqual([]);
  await world.pass(9 * 60);
  expect(entries(world).length).toBeGreaterThan(0);
});

test('a permission for another group or another account does not let this one in', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  const invocable = (sourceArn: string, sourceAccount = ACCOUNT) => {
    forwarder.statements.splice(0);
    forwarder.allow(
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { Service: 'logs.us-east-1.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Condition: { StringEquals: { 'AWS:SourceAccount': sourceAccount }, ArnLike: { 'AWS:SourceArn': sourceArn } },
      },
      0,
    );
    return forwarder.invocableByLogs(group(world), world.time.now());
  };
  const logs = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group`;
  expect(invocable(`${logs}:/aws/eks/*/cluster:*`)).toBe(true);
  expect(invocable(`${logs}:/aws/eks/*/cluster`)).toBe(false);
  expect(invocable(`${logs}:/aws/eks/other/cluster:*`)).toBe(false);
  expect(invocable(`${logs}:*`, '444455556666')).toBe(false);
  expect(invocable(`arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:*`)).toBe(false);
});

test('a removed Forwarder ends the chain', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  world.aws.removeFunction(forwarder.arn);
  await world.pass(60);
  expect(entries(world)).toEqual([]);
});

test('events before the filter are not delivered later', async () => {
  await using world = await startAws();
  const cluster = addCluster(world, { logging: ['audit'] });
  const forwarder = addForwarder(world);
  const early = cluster.record(execIntoPod());
  await world.pass(1);
  world.aws.addFilter({ group: group(world), name: 'eks-audit', destinationArn: forwarder.arn });
  await world.pass(60);
  expect(entries(world).length).toBeGreaterThan(0);
  expect(entries(world).some((entry) => entry.message.includes(early?.auditID ?? '?'))).toBe(false);
});

test('an Infrequent-Access group stores the events and delivers none', async () => {
  await using world = await startAws();
  world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP, class: 'INFREQUENT_ACCESS' });
  addWiredCluster(world);
  await world.pass(60);
  expect(group(world).events.length).toBeGreaterThan(0);
  expect(entries(world)).toEqual([]);
});

test('Datadog subscribes an EKS group on its own after some minutes, and again when the filter is deleted', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const forwarder = addForwarder(world);
  world.aws.autoSubscribe({ account: ACCOUNT, region: REGION, forwarderArn: forwarder.arn });
  await world.pass(120);
  expect(group(world).filters).toEqual([]);
  await world.pass(130);
  const name = 'DD_LOG_SUBSCRIPTION_FILTER__aws_eks_prod_a_cluster';
  expect(group(world).filters).toMatchObject([{ filterName: name, filterPattern: '', destinationArn: forwarder.arn }]);
  group(world).removeFilter(name);
  await world.pass(120);
  expect(group(world).filter(name)).toBeDefined();
});

test('Datadog does not subscribe a group whose slots are full', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  world.aws.addFilter({ group: group(world), name: 'archive', destinationArn: forwarder.arn });
  world.aws.autoSubscribe({ account: ACCOUNT, region: REGION, forwarderArn: forwarder.arn });
  await world.pass(600);
  expect(group(world).filters).toHaveLength(2);
});
