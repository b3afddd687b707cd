/** The EKS API through the real SDK: logging updates that take time, and every refusal by its exact text. */
import {
  DescribeClusterCommand,
  DescribeUpdateCommand,
  ListClustersCommand,
  ListUpdatesCommand,
  type LogType,
  UpdateClusterConfigCommand,
} from '@aws-sdk/client-eks';
import { expect, test } from 'vitest';
import { throttled } from '../../playground/aws/wire.ts';
import { ACCOUNT, type AwsWorld, addCluster, REGION, refusal, startAws } from './aws-world.ts';

function update({ clients }: AwsWorld, types: LogType[], enabled = true, clientRequestToken?: string) {
  return clients.eks.send(
    new UpdateClusterConfigCommand({
      name: 'prod-a',
      logging: { clusterLogging: [{ types, enabled }] },
      clientRequestToken,
    }),
  );
}

async function describe({ clients }: AwsWorld) {
  return (await clients.eks.send(new DescribeClusterCommand({ name: 'prod-a' }))).cluster;
}

test('a new cluster has all five log types off in one entry, a mixed one has two entries', async () => {
  await using world = await startAws();
  const cluster = addCluster(world, { tags: { env: 'prod' }, version: '1.32' });
  const all: LogType[] = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];
  expect(await describe(world)).toMatchObject({
    arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`,
    status: 'ACTIVE',
    version: '1.32',
    tags: { env: 'prod' },
    logging: { clusterLogging: [{ types: all, enabled: false }] },
  });
  cluster.setLogging(['audit']);
  expect((await describe(world))?.logging?.clusterLogging).toEqual([
    { types: ['audit'], enabled: true },
    { types: ['api', 'authenticator', 'controllerManager', 'scheduler'], enabled: false },
  ]);
});

test('types that are not named keep their state', async () => {
  await using world = await startAws();
  const cluster = addCluster(world, { logging: ['api', 'audit'] });
  await update(world, ['audit'], false);
  expect((await describe(world))?.status).toBe('UPDATING');
  await world.pass(36);
  expect((await describe(world))?.status).toBe('ACTIVE');
  expect(cluster.logging).toEqual(['api']);
});

test('the same client request token returns the same update', async () => {
  await using world = await startAws();
  addCluster(world);
  const first = await update(world, ['audit'], true, 'token-1');
  const second = await update(world, ['audit'], true, 'token-1');
  expect(second.update?.id).toBe(first.update?.id);
  await world.pass(36);
  const third = await update(world, ['audit'], true, 'token-1');
  expect(third.update).toMatchObject({ id: first.update?.id, status: 'Successful' });
  const { updateIds } = await world.clients.eks.send(new ListUpdatesCommand({ name: 'prod-a' }));
  expect(updateIds).toEqual([first.update?.id]);
});

test('DescribeCluster may lag behind the update', async () => {
  await using world = await startAws();
  world.aws.describeLagMs = 20_000;
  addCluster(world);
  await world.pass(21);
  await update(world, ['audit']);
  expect((await describe(world))?.status).toBe('ACTIVE');
  await world.pass(21);
  expect((await describe(world))?.status).toBe('UPDATING');
  await world.pass(15);
  expect(await describe(world)).toMatchObject({
    status: 'UPDATING',
    logging: { clusterLogging: [{ enabled: false }] },
  });
  await world.pass(20);
  expect(await describe(world)).toMatchObject({ status: 'ACTIVE' });
});

test('nothing to change is a 400', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  expect(await refusal(update(world, ['audit']))).toEqual({
    name: 'InvalidParameterException',
    message: 'No changes needed for the logging config provided',
    status: 400,
  });
});

test("somebody else's update is a 409 that names it, also while DescribeCluster says ACTIVE", async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  const foreign = cluster.foreignUpdate({ durationMs: 30_000, type: 'VendedLogsUpdate', shownAs: 'ACTIVE' });
  expect((await describe(world))?.status).toBe('ACTIVE');
  expect(await refusal(update(world, ['audit']))).toEqual({
    name: 'ResourceInUseException',
    message: `Cannot LoggingUpdate because cluster prod-a currently has update ${foreign.id} in progress`,
    status: 409,
  });
  const described = await world.clients.eks.send(new DescribeUpdateCommand({ name: 'prod-a', updateId: foreign.id }));
  expect(described.update).toMatchObject({ type: 'VendedLogsUpdate', status: 'InProgress' });
  await world.pass(31);
  expect((await update(world, ['audit'])).update?.status).toBe('InProgress');
});

test('two kinds of change, and no change at all, are refused', async () => {
  await using world = await startAws();
  addCluster(world);
  const { eks } = world.clients;
  const logging = { clusterLogging: [{ types: ['audit' as const], enabled: true }] };
  const both = new UpdateClusterConfigCommand({
    name: 'prod-a',
    logging,
    resourcesVpcConfig: { endpointPublicAccess: false },
  });
  expect(await refusal(eks.send(both))).toMatchObject({
    name: 'InvalidParameterException',
    message: 'Only one type of update can be allowed.',
    status: 400,
  });
  const none = new UpdateClusterConfigCommand({ name: 'prod-a', logging: { clusterLogging: [] } });
  expect(await refusal(eks.send(none))).toMatchObject({
    name: 'InvalidParameterException',
    message: 'The type for cluster update was not provided.',
    status: 400,
  });
});

test('a cluster that is not ACTIVE and a connected cluster are refused', async () => {
  await using world = await startAws();
  const cluster = addCluster(world, { status: 'CREATING' });
  const expected = {
    name: 'InvalidRequestException',
    message: "Cluster 'prod-a' is not in ACTIVE status",
    status: 400,
  };
  expect(await refusal(update(world, ['audit']))).toEqual(expected);
  cluster.status = 'ACTIVE';
  expect((await update(world, ['audit'])).update?.status).toBe('InProgress');
  addCluster(world, { name: 'edge', connected: true, status: 'ACTIVE' });
  const send = world.clients.eks.send(
    new UpdateClusterConfigCommand({
      name: 'edge',
      logging: { clusterLogging: [{ types: ['audit'], enabled: true }] },
    }),
  );
  expect(await refusal(send)).toMatchObject({ name: 'InvalidRequestException', status: 400 });
});

test('unknown clusters and updates are 404', async () => {
  await using world = await startAws();
  addCluster(world);
  const { eks } = world.clients;
  expect(await refusal(eks.send(new DescribeClusterCommand({ name: 'nope' })))).toEqual({
    name: 'ResourceNotFoundException',
    message: 'No cluster found for name: nope.',
    status: 404,
  });
  const unknown = eks.send(new DescribeUpdateCommand({ name: 'prod-a', updateId: 'x' }));
  expect(await refusal(unknown)).toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
});

test('ListClusters pages by a hundred and shows connected clusters only on request', async () => {
  await using world = await startAws();
  for (let index = 0; index < 130; index += 1) addCluster(world, { name: `c-${index}` });
  addCluster(world, { name: 'edge', connected: true, status: 'PENDING' });
  const { eks } = world.clients;
  const first = await eks.send(new ListClustersCommand({}));
  expect(first.clusters).toHaveLength(100);
  const second = await eks.send(new ListClustersCommand({ nextToken: first.nextToken }));
  expect(second.clusters).toHaveLength(30);
  expect(second.nextToken ?? undefined).toBeUndefined();
  const all = await eks.send(new ListClustersCommand({ include: ['all'], nextToken: first.nextToken }));
  expect(all.clusters).toContain('edge');
  expect(await refusal(eks.send(new ListClustersCommand({ nextToken: 'bogus' })))).toMatchObject({
    name: 'InvalidParameterException',
    status: 400,
  });
  const connected = (await eks.send(new DescribeClusterCommand({ name: 'edge' }))).cluster;
  expect(connected).toMatchObject({ status: 'PENDING', connectorConfig: { provider: 'OTHER' } });
  expect(connected?.logging).toBeUndefined();
});

test('an injected throttle is a 429 to the SDK, and the call takes no effect', async () => {
  await using world = await startAws();
  const cluster = addCluster(world);
  world.door.fail({ service: 'eks', operation: 'UpdateClusterConfig', answer: throttled('eks') });
  expect(await refusal(update(world, ['audit']))).toEqual({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    status: 429,
  });
  expect(cluster.updates).toEqual([]);
  expect((await update(world, ['audit'])).update?.status).toBe('InProgress');
  expect(world.door.writes).toEqual(['eks UpdateClusterConfig', 'eks UpdateClusterConfig']);
});
