/**
 * Calls every operation of the AWS stand-in with the real SDK clients, in a world where each succeeds, and into the
 * refusals that are its own; what went over the wire is for the contract checks.
 */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as eks from '@aws-sdk/client-eks';
import * as lambda from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import {
  ACCOUNT,
  AUDIT_ONLY,
  type AwsWorld,
  addCluster,
  addForwarder,
  addWiredCluster,
  GROUP,
  group,
  REGION,
  ROLE,
  refusal,
} from '../playground/aws-world.ts';

/** The bot's own credentials. */
export const BASE_KEY = { accessKeyId: 'AKIAPLAYGROUND0000001', secretAccessKey: 'any' };
const AUDIT_ON = { clusterLogging: [{ types: ['audit' as const], enabled: true }] };

export async function callEks(world: AwsWorld): Promise<void> {
  const client = world.clients.eks;
  const name = 'prod-a';
  const cluster = addCluster(world, { tags: { team: 'security' } });
  const other = addCluster(world, { name: 'busy', logging: ['api', 'audit'] });
  addCluster(world, { name: 'outside', connected: true, status: 'PENDING' });
  const update = (clusterName: string, logging: eks.Logging = AUDIT_ON) =>
    client.send(new eks.UpdateClusterConfigCommand({ name: clusterName, logging }));

  const first = await client.send(new eks.ListClustersCommand({ maxResults: 1, include: ['all'] }));
  await client.send(new eks.ListClustersCommand({ nextToken: first.nextToken }));
  for (const known of [name, 'busy', 'outside']) await client.send(new eks.DescribeClusterCommand({ name: known }));
  const started = await update(name);
  await refusal(update(name));
  const updateId = started.update?.id;
  await client.send(new eks.DescribeUpdateCommand({ name, updateId }));
  await world.pass(60);
  await client.send(new eks.DescribeUpdateCommand({ name, updateId }));
  cluster.failNextUpdate = { errorCode: 'IpNotAvailable', errorMessage: 'no free address', resourceIds: ['subnet-1'] };
  const failing = await update(name, { clusterLogging: [{ types: ['api'], enabled: true }] });
  await world.pass(60);
  await client.send(new eks.DescribeUpdateCommand({ name, updateId: failing.update?.id }));
  const updates = await client.send(new eks.ListUpdatesCommand({ name, maxResults: 1 }));
  await client.send(new eks.ListUpdatesCommand({ name, nextToken: updates.nextToken }));

  other.foreignUpdate({ durationMs: 600_000 });
  await refusal(update(name));
  await refusal(update('busy', { clusterLogging: [{ types: ['audit'], enabled: false }] }));
  await refusal(update('outside'));
  await refusal(update('nobody'));
  await refusal(update(name, { clusterLogging: [] }));
  const endpoint = { endpointPublicAccess: true };
  await refusal(
    client.send(new eks.UpdateClusterConfigCommand({ name, logging: AUDIT_ON, resourcesVpcConfig: endpoint })),
  );
  await refusal(client.send(new eks.DescribeClusterCommand({ name: 'nobody' })));
  await refusal(client.send(new eks.DescribeUpdateCommand({ name, updateId: 'unknown' })));
  await refusal(client.send(new eks.ListUpdatesCommand({ name: 'nobody' })));
  await refusal(client.send(new eks.ListClustersCommand({ nextToken: 'bad' })));
}

