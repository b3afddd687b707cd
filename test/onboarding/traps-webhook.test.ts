/** Step 9: Datadog rings us for every signal: one webhook, one secret variable, one notification rule, none of them somebody else's. */
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import { SECRETS } from '../../playground/world.ts';
import { ask, callsOf, changed, enable, everythingSaid, lineOf, startFast, statusOf } from './journey.ts';

const URL_OF_OURS = 'https://eks-audit.acme.example/webhooks/datadog';

test('the webhook carries our secret by name and only fields whose values cannot break JSON', async () => {
  await using bot = await startFast();
  const { datadog } = bot.world;
  expect(await enable(bot)).toContain('is under audit');
  const webhook = datadog.webhook('eks-audit');
  expect(webhook?.url).toBe(URL_OF_OURS);
  expect(JSON.parse(webhook?.custom_headers ?? '')).toEqual({ Authorization: 'Bearer $EKS_AUDIT_WEBHOOK_TOKEN' });
  const payload = JSON.parse(webhook?.payload ?? '') as Record<string, unknown>;
  // Titles, messages and attributes hold what attackers type, and are substituted without escaping.
  const variables = Object.values(payload).filter((value) => String(value).startsWith('$'));
  expect(variables.toSorted()).toEqual([
    '$DATE',
    '$ORG_ID',
    '$SECURITY_RULE_ID',
    '$SECURITY_RULE_TYPE',
    '$SECURITY_SIGNAL_ID',
    '$SECURITY_SIGNAL_SEVERITY',
  ]);
  expect(datadog.customVariables.get('EKS_AUDIT_WEBHOOK_TOKEN')).toEqual({
    name: 'EKS_AUDIT_WEBHOOK_TOKEN',
    value: SECRETS.webhookToken,
    is_secret: true,
  });
  const [rule] = datadog.notificationRules.all;
  expect(rule?.attributes).toMatchObject({
    targets: ['@webhook-eks-audit'],
    selectors: { query: 'source:kubernetes.audit', trigger_source: 'security_signals', rule_types: ['log_detection'] },
  });
  expect(everythingSaid(bot)).not.toContain(SECRETS.webhookToken);

  // Switched off or narrowed by somebody, it is drift: no second one is made beside it.
  for (const edit of [
    { enabled: false },
    { selectors: { query: 'source:cloudtrail', trigger_source: 'security_signals' } },
  ]) {
    const before = structuredClone(rule?.attributes);
    Object.assign(rule?.attributes ?? {}, edit);
    expect(lineOf('Signal webhook', await statusOf(bot))).toContain(
      '(drifted): Our notification rule `eks-audit` was switched off or edited',
    );
    Object.assign(rule?.attributes ?? {}, before);
  }
  // Pointed elsewhere it is ours all the same, and is pointed back.
  if (webhook) datadog.addWebhook({ ...webhook, url: 'https://old.acme.example/webhooks/datadog' });
  expect(bot.text(await ask(bot))).toContain(`Point Datadog webhook \`eks-audit\` to \`${URL_OF_OURS}\``);
});

test('somebody else’s webhook of our name is blocked, and their notification rules and variables stay', async () => {
  await using bot = await startFast({
    seed({ datadog }) {
      datadog.addWebhook({ name: 'eks-audit', url: 'https://elsewhere.example/hook' });
      datadog.addCustomVariable({ name: 'TEAM_TOKEN', value: 'theirs', is_secret: true });
      datadog.addNotificationRule({
        name: 'eks-audit',
        selectors: { query: 'source:kubernetes.audit', trigger_source: 'security_signals' },
        targets: ['@slack-acme-soc'],
      });
    },
  });
  const { datadog } = bot.world;
  const theirs = structuredClone([[...datadog.webhooks], [...datadog.customVariables], datadog.notificationRules.all]);
  const line = lineOf('Signal webhook', await statusOf(bot));
  expect(line).toContain(
    '(blocked): A webhook named `eks-audit` exists and is not ours (`https://elsewhere.example/hook`).',
  );
  expect(line).toContain('Rename or remove it in Datadog under Integrations, Webhooks.');
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'is not ours');
  expect(changed(bot)).toEqual([]);
  expect([[...datadog.webhooks], [...datadog.customVariables], datadog.notificationRules.all]).toEqual(theirs);

  // Once it is gone, a notification rule of our name with other targets is still theirs: ours is a second one.
  datadog.webhooks.clear();
  const [foreign] = structuredClone(datadog.notificationRules.all);
  expect(await enable(bot)).toContain('is under audit');
  expect(datadog.notificationRules.all).toHaveLength(2);
  expect(datadog.notificationRules.all[0]).toEqual(foreign);
  expect(datadog.customVariables.get('TEAM_TOKEN')?.value).toBe('theirs');
});

test('a notification rule whose creation was answered with an error exists once, though the list lags behind', async () => {
  await using bot = await startFast();
  const { datadog, door } = bot.world;
  datadog.listLagMs = 200_000;
  const create = { service: 'datadog', operation: 'CreateSignalNotificationRule' };
  door.fail({ ...create, answer: errors(500, 'Internal error'), applies: true });
  expect(await enable(bot)).toContain('is under audit');
  expect(datadog.notificationRules.all).toHaveLength(1);
  expect(callsOf(bot, create.operation)).toHaveLength(1);
});

test('a webhook whose creation was answered with an error is found and kept', async () => {
  await using bot = await startFast();
  const { datadog, door } = bot.world;
  door.fail({ service: 'datadog', operation: 'CreateWebhooksIntegration', answer: 'reset', applies: true });
  door.fail({
    service: 'datadog',
    operation: 'CreateWebhooksIntegrationCustomVariable',
    answer: errors(502, 'Bad gateway'),
    applies: true,
  });
  expect(await enable(bot)).toContain('is under audit');
  expect(datadog.webhooks.size).toBe(1);
  expect(datadog.customVariables.size).toBe(1);
  expect(callsOf(bot, 'CreateWebhooksIntegration')).toHaveLength(1);
});

test('without a public address there is nothing to ring: polling only, and nothing is made for it', async () => {
  await using bot = await startFast({ env: { PUBLIC_URL: '' } });
  expect(lineOf('Signal webhook', await statusOf(bot))).toContain('(in sync): Polling only: no `PUBLIC_URL` is set');
  expect(await enable(bot)).toContain('is under audit');
  expect(bot.world.datadog.webhooks.size + bot.world.datadog.customVariables.size).toBe(0);
  expect(bot.world.datadog.notificationRules.all).toEqual([]);
});
