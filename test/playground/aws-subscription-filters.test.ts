/** Subscription filters through the real SDK, every refusal by its exact text. */
import {
  DeleteSubscriptionFilterCommand,
  DescribeAccountPoliciesCommand,
  DescribeSubscriptionFiltersCommand,
  PutSubscriptionFilterCommand,
  type PutSubscriptionFilterCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { decodeLogsPayload } from '../../playground/aws/forwarder.ts';
import { awsError } from '../../playground/aws/wire.ts';
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
  refusal,
  startAws,
} from './aws-world.ts';

function put({ clients }: AwsWorld, destinationArn: string, rest: Partial<PutSubscriptionFilterCommandInput> = {}) {
  return clients.logs.send(
    new PutSubscriptionFilterCommand({
      logGroupName: GROUP,
      filterName: 'eks-audit',
      filterPattern: AUDIT_ONLY,
      destinationArn,
      ...rest,
    }),
  );
}

const NOT_EXECUTABLE = {
  name: 'InvalidParameterException',
  message:
    'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
  status: 400,
};

test('a filter is stored, listed by prefix and deleted', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const { arn } = addForwarder(world);
  await put(world, arn);
  const { logs } = world.clients;
  const list = (filterNamePrefix?: string) =>
    logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: GROUP, filterNamePrefix }));
  expect((await list()).subscriptionFilters).toEqual([
    {
      filterName: 'eks-audit',
      logGroupName: GROUP,
      filterPattern: AUDIT_ONLY,
      destinationArn: arn,
      distribution: 'ByLogStream',
      applyOnTransformedLogs: false,
      creationTime: world.time.now(),
    },
  ]);
  expect((await list('other')).subscriptionFilters).toEqual([]);
  const remove = () => logs.send(new DeleteSubscriptionFilterCommand({ logGroupName: GROUP, filterName: 'eks-audit' }));
  await remove();
  expect(await refusal(remove())).toEqual({
    name: 'ResourceNotFoundException',
    message: 'The specified subscription filter does not exist.',
    status: 400,
  });
});

test('an absent group is refused, but a Lambda of another account is refused before that', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world);
  expect(await refusal(put(world, arn))).toEqual({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
    status: 400,
  });
  expect(await refusal(put(world, arn.replace(ACCOUNT, '444455556666')))).toEqual({
    name: 'AccessDeniedException',
    message:
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    status: 400,
  });
});

test('a function without permission, absent, failed or of another Region cannot be executed', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const closed = addForwarder(world, { name: 'closed', policy: 'none' });
  const failed = addForwarder(world, { name: 'failed' });
  failed.state = 'Failed';
  const elsewhere = addForwarder(world, { region: 'eu-west-1' });
  for (const arn of [closed.arn, failed.arn, elsewhere.arn, `${closed.arn}-absent`])
    expect(await refusal(put(world, arn))).toEqual(NOT_EXECUTABLE);
});

test('a fresh permission is not visible until it has propagated', async () => {
  await using world = await startAws();
  world.aws.permissionPropagationMs = 120_000;
  addCluster(world, { logging: ['audit'] });
  const { arn } = addForwarder(world, { policy: 'none' });
  await world.clients.lambda.send(
    new AddPermissionCommand({
      FunctionName: arn,
      StatementId: 'eks-audit',
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
      SourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`,
      SourceAccount: ACCOUNT,
    }),
  );
  await world.pass(119);
  expect(await refusal(put(world, arn))).toEqual(NOT_EXECUTABLE);
  await world.pass(2);
  await put(world, arn);
  expect(group(world).filters).toHaveLength(1);
});

test('accepting a filter probes the function with a control message', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const fn = world.aws.addFunction({
    account: ACCOUNT,
    region: REGION,
    name: 'archive',
    policy: [{ Principal: '*', Action: 'lambda:*' }],
  });
  const received: unknown[] = [];
  fn.run = (payload) => void received.push(decodeLogsPayload(payload));
  await put(world, fn.arn);
  expect(received).toMatchObject([
    { messageType: 'CONTROL_MESSAGE', owner: 'CloudwatchLogs', logGroup: '', logStream: '', logEvents: [{ id: '' }] },
  ]);
  await world.pass(15);
  expect(received[1]).toMatchObject({
    messageType: 'DATA_MESSAGE',
    owner: ACCOUNT,
    logGroup: GROUP,
    subscriptionFilters: ['eks-audit'],
  });
});

test('an Infrequent-Access group has no filters to list or put', async () => {
  await using world = await startAws();
  world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP, class: 'INFREQUENT_ACCESS' });
  const { arn } = addForwarder(world);
  const expected = {
    name: 'ValidationException',
    message: 'This operation is only supported on the Standard log class.',
    status: 400,
  };
  const list = world.clients.logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: GROUP }));
  expect(await refusal(list)).toEqual(expected);
  expect(await refusal(put(world, arn))).toEqual(expected);
});

test('one filter too many is refused, updating one at the limit is not', async () => {
  await using world = await startAws();
  const { forwarder } = addWiredCluster(world);
  world.aws.addFilter({ group: group(world), name: 'lacework', destinationArn: forwarder.arn });
  expect(await refusal(put(world, forwarder.arn, { filterName: 'third' }))).toEqual({
    name: 'LimitExceededException',
    message: 'Resource limit exceeded.',
    status: 400,
  });
  await put(world, forwarder.arn, { filterPattern: '' });
  expect(group(world).filter('eks-audit')?.filterPattern).toBe('');
  world.aws.filterLimit = 5;
  await put(world, forwarder.arn, { filterName: 'third' });
});

test('a colliding change asks to try again, and trying again works', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const { arn } = addForwarder(world);
  group(world).abortNextChanges = 1;
  const aborted = await refusal(put(world, arn));
  expect(aborted).toMatchObject({ name: 'OperationAbortedException', status: 400 });
  expect(aborted.message).toContain('Please try again');
  await put(world, arn);
});

test('an invalid pattern or filter name is refused', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const { arn } = addForwarder(world);
  for (const change of [{ filterPattern: '{ $.kind = }' }, { filterName: 'a:b' }])
    expect(await refusal(put(world, arn, change))).toMatchObject({ name: 'InvalidParameterException', status: 400 });
});

test('the account-level subscription policy can be read', async () => {
  await using world = await startAws();
  const { logs } = world.clients;
  const read = () => logs.send(new DescribeAccountPoliciesCommand({ policyType: 'SUBSCRIPTION_FILTER_POLICY' }));
  expect((await read()).accountPolicies).toEqual([]);
  const { arn } = addForwarder(world);
  world.aws.setAccountPolicy(ACCOUNT, REGION, { name: 'datadog', destinationArn: arn });
  const [policy] = (await read()).accountPolicies ?? [];
  expect(policy).toMatchObject({ policyName: 'datadog', scope: 'ALL', accountId: ACCOUNT });
  expect(JSON.parse(policy?.policyDocument ?? '')).toMatchObject({ DestinationArn: arn, FilterPattern: '' });
});

test('a lost answer leaves the filter behind', async () => {
  await using world = await startAws();
  addCluster(world, { logging: ['audit'] });
  const { arn } = addForwarder(world);
  const answer = awsError('logs', 'ServiceUnavailableException', 'Service Unavailable');
  world.door.fail({ service: 'logs', operation: 'PutSubscriptionFilter', answer, applies: true });
  expect(await refusal(put(world, arn))).toMatchObject({ name: 'ServiceUnavailableException', status: 503 });
  expect(group(world).filters).toHaveLength(1);
});