export async function callLogs(world: AwsWorld): Promise<void> {
  const client = world.clients.logs;
  const { forwarder } = addWiredCluster(world);
  const deaf = addForwarder(world, { name: 'deaf', policy: 'none' });
  const foreign = forwarder.arn.replace(ACCOUNT, '444455556666');
  const named = { logGroupName: GROUP };
  const put = (filterName: string, destinationArn = forwarder.arn, over: Partial<typeof named> = {}) =>
    client.send(
      new logs.PutSubscriptionFilterCommand({
        ...named,
        filterName,
        filterPattern: AUDIT_ONLY,
        destinationArn,
        ...over,
      }),
    );

  const created = { logGroupName: '/aws/eks/prod-b/cluster', tags: { team: 'security' } };
  await client.send(new logs.CreateLogGroupCommand(created));
  await refusal(client.send(new logs.CreateLogGroupCommand(created)));
  const rare = '/aws/eks/rare/cluster';
  await client.send(new logs.CreateLogGroupCommand({ logGroupName: rare, logGroupClass: 'INFREQUENT_ACCESS' }));
  const groups = await client.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/eks/', limit: 1 }));
  await client.send(new logs.DescribeLogGroupsCommand({ nextToken: groups.nextToken }));
  await client.send(new logs.PutRetentionPolicyCommand({ ...named, retentionInDays: 90 }));
  await client.send(new logs.DescribeLogGroupsCommand({ logGroupNamePattern: 'prod-a' }));
  await client.send(new logs.DeleteRetentionPolicyCommand(named));
  await world.pass(30);
  const streams = await client.send(new logs.DescribeLogStreamsCommand({ ...named, limit: 1 }));
  await client.send(new logs.DescribeLogStreamsCommand({ ...named, orderBy: 'LastEventTime', descending: true }));
  const since = { ...named, logStreamNamePrefix: 'kube-apiserver-audit-', startTime: world.time.now() - 900_000 };
  group(world).emptyPages = 1;
  for (const limit of [1, 1]) await client.send(new logs.FilterLogEventsCommand({ ...since, limit }));
  await client.send(
    new logs.TestMetricFilterCommand({ filterPattern: AUDIT_ONLY, logEventMessages: ['{"kind":"Event"}', 'I1123 ok'] }),
  );
  const logEvents = [{ timestamp: world.time.now(), message: 'a line' }];
  const logStreamName = streams.logStreams?.[0]?.logStreamName;
  await client.send(new logs.PutLogEventsCommand({ ...named, logStreamName, logEvents }));
  await put('second');
  const filters = await client.send(new logs.DescribeSubscriptionFiltersCommand({ ...named, limit: 1 }));
  await client.send(new logs.DescribeSubscriptionFiltersCommand({ ...named, nextToken: filters.nextToken }));
  const policy = { name: 'all', destinationArn: forwarder.arn, selectionCriteria: 'LogGroupName NOT IN ["/x"]' };
  world.aws.setAccountPolicy(ACCOUNT, REGION, policy);
  await client.send(new logs.DescribeAccountPoliciesCommand({ policyType: 'SUBSCRIPTION_FILTER_POLICY' }));

  await refusal(put('third'));
  await refusal(put('eks-audit', deaf.arn));
  await refusal(put('eks-audit', foreign));
  await refusal(put('eks-audit', forwarder.arn, { logGroupName: '/aws/eks/nobody/cluster' }));
  await refusal(put('eks-audit', forwarder.arn, { logGroupName: rare }));
  group(world).abortNextChanges = 1;
  await refusal(put('eks-audit'));
  await client.send(new logs.DeleteSubscriptionFilterCommand({ ...named, filterName: 'second' }));
  await refusal(client.send(new logs.DeleteSubscriptionFilterCommand({ ...named, filterName: 'second' })));
  await refusal(client.send(new logs.DescribeSubscriptionFiltersCommand({ logGroupName: rare })));
  await refusal(client.send(new logs.PutRetentionPolicyCommand({ ...named, retentionInDays: 31 })));
  await refusal(client.send(new logs.FilterLogEventsCommand({ ...named, filterPattern: '{ $.a = }' })));
  const both = { logStreamNamePrefix: 'kube', orderBy: 'LastEventTime' as const };
  await refusal(client.send(new logs.DescribeLogStreamsCommand({ ...named, ...both })));
}

