/** Step 8: the rules of the pack exist once, known by tag; what people made or edited is never touched. */
import { expect, test } from 'vitest';
import { ACCOUNT, REGION, STARTER_RULES } from '../../playground/acme.ts';
import { datadogRateLimited, errors } from '../../playground/datadog/answers.ts';
import { json } from '../../playground/http.ts';
import type { World } from '../../playground/world.ts';
import { loadPack } from '../../src/rules/pack.ts';
import { approve, ask, callsOf, enable, ended, lineOf, ourRules, startFast, statusOf } from './journey.ts';

const PACK = (await loadPack()).rules.filter(({ id }) => STARTER_RULES.includes(id));
const TITLES = PACK.map((rule) => rule.title.en);
const CREATE = { service: 'datadog', operation: 'CreateSecurityMonitoringRule' };

/** A rule of a person's, as the UI makes it. */
function somebodysRule({ datadog }: World, name: string, tags: string[]) {
  return datadog.addRule({
    name,
    type: 'log_detection',
    isEnabled: true,
    message: 'ours, not the bot’s',
    tags,
    queries: [
      {
        query: 'source:kubernetes.audit @http.method:delete',
        aggregation: 'count',
        groupByFields: [],
        distinctFields: [],
      },
    ],
    options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86400 },
    cases: [{ name: '', status: 'low', condition: 'a > 0', notifications: [] }],
  });
}

test('a rule of the same name that is not ours is no rule of ours, and stays as it is', async () => {
  await using bot = await startFast({
    seed: (world) => void somebodysRule(world, TITLES[0] ?? '', ['team:platform']),
  });
  const foreign = structuredClone(bot.world.datadog.rule(TITLES[0] ?? ''));
  expect(lineOf('Detection rules', await statusOf(bot))).toContain(`${PACK.length} rules are missing`);
  expect(await enable(bot)).toContain('is under audit');
  expect(bot.world.datadog.rules.get(foreign?.id ?? '')).toEqual(foreign);
  expect(
    ourRules(bot.world)
      .map((rule) => rule.name)
      .sort(),
  ).toEqual(TITLES.toSorted());
  // A notification rule rings for all of them; a rule that named the webhook as well would notify twice.
  expect(ourRules(bot.world).flatMap((rule) => rule.cases.flatMap((c) => c.notifications))).toEqual([]);
});

test('a rule people edited or disabled is drift: it is shown, left alone, and does not stop the rest', async () => {
  await using bot = await startFast({
    seed: ({ aws }) => void aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-b' }),
  });
  expect(await enable(bot)).toContain('is under audit');
  const [edited, disabled, notifying, deleted] = ourRules(bot.world);
  if (!edited || !disabled || !notifying || !deleted) throw new Error('the pack has fewer rules than this test needs');
  Object.assign(edited, { queries: edited.queries.map((q) => ({ ...q, query: `${q.query} -@usr.name:robot` })) });
  disabled.isEnabled = false;
  // Whom a rule notifies and how people tag it is theirs to decide, and no drift.
  notifying.cases = notifying.cases.map((c) => ({ ...c, notifications: ['@slack-acme-soc'] }));
  notifying.tags.push('team:soc');
  const line = lineOf('Detection rules', await statusOf(bot));
  expect(line).toContain('(drifted): Edited or disabled by people since we made them: ');
  expect(line).toContain(edited.name);
  expect(line).toContain(disabled.name);
  expect(line).not.toContain(notifying.name);

  bot.world.datadog.rules.remove(deleted);
  const before = structuredClone([edited, disabled, notifying]);
  const card = await ask(bot, '/eks-audit enable prod-b');
  expect(bot.text(card).match(/Create detection rule/g)).toHaveLength(1);
  expect(bot.text(card)).toContain(`Create detection rule “${deleted.name}”`);
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  expect([edited, disabled, notifying]).toEqual(before);
  expect(callsOf(bot, 'UpdateSecurityMonitoringRule')).toEqual([]);
  expect(ourRules(bot.world)).toHaveLength(PACK.length);
});

