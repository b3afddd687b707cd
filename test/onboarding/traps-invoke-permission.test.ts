/** Step 6: CloudWatch Logs may invoke the Forwarder, by at most one statement of ours, and none where the template has one. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import type { StoredStatement } from '../../playground/aws/lambda-function.ts';
import { awsError } from '../../playground/aws/wire.ts';
import type { World } from '../../playground/world.ts';
import {
  approve,
  ask,
  callsOf,
  enable,
  ended,
  FORWARDER_SEED,
  forwarderOf,
  lineOf,
  startFast,
  statusOf,
} from './journey.ts';

const SID = 'eks-audit-cloudwatch-logs';
const FOREIGN: StoredStatement = {
  Sid: 'allow-s3',
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource: FORWARDER,
};
const OURS: StoredStatement = {
  Sid: SID,
  Effect: 'Allow',
  Principal: { Service: 'logs.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource: FORWARDER,
  Condition: {
    StringEquals: { 'AWS:SourceAccount': ACCOUNT },
    ArnLike: { 'AWS:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/eks/*/cluster:*` },
  },
};

function handMade({ aws }: World, policy: Parameters<World['aws']['addForwarder']>[0]['policy']): void {
  aws.removeFunction(FORWARDER);
  aws.addForwarder({ ...FORWARDER_SEED, policy });
}

test('the statement of the template is enough: none is added', async () => {
  await using bot = await startFast();
  const before = forwarderOf(bot.world).policyDocument();
  expect(lineOf('Invoke permission', await statusOf(bot))).toContain('(in sync)');
  expect(await enable(bot)).toContain('is under audit');
  expect(forwarderOf(bot.world).policyDocument()).toBe(before);
  expect(callsOf(bot, 'AddPermission')).toEqual([]);
});

test('a hand-made Forwarder gets one wildcard statement for all clusters, waited for until it has spread', async () => {
  await using bot = await startFast({
    seed(world) {
      handMade(world, [FOREIGN]);
      world.aws.permissionPropagationMs = 240_000;
      for (const name of ['prod-b', 'prod-c']) world.aws.addCluster({ account: ACCOUNT, region: REGION, name });
    },
  });
  await bot.slash('/eks-audit enable prod-a prod-b prod-c');
  const cards = await Promise.all(['prod-a', 'prod-b', 'prod-c'].map((name) => bot.posted('approvals', `${name} (`)));
  for (const card of cards) {
    expect(bot.text(card)).toContain('Allow CloudWatch Logs to invoke');
    await approve(bot, card);
  }
  for (const _ of cards) expect(await ended(bot)).toContain('is under audit');
  expect(forwarderOf(bot.world).statements).toEqual([FOREIGN, OURS]);
  expect(callsOf(bot, 'AddPermission')).toHaveLength(1);
  // CloudWatch Logs did not see the permission at first, and was asked again.
  expect(callsOf(bot, 'PutSubscriptionFilter').length).toBeGreaterThan(3);
});

test('a permission that does not spread within five minutes stops the run with what to look at', async () => {
  await using bot = await startFast({
    seed(world) {
      handMade(world, 'none');
      world.aws.permissionPropagationMs = 3_600_000;
    },
  });
  const end = await enable(bot);
  expect(end).toContain(`CloudWatch Logs cannot invoke \`${FORWARDER}\` yet`);
  expect(end).toContain('look at the function’s resource policy and whether the function is active');
  expect(bot.world.aws.logGroup(ACCOUNT, REGION, '/aws/eks/prod-a/cluster')?.filters).toEqual([]);
});

test('a statement of our name that does not fit is a conflict and stays; one that fits is a success', async () => {
  const wrong: StoredStatement = {
    ...OURS,
    Condition: { ArnLike: { 'AWS:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/rds/*:*` } },
  };
  await using bot = await startFast({ seed: (world) => handMade(world, [wrong]) });
  await bot.slash('/eks-audit enable prod-a');
  expect(bot.text(await bot.told('olivia', '(blocked)'))).toContain(
    `has a statement \`${SID}\` that does not allow this log group`,
  );
  const { statements } = forwarderOf(bot.world);
  statements.splice(0);
  const card = await ask(bot);
  // Between the look and the call somebody adds it: once not fitting, once fitting.
  const exists = awsError(
    'lambda',
    'ResourceConflictException',
    `The statement id (${SID}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
  );
  const fault = bot.world.door.fail({ service: 'lambda', operation: 'AddPermission', answer: exists });
  fault.when = () => void statements.push(wrong) === undefined;
  await approve(bot, card);
  expect(await ended(bot)).toContain(`has a statement \`${SID}\` that does not allow this log group`);
  expect(statements).toEqual([wrong]);

  statements.splice(0);
  const again = await ask(bot);
  fault.times = 1;
  fault.when = () => void statements.push(OURS) === undefined;
  await approve(bot, again);
  expect(await ended(bot)).toContain('is under audit');
  expect(statements).toEqual([OURS]);
  expect(callsOf(bot, 'RemovePermission')).toEqual([]);
});

test('a change of the function by somebody else is waited for, and a policy of 20480 bytes is said to be full', async () => {
  await using bot = await startFast({ seed: (world) => handMade(world, 'none') });
  const busy = awsError(
    'lambda',
    'ResourceConflictException',
    'The operation cannot be performed at this time. An update is in progress for resource.',
  );
  bot.world.door.fail({ service: 'lambda', operation: 'AddPermission', answer: busy, times: 2 });
  expect(await enable(bot)).toContain('is under audit');

  const { statements } = forwarderOf(bot.world);
  statements.splice(0);
  for (let i = 0; ; i++) {
    const statement = { ...FOREIGN, Sid: `group-${i}`, Condition: { StringEquals: { 'AWS:SourceAccount': ACCOUNT } } };
    if (forwarderOf(bot.world).policyDocument([...statements, statement]).length > 20_300) break;
    statements.push(statement);
  }
  const before = [...statements];
  const end = await enable(bot);
  expect(end).toMatch(/The resource policy of .* is full \(20\d{3} of 20480 bytes\)/);
  expect(statements).toEqual(before);
});