export async function callLambda(world: AwsWorld): Promise<void> {
  const client = world.clients.lambda;
  const forwarder = addForwarder(world);
  const hidden = addForwarder(world, { name: 'hidden', policy: 'none' });
  hidden.environmentError = { ErrorCode: 'AccessDeniedException', Message: 'Lambda was unable to decrypt it' };
  const named = { FunctionName: forwarder.arn };
  const permission = {
    ...named,
    Action: 'lambda:InvokeFunction',
    Principal: 'logs.amazonaws.com',
    SourceAccount: ACCOUNT,
  };
  const add = (StatementId: string, over: object = {}) =>
    client.send(
      new lambda.AddPermissionCommand({
        ...permission,
        StatementId,
        SourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`,
        ...over,
      }),
    );
  const remove = (StatementId: string, over: object = {}) =>
    client.send(new lambda.RemovePermissionCommand({ ...named, StatementId, ...over }));

  const page = await client.send(new lambda.ListFunctionsCommand({ MaxItems: 1 }));
  await client.send(new lambda.ListFunctionsCommand({ Marker: page.NextMarker }));
  await client.send(new lambda.GetFunctionConfigurationCommand(named));
  await client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName: hidden.name }));
  await client.send(new lambda.ListTagsCommand({ Resource: forwarder.arn }));
  await add('eks-audit');
  const { RevisionId } = await client.send(new lambda.GetPolicyCommand(named));
  await refusal(add('eks-audit'));
  await refusal(add('again', { RevisionId: 'stale' }));
  await remove('eks-audit', { RevisionId });
  await refusal(remove('eks-audit'));
  await refusal(remove('any', { FunctionName: hidden.name }));
  await refusal(remove('any', { FunctionName: 'nobody' }));
  await refusal(add('any', { FunctionName: 'nobody' }));
  await refusal(add('bad-principal', { Principal: 'nonsense' }));
  await refusal(client.send(new lambda.GetPolicyCommand({ FunctionName: hidden.name })));
  await refusal(client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName: 'nobody' })));
  await refusal(client.send(new lambda.ListTagsCommand({ Resource: forwarder.arn.replace(forwarder.name, 'nobody') })));
  for (let n = 0; n < 60; n += 1)
    if ((await refusalName(add(`cluster-${n}`))) === 'PolicyLengthExceededException') break;
}

export async function callSts(world: AwsWorld): Promise<void> {
  const client = world.clientsWith(BASE_KEY).sts;
  world.aws.addRole({ arn: ROLE, externalId: 'e-1', allow: ['eks:*'] });
  const assume = (over: object = {}) =>
    client.send(
      new AssumeRoleCommand({
        RoleArn: ROLE,
        RoleSessionName: 'run-42',
        ExternalId: 'e-1',
        DurationSeconds: 900,
        ...over,
      }),
    );
  await client.send(new GetCallerIdentityCommand({}));
  const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'eks:Describe*', Resource: '*' } });
  await assume({ Policy, SourceIdentity: 'U01', Tags: [{ Key: 'run', Value: '42' }], TransitiveTagKeys: ['run'] });
  await refusal(assume({ ExternalId: 'wrong' }));
  await refusal(assume({ RoleArn: `${ROLE}Nobody` }));
  await refusal(assume({ Policy: '{' }));
  await refusal(assume({ DurationSeconds: 7200 }));
}

export async function callMetrics(world: AwsWorld): Promise<void> {
  const client = world.clients.metrics;
  addWiredCluster(world);
  await world.pass(300);
  const Metric = {
    Namespace: 'AWS/Logs',
    MetricName: 'IncomingBytes',
    Dimensions: [{ Name: 'LogGroupName', Value: GROUP }],
  };
  const ask = (from: number, over: object = {}) =>
    client.send(
      new GetMetricDataCommand({
        StartTime: new Date(world.time.now() - from),
        EndTime: new Date(world.time.now()),
        MetricDataQueries: [{ Id: 'bytes', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
        ...over,
      }),
    );
  await ask(3_600_000);
  await ask(3_600_000, { ScanBy: 'TimestampAscending' });
  await refusal(ask(-3_600_000));
  await refusal(ask(3_600_000, { MetricDataQueries: [] }));
}

async function refusalName(sent: Promise<unknown>): Promise<string | undefined> {
  return sent.then(
    () => undefined,
    (error: Error) => error.name,
  );
}
