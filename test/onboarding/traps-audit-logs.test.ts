/** Steps 4 and 5: the audit log type of the cluster, and the log group EKS makes for it. */
import { expect, test } from 'vitest';
import { ACCOUNT, PEOPLE, REGION } from '../../playground/acme.ts';
import { awsError } from '../../playground/aws/wire.ts';
import type { World } from '../../playground/world.ts';
import {
  approve,
  arnOf,
  ask,
  callsOf,
  changed,
  enable,
  ended,
  filtersOf,
  GROUP,
  lineOf,
  PROD_A,
  startFast,
  statusOf,
  until,
} from './journey.ts';

function prodA({ aws }: World) {
  const cluster = aws.cluster(PROD_A);
  if (!cluster) throw new Error('prod-a is gone');
  return cluster;
}

function retentionOf({ aws }: World, group = GROUP): number | undefined {
  return aws.logGroup(ACCOUNT, REGION, group)?.retentionInDays;
}

test('"No changes needed" is a success, and what somebody else switched on meanwhile is not switched on again', async () => {
  await using bot = await startFast({
    seed({ door }) {
      // DescribeCluster is eventually consistent: it may say "off" while EKS knows better.
      const refused = awsError(
        'eks',
        'InvalidParameterException',
        'No changes needed for the logging config provided',
        { fields: { clusterName: 'prod-a' } },
      );
      door.fail({ service: 'eks', operation: 'UpdateClusterConfig', answer: refused });
    },
  });
  const card = await ask(bot);
  await approve(bot, card);
  await until(() => callsOf(bot, 'UpdateClusterConfig').length === 1, 'the refused update');
  prodA(bot.world).setLogging(['audit']);
  expect(await ended(bot)).toContain('is under audit');
  expect(callsOf(bot, 'UpdateClusterConfig')).toHaveLength(1);
});

test('only the log type `audit` is named in the update, so other types stay as they are', async () => {
  await using bot = await startFast({ seed: (world) => prodA(world).setLogging(['api', 'authenticator']) });
  expect(await enable(bot)).toContain('is under audit');
  expect(prodA(bot.world).logging).toEqual(['api', 'audit', 'authenticator']);
  const [update] = callsOf(bot, 'UpdateClusterConfig');
  const body = JSON.parse(String(update?.body)) as { logging: unknown; clientRequestToken: string };
  expect(body.logging).toEqual({ clusterLogging: [{ types: ['audit'], enabled: true }] });
  expect(body.clientRequestToken).toMatch(/^[0-9a-f]{64}$/);
});

test('a foreign update named in the 409 is waited for, then ours is made', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  // AWS patches control planes by itself: DescribeCluster says ACTIVE all the while.
  const foreign = prodA(bot.world).foreignUpdate({ durationMs: 8_000_000, shownAs: 'ACTIVE' });
  await approve(bot, card);
  expect(bot.text(await bot.posted('approvals', 'another one is running'))).toContain(
    `EKS takes one update at a time, and another one is running (\`${foreign.id}\`)`,
  );
  bot.forward(8_000);
  expect(await ended(bot)).toContain('is under audit');
  expect(prodA(bot.world).updates.map((update) => [update.type, update.status])).toEqual([
    ['VersionUpdate', 'Successful'],
    ['LoggingUpdate', 'Successful'],
  ]);
});

test('an update that fails minutes later ends the run with its cause, and `enable` starts a fresh one', async () => {
  await using bot = await startFast({
    seed(world) {
      prodA(world).failNextUpdate = {
        errorCode: 'SecurityGroupNotFound',
        errorMessage: 'The security group sg-0abc does not exist',
        resourceIds: ['sg-0abc'],
      };
    },
  });
  const end = await enable(bot);
  expect(end).toContain('the run stopped');
  expect(end).toContain('`SecurityGroupNotFound` The security group sg-0abc does not exist');
  expect(end).toContain('Mend the cause in the EKS console');
  expect(filtersOf(bot.world)).toEqual([]);
  expect(await enable(bot)).toContain('is under audit');
  const tokens = callsOf(bot, 'UpdateClusterConfig').map((call) => JSON.parse(String(call.body)).clientRequestToken);
  expect(new Set(tokens).size).toBe(2);
});

test('a cluster that is being created is waited for under the one approval', async () => {
  await using bot = await startFast({
    seed(world) {
      prodA(world).status = 'CREATING';
    },
  });
  expect(lineOf('Audit logs', await statusOf(bot))).toContain('(waiting): The cluster is `CREATING`.');
  const card = await ask(bot);
  expect(bot.text(card)).toContain('Switch on the control-plane log type `audit`');
  expect(bot.text(card)).toContain('Cost: about');
  await approve(bot, card);
  await bot.posted('approvals', 'The cluster is `CREATING`.');
  expect(callsOf(bot, 'UpdateClusterConfig')).toEqual([]);
  prodA(bot.world).status = 'ACTIVE';
  expect(await ended(bot)).toContain('is under audit');
});

test('a cluster being deleted and a connected one are blocked before anything is changed', async () => {
  await using bot = await startFast({
    seed({ aws }) {
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'leaving', status: 'DELETING' });
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'on-prem', connected: true });
    },
  });
  await bot.slash('/eks-audit enable leaving on-prem');
  expect(bot.text(await bot.told('olivia', 'DELETING'))).toContain('(blocked): The cluster is `DELETING`.');
  expect(bot.text(await bot.told('olivia', 'on-prem'))).toContain(
    'This is a connected cluster: EKS does not run its control plane and has no audit logs of it.',
  );
  expect(changed(bot)).toEqual([]);
});

