/** Taking a cluster out: only what the journal says we made, nothing others use, and blindness only on purpose. */
import { expect, test } from 'vitest';
import { ACCOUNT, CHANNELS, FORWARDER, PEOPLE, REGION } from '../../playground/acme.ts';
import type { World } from '../../playground/world.ts';
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
} from './journey.ts';

const THERE = { account: ACCOUNT, region: REGION };
const STAGING = PROD_A.replace('prod-a', 'staging');

/** Beside ours, in every place where we make something, stands something of somebody else's. */
function withForeignThings({ aws, datadog }: World): void {
  aws.cluster(STAGING)?.setLogging([]);
  aws.removeFunction(FORWARDER);
  aws.addForwarder({
    ...FORWARDER_SEED,
    policy: [
      {
        Sid: 'theirs',
        Effect: 'Allow',
        Principal: { Service: 'logs.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: FORWARDER,
        Condition: { ArnLike: { 'AWS:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/*:*` } },
      },
    ],
  });
  const archive = aws.addFunction({ ...THERE, name: 'archive' });
  const group = aws.addLogGroup({ ...THERE, name: GROUP, retentionInDays: 30 });
  aws.addFilter({ group, name: 'archive', destinationArn: archive.arn });
  datadog.addWebhook({ name: 'pagers', url: 'https://pagers.example/hook' });
  datadog.addCustomVariable({ name: 'PAGERS_TOKEN', value: 'theirs', is_secret: true });
  datadog.addNotificationRule({
    name: 'to the pagers',
    selectors: { query: 'source:kubernetes.audit', trigger_source: 'security_signals' },
    targets: ['@webhook-pagers'],
  });
  datadog.addRule({
    name: 'Command executed in a pod (exec)',
    type: 'log_detection',
    isEnabled: true,
    message: 'theirs',
    tags: ['team:soc'],
    queries: [{ query: 'source:kubernetes.audit', aggregation: 'count', groupByFields: [], distinctFields: [] }],
    options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86400 },
    cases: [{ name: '', status: 'low', condition: 'a > 0', notifications: [] }],
  });
}

/** All that exists where we work, to compare before and after. */
function everything(world: World): unknown {
  const { datadog } = world;
  return structuredClone({
    statements: forwarderOf(world).statements,
    filters: filtersOf(world),
    retention: world.aws.logGroup(ACCOUNT, REGION, GROUP)?.retentionInDays,
    rules: datadog.rules.all,
    webhooks: [...datadog.webhooks],
    variables: [...datadog.customVariables],
    notifications: datadog.notificationRules.all,
  });
}

test('the last cluster takes back all we made, down to the permission, and everything foreign is as before', async () => {
  await using bot = await startFast({ seed: withForeignThings });
  const before = everything(bot.world);
  expect(await enable(bot)).toContain('is under audit');
  expect(everything(bot.world)).not.toEqual(before);
  const card = await ask(bot, '/eks-audit disable prod-a');
  const plan = bot.text(card);
  expect(plan).toContain('Remove our statement `eks-audit-cloudwatch-logs` from the policy');
  expect(plan).toContain('*What stays*');
  expect(plan).toContain('Audit logs stay on: switching them off blinds Cloud SIEM');
  await approve(bot, card);
  expect(await ended(bot)).toContain('is out of audit');
  expect(everything(bot.world)).toEqual(before);
  // Audit logs stay on: nobody asked for blindness.
  expect(bot.world.aws.cluster(PROD_A)?.logging).toEqual(['audit']);
});

test('what people changed of ours since is theirs: an edited rule and a filter pointed elsewhere stay', async () => {
  await using bot = await startFast({ seed: withForeignThings });
  expect(await enable(bot)).toContain('is under audit');
  const [edited] = ourRules(bot.world);
  if (edited) edited.queries = edited.queries.map((q) => ({ ...q, query: `${q.query} -@usr.name:robot` }));
  const elsewhere = bot.world.aws.functionByArn(FORWARDER.replace('DatadogForwarder', 'archive'))?.arn ?? '';
  bot.world.aws.logGroup(ACCOUNT, REGION, GROUP)?.putFilter('eks-audit-to-datadog', '', elsewhere, 0);
  expect(await enableEnds(bot)).toBe(true);
  await approve(bot, await ask(bot, '/eks-audit disable prod-a'));
  expect(await ended(bot)).toContain('is out of audit');
  expect(ourRules(bot.world)).toEqual([edited]);
  expect(filtersOf(bot.world).map((f) => f.name)).toEqual(['archive', 'eks-audit-to-datadog']);
  expect(bot.world.datadog.webhooks.has('eks-audit')).toBe(false);
});

async function enableEnds(bot: Awaited<ReturnType<typeof startFast>>): Promise<boolean> {
  await bot.slash('/eks-audit enable prod-a');
  return bot.text(await bot.told('olivia', '(blocked)')).includes('A filter named `eks-audit-to-datadog`');
}

test('shared things stay while another cluster uses them, and while some Region cannot be read', async () => {
  const account = {
    id: ACCOUNT,
    name: 'production',
    regions: [REGION, 'eu-west-1'],
    roles: {
      reader: `arn:aws:iam::${ACCOUNT}:role/EksAuditReader`,
      operator: `arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`,
    },
    external_id: 'acme-external-id-7f3a',
  };
  await using bot = await startFast({
    file: { aws: { accounts: [account] } },
    seed({ aws }) {
      aws.removeFunction(FORWARDER);
      aws.addForwarder({ ...FORWARDER_SEED, policy: 'none' });
      aws.cluster(STAGING)?.setLogging([]);
      // Another Region shares what belongs to the organisation, but not the permission of this Region's Forwarder.
      aws.addCluster({ account: ACCOUNT, region: 'eu-west-1', name: 'prod-eu', logging: ['audit'] });
    },
  });
  expect(await enable(bot)).toContain('is under audit');
  const dry = async () => {
    await bot.slash('/eks-audit disable prod-a --dry-run');
    return bot.text(await bot.told('olivia', 'Dry run'));
  };
  const whileEurope = await dry();
  expect(whileEurope).toContain('(2 changes)');
  expect(whileEurope).toContain('Remove our statement');
  expect(whileEurope).toMatch(/Used by other clusters: .*Notification rule `eks-audit`/);
  bot.world.aws.cluster(STAGING)?.setLogging(['audit']);
  expect(await dry()).not.toContain('Remove our statement');
  bot.world.aws.cluster(STAGING)?.setLogging([]);
  bot.world.aws.removeCluster(`arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod-eu`);
  expect(await dry()).toContain('(10 changes)');
  bot.world.aws.disabledRegions.add('eu-west-1');
  expect(await dry()).toContain('(1 change)');
});

test('what another cluster has come to use while the approval was waited for stays, and only that', async () => {
  await using bot = await startFast({ seed: withForeignThings });
  expect(await enable(bot)).toContain('is under audit');
  const card = await ask(bot, '/eks-audit disable prod-a');
  expect(bot.text(card)).toContain('Delete Datadog webhook `eks-audit`');
  const shared = ourRules(bot.world).length;
  bot.world.aws.cluster(STAGING)?.setLogging(['audit']);
  await approve(bot, card);
  expect(await ended(bot)).toContain('is out of audit');
  expect(bot.world.slack.timeline.map(bot.text).join('\n')).toContain('Other clusters have come to use this');
  expect(ourRules(bot.world)).toHaveLength(shared);
  expect(bot.world.datadog.webhooks.has('eks-audit')).toBe(true);
  expect(forwarderOf(bot.world).statements.map(({ Sid }) => Sid)).toContain('eks-audit-cloudwatch-logs');
  expect(filtersOf(bot.world).map((f) => f.name)).toEqual(['archive']);
});

test('switching audit logs off needs a reason, an approval of its own kind and the role for it', async () => {
  await using bot = await startFast({
    seed: ({ aws }) => void aws.addCluster({ ...THERE, name: 'prod-b', logging: ['api', 'audit'] }),
    file: {
      approvals: {
        channel: CHANNELS.approvals,
        rules: [{ match: { action: 'audit-off' }, approvers: { users: [PEOPLE.aiko] } }],
      },
    },
  });
  await bot.slash('/eks-audit disable prod-b --audit-logs');
  expect(bot.text(await bot.told('olivia', 'reason'))).toContain('blinds the SIEM and needs a reason');
  const card = await ask(bot, '/eks-audit disable prod-b --audit-logs --reason cost, *until* March');
  const plan = bot.text(card);
  expect(plan).toContain('Cloud SIEM goes blind on this cluster');
  expect(plan).toContain('Reason: cost, *until* March');
  expect(plan).toMatch(/Waiting for an approval by @aiko\./);
  await bot.click('Approve', card, { as: 'arjun' });
  await bot.told('arjun');
  expect(changed(bot)).toEqual([]);
  await bot.click('Approve', card, { as: 'aiko' });
  expect(await ended(bot)).toContain('is out of audit');
  expect(bot.world.aws.cluster(PROD_A.replace('prod-a', 'prod-b'))?.logging).toEqual(['api']);
  const [update] = callsOf(bot, 'UpdateClusterConfig');
  expect(update?.principal).toMatch(/assumed-role\/EksAuditOff\/eks-audit-[0-9a-f]{12}$/);
  expect(JSON.parse(String(update?.body)).logging).toEqual({ clusterLogging: [{ types: ['audit'], enabled: false }] });
  expect(changed(bot)).toEqual(['eks UpdateClusterConfig']);
});
