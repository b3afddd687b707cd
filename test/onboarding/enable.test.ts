/** The journey the product exists for, from the outside, on both databases. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, FORWARDER_SEED, REGION } from '../../playground/acme.ts';
import { startBot, type TestBot } from '../bot.ts';

const GROUP = '/aws/eks/prod-a/cluster';

/** What was changed in AWS and Datadog, in order. */
function changed({ world }: TestBot): string[] {
  return world.door.writes.filter((write) => !write.startsWith('slack'));
}

async function enable(bot: TestBot): Promise<void> {
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'waiting for approval');
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'));
  await bot.told('arjun', 'Approved');
  await bot.posted('approvals', 'is under audit');
  await bot.told('olivia', 'is under audit');
}

test('enable shows a plan, changes nothing until a colleague approves, then proves that logs arrive', async () => {
  await using bot = await startBot();
  bot.ignoreRest();
  await bot.slash('/eks-audit enable prod-a');
  expect(bot.text(await bot.told('olivia'))).toContain('The plan is waiting for approval in #audit-approvals.');
  const card = await bot.posted('approvals');
  const plan = bot.text(card).replace(/Expires .*/, 'Expires …');
  expect(plan).toMatchInlineSnapshot(`
    "#audit-approvals, @eks-audit
    # Bring under audit: production/us-east-1/prod-a (11 changes)
    *Waiting for approval*
    *What will change*
    1. Switch on the control-plane log type \`audit\`; other log types stay as they are
    2. Keep events of \`/aws/eks/prod-a/cluster\` for 90 days, once EKS has created the group
    3. Add subscription filter \`eks-audit-to-datadog\` from \`/aws/eks/prod-a/cluster\` to the Forwarder, audit events only
    4. Create 5 detection rules of our pack: “Anonymous access to the Kubernetes API granted”; “cluster-admin bound to a subject”; “Command executed in a pod (exec)”; “Privileged pod created”; “Secrets of all namespaces listed by a new actor”
    5. Store the webhook’s secret in Datadog as variable \`EKS_AUDIT_WEBHOOK_TOKEN\`
    6. Create Datadog webhook \`eks-audit\` to \`https://eks-audit.acme.example/webhooks/datadog\`
    7. Create a notification rule: signals of \`source:kubernetes.audit\` ring the webhook
    Cost: about $3–150 CloudWatch and $6–285 Datadog a month at list prices, for 0.2–10 GB a day (no history yet; small to busy cluster). Cloud SIEM is billed by your contract.
    Steps that cannot be seen yet stop the run if the log group turns out to be in the Infrequent Access class, has no free filter, or gets a filter from somebody else first.
    Undo: \`/eks-audit disable production/us-east-1/prod-a\` takes these back, except audit logs and retention, which stay.
    Uses \`eks:UpdateClusterConfig\`, \`logs:PutRetentionPolicy\`, \`logs:PutSubscriptionFilter\`, \`security_monitoring_rules_write\`, \`manage_integrations\`, \`create_webhooks\`, \`security_monitoring_notification_profiles_write\`
    Requested by @olivia
    Waiting for an approval by @arjun, @aiko. Expires …
    [Approve] [Reject…]"
  `);
  expect(bot.world.slack.wouldNotify(card.message as never)).toEqual(expect.arrayContaining(['@arjun', '@aiko']));
  expect(changed(bot)).toEqual([]);

  await bot.click('Approve', card, { as: 'olivia' });
  expect(bot.text(await bot.told('olivia'))).toContain(
    'You asked for this, so somebody else must approve it. Ask @arjun, @aiko.',
  );
  expect(changed(bot)).toEqual([]);

  await bot.click('Approve', card, { as: 'arjun' });
  await bot.told('arjun', 'Approved');
  const end = bot.text(await bot.posted('approvals', 'is under audit'));
  expect(end).toMatch(/Logs arriving: last event .* the first came \d+ s after the start/);
  const link = new URL(/<(https:[^>]+)>/.exec(end)?.[1] ?? '');
  expect(link.searchParams.get('query')).toContain(`@aws.awslogs.logGroup:"${GROUP}" @aws.awslogs.owner:${ACCOUNT}`);
  expect(link.searchParams.get('live')).toBe('false');
  await bot.told('olivia', 'is under audit');
  expect(changed(bot)).toEqual([
    'eks UpdateClusterConfig',
    'logs PutRetentionPolicy',
    'logs PutSubscriptionFilter',
    ...Array(5).fill('datadog CreateSecurityMonitoringRule'),
    'datadog CreateWebhooksIntegrationCustomVariable',
    'datadog CreateWebhooksIntegration',
    'datadog CreateSignalNotificationRule',
  ]);
});

