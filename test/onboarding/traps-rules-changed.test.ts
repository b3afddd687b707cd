/** Step 8 later on: rules that people edited, that our pack changed, that Datadog ships, and that somebody made by hand. */
import { expect, test } from 'vitest';
import { STARTER_RULES } from '../../playground/acme.ts';
import type { Rule } from '../../playground/datadog/rule.ts';
import type { World } from '../../playground/world.ts';
import type { TestBot } from '../bot.ts';
import {
  approve,
  ask,
  callsOf,
  changed,
  enable,
  ended,
  lineOf,
  ourRules,
  PROD_A,
  startFast,
  statusOf,
} from './journey.ts';

const EXEC = 'exec-into-pod';

function ruleOf({ world }: TestBot, id: string): Rule {
  const rule = ourRules(world).find(({ tags }) => tags.includes(`eks-audit-id:${id}`));
  if (!rule) throw new Error(`Datadog has no rule ${id}`);
  return rule;
}

async function statusLine(bot: TestBot): Promise<string> {
  return lineOf('Detection rules', await statusOf(bot));
}

test('an edited rule is shown with the fields that differ and left alone; ours comes back only when that is approved', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  const rule = ruleOf(bot, EXEC);
  const asWritten = structuredClone(rule);
  rule.queries = rule.queries.map((one) => ({ ...one, query: `${one.query} -@usr.name:robot` }));
  rule.cases = rule.cases.map((one) => ({ ...one, status: 'info', notifications: ['@slack-acme-soc'] }));
  rule.tags = [...rule.tags, 'team:soc'];
  rule.isEnabled = false;
  rule.version += 1;
  const edited = structuredClone(rule);

  const line = await statusLine(bot);
  expect(line).toContain(`${rule.name} (\`queries[0].query\`, \`cases[0].status\`).`);
  expect(line).toContain(`\`/eks-audit rules show ${EXEC}\` shows what was changed`);
  // Enabling does not put it back: nothing of it is in the plan, so there is none.
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'Nothing to do');
  expect(ruleOf(bot, EXEC)).toEqual(edited);

  await bot.slash(`/eks-audit rules enable ${EXEC}`);
  await bot.told('olivia', 'Restore detection rule: waiting for approval');
  const card = await bot.posted('approvals', 'Restore detection rule');
  expect(bot.text(card)).toContain('• `cases[0].status`: `info` → `medium`');
  expect(bot.text(card)).toContain('-@usr.name:robot` → `');
  expect(ruleOf(bot, EXEC)).toEqual(edited);
  await bot.click('Approve', card);
  await bot.told('olivia', 'The pack’s version is back, and on.');
  const restored = ruleOf(bot, EXEC);
  expect(restored.queries).toEqual(asWritten.queries);
  expect(restored.cases).toEqual(asWritten.cases.map((one) => ({ ...one, notifications: ['@slack-acme-soc'] })));
  expect(restored.tags).toEqual(expect.arrayContaining([...asWritten.tags, 'team:soc']));
  expect(restored.isEnabled).toBe(true);
  expect(await statusLine(bot)).toContain('(in sync)');
});

test('a rule as an older pack wrote it is planned, approved, brought up to date, and is untouched afterwards', async () => {
  const older = { only: STARTER_RULES, overrides: { [EXEC]: { severity: 'low', enabled: false } } };
  let before: Rule[];
  {
    await using bot = await startFast({ file: { rules: older } });
    expect(await enable(bot)).toContain('is under audit');
    before = structuredClone(ourRules(bot.world));
  }
  // The same Datadog meets a bot whose pack says something else.
  const newer = { only: STARTER_RULES, overrides: { [EXEC]: { add: '-@usr.name:robot' } } };
  const seed = ({ datadog }: World) => {
    for (const rule of before) datadog.addRule(rule);
  };
  await using bot = await startFast({ file: { rules: newer }, seed });
  // Whether it is on, and whom it notifies, is people's to say, whatever the pack says since.
  const rule = ruleOf(bot, EXEC);
  rule.cases = rule.cases.map((one) => ({ ...one, notifications: ['@slack-acme-soc'] }));
  expect(await statusLine(bot)).toContain('(drifted): 1 of an older pack.');
  const card = await ask(bot);
  expect(bot.text(card)).toContain(`Bring detection rule “${rule.name}” up to date with our pack; nobody edited it`);
  expect(bot.text(card)).not.toContain('Create detection rule');
  expect(callsOf(bot, 'UpdateSecurityMonitoringRule')).toEqual([]);
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  const updated = ruleOf(bot, EXEC);
  expect(updated.id).toBe(rule.id);
  expect(updated.queries[0]?.query).toContain('(-@usr.name:robot)');
  expect(updated.cases).toMatchObject([{ status: 'medium', notifications: ['@slack-acme-soc'] }]);
  expect(updated.isEnabled).toBe(false);
  expect(callsOf(bot, 'UpdateSecurityMonitoringRule')).toHaveLength(1);
  // Off by somebody's wish, but not edited: an even newer pack could bring it up to date again.
  expect(await statusLine(bot)).toContain(`${rule.name} (off)`);
  await bot.slash(`/eks-audit rules enable ${EXEC}`);
  await bot.told('olivia', 'Switch detection rule on: waiting for approval');
  await bot.click('Approve', await bot.posted('approvals', 'Switch detection rule on'));
  await bot.told('olivia', 'The rule is on.');
  expect(await statusLine(bot)).toContain('(in sync)');
});

