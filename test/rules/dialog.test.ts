/** The dialog in which a rule is written: tried on real events, previewed, judged by Datadog, approved, created, read back. */
import { expect, test } from 'vitest';
import { PEOPLE } from '../../playground/acme.ts';
import { invalidArguments } from '../../playground/datadog/answers.ts';
import { logExplorerUrl } from '../../src/datadog/sites.ts';
import { compileRule } from '../../src/rules/compile.ts';
import { loadPack } from '../../src/rules/pack.ts';
import {
  approveChange,
  EXEC,
  execs,
  indexed,
  nextStep,
  openRule,
  startRules,
  submitStep,
  until,
  viewText,
} from './journey.ts';

test('exec as a new value: the runbook’s query corrected, tried, previewed, approved and in Datadog', async () => {
  await using bot = await startRules();
  indexed(bot, execs(6));
  const typed = EXEC.replace('audit', 'aduit');
  const first = await openRule(bot, `/eks-audit rules export ${typed} @http.method:create`);
  expect(viewText(bot, first)).toContain('Step 1 of 3');
  const second = await submitStep(bot, first, {
    text: `${EXEC} @http.method:(create OR get)`,
    method: 'new_value',
  });
  const shown = viewText(bot, second);
  expect(shown).toContain('*6 events*');
  expect(shown).toContain('User Exec into a Pod');
  expect(shown).toContain('It learns for 7 days');
  const third = await submitStep(bot, second, { name: 'New person in a pod', severity: 'high' });
  expect(viewText(bot, third)).toContain('would have raised *5 signals*');
  const last = await submitStep(bot, third, { reason: 'The runbook asks for it' });
  expect(viewText(bot, last)).toContain('waits for approval');

  const card = await approveChange(bot, 'New person in a pod');
  const said = bot.text(card);
  expect(said).toContain('Create detection rule: waiting for approval');
  expect(said).toContain('The runbook asks for it');
  expect(bot.world.datadog.rule('New person in a pod')).toBeUndefined();
  const told = bot.text(await bot.told('olivia', 'The rule is in Datadog'));
  expect(told).toContain('it is as it was approved');
  const rule = await until(() => bot.world.datadog.rule('New person in a pod'));
  expect(rule).toMatchObject({
    isEnabled: true,
    options: { detectionMethod: 'new_value', keepAlive: 0, newValueOptions: { learningDuration: 7 } },
    cases: [{ status: 'high' }],
    queries: [{ query: `${EXEC} @http.method:(create OR get)`, metrics: ['@usr.name'] }],
  });
  expect(rule.tags.some((tag) => tag.startsWith('eks-audit-id:custom-'))).toBe(true);
});

test('a pasted Log Explorer address brings its query and its window, and becomes a threshold rule', async () => {
  await using bot = await startRules();
  indexed(bot, execs(4));
  const now = bot.world.time.now();
  const url = logExplorerUrl(bot.config, `${EXEC} @http.method:create`, new Date(now - 3_600_000), new Date(now));
  const first = await openRule(bot, `/eks-audit rules export ${url}`);
  const second = await submitStep(bot, first, { method: 'threshold' });
  expect(viewText(bot, second)).toContain('*0 events*');
  expect(viewText(bot, second)).toContain('write `@http.method:(create OR get)`');
});

test('what is wrong with a draft stands beside its field, and nothing typed is lost', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, '/eks-audit rules create');
  const again = await submitStep(bot, first, { text: 'source:kubernetes.audit (@a:1' });
  expect(viewText(bot, again)).toContain('This query cannot be read');
  const second = await submitStep(bot, again, { text: EXEC });
  const wrong = await submitStep(bot, second, { name: 'Exec', window: '1 day', keepAlive: '5 minutes' });
  expect(viewText(bot, wrong)).toContain('must not be shorter than the time events are counted over');
  expect(viewText(bot, wrong)).toContain('Exec');
});

test('Datadog’s own complaint stands beside the field it is about', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  bot.world.door.fail({
    service: 'datadog',
    operation: 'ValidateSecurityMonitoringRule',
    answer: invalidArguments('Invalid rule configuration', [
      { message: 'Keep alive is not in allowed durations: 0, 1, 5 (in minutes)', target: 'keepAlive' },
    ]),
  });
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const second = await submitStep(bot, first, {});
  const refused = await submitStep(bot, second, { name: 'Exec' });
  const shown = viewText(bot, refused).split('\n');
  const at = shown.findIndex((line) => line.startsWith('A signal ends after'));
  expect(shown[at + 1]).toContain('Keep alive is not in allowed durations');
  expect(viewText(bot, await submitStep(bot, refused, {}))).toContain('Datadog accepts this rule');
});

test('[Back] shows the step before as it was left', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const second = await submitStep(bot, first, {});
  await bot.world.slack.click(PEOPLE.olivia, second, 'Back');
  const again = await nextStep(bot);
  expect(viewText(bot, again)).toContain('Step 1 of 3');
  expect(viewText(bot, again)).toContain(EXEC);
});

test('who is no operator reads whom to ask, and nothing is begun', async () => {
  await using bot = await startRules();
  const view = await openRule(bot, '/eks-audit rules create', 'ana');
  expect(viewText(bot, view)).toMatch(/Only operators may change detection rules.*Ask @olivia/);
  expect(await bot.bot.db.selectFrom('rule_changes').select('id').execute()).toEqual([]);
});

