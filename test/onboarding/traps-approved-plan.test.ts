/** What is carried out is what was approved, or less; anything else is asked for again, for the cluster it concerns. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { awsError } from '../../playground/aws/wire.ts';
import {
  approve,
  ask,
  callsOf,
  changed,
  enable,
  ended,
  FORWARDER_SEED,
  filtersOf,
  forwarderOf,
  GROUP,
  ourRules,
  PROD_A,
  startFast,
  until,
} from './journey.ts';

const THERE = { account: ACCOUNT, region: REGION };

test('what has become true since the approval is dropped, and the rest is carried out under it', async () => {
  await using bot = await startFast();
  const { aws, datadog } = bot.world;
  const card = await ask(bot);
  expect(bot.text(card)).toContain('11 changes');
  aws.cluster(PROD_A)?.setLogging(['audit']);
  const group = aws.addLogGroup({ ...THERE, name: GROUP, retentionInDays: 30 });
  aws.addFilter({ group, name: 'platform-team', destinationArn: FORWARDER });
  datadog.addNotificationRule({
    name: 'security-team',
    selectors: { query: 'source:kubernetes.audit', trigger_source: 'security_signals' },
    targets: ['@webhook-eks-audit', '@slack-acme-soc'],
  });
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  expect(changed(bot)).toEqual([
    ...Array(5).fill('datadog CreateSecurityMonitoringRule'),
    'datadog CreateWebhooksIntegrationCustomVariable',
    'datadog CreateWebhooksIntegration',
  ]);
});

test('a change nobody approved voids the approval, and the new plan is shown beside the old, for this cluster only', async () => {
  await using bot = await startFast({ seed: ({ aws }) => void aws.addCluster({ ...THERE, name: 'prod-b' }) });
  await bot.slash('/eks-audit enable prod-a prod-b');
  const cardA = await bot.posted('approvals', 'prod-a (');
  const cardB = await bot.posted('approvals', 'prod-b (');
  await approve(bot, cardB);
  expect(await ended(bot)).toContain('prod-b is under audit');

  // The shared things are there by now; but somebody took the permission out of the Forwarder's policy.
  forwarderOf(bot.world).disallow('datadog-forwarder-CloudWatchLogsInvokePermission-Q7W8E9R0');
  const before = changed(bot);
  await approve(bot, cardA);
  const again = await bot.posted('approvals', 'What was approved before');
  const said = bot.text(again);
  const [approved = '', wanted = ''] = said.split('*What will change*');
  expect(approved).toContain('7. Create a notification rule');
  expect(approved).not.toContain('Allow CloudWatch Logs to invoke');
  expect(wanted).toContain('3. Allow CloudWatch Logs to invoke');
  expect(wanted).not.toMatch(/Create .*detection rule/);
  expect(changed(bot)).toEqual(before);
  await bot.told('olivia', 'needs another approval');
  await bot.posted('approvals', 'needs another approval');

  // The old buttons are worth nothing any more, and the requester may not approve the new plan either.
  await bot.click('Approve', cardA, { stale: true });
  await bot.told('arjun', 'plan has changed');
  await bot.click('Approve', again, { as: 'olivia' });
  await bot.told('olivia', 'somebody else must approve it');
  expect(changed(bot)).toEqual(before);
  await approve(bot, again);
  expect(await ended(bot)).toContain('prod-a is under audit');
  expect(callsOf(bot, 'AddPermission')).toHaveLength(1);
});

test('a different value voids the approval too: the filter goes nowhere but where it was approved to go', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  bot.world.aws.removeFunction(FORWARDER);
  bot.world.aws.addForwarder({ ...FORWARDER_SEED, name: 'NewForwarder' });
  await approve(bot, card);
  const again = await bot.posted('approvals', 'What was approved before');
  expect(changed(bot)).toEqual([]);
  await approve(bot, again);
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world).map((f) => f.destinationArn)).toEqual([FORWARDER.replace('Datadog', 'New')]);
});

test('what was begun towards one Forwarder and approved anew towards another is taken back from that other one', async () => {
  await using bot = await startFast();
  const busy = awsError(
    'logs',
    'OperationAbortedException',
    'A conflicting operation is in progress. Please try again.',
  );
  const put = { service: 'logs', operation: 'PutSubscriptionFilter' };
  const fault = bot.world.door.fail({ ...put, times: Number.POSITIVE_INFINITY, answer: busy });
  await approve(bot, await ask(bot));
  await until(() => callsOf(bot, 'PutSubscriptionFilter').length > 0, 'the first try');
  bot.world.aws.removeFunction(FORWARDER);
  bot.world.aws.addForwarder({ ...FORWARDER_SEED, name: 'NewForwarder' });
  const again = await bot.posted('approvals', 'What was approved before');
  fault.times = 0;
  await approve(bot, again);
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world)).toHaveLength(1);
  await approve(bot, await ask(bot, '/eks-audit disable prod-a'));
  expect(await ended(bot)).toContain('is out of audit');
  expect(filtersOf(bot.world)).toEqual([]);
});

test('a later step that is blocked since the approval stops the run before anything is switched on', async () => {
  await using bot = await startFast();
  const card = await ask(bot);
  bot.world.datadog.addWebhook({ name: 'eks-audit', url: 'https://elsewhere.example/hook' });
  await approve(bot, card);
  expect(await ended(bot)).toContain('A webhook named `eks-audit` exists and is not ours');
  expect(changed(bot)).toEqual([]);
  // Once it is gone, the same request succeeds.
  bot.world.datadog.webhooks.clear();
  expect(await enable(bot)).toContain('is under audit');
});

test('a part is planned and carried out alone, and a dry run changes nothing and asks nobody', async () => {
  await using bot = await startFast();
  await bot.slash('/eks-audit enable prod-a --dry-run');
  const dry = bot.text(await bot.told('olivia', 'Dry run'));
  expect(dry).toContain('(11 changes)');
  expect(dry).not.toContain('[Approve]');
  await bot.slash('/eks-audit enable prod-a --only audit-logs —dry-run');
  expect(bot.text(await bot.told('olivia', '(2 changes)'))).toContain(
    'Dry run: nothing was asked and nothing changes.',
  );
  expect(changed(bot)).toEqual([]);
  expect(bot.world.slack.unread('#audit-approvals')).toEqual([]);

  const end = await enable(bot, '/eks-audit enable prod-a --only audit-logs');
  expect(end).toContain('`audit-logs` is done');
  expect(end).not.toContain('is under audit');
  expect(changed(bot)).toEqual(['eks UpdateClusterConfig', 'logs PutRetentionPolicy']);
  expect(await enable(bot, '/eks-audit enable prod-a --only forwarder')).toContain('prod-a');
  expect(changed(bot).slice(2)).toEqual(['logs PutSubscriptionFilter']);
  expect(await enable(bot, '/eks-audit enable prod-a --only rules')).toContain('prod-a');
  expect(ourRules(bot.world)).toHaveLength(5);
  await bot.slash('/eks-audit enable prod-a --only everything');
  expect(bot.text(await bot.told('olivia', 'Usage'))).toContain('--only audit-logs|forwarder|rules');
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', '10 of 10 steps in sync');
});

test('every change carries the run in its session name, so that CloudTrail leads to who asked and who approved', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  const writes = bot.world.door.recorded.filter((r) => r.writes && ['eks', 'logs', 'lambda'].includes(r.call.service));
  const principals = [...new Set(writes.map((r) => r.call.principal))];
  expect(principals).toHaveLength(1);
  const name = new RegExp(`^arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditOperator/eks-audit-([0-9a-f]{12})$`);
  expect(principals[0]).toMatch(name);
  // Looking is done by the reader, under a name of its own.
  const readers = new Set(callsOf(bot, 'ListClusters').map((call) => call.principal));
  expect([...readers]).toEqual([`arn:aws:sts::${ACCOUNT}:assumed-role/EksAuditReader/eks-audit-read`]);
  const assumed = callsOf(bot, 'AssumeRole').map((call) => new URLSearchParams(String(call.body)));
  expect(new Set(assumed.map((sent) => sent.get('ExternalId')))).toEqual(new Set(['acme-external-id-7f3a']));
});