test('a creation whose answer was lost makes no second rule, though the list lags behind', async () => {
  await using bot = await startFast();
  const { datadog, door } = bot.world;
  datadog.listLagMs = 300_000;
  door.fail({ ...CREATE, answer: errors(500, 'Internal error'), applies: true });
  expect(await enable(bot)).toContain('is under audit');
  expect(
    ourRules(bot.world)
      .map((rule) => rule.name)
      .sort(),
  ).toEqual(TITLES.toSorted());
  expect(callsOf(bot, CREATE.operation)).toHaveLength(PACK.length);
});

test('a creation cut off on its way back makes no second rule; one that never arrived is made after all', async () => {
  await using bot = await startFast();
  const { door, datadog } = bot.world;
  datadog.listLagMs = 200_000;
  door.fail({ ...CREATE, answer: 'reset', applies: true });
  door.fail({ ...CREATE, answer: 'reset' });
  door.fail({ ...CREATE, answer: datadogRateLimited(1) });
  const card = await ask(bot);
  await approve(bot, card);
  await bot.posted(
    'approvals',
    'The answer to a creation was lost; looking whether it took effect before trying again.',
  );
  expect(await ended(bot)).toContain('is under audit');
  expect(
    ourRules(bot.world)
      .map((rule) => rule.name)
      .sort(),
  ).toEqual(TITLES.toSorted());
  // One answer lost, two creations that did not take effect and were repeated.
  expect(callsOf(bot, CREATE.operation)).toHaveLength(PACK.length + 2);
});

test('two clusters enabled at once make one set of rules, one webhook and one notification rule', async () => {
  await using bot = await startFast({
    seed({ aws, datadog }) {
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-b' });
      datadog.listLagMs = 100_000;
    },
  });
  await bot.slash('/eks-audit enable prod-a prod-b');
  const cards = await Promise.all(['prod-a', 'prod-b'].map((name) => bot.posted('approvals', `${name} (11 changes)`)));
  await Promise.all(cards.map((card) => bot.click('Approve', card)));
  expect(await ended(bot)).toContain('is under audit');
  expect(await ended(bot)).toContain('is under audit');
  expect(
    ourRules(bot.world)
      .map((rule) => rule.name)
      .sort(),
  ).toEqual(TITLES.toSorted());
  expect(bot.world.datadog.notificationRules.all).toHaveLength(1);
  for (const operation of ['CreateWebhooksIntegration', 'CreateWebhooksIntegrationCustomVariable'])
    expect(callsOf(bot, operation)).toHaveLength(1);
});

test('what Datadog has against a rule is shown, in each of its shapes, and an odd answer is no crash', async () => {
  await using bot = await startFast();
  const { door } = bot.world;
  door.fail({ ...CREATE, answer: errors(400, "input_validation_error(Field 'queries' is invalid: a field is empty)") });
  const first = await enable(bot);
  expect(first).toContain(
    `Datadog rejected the rule “${TITLES[0]}”: input_validation_error(Field 'queries' is invalid`,
  );
  const details = [{ code: 'InvalidArgument', message: 'query is too broad', target: 'queries[0].query' }];
  door.fail({ ...CREATE, answer: json(400, { error: { code: 'InvalidArgument', message: 'Invalid rule', details } }) });
  expect(await enable(bot)).toContain('Invalid rule; queries[0].query: query is too broad');

  const list = { service: 'datadog', operation: 'ListSecurityMonitoringRules' };
  door.fail({ ...list, answer: { status: 502, body: '<html>Bad gateway</html>' } });
  expect(lineOf('Detection rules', await statusOf(bot))).toContain('(unknown): Datadog did not answer as expected');
  door.fail({ ...list, answer: json(200, { data: 'none' }) });
  expect(lineOf('Detection rules', await statusOf(bot))).toContain(
    '(unknown): Datadog did not answer as expected: data:',
  );
  door.fail({ ...list, answer: datadogRateLimited(3) });
  expect(lineOf('Detection rules', await statusOf(bot))).toContain('(unknown): Datadog is limiting our calls.');
});

test('without a rule pack nothing is missing and nothing is made', async () => {
  await using bot = await startFast({ file: { rules: { pack: 'none' } } });
  expect(lineOf('Detection rules', await statusOf(bot))).toContain('(in sync): No rule pack is chosen');
  expect(bot.text(await ask(bot))).not.toContain('detection rule');
});
