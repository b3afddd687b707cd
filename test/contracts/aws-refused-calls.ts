/** Calls that no service lets through: without the right, too often, with a dead session, outside AWS's model. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as eks from '@aws-sdk/client-eks';
import * as lambda from '@aws-sdk/client-lambda';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { throttled } from '../../playground/aws/wire.ts';
import { type AwsWorld, addCluster, addWiredCluster, GROUP, ROLE, refusal } from '../playground/aws-world.ts';
import { BASE_KEY } from './aws-calls.ts';

/** What any service may answer: no right, too many calls, a session that is over, a key nobody knows. */
export async function callWithoutAccess(world: AwsWorld): Promise<void> {
  addCluster(world);
  const everyService = async ({ eks: e, logs: l, lambda: f, sts, metrics }: AwsWorld['clients']) => {
    await refusal(e.send(new eks.DescribeClusterCommand({ name: 'prod-a' })));
    await refusal(l.send(new logs.DescribeLogGroupsCommand({})));
    await refusal(f.send(new lambda.ListFunctionsCommand({})));
    await refusal(sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'run-42' })));
    const StartTime = new Date(world.time.now() - 60_000);
    const EndTime = new Date(world.time.now());
    await refusal(metrics.send(new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries: [] })));
  };
  await everyService(world.clientsAs({ allow: [] }));
  await everyService(world.clientsAs({ allow: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }));
  for (const service of ['eks', 'logs', 'lambda', 'sts', 'monitoring'])
    world.door.fail({ service, operation: '*', answer: throttled(service) });
  await everyService(world.clients);
  await everyService(world.clientsWith({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' }));
  world.aws.identities.expireSessions();
  await everyService(world.clients);
}

/** Requests that AWS's models do not allow and the SDKs send all the same: each must be refused. */
export async function callOutsideTheModel(world: AwsWorld): Promise<void> {
  const { forwarder } = addWiredCluster(world);
  const clients = world.clients;
  const logging = { clusterLogging: [{ types: ['everything' as 'audit'], enabled: true }] };
  await refusal(clients.eks.send(new eks.UpdateClusterConfigCommand({ name: 'prod-a', logging })));
  await refusal(clients.eks.send(new eks.ListClustersCommand({ maxResults: 101 })));
  await refusal(clients.eks.send(new eks.ListUpdatesCommand({ name: 'prod-a', maxResults: 0 })));
  const filter = { logGroupName: GROUP, filterName: 'eks-audit', filterPattern: '', destinationArn: forwarder.arn };
  for (const over of [{ filterName: 'a:b' }, { filterPattern: 'x'.repeat(1025) }, { logGroupName: '/aws/eks/*' }])
    await refusal(clients.logs.send(new logs.PutSubscriptionFilterCommand({ ...filter, ...over })));
  await refusal(clients.logs.send(new logs.DescribeLogGroupsCommand({ limit: 51 })));
  await refusal(clients.logs.send(new logs.FilterLogEventsCommand({ logGroupName: GROUP, limit: 10_001 })));
  const invocation = { FunctionName: forwarder.name, Action: 'lambda:InvokeFunction', Principal: 'logs.amazonaws.com' };
  for (const StatementId of ['a b', 'a'.repeat(101)])
    await refusal(clients.lambda.send(new lambda.AddPermissionCommand({ ...invocation, StatementId })));
  await refusal(clients.lambda.send(new lambda.ListFunctionsCommand({ MaxItems: 10_001 })));
  const { sts } = world.clientsWith(BASE_KEY);
  world.aws.addRole({ arn: ROLE, allow: ['eks:*'] });
  for (const over of [{ RoleSessionName: 'a b' }, { RoleSessionName: 'a' }, { DurationSeconds: 60 }])
    await refusal(sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'run-42', ...over })));
}