test('a second enable finds nothing to do and asks nobody', async () => {
  await using bot = await startBot();
  bot.ignoreRest();
  await enable(bot);
  const before = changed(bot);
  await bot.slash('/eks-audit enable prod-a');
  expect(bot.text(await bot.told('olivia', 'Nothing to do'))).toContain('10 of 10 steps in sync');
  expect(changed(bot)).toEqual(before);
});

test('disable takes back what was made for this cluster and leaves what others use', async () => {
  await using bot = await startBot();
  bot.ignoreRest();
  await enable(bot);
  const before = changed(bot).length;
  await bot.slash('/eks-audit disable prod-a');
  const card = await bot.posted('approvals', 'Take out of audit');
  expect(bot.text(card)).toContain('Used by other clusters:');
  await bot.click('Approve', card);
  await bot.posted('approvals', 'is out of audit');
  expect(changed(bot).slice(before)).toEqual(['logs DeleteSubscriptionFilter']);
  expect(bot.world.aws.logGroup(ACCOUNT, REGION, GROUP)?.filters).toEqual([]);
  await bot.slash('/eks-audit disable prod-a');
  // Rules and webhook stand for the other cluster; nothing of ours is left for this one.
  expect(bot.text(await bot.told('olivia', 'Nothing to do'))).toContain('was made by this bot');
});

test('the last cluster takes the shared things along', async () => {
  await using bot = await startBot({
    seed: ({ aws }) => aws.cluster(`arn:aws:eks:${REGION}:${ACCOUNT}:cluster/staging`)?.setLogging([]),
  });
  bot.ignoreRest();
  await enable(bot);
  const before = changed(bot).length;
  await bot.slash('/eks-audit disable prod-a --audit-logs --reason cluster is retired');
  const card = await bot.posted('approvals', 'Take out of audit');
  expect(bot.text(card)).toContain('Reason: cluster is retired');
  expect(bot.text(card)).toContain('Cloud SIEM goes blind on this cluster');
  await bot.click('Approve', card);
  await bot.posted('approvals', 'is out of audit');
  expect(changed(bot).slice(before)).toEqual([
    'datadog DeleteSignalNotificationRule',
    'datadog DeleteWebhooksIntegration',
    'datadog DeleteWebhooksIntegrationCustomVariable',
    ...Array(5).fill('datadog DeleteSecurityMonitoringRule'),
    'logs DeleteSubscriptionFilter',
    'eks UpdateClusterConfig',
  ]);
});

test('what only a person can do comes first, and the approval is asked as soon as it is done', async () => {
  await using bot = await startBot({ seed: ({ aws }) => aws.removeFunction(FORWARDER) });
  bot.ignoreRest();
  await bot.slash('/eks-audit enable prod-a');
  expect(bot.text(await bot.told('olivia'))).toContain('Something has to be done by hand first.');
  const message = await bot.told('olivia', 'quickcreate');
  expect(bot.text(message)).toContain('DdSite: `datadoghq.com`');
  expect(changed(bot)).toEqual([]);
  bot.world.aws.addForwarder(FORWARDER_SEED);
  await bot.posted('approvals', '[Approve]');
  expect(bot.text(await bot.told('olivia', 'is in place'))).not.toContain('[Withdraw request]');
  expect(changed(bot)).toEqual([]);
});

test('a request that waits for a person can be withdrawn, and then the cluster is free for another', async () => {
  await using bot = await startBot({ seed: ({ aws }) => aws.removeFunction(FORWARDER) });
  bot.ignoreRest();
  await bot.slash('/eks-audit enable prod-a');
  const message = await bot.told('olivia', 'quickcreate');
  await bot.slash('/eks-audit enable prod-a', { as: 'ada' });
  expect(bot.text(await bot.told('ada'))).toContain('already has an open request by @olivia');
  await bot.click('Withdraw request', message, { as: 'olivia' });
  await bot.told('olivia', 'ended');
  await bot.slash('/eks-audit enable prod-a', { as: 'ada' });
  await bot.told('ada', 'quickcreate');
});
