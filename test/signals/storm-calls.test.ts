/** What counts for a storm and what does not, whom it calls, and what can still be reached when it is over. */
import { expect, test } from 'vitest';
import { CHANNELS, USERGROUPS } from '../../playground/acme.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import type { TestBot } from '../bot.ts';
import { grouped, HOUR_MS, notified, openDialog, settled, standing, startPolling, untilSays } from './journey.ts';

function raise({ world: { datadog } }: TestBot, signals: number, severity: 'medium' | 'critical', from = 0): void {
  for (let i = from; i < from + signals; i++) datadog.raiseSignal({ severity, user: `user-${i}`, rule: `Rule ${i}` });
}

/** `HH:MM` of the wall clock in UTC, so long from now. */
function clockIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString().slice(11, 16);
}

test('what quiet hours hold back begins no storm at night and counts for none', async () => {
  const night = { from: clockIn(-2 * HOUR_MS), to: clockIn(2 * HOUR_MS) };
  await using bot = await startPolling({
    signals: { routes: [{ mute_times: [night] }] },
    timing: { storm_window: '30s' },
  });
  raise(bot, 6, 'medium');
  await grouped(bot, 6);
  // What cannot wait is a message of its own.
  raise(bot, 1, 'critical', 6);
  expect(bot.text(await bot.posted('security'))).toContain('*CRITICAL* *Rule 6*');
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  expect(await bot.bot.db.selectFrom('storms').select('id').execute()).toEqual([]);

  bot.forward(2 * HOUR_MS);
  await bot.world.slack.until(() => standing(bot, 'security').length === 7);
});

test('critical signals inside a storm call whom their route names once, in its thread', async () => {
  await using bot = await startPolling({
    signals: { routes: [{ match: { severity: 'critical' }, mention: USERGROUPS.soc }, { channel: CHANNELS.security }] },
    timing: { storm_window: '30s' },
  });
  raise(bot, 8, 'medium');
  const card = await bot.posted('security', 'Signal storm');
  expect(notified(bot, card)).toEqual([]);
  await grouped(bot, 8);
  raise(bot, 3, 'critical', 8);
  const call = await bot.posted('security', 'A signal of severity *CRITICAL* is in this storm.');
  expect(notified(bot, call)).toEqual(['@soc']);
  expect(call.message?.threadTs).toBe(card.message?.ts);
  await grouped(bot, 11);
  raise(bot, 2, 'critical', 11);
  await untilSays(bot, card, '9 signals in 9 groups');
  await settled(bot);
  expect(bot.world.slack.timeline.filter((entry) => notified(bot, entry).length > 0)).toHaveLength(1);
});

/** A storm that is over soon, but not before its card stands there on a machine that stalls for a second. */
const LONG_ENOUGH = '3s';

/** The storm's card, and the rules folded into it. */
async function begun(bot: TestBot, rules: number): Promise<{ card: TimelineEntry; folded: string[] }> {
  raise(bot, rules, 'medium');
  const card = await bot.posted('security', 'Signal storm');
  const first = await bot.world.slack.until(() => {
    const messages = standing(bot, 'security').slice(0, 5);
    return messages.length === 5 && messages;
  });
  const posted = first.map((message) => bot.world.slack.render(message));
  const all = Array.from({ length: rules }, (_, i) => `Rule ${i}`);
  return { card, folded: all.filter((rule) => !posted.some((text) => text.includes(`*${rule}*`))) };
}

async function listed(bot: TestBot, button: string, card: TimelineEntry): Promise<{ rules: string[]; list: string }> {
  const list = bot.world.slack.render(await openDialog(bot, button, card, 'ana'));
  return { list, rules: [...list.matchAll(/`(Rule \d+)`/g)].map(([, rule]) => rule ?? '').sort() };
}

test('a storm that is over still lists what has got a message of its own since, which it does not offer again', async () => {
  await using bot = await startPolling({ timing: { storm_window: LONG_ENOUGH } });
  const { card, folded } = await begun(bot, 7);
  expect(await untilSays(bot, card, 'The signal storm is over')).toContain('3 signals in 3 groups');
  await bot.world.slack.until(() => standing(bot, 'security').length === 8);
  const { rules, list } = await listed(bot, 'Show all 3', card);
  expect(rules).toEqual(folded);
  expect(list).not.toContain('[Post separately]');
});

test('of a storm that is over, a group with news gets its own message and stays in the list', async () => {
  await using bot = await startPolling({ timing: { storm_window: LONG_ENOUGH } });
  const { card, folded } = await begun(bot, 10);
  await untilSays(bot, card, 'The signal storm is over: 6 signals in 6 groups');
  const [rule = ''] = folded;
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'late', rule });
  expect(bot.text(await bot.posted('security', `*${rule}*`))).toContain('2 signals');
  const { rules, list } = await listed(bot, 'Show all 6', card);
  expect(rules).toEqual(folded);
  expect(list.match(/\[Post separately\]/g)).toHaveLength(5);
});

test('of a storm that is over, signals that become worse leave, and its card says so', async () => {
  await using bot = await startPolling({ timing: { storm_window: LONG_ENOUGH } });
  const { card, folded } = await begun(bot, 7);
  await untilSays(bot, card, 'The signal storm is over: 3 signals in 3 groups');
  const { signals } = bot.world.datadog;
  const [first, ...others] = signals.filter(({ rule }) => folded.includes(rule.name));
  if (first) first.severity = 'critical';
  await untilSays(bot, card, 'The signal storm is over: 2 signals in 2 groups');
  for (const signal of others) signal.severity = 'critical';
  const emptied = await untilSays(bot, card, 'all of its signals have moved on to other channels');
  expect(emptied).not.toContain('[Show all');
});

test('a storm is over although what is folded grows on: only new messages would make it last', async () => {
  await using bot = await startPolling({ timing: { storm_window: LONG_ENOUGH } });
  const { card, folded } = await begun(bot, 10);
  const [rule = ''] = folded;
  const noisy = setInterval(() => bot.world.datadog.raiseSignal({ severity: 'medium', user: 'late', rule }), 500);
  try {
    await untilSays(bot, card, 'The signal storm is over');
  } finally {
    clearInterval(noisy);
  }
});

test('messages handed back are no new ones, so the next signal begins no storm', async () => {
  await using bot = await startPolling({ timing: { storm_window: '10s' } });
  raise(bot, 4, 'medium');
  const cards = [];
  for (let i = 0; i < 4; i++) cards.push(await bot.posted('security', `*Rule ${i}*`));
  bot.forward(HOUR_MS);
  for (const card of cards) {
    await bot.click('Take it', card, { as: 'ana' });
    await untilSays(bot, card, '[Hand back]');
  }
  for (const card of cards) {
    await bot.click('Hand back', card, { as: 'ana' });
    await untilSays(bot, card, '[Take it]');
  }
  raise(bot, 1, 'medium', 4);
  expect(bot.text(await bot.posted('security', '*Rule 4*'))).toContain('[Take it]');
});
