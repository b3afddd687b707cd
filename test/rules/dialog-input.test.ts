/** What people put into the dialog of a rule: addresses, tags, another method, and what a dialog cannot hold. */
import { expect, test } from 'vitest';
import { invalidArguments } from '../../playground/datadog/answers.ts';
import { logExplorerUrl } from '../../src/datadog/sites.ts';
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

test('an address pasted into the dialog is its query and window; one that holds no query is said beside it', async () => {
  await using bot = await startRules();
  indexed(bot, execs(4));
  const now = bot.world.time.now();
  const url = logExplorerUrl(bot.config, EXEC, new Date(now - 150_000), new Date(now));
  const first = await openRule(bot, '/eks-audit rules create');
  const wrong = await submitStep(bot, first, { text: 'https://app.datadoghq.com/dashboard/abc' });
  expect(viewText(bot, wrong)).toContain(':warning: This address holds no query of the Log Explorer.');
  const second = await submitStep(bot, wrong, { text: url });
  expect(viewText(bot, second)).toContain('*2 events*');
  await bot.slash('/eks-audit rules export https://app.datadoghq.com/security/siem/signals?query=x');
  expect(viewText(bot, await nextStep(bot))).toContain('This address holds no query of the Log Explorer.');
});

test('another method brings what suits it, and what a complaint is about is read even where no field asks for it', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const newValue = await submitStep(bot, first, { method: 'new_value' });
  expect(viewText(bot, newValue)).toContain('A signal ends after this time without a match: at once');
  bot.world.door.fail({
    service: 'datadog',
    operation: 'ValidateSecurityMonitoringRule',
    answer: invalidArguments('Invalid rule configuration', [
      { message: 'Evaluation window should be omitted', target: 'evaluationWindow' },
      { message: 'Max signal duration must not be shorter than keep alive', target: 'maxSignalDuration' },
    ]),
  });
  const refused = await submitStep(bot, newValue, { name: 'Exec' });
  const shown = viewText(bot, refused).split('\n');
  expect(shown).toContain(':warning: evaluationWindow: Evaluation window should be omitted');
  expect(shown[shown.findIndex((line) => line.startsWith('A signal ends at the latest')) + 1]).toContain('Max signal');
  await bot.world.slack.click(first.user, refused, 'Back');
  const threshold = await submitStep(bot, await nextStep(bot), { method: 'threshold' });
  expect(viewText(bot, threshold)).toContain('A signal ends after this time without a match: 1 hour');
  expect(viewText(bot, await submitStep(bot, threshold, { name: 'Exec' }))).toContain('Datadog accepts this rule');
});

test('tags are kept as typed, but none by which a rule would pass for another; an edit shows what it changes', async () => {
  await using bot = await startRules();
  indexed(bot, execs(2));
  const first = await openRule(bot, `/eks-audit rules create ${EXEC}`);
  const third = await submitStep(bot, await submitStep(bot, first, {}), { name: 'Tagged' });
  await submitStep(bot, third, {
    tags: 'soc team:soc eks-audit-id:exec-into-pod managed-by:nobody',
    message: 'Ask {{@usr.name}}.',
    reason: 'first',
  });
  const card = await approveChange(bot, 'Tagged');
  expect(bot.text(card)).toContain('Ask {{@usr.name}}.');
  await bot.told('olivia', 'it is as it was approved');
  const rule = await until(() => bot.world.datadog.rule('Tagged'));
  const ours = rule.tags.filter((tag) => /^(eks-audit-id|managed-by):/.test(tag));
  expect(ours).toEqual(['managed-by:eks-audit', expect.stringMatching(/^eks-audit-id:custom-[0-9a-f]+$/)]);
  expect(rule.tags).toEqual(expect.arrayContaining(['soc', 'team:soc', 'source:kubernetes.audit']));

  // Longer than the dialog takes, and notifying somebody: neither is lost by an edit.
  const message = `Ask {{@usr.name}}.${' Look closely.'.repeat(300)}`;
  Object.assign(rule, { message, cases: rule.cases.map((one) => ({ ...one, notifications: ['@slack-soc'] })) });
  const detail = await submitStep(bot, await openRule(bot, '/eks-audit rules edit Tagged'), {});
  const ask = await submitStep(bot, detail, { severity: 'low' });
  expect(viewText(bot, ask)).toContain('too long for this dialog and stays as it is');
  await submitStep(bot, ask, { reason: 'second' });
  const edit = await approveChange(bot, 'Change detection rule');
  expect(bot.text(edit)).toContain('*What changes*\n• `cases[0].status`: `medium` → `low`\n*Query*');
  await bot.told('olivia', 'The rule is changed.');
  expect(rule).toMatchObject({ message, cases: [{ status: 'low', notifications: ['@slack-soc'] }] });
  expect(rule.tags).toEqual(expect.arrayContaining(['soc', 'team:soc', ...ours]));
});

test('a rule of the pack is edited in the configuration; a query no dialog holds, and a method it does not know, in Datadog', async () => {
  await using bot = await startRules({
    seed({ datadog }) {
      const rule = datadog.rule('User Attached to a Pod');
      const more = { isDefault: false, isEnabled: true, type: 'log_detection' };
      const long = `source:kubernetes.audit @usr.name:(${Array.from({ length: 400 }, (_, i) => `person-${i}`).join(' OR ')})`;
      datadog.addRule({ ...rule, ...more, name: 'Long', queries: [{ ...rule?.queries[0], query: long }] });
      datadog.addRule({ ...rule, ...more, name: 'Odd', options: { detectionMethod: 'anomaly_detection' } });
    },
  });
  const refused = async (line: string) => viewText(bot, await openRule(bot, `/eks-audit rules ${line}`));
  expect(await refused('edit exec-into-pod')).toContain('`rules.overrides.exec-into-pod`');
  expect(await refused('edit User Attached to a Pod')).toContain('was not made by this bot on request');
  expect(await refused('clone exec-into-pod')).toContain('Datadog does not have `exec-into-pod` yet.');
  expect(await refused('clone Long')).toMatch(/The query has \d,\d{3} characters/);
  expect(await refused('clone Odd')).toContain('`Odd` detects in a way this dialog does not know');
  expect(await refused('clone nope-nope')).toContain('There is no detection rule `nope-nope`.');
  expect(await bot.bot.db.selectFrom('rule_changes').select('id').execute()).toEqual([]);
});
