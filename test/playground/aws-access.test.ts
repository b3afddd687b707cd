/** Who may do what: AssumeRole with trust and ExternalId, role policies with their conditions, denials on the wire. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeClusterCommand, ListClustersCommand, UpdateClusterConfigCommand } from '@aws-sdk/client-eks';
import { GetPolicyCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { expect, test } from 'vitest';
import type { PolicyStatement } from '../../playground/aws/iam.ts';
import { arnLike, decide } from '../../playground/aws/iam.ts';
import { ACCOUNT, type AwsWorld, addCluster, clientsAt, GROUP, REGION, ROLE, refusal, startAws } from './aws-world.ts';

const BASE_KEY = { accessKeyId: 'AKIAPLAYGROUND0000001', secretAccessKey: 'any' };
const BOT = 'arn:aws:sts::999988887777:assumed-role/eks-audit-bot/eks-audit-bot';

function assume({ clientsWith }: AwsWorld, rest: Partial<AssumeRoleCommandInput> = {}) {
  const command = new AssumeRoleCommand({
    RoleArn: ROLE,
    RoleSessionName: 'eks-audit-run-42',
    ExternalId: 'e-1',
    ...rest,
  });
  return clientsWith(BASE_KEY).sts.send(command);
}

function noAssume(action = 'sts:AssumeRole', role = ROLE) {
  const message = `User: ${BOT} is not authorized to perform: ${action} on resource: ${role}`;
  return { name: 'AccessDenied', message, status: 403 };
}

test('the base key is the bot, and an assumed role is its session', async () => {
  await using world = await startAws();
  world.aws.addRole({ arn: ROLE, externalId: 'e-1', allow: ['eks:*'] });
  const who = await world.clientsWith(BASE_KEY).sts.send(new GetCallerIdentityCommand({}));
  expect(who).toMatchObject({ Arn: BOT, Account: '999988887777' });
  const { Credentials, AssumedRoleUser } = await assume(world);
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditOperator/eks-audit-run-42`;
  expect(AssumedRoleUser?.Arn).toBe(session);
  const eks = world.clientsWith({
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }).eks;
  await eks.send(new ListClustersCommand({}));
  expect(world.door.recorded.at(-1)?.call).toMatchObject({
    service: 'eks',
    operation: 'ListClusters',
    account: ACCOUNT,
    region: REGION,
    principal: session,
  });
  expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now());
});

test('the SDK’s own credential provider makes the hop', async () => {
  await using world = await startAws();
  world.aws.addRole({ arn: ROLE, externalId: 'e-1', allow: ['eks:*'] });
  const { eks, sts } = world.clientsWith(BASE_KEY);
  const endpoint = await sts.config.endpoint?.();
  const url = `http://${endpoint?.hostname}:${endpoint?.port}`;
  const provider = fromTemporaryCredentials({
    params: { RoleArn: ROLE, ExternalId: 'e-1', RoleSessionName: 'provider' },
    masterCredentials: BASE_KEY,
    clientConfig: { region: REGION, endpoint: url },
  });
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await provider();
  const hopped = clientsAt(url, REGION, { accessKeyId, secretAccessKey, sessionToken });
  expect((await hopped.eks.send(new ListClustersCommand({}))).clusters).toEqual([]);
  expect(await refusal(eks.send(new ListClustersCommand({})))).toMatchObject({ name: 'AccessDeniedException' });
});

test('an absent role, a foreign trust policy and a wrong ExternalId sound the same', async () => {
  await using world = await startAws();
  expect(await refusal(assume(world))).toEqual(noAssume());
  world.aws.addRole({ arn: ROLE, trustedBy: `arn:aws:iam::${ACCOUNT}:role/other`, allow: [] });
  expect(await refusal(assume(world))).toEqual(noAssume());
  world.aws.addRole({ arn: ROLE, externalId: 'e-2', allow: [] });
  expect(await refusal(assume(world))).toEqual(noAssume());
  expect(await refusal(assume(world, { ExternalId: undefined }))).toEqual(noAssume());
  world.aws.addRole({ arn: ROLE, trustedBy: '999988887777', externalId: 'e-1', allow: [] });
  expect((await assume(world)).AssumedRoleUser?.Arn).toContain('eks-audit-run-42');
});

test('session tags and source identity need their own trust', async () => {
  await using world = await startAws();
  world.aws.addRole({ arn: ROLE, allow: [], trustActions: ['sts:AssumeRole'] });
  const tagged = { Tags: [{ Key: 'run', Value: '42' }] };
  expect(await refusal(assume(world, tagged))).toEqual(noAssume('sts:TagSession'));
  expect(await refusal(assume(world, { SourceIdentity: 'U01' }))).toEqual(noAssume('sts:SetSourceIdentity'));
});

test('a session name with odd characters and a chained session above an hour are refused', async () => {
  await using world = await startAws();
  world.aws.addRole({ arn: ROLE, allow: [], maxSessionSeconds: 43_200 });
  expect(await refusal(assume(world, { RoleSessionName: 'run 42' }))).toEqual({
    name: 'ValidationError',
    message:
      "1 validation error detected: Value 'run 42' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    status: 400,
  });
  expect(await refusal(assume(world, { DurationSeconds: 7200 }))).toMatchObject({
    name: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  });
});

test('a session policy narrows the role', async () => {
  await using world = await startAws();
  world.aws.addRole({ arn: ROLE, allow: ['eks:*'] });
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'eks:List*', Resource: '*' }] };
  const { Credentials } = await assume(world, { Policy: JSON.stringify(policy) });
  const { eks } = world.clientsWith({
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  });
  await eks.send(new ListClustersCommand({}));
  expect(await refusal(eks.send(new DescribeClusterCommand({ name: 'a' })))).toMatchObject({
    name: 'AccessDeniedException',
  });
  expect(await refusal(assume(world, { Policy: '{' }))).toMatchObject({ name: 'MalformedPolicyDocumentException' });
});

test('unknown keys, expired sessions and regions that are not opted in are told per service', async () => {
  await using world = await startAws();
  const unknown = world.clientsWith({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
  const invalid = 'The security token included in the request is invalid.';
  expect(await refusal(unknown.eks.send(new ListClustersCommand({})))).toEqual({
    name: 'UnrecognizedClientException',
    message: invalid,
    status: 403,
  });
  expect(await refusal(unknown.sts.send(new GetCallerIdentityCommand({})))).toEqual({
    name: 'InvalidClientTokenId',
    message: invalid,
    status: 403,
  });
  world.aws.disabledRegions.add('ap-east-1');
  const far = world.clientsAs({ allow: ['*'] }, 'ap-east-1');
  expect(await refusal(far.lambda.send(new ListFunctionsCommand({})))).toMatchObject({ message: invalid });
  world.aws.identities.expireSessions();
  expect(await refusal(world.clients.eks.send(new ListClustersCommand({})))).toMatchObject({
    name: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  });
  expect(await refusal(world.clients.sts.send(new GetCallerIdentityCommand({})))).toEqual({
    name: 'ExpiredToken',
    message: 'The security token included in the request is expired',
    status: 403,
  });
});

test('each service says in its own way what the role may not do', async () => {
  await using world = await startAws();
  addCluster(world);
  const { eks, logs, lambda, metrics } = world.clientsAs({ allow: [], session: 'run-7' });
  const user = `User: arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditOperator/run-7 is not authorized to perform:`;
  expect(await refusal(eks.send(new DescribeClusterCommand({ name: 'prod-a' })))).toEqual({
    name: 'AccessDeniedException',
    message: `${user} eks:DescribeCluster on resource: arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`,
    status: 403,
  });
  const retention = new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 90 });
  expect(await refusal(logs.send(retention))).toEqual({
    name: 'AccessDeniedException',
    message: `${user} logs:PutRetentionPolicy on resource: arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}:log-stream: because no identity-based policy allows the logs:PutRetentionPolicy action`,
    status: 400,
  });
  expect(await refusal(lambda.send(new GetPolicyCommand({ FunctionName: 'f' })))).toEqual({
    name: 'AccessDeniedException',
    message: `${user} lambda:GetPolicy on resource: arn:aws:lambda:${REGION}:${ACCOUNT}:function:f because no identity-based policy allows the lambda:GetPolicy action`,
    status: 403,
  });
  const range = { StartTime: new Date(0), EndTime: new Date(), MetricDataQueries: [{ Id: 'a' }] };
  expect(await refusal(metrics.send(new GetMetricDataCommand(range)))).toMatchObject({
    name: 'AccessDenied',
    status: 403,
  });
});

test('a role limited to audit logging may switch on audit and nothing else', async () => {
  await using world = await startAws();
  addCluster(world);
  const absent = ['api', 'authenticator', 'controllerManager', 'scheduler'].map(
    (type) => [`eks:loggingType/${type}`, 'true'] as const,
  );
  const { eks } = world.clientsAs({
    allow: [
      {
        Effect: 'Allow',
        Action: 'eks:UpdateClusterConfig',
        Resource: `arn:aws:eks:*:${ACCOUNT}:cluster/*`,
        Condition: { Bool: { 'eks:loggingType/audit': 'true' }, Null: Object.fromEntries(absent) },
      },
    ],
  });
  const send = (types: ('audit' | 'api')[], enabled: boolean) =>
    eks.send(new UpdateClusterConfigCommand({ name: 'prod-a', logging: { clusterLogging: [{ types, enabled }] } }));
  expect(await refusal(send(['audit', 'api'], true))).toMatchObject({ name: 'AccessDeniedException' });
  expect(await refusal(send(['audit'], false))).toMatchObject({ name: 'AccessDeniedException' });
  const vpc = new UpdateClusterConfigCommand({ name: 'prod-a', resourcesVpcConfig: { endpointPublicAccess: true } });
  expect(await refusal(eks.send(vpc))).toMatchObject({ name: 'AccessDeniedException' });
  expect((await send(['audit'], true)).update?.status).toBe('InProgress');
});

test('a log group ARN without the trailing wildcard does not cover the group', async () => {
  await using world = await startAws();
  world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP });
  const put = (resource: string) =>
    world
      .clientsAs({ allow: [{ Action: 'logs:PutRetentionPolicy', Resource: resource }, 'logs:DescribeLogGroups'] })
      .logs.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 90 }));
  const base = `arn:aws:logs:*:${ACCOUNT}:log-group:/aws/eks/*/cluster`;
  expect(await refusal(put(base))).toMatchObject({ name: 'AccessDeniedException' });
  await put(`${base}:*`);
  await world.clients.logs.send(new DescribeLogGroupsCommand({}));
});

test.each<[string, PolicyStatement, Record<string, string>, string]>([
  ['allow', { Action: 'eks:*' }, {}, 'allowed'],
  ['other action', { Action: 'logs:*' }, {}, 'implicitly denied'],
  ['deny', { Effect: 'Deny', Action: '*' }, {}, 'explicitly denied'],
  ['condition', { Action: '*', Condition: { StringLike: { 'a:b': 'x*' } } }, { 'A:B': 'xyz' }, 'allowed'],
  ['missing key', { Action: '*', Condition: { StringEquals: { 'a:b': 'x' } } }, {}, 'implicitly denied'],
  ['if exists', { Action: '*', Condition: { StringEqualsIfExists: { 'a:b': 'x' } } }, {}, 'allowed'],
  ['null', { Action: '*', Condition: { Null: { 'a:b': 'true' } } }, { 'a:b': 'x' }, 'implicitly denied'],
])('IAM decides: %s', (_, statement, context, expected) => {
  const question = { action: 'eks:ListClusters', resource: '*', context };
  expect(decide([statement], question)).toBe(expected);
});

test('ArnLike compares part by part', () => {
  const group = 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/a/cluster:*';
  expect(arnLike('arn:aws:logs:*:*:log-group:/aws/eks/*', group)).toBe(true);
  expect(arnLike('arn:aws:logs:*:log-group:/aws/eks/*', group)).toBe(false);
  expect(arnLike('arn:*', group)).toBe(false);
});
