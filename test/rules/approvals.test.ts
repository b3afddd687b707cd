/** Who may decide on a change of a rule, and what becomes of a request that nobody approves, or too late. */
import { expect, test } from 'vitest';
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import { errors } from '../../playground/datadog/answers.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';

import type { TestBot, Who } from '../bot.ts';
import { startRules, until } from './journey.ts';

const RULE = 'User Attached to a Pod';
const HOUR = 3_600_000;

/** Olivia and Aiko may ask, Arjun and Aiko may approve. */
const ROLES = {
  admins: { users: [PEOPLE.ada] },
  operators: { users: [PEOPLE.olivia, PEOPLE.aiko] },
  approvers: { users: [PEOPLE.arjun, PEOPLE.aiko, PEOPLE.olivia, PEOPLE.guest] },
};

const isOn = ({ world }: TestBot, name = RULE) => world.datadog.rule(name)?.isEnabled;

async function askToSwitchOff(bot: TestBot, name = RULE, as: Who = 'olivia', time = '2h'): Promise<TimelineEntry> {
  await bot.slash(`/eks-audit rules disable ${name} --for ${time} --reason maintenance`, { as });
  return await bot.posted('approvals', `*Rule* \`${name}\``);
}

/** What this person reads alone after pressing a button of the card. */
async function pressed(bot: TestBot, label: string, card: TimelineEntry, as: Who): Promise<string> {
  await bot.click(label, card, { as, stale: true });
  return bot.text(await bot.told(as, `only @${as}`));
}

async function reject(bot: TestBot, card: TimelineEntry, reason: string, as: Who = 'arjun'): Promise<void> {
  await bot.click('Reject…', card, { as });
  const view = await bot.world.slack.nextView(PEOPLE[as]);
  await bot.world.slack.submit(PEOPLE[as], view.id, { text: reason });
}