test('a shipped rule is cloned, the copy edited and deleted, each after an approval; what is not ours is left alone', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const clone = await openRule(bot, '/eks-audit rules clone User Exec into a Pod');
  const detail = await submitStep(bot, clone, {});
  expect(viewText(bot, detail)).toContain('User Exec into a Pod (copy)');
  const ask = await submitStep(bot, detail, { name: 'Our exec' });
  await submitStep(bot, ask, { reason: 'narrower' });
  await approveChange(bot, 'Our exec');
  await bot.told('olivia', 'The rule is in Datadog');
  const rule = await until(() => bot.world.datadog.rule('Our exec'));
  expect(rule.queries[0]?.groupByFields).toEqual(
    expect.arrayContaining(['@aws.awslogs.owner', '@aws.awslogs.logGroup']),
  );

  const edit = await openRule(bot, '/eks-audit rules edit Our exec');
  const changed = await submitStep(bot, edit, {});
  const askEdit = await submitStep(bot, changed, { severity: 'critical' });
  await submitStep(bot, askEdit, { reason: 'it matters' });
  await approveChange(bot, 'Change detection rule');
  await bot.told('olivia', 'The rule is changed');
  expect(bot.world.datadog.rule('Our exec')?.cases[0]?.status).toBe('critical');

  await bot.slash('/eks-audit rules delete Our exec --reason not needed');
  await bot.told('olivia', 'waiting for approval');
  await approveChange(bot, 'Delete detection rule');
  await bot.told('olivia', 'The rule is deleted');
  expect(bot.world.datadog.rule('Our exec')).toBeUndefined();

  await bot.slash('/eks-audit rules delete User Attached to a Pod --reason x');
  await bot.told('olivia', 'was not made by this bot');
  expect(bot.world.datadog.rule('User Attached to a Pod')).toBeDefined();
});

test('a creation whose answer was lost does not make a second rule', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  bot.world.datadog.listLagMs = 200_000;
  bot.world.door.fail({
    service: 'datadog',
    operation: 'CreateSecurityMonitoringRule',
    answer: { status: 502 },
    applies: true,
  });
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const second = await submitStep(bot, first, {});
  const third = await submitStep(bot, second, { name: 'Once' });
  await submitStep(bot, third, { reason: 'once' });
  await approveChange(bot, 'Once');
  await bot.told('olivia', 'The rule is in Datadog');
  expect(bot.world.datadog.rules.all.filter(({ name }) => name === 'Once')).toHaveLength(1);
});

test('a rule is switched off for a time, with a reason, and comes on again by itself', async () => {
  await using bot = await startRules();
  await bot.slash('/eks-audit rules disable User Attached to a Pod');
  expect(bot.text(await bot.told('olivia', 'see less'))).toContain('--for duration');
  await bot.slash('/eks-audit rules disable User Attached to a Pod --for 2h --reason maintenance');
  await bot.told('olivia', 'waiting for approval');
  const card = await approveChange(bot, 'Switch detection rule off');
  expect(bot.text(card)).toContain('maintenance');
  await bot.told('olivia', 'The rule is off until');
  expect(bot.world.datadog.rule('User Attached to a Pod')?.isEnabled).toBe(false);
  bot.forward(2 * 3_600_000 + 60_000);
  await bot.told('olivia', 'the rule is on again');
  expect(bot.world.datadog.rule('User Attached to a Pod')?.isEnabled).toBe(true);
});

test('what somebody changed in Datadog since the request is not overwritten', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const third = await submitStep(bot, await submitStep(bot, first, {}), { name: 'Mine' });
  await submitStep(bot, third, { reason: 'first' });
  await approveChange(bot, 'Mine');
  await bot.told('olivia', 'The rule is in Datadog');
  const edit = await openRule(bot, '/eks-audit rules edit Mine');
  const ask = await submitStep(bot, await submitStep(bot, edit, {}), { severity: 'low' });
  await submitStep(bot, ask, { reason: 'second' });
  const rule = await until(() => bot.world.datadog.rule('Mine'));
  Object.assign(rule, { name: 'Theirs', version: rule.version + 1 });
  await approveChange(bot, 'Change detection rule');
  await bot.told('olivia', 'Somebody changed the rule in Datadog');
  expect(bot.world.datadog.rule('Theirs')?.cases[0]?.status).toBe('medium');
});

test('an approved edit of tags alone reaches Datadog', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  await submitStep(bot, await submitStep(bot, await submitStep(bot, first, {}), { name: 'Mine' }), { reason: 'first' });
  await approveChange(bot, 'Mine');
  await bot.told('olivia', 'The rule is in Datadog');
  const edit = await openRule(bot, '/eks-audit rules edit Mine');
  const ask = await submitStep(bot, await submitStep(bot, edit, {}), {});
  await submitStep(bot, ask, { tags: 'team:soc', reason: 'theirs' });
  await approveChange(bot, 'Change detection rule');
  await bot.told('olivia', 'The rule is changed');
  expect(bot.world.datadog.rule('Mine')?.tags).toContain('team:soc');
});

test('a rule of the pack that the configuration leaves out by now can be deleted', async () => {
  await using bot = await startRules();
  const leftOut = (await loadPack()).rules.find(({ id }) => id === 'port-forward');
  if (!leftOut) throw new Error('no such rule in the pack');
  bot.world.datadog.addRule({ ...compileRule(leftOut) });
  await bot.slash(`/eks-audit rules delete ${leftOut.title.en} --reason noise`);
  await bot.told('olivia', 'waiting for approval');
  await approveChange(bot, 'Delete detection rule');
  await bot.told('olivia', 'The rule is deleted');
  expect(bot.world.datadog.rule(leftOut.title.en)).toBeUndefined();
});
