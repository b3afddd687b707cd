/** The Lambda API through the real SDK: finding a Forwarder, its resource policy, every refusal by its exact text. */
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { throttled } from '../../playground/aws/wire.ts';
import { ACCOUNT, type AwsWorld, addForwarder, REGION, refusal, startAws } from './aws-world.ts';

function add({ clients }: AwsWorld, FunctionName: string, rest: Partial<AddPermissionCommandInput> = {}) {
  return clients.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'eks-audit',
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
      SourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*`,
      SourceAccount: ACCOUNT,
      ...rest,
    }),
  );
}

test('functions come in pages of fifty whatever MaxItems says, without tags and state', async () => {
  await using world = await startAws();
  for (let index = 0; index < 60; index += 1)
    world.aws.addFunction({ account: ACCOUNT, region: REGION, name: `fn-${index}`, tags: { team: 'x' } });
  addForwarder(world);
  const { lambda } = world.clients;
  const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 1000 }));
  expect(first.Functions).toHaveLength(50);
  const second = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
  expect(second.Functions).toHaveLength(11);
  expect(second.NextMarker ?? undefined).toBeUndefined();
  const forwarder = second.Functions?.at(-1);
  expect(forwarder).toMatchObject({
    FunctionName: 'datadog-forwarder-Forwarder-1A2B3C4D5E6F',
    Description: 'Pushes logs, metrics and traces from AWS to Datadog.',
    Environment: { Variables: { DD_SITE: 'datadoghq.com' } },
    Layers: [{ Arn: expect.stringContaining(':layer:Datadog-Forwarder:') }],
  });
  expect(forwarder).not.toHaveProperty('State');
  const { Tags } = await lambda.send(new ListTagsCommand({ Resource: forwarder?.FunctionArn }));
  expect(Tags).toMatchObject({ dd_forwarder_version: '5.4.11', 'aws:cloudformation:logical-id': 'Forwarder' });
});

test('a configuration has the state, and an environment that cannot be decrypted is an error instead of variables', async () => {
  await using world = await startAws();
  const forwarder = addForwarder(world);
  forwarder.environmentError = { ErrorCode: 'AccessDeniedException', Message: 'Lambda was unable to decrypt' };
  const { lambda } = world.clients;
  const read = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: forwarder.arn }));
  expect(read).toMatchObject({
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Error: { ErrorCode: 'AccessDeniedException' } },
  });
  expect(read.Environment).not.toHaveProperty('Variables');
});

test('a permission is stored as AWS writes it', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world, { policy: 'none' });
  const added = await add(world, arn);
  expect(added.$metadata.httpStatusCode).toBe(201);
  const statement = {
    Sid: 'eks-audit',
    Effect: 'Allow',
    Principal: { Service: 'logs.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: arn,
    Condition: {
      StringEquals: { 'AWS:SourceAccount': ACCOUNT },
      ArnLike: { 'AWS:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*` },
    },
  };
  expect(JSON.parse(added.Statement ?? '')).toEqual(statement);
  const { Policy, RevisionId } = await world.clients.lambda.send(new GetPolicyCommand({ FunctionName: arn }));
  expect(JSON.parse(Policy ?? '')).toMatchObject({ Version: '2012-10-17', Statement: [statement] });
  expect(RevisionId).toBeDefined();
});

test('the same statement id again is a conflict', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world);
  await add(world, arn);
  expect(await refusal(add(world, arn, { SourceAccount: '444455556666' }))).toEqual({
    name: 'ResourceConflictException',
    message:
      'The statement id (eks-audit) provided already exists. Please provide a new statement id, or remove the existing statement.',
    status: 409,
  });
});

test('a function without a policy, and an absent function, are 404', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world, { policy: 'none' });
  const { lambda } = world.clients;
  expect(await refusal(lambda.send(new GetPolicyCommand({ FunctionName: arn })))).toEqual({
    name: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
    status: 404,
  });
  const absent = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:absent`;
  const expected = { name: 'ResourceNotFoundException', message: `Function not found: ${absent}`, status: 404 };
  expect(await refusal(add(world, 'absent'))).toEqual(expected);
  const read = lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'absent' }));
  expect(await refusal(read)).toEqual(expected);
});

test('removing a statement distinguishes unknown statement, no policy and no function', async () => {
  await using world = await startAws();
  const wired = addForwarder(world, { name: 'wired' });
  const bare = addForwarder(world, { name: 'bare', policy: 'none' });
  const remove = (FunctionName: string) =>
    world.clients.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'eks-audit' }));
  const texts = [];
  for (const name of [wired.arn, bare.arn, 'absent']) texts.push((await refusal(remove(name))).message);
  expect(texts).toEqual([
    'Statement eks-audit is not found in resource policy.',
    'No policy is associated with the given resource.',
    `No policy found for: arn:aws:lambda:${REGION}:${ACCOUNT}:function:absent`,
  ]);
  await add(world, bare.arn);
  await remove(bare.arn);
  expect(bare.statements).toEqual([]);
});

test('a stale revision is refused', async () => {
  await using world = await startAws();
  const { arn, policyRevision } = addForwarder(world);
  await add(world, arn, { RevisionId: policyRevision });
  expect(await refusal(add(world, arn, { StatementId: 'two', RevisionId: policyRevision }))).toEqual({
    name: 'PreconditionFailedException',
    message:
      'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
    status: 412,
  });
});

test('a bad statement id and a bad principal are refused', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world);
  expect(await refusal(add(world, arn, { StatementId: 'a b' }))).toEqual({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value 'a b' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
    status: 400,
  });
  expect(await refusal(add(world, arn, { Principal: 'nobody' }))).toEqual({
    name: 'InvalidParameterValueException',
    message: 'The provided principal was invalid. Please check the principal and try again.',
    status: 400,
  });
});

test('a policy of per-cluster statements ends at 20,480 bytes', async () => {
  await using world = await startAws();
  const { arn } = addForwarder(world);
  let added = 0;
  const refused = await refusal(
    (async () => {
      for (;;) {
        await add(world, arn, {
          StatementId: `eks-audit-${added}`,
          SourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/cluster-with-a-name-${added}/cluster:*`,
        });
        added += 1;
      }
    })(),
  );
  expect(refused).toMatchObject({ name: 'PolicyLengthExceededException', status: 400 });
  expect(refused.message).toMatch(/^The final policy size \(2\d{4}\) is bigger than the limit \(20480\)\.$/);
  expect(added).toBeGreaterThan(38);
  expect(added).toBeLessThan(55);
});

test('an injected throttle carries its reason and how long to wait', async () => {
  await using world = await startAws();
  world.door.fail({ service: 'lambda', operation: 'ListFunctions', answer: throttled('lambda', 2) });
  const error = await world.clients.lambda.send(new ListFunctionsCommand({})).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'TooManyRequestsException',
    retryAfterSeconds: '2',
    Reason: 'CallerRateLimitExceeded',
  });
});