test('whoever asked, who is no approver and who is a guest cannot approve; a rejection is told with its reason', async () => {
  await using bot = await startRules({ file: { roles: ROLES } });
  await bot.slash(`/eks-audit rules disable ${RULE} --for 2h --reason x`, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('`/eks-audit rules disable` is for operators. Ask @olivia, @aiko.');
  const card = await askToSwitchOff(bot);
  await bot.told('olivia', 'Switch detection rule off: waiting for approval in #audit-approvals.');
  expect(await pressed(bot, 'Approve', card, 'olivia')).toContain(
    'You asked for this, so somebody else must approve it. Ask @arjun, @aiko',
  );
  expect(await pressed(bot, 'Approve', card, 'ana')).toContain('You are not an approver for this.');
  expect(await pressed(bot, 'Approve', card, 'guest')).toContain('Guests, bots, deactivated accounts');
  // While one waits, a second is not asked for.
  await bot.slash(`/eks-audit rules disable ${RULE} --for 1h --reason twice`);
  await bot.told('olivia', `A change of \`${RULE}\` waits for approval already.`);
  expect(isOn(bot)).toBe(true);

  await reject(bot, card, 'Fix the job\ninstead of <!here>');
  expect(bot.text(await bot.told('olivia', 'rejected this'))).toContain(
    `*Switch detection rule off* \`${RULE}\`: @arjun rejected this: \`Fix the job instead of <!here>\``,
  );
  const closed = bot.text(await bot.posted('approvals', 'Switch detection rule off: rejected'));
  expect(closed).toContain('Rejected by @arjun: _Fix the job instead of <!here>_');
  expect(closed).not.toContain('[Approve]');
  expect(await pressed(bot, 'Approve', card, 'aiko')).toContain('却下');
  expect(isOn(bot)).toBe(true);
  // After that it may be asked for anew.
  expect(bot.text(await askToSwitchOff(bot))).toContain('[Approve]');
});

test('a request nobody decides on expires, which is told in the language of whoever asked', async () => {
  await using bot = await startRules({ file: { roles: ROLES } });
  const card = await askToSwitchOff(bot, RULE, 'aiko', '3d');
  await bot.told('aiko', '承認を待っています');
  bot.forward(25 * HOUR);
  const told = bot.text(await bot.told('aiko', '期限切れ'));
  expect(told).toContain(`*検知ルールの無効化* \`${RULE}\`：期限までに承認も却下もされなかったため`);
  expect(bot.text(await bot.posted('approvals', 'Switch detection rule off: expired'))).not.toContain('[Approve]');
  expect(await pressed(bot, 'Approve', card, 'arjun')).toContain('This request has expired.');
  expect(isOn(bot)).toBe(true);
});

test('two approvals, where the configuration wants two; the first alone does nothing', async () => {
  const rules = [{ match: { action: 'rule-change' }, required: 2 }];
  await using bot = await startRules({
    file: { roles: ROLES, approvals: { channel: CHANNELS.approvals, rules } },
  });
  const card = await askToSwitchOff(bot);
  expect(bot.text(card)).toContain('2 approvals are missing.');
  expect(await pressed(bot, 'Approve', card, 'arjun')).toContain('Your approval counts. 1 more is needed.');
  const counted = await bot.posted('approvals', 'Approved by @arjun');
  expect(bot.text(counted)).toContain('One approval is missing.');
  expect(isOn(bot)).toBe(true);
  await bot.click('Approve', counted, { as: 'aiko' });
  await bot.told('olivia', 'The rule is off until');
  expect(isOn(bot)).toBe(false);
});

test('approved when its time was over, nothing is switched off for a moment', async () => {
  await using bot = await startRules({ file: { roles: ROLES } });
  const card = await askToSwitchOff(bot, RULE, 'olivia', '1h');
  bot.forward(2 * HOUR);
  await bot.click('Approve', card);
  await bot.told('olivia', 'It was approved only after the time asked for was over');
  expect(isOn(bot)).toBe(true);
});

test('a rule switched off anew for longer stays off when the first time is over', async () => {
  await using bot = await startRules({ file: { roles: ROLES } });
  await bot.click('Approve', await askToSwitchOff(bot, RULE, 'olivia', '2h'), { as: 'arjun' });
  await bot.told('olivia', 'The rule is off until');
  const rule = bot.world.datadog.rule(RULE);
  if (rule) rule.isEnabled = true;
  await bot.slash(`/eks-audit rules disable ${RULE} --for 9h --reason longer`);
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'), { as: 'arjun' });
  await bot.told('olivia', 'The rule is off until');
  bot.forward(3 * HOUR);
  await bot.told('olivia', 'The time is over. The rule stays off until');
  expect(isOn(bot)).toBe(false);
  bot.forward(7 * HOUR);
  await bot.told('olivia', 'the rule is on again');
  expect(isOn(bot)).toBe(true);
});

test('what Datadog refuses after the approval is told; what is off comes on again, however often Datadog refuses', async () => {
  await using bot = await startRules({ file: { roles: ROLES } });
  const update = { service: 'datadog', operation: 'UpdateSecurityMonitoringRule' };
  bot.world.door.fail({ ...update, answer: errors(403, 'Forbidden') });
  await bot.click('Approve', await askToSwitchOff(bot), { as: 'arjun' });
  expect(bot.text(await bot.told('olivia', 'Nothing was changed.'))).toContain(
    'Datadog refused: the application key lacks the scope `security_monitoring_rules_write`',
  );
  await bot.posted('approvals', 'Switch detection rule off: approved, but not done');

  const other = 'New Kubernetes Namespace Created';
  await bot.click('Approve', await askToSwitchOff(bot, other), { as: 'arjun' });
  await bot.told('olivia', 'The rule is off until');
  expect(isOn(bot, other)).toBe(false);
  bot.world.door.fail({ ...update, answer: errors(403, 'Forbidden') });
  bot.forward(2 * HOUR + 60_000);
  await until(() =>
    bot.logged.some(({ msg, refused }) => refused === true && String(msg).includes('a change of a rule')),
  );
  bot.forward(60_000);
  await bot.told('olivia', 'the rule is on again');
  expect(isOn(bot, other)).toBe(true);
});
