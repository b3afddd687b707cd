/** Step 7: exactly one filter carries the audit events, whoever made it, and what is not ours is never touched. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import type { World } from '../../playground/world.ts';
import {
  approve,
  ask,
  callsOf,
  changed,
  enable,
  ended,
  filtersOf,
  GROUP,
  lineOf,
  startFast,
  statusOf,
  until,
} from './journey.ts';

const THERE = { account: ACCOUNT, region: REGION };
const OURS = {
  name: 'eks-audit-to-datadog',
  pattern: '{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }',
  destinationArn: FORWARDER,
};

/** A cluster with its group, and filters that others made. */
function withFilters({ aws }: World, name: string, filters: { name: string; to?: string; pattern?: string }[]): void {
  if (name !== 'prod-a') aws.addCluster({ ...THERE, name });
  const group = aws.addLogGroup({ ...THERE, name: `/aws/eks/${name}/cluster` });
  for (const { name: filter, to, pattern } of filters) {
    const destinationArn = to ?? aws.addFunction({ ...THERE, name: filter }).arn;
    aws.addFilter({ group, name: filter, destinationArn, ...(pattern === undefined ? {} : { pattern }) });
  }
}

test('the number of filters a group takes is what AWS says: two, or five, and a refusal is not repeated', async () => {
  await using bot = await startFast({
    seed(world) {
      withFilters(world, 'prod-a', [{ name: 'archive' }, { name: 'other-siem' }]);
    },
  });
  const before = filtersOf(bot.world);
  const end = await enable(bot);
  expect(end).toContain(`\`${GROUP}\` has no free subscription filter: \`archive\`, \`other-siem\` take all slots.`);
  // The SDK takes "Resource limit exceeded." for throttling and would ask four times.
  expect(callsOf(bot, 'PutSubscriptionFilter')).toHaveLength(1);
  expect(filtersOf(bot.world)).toEqual(before);
  bot.world.aws.filterLimit = 5;
  expect(await enable(bot)).toContain('is under audit');
  expect(filtersOf(bot.world)).toEqual([...before, OURS]);
});

test('filters that others made to the Forwarder count, are never doubled, and two are shown as drift', async () => {
  await using bot = await startFast({
    seed(world) {
      withFilters(world, 'prod-a', [{ name: 'platform-team', to: FORWARDER }]);
      withFilters(world, 'twice', [
        { name: 'one', to: FORWARDER },
        { name: 'two', to: FORWARDER },
      ]);
      withFilters(world, 'taken', [{ name: OURS.name }]);
    },
  });
  const before = ['prod-a', 'twice', 'taken'].map((name) => filtersOf(bot.world, `/aws/eks/${name}/cluster`));
  expect(lineOf('Subscription filter', await statusOf(bot))).toContain(
    '(in sync): Filter `platform-team` already sends this group to the Forwarder; a second one would deliver everything twice.',
  );
  const twice = lineOf('Subscription filter', await statusOf(bot, 'twice'));
  expect(twice).toContain('(drifted): 2 subscriptions send this group to the Forwarder (`one`, `two`)');
  expect(twice).toContain('Filters that are not ours are never touched by us.');
  await bot.slash('/eks-audit enable taken');
  expect(bot.text(await bot.told('olivia', '(blocked)'))).toContain(
    `A filter named \`${OURS.name}\` sends this group to \`arn:aws:lambda:${REGION}:${ACCOUNT}:function:${OURS.name}\`, which is not the Forwarder.`,
  );
  expect(changed(bot)).toEqual([]);
  const card = await ask(bot);
  expect(bot.text(card)).not.toContain('Add subscription filter');
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  // Double delivery works, if dearly: the rest of the plan is carried out and the warning stays.
  expect(bot.text(await ask(bot, '/eks-audit enable twice'))).toContain('Could not be checked, or not as it should be');
  expect(callsOf(bot, 'PutSubscriptionFilter')).toEqual([]);
  expect(callsOf(bot, 'DeleteSubscriptionFilter')).toEqual([]);
  expect(['prod-a', 'twice', 'taken'].map((name) => filtersOf(bot.world, `/aws/eks/${name}/cluster`))).toEqual(before);
});