test('a shipped rule ours adds to is switched on when it was off; the last cluster switches it off again', async () => {
  const name = 'User Exec into a Pod';
  await using bot = await startFast({
    file: { rules: { only: ['exec-into-system-pod'] } },
    seed({ aws, datadog }) {
      aws.cluster(PROD_A.replace('prod-a', 'staging'))?.setLogging([]);
      Object.assign(datadog.rule(name) ?? {}, { isEnabled: false });
    },
  });
  const card = await ask(bot);
  expect(bot.text(card)).toContain(`Switch on Datadog’s own rule “${name}”, which ours add to`);
  expect(bot.world.datadog.rule(name)?.isEnabled).toBe(false);
  await approve(bot, card);
  expect(await ended(bot)).toContain('is under audit');
  const shipped = bot.world.datadog.rule(name);
  expect(shipped?.isEnabled).toBe(true);
  const undo = await ask(bot, '/eks-audit disable prod-a');
  expect(bot.text(undo)).toContain(`Switch off Datadog’s own rule “${name}” again`);
  await approve(bot, undo);
  expect(await ended(bot)).toContain('is out of audit');
  expect(bot.world.datadog.rule(name)).toMatchObject({ id: shipped?.id, isEnabled: false });
  expect(ourRules(bot.world)).toEqual([]);
});

/** A rule over audit logs that somebody made in Datadog. */
function byHand({ datadog }: World, name: string, more: Record<string, unknown>): void {
  datadog.addRule({
    name,
    type: 'log_detection',
    isEnabled: true,
    message: 'ours',
    tags: ['source:kubernetes.audit'],
    queries: [{ query: 'source:kubernetes.audit @verb:delete', aggregation: 'count' }],
    options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86_400 },
    cases: [{ name: '', status: 'low', condition: 'a > 0', notifications: [] }],
    ...more,
  });
}

test('rules made by hand whose signals do not reach the bot, or reach it twice, are named by status, and stay', async () => {
  const cases = [{ status: 'low', condition: 'a > 0', notifications: ['@slack-soc', '@webhook-eks-audit'] }];
  await using bot = await startFast({
    seed(world) {
      byHand(world, 'Unheard <!here>', { type: 'workload_security' });
      byHand(world, 'Twice', { cases });
      byHand(world, 'Ordinary', {});
    },
  });
  const first = await statusLine(bot);
  expect(first).toContain(
    '(missing): 5 rules are missing. Made by hand, and of a type whose signals do not ring the bot: `Unheard <!here>`.',
  );
  expect(first).toContain('Made by hand, and naming our webhook, so that it rings twice: `Twice`.');
  const before = structuredClone(bot.world.datadog.rules.all.filter(({ message }) => message === 'ours'));
  expect(await enable(bot)).toContain('is under audit');
  const after = await statusLine(bot);
  expect(after).toContain('(in sync): 5 rules of our pack present and as written. Made by hand');
  expect(after).not.toContain('Ordinary');
  expect(bot.world.datadog.rules.all.filter(({ message }) => message === 'ours')).toEqual(before);
});

test('asked for ten times, it is done once', async () => {
  await using bot = await startFast();
  expect(await enable(bot)).toContain('is under audit');
  const done = changed(bot);
  const rules = structuredClone(bot.world.datadog.rules.all);
  for (let i = 0; i < 9; i++) {
    await bot.slash(`/eks-audit enable prod-a${i % 2 === 0 ? '' : ' --only rules'}`);
    await bot.told('olivia', 'Nothing to do');
  }
  expect(changed(bot)).toEqual(done);
  expect(bot.world.datadog.rules.all).toEqual(rules);
});