test('a log group in the Infrequent Access class is blocked, and groups whose names only begin alike do not matter', async () => {
  await using bot = await startFast({
    seed({ aws }) {
      const there = { account: ACCOUNT, region: REGION };
      aws.addCluster({ ...there, name: 'cheap' });
      aws.addLogGroup({ ...there, name: '/aws/eks/cheap/cluster', class: 'INFREQUENT_ACCESS' });
      for (let i = 0; i < 60; i++)
        aws.addLogGroup({ ...there, name: `${GROUP}-${String(i).padStart(2, '0')}`, class: 'INFREQUENT_ACCESS' });
    },
  });
  await bot.slash('/eks-audit enable cheap');
  expect(bot.text(await bot.told('olivia', 'can never be subscribed'))).toContain('cheap: Stopped');
  expect(changed(bot)).toEqual([]);
  expect(lineOf('Log group', await statusOf(bot))).toContain(`EKS has not created \`${GROUP}\` yet`);
  expect(await enable(bot)).toContain('is under audit');
  expect(retentionOf(bot.world)).toBe(90);
  expect(retentionOf(bot.world, `${GROUP}-00`)).toBeUndefined();
});

test('the retention of a group that was there is advised on and never changed', async () => {
  const there = { account: ACCOUNT, region: REGION };
  await using bot = await startFast({
    seed({ aws }) {
      aws.addLogGroup({ ...there, name: GROUP });
      for (const [name, retentionInDays] of [
        ['short', 30],
        ['long', 365],
      ] as const) {
        aws.addCluster({ ...there, name });
        aws.addLogGroup({ ...there, name: `/aws/eks/${name}/cluster`, retentionInDays });
      }
    },
  });
  const forEver = lineOf('Log group', await statusOf(bot));
  expect(forEver).toContain('events never expire');
  expect(forEver).toContain('Advice: set a retention (the configuration says 90 days)');
  const short = lineOf('Log group', await statusOf(bot, 'short'));
  expect(short).toContain('events kept 30 days');
  expect(short).not.toContain('Advice');
  for (const name of ['prod-a', 'short', 'long'])
    expect(await enable(bot, `/eks-audit enable ${name}`)).toContain('is under audit');
  expect(['prod-a', 'short', 'long'].map((name) => retentionOf(bot.world, `/aws/eks/${name}/cluster`))).toEqual([
    undefined,
    30,
    365,
  ]);
  expect(callsOf(bot, 'PutRetentionPolicy')).toEqual([]);
});

test('a retention somebody chose between plan and run stands, and a collision with their change is tried again', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  const there = { account: ACCOUNT, region: REGION };
  bot.world.aws.addLogGroup({ ...there, name: GROUP, retentionInDays: 7 });
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  expect(retentionOf(bot.world)).toBe(7);
  expect(callsOf(bot, 'PutRetentionPolicy')).toEqual([]);
  // Nor does anybody read later that it was ours.
  await bot.slash('/eks-audit runs prod-a');
  const made = bot.text(await bot.told('olivia', 'Latest requests'));
  expect(made).toContain('Switch on the control-plane log type `audit`');
  expect(made).not.toContain('for 90 days');

  bot.world.aws.addCluster({ ...there, name: 'prod-b' });
  const next = await ask(bot, '/eks-audit enable prod-b');
  const group = bot.world.aws.addLogGroup({ ...there, name: '/aws/eks/prod-b/cluster' });
  group.abortNextChanges = 2;
  await approve(bot, next);
  expect(await ended(bot)).toContain('is under audit');
  expect(group.retentionInDays).toBe(90);
  expect(callsOf(bot, 'PutRetentionPolicy')).toHaveLength(3);
  expect(bot.world.aws.cluster(arnOf('prod-b'))?.logging).toEqual(['audit']);
});

test('a group that turns out to be in the Infrequent Access class after the approval stops the run', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  bot.world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP, class: 'INFREQUENT_ACCESS' });
  await approve(bot, card);
  expect(await ended(bot)).toContain('can never be subscribed');
  expect(changed(bot)).toEqual([]);
});

test('wiring the Forwarder alone is refused while the log group cannot come, with why and what to do', async () => {
  await using bot = await startFast({
    seed({ aws }) {
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-b', logging: ['audit'] });
    },
    file: {
      roles: {
        admins: { users: [PEOPLE.ada] },
        operators: { users: [PEOPLE.olivia, PEOPLE.aiko] },
        approvers: { users: [PEOPLE.arjun] },
      },
    },
  });
  await until(() => bot.world.aws.logGroup(ACCOUNT, REGION, '/aws/eks/prod-b/cluster') !== undefined, 'the group');
  // What is wrong with the first cluster does not keep the second from being asked for.
  await bot.slash('/eks-audit enable prod-a prod-b --only forwarder');
  const refused = bot.text(await bot.told('olivia', 'Cannot subscribe'));
  expect(refused).toContain(`its log group \`${GROUP}\` does not exist`);
  expect(refused).toContain('Audit logs are off.');
  expect(refused).toContain('Run `/eks-audit enable production/us-east-1/prod-a` without `--only`');
  expect(bot.text(await bot.posted('approvals', '[Approve]'))).toContain('prod-b');
  await bot.slash('/eks-audit enable prod-a --only forwarder --dry-run', { as: 'aiko' });
  const said = bot.text(await bot.told('aiko', 'Forwarder だけに接続することはできません'));
  expect(said).toContain('監査ログは無効です。');
  expect(said).toContain('`--only` を付けずに `/eks-audit enable production/us-east-1/prod-a` を実行してください');
  expect(changed(bot)).toEqual([]);

  // A group that is there, if only because of other log types, can be subscribed before audit logs are on.
  bot.world.aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP });
  await bot.slash('/eks-audit enable prod-a --only forwarder --dry-run');
  expect(bot.text(await bot.told('olivia', 'Dry run'))).toContain('Add subscription filter');
});