test('an account-wide subscription to the Forwarder counts, unless it leaves the group out', async () => {
  await using bot = await startFast({ seed: (world) => withFilters(world, 'prod-a', []) });
  const policy = { name: 'everything-to-datadog', destinationArn: FORWARDER };
  const line = async () => lineOf('Subscription filter', await statusOf(bot));
  bot.world.aws.setAccountPolicy(ACCOUNT, REGION, policy);
  expect(await line()).toContain('(in sync): The account-wide subscription `everything-to-datadog`');
  bot.world.aws.setAccountPolicy(ACCOUNT, REGION, {
    ...policy,
    selectionCriteria: `LogGroupName NOT IN ["/aws/lambda/noise", "${GROUP}"]`,
  });
  expect(await line()).toContain('(missing): No filter sends this group to the Forwarder.');
  const archive = bot.world.aws.addFunction({ ...THERE, name: 'archive' });
  bot.world.aws.setAccountPolicy(ACCOUNT, REGION, { name: 'archive', destinationArn: archive.arn });
  expect(await line()).toContain('(missing)');

  // A filter of ours that somebody doubles later is seen by the next status, and nothing is removed.
  expect(await enable(bot)).toContain('is under audit');
  bot.world.aws.setAccountPolicy(ACCOUNT, REGION, policy);
  expect(await line()).toContain(`(drifted): 2 subscriptions send this group to the Forwarder (\`${OURS.name}\``);
  expect(filtersOf(bot.world)).toEqual([OURS]);
});

test('Datadog’s automatic subscription is waited for, and its late arrival beside ours is shown', async () => {
  await using bot = await startFast({
    seed({ datadog }) {
      datadog.awsAccounts.all.splice(0);
      datadog.addAwsAccount({ accountId: ACCOUNT, lambdas: [FORWARDER], sources: ['lambda', 'eks'] });
    },
  });
  const { aws, datadog } = bot.world;
  expect(lineOf('Subscription filter', await statusOf(bot))).toContain(
    '(waiting): Datadog’s automatic subscription covers EKS with this Forwarder and will add its own filter',
  );
  const card = await ask(bot);
  expect(bot.text(card)).not.toContain('Add subscription filter');
  await approve(bot, card);
  await bot.posted('approvals', 'will add its own filter within minutes');
  const triggers = { ...THERE, forwarderArn: FORWARDER, delayMs: 1_000 };
  const switchOff = aws.autoSubscribe(triggers);
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world)).toEqual([
    { name: 'DD_LOG_SUBSCRIPTION_FILTER__aws_eks_prod_a_cluster', pattern: '', destinationArn: FORWARDER },
  ]);
  expect(lineOf('Subscription filter', await statusOf(bot))).toContain('(in sync): Datadog’s automatic subscription');

  switchOff();
  // Subscribing services other than EKS, or by another Forwarder, is no reason to wait.
  datadog.awsAccounts.all.splice(0);
  datadog.addAwsAccount({ accountId: ACCOUNT, lambdas: [FORWARDER], sources: ['lambda', 's3'] });
  aws.addCluster({ ...THERE, name: 'prod-b' });
  const said = lineOf('Subscription filter', await statusOf(bot, 'prod-b'));
  expect(said).toContain('(missing)');
  expect(await enable(bot, '/eks-audit enable prod-b')).toContain('is under audit');
  const group = '/aws/eks/prod-b/cluster';
  aws.autoSubscribe(triggers);
  await until(() => filtersOf(bot.world, group).length === 2, 'the late filter of Datadog');
  expect(lineOf('Subscription filter', await statusOf(bot, 'prod-b'))).toContain('(drifted): 2 subscriptions');
  expect(filtersOf(bot.world, group).map((filter) => filter.name)).toContain(OURS.name);
});

test('a filter somebody adds between plan and run makes ours needless, and a collision is tried again', async () => {
  await using bot = await startFast({ seed: (world) => withFilters(world, 'prod-b', []) });
  const card = await ask(bot);
  withFilters(bot.world, 'prod-a', [{ name: 'platform-team', to: FORWARDER }]);
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world).map((filter) => filter.name)).toEqual(['platform-team']);
  expect(callsOf(bot, 'PutSubscriptionFilter')).toEqual([]);

  const group = bot.world.aws.logGroup(ACCOUNT, REGION, '/aws/eks/prod-b/cluster');
  if (group) group.abortNextChanges = 3;
  expect(await enable(bot, '/eks-audit enable prod-b')).toContain('is under audit');
  expect(callsOf(bot, 'PutSubscriptionFilter')).toHaveLength(4);
  expect(filtersOf(bot.world, group?.name)).toEqual([OURS]);
});
