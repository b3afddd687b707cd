/** What is not told at once, or not at all: the digest, routes that are off, mute times, and the button [Mute…]. */
import { expect, test } from 'vitest';
import { CHANNELS, PEOPLE, USERGROUPS } from '../../playground/acme.ts';
import type { TestBot } from '../bot.ts';
import {
  fillIn,
  grouped,
  HOUR_MS,
  inThread,
  notified,
  openDialog,
  says,
  settled,
  standing,
  startPolling,
  untilSays,
} from './journey.ts';

const MINUTE_MS = 60_000;

/** `HH:MM` of the wall clock in UTC, so long from now. */
function clockIn(bot: Pick<TestBot, 'clock'> | undefined, ms: number): string {
  return new Date((bot?.clock.now().getTime() ?? Date.now()) + ms).toISOString().slice(11, 16);
}

test('low and informational signals come once a day in one message, at the time of the digest', async () => {
  await using bot = await startPolling({ signals: { digest: { at: clockIn(undefined, 3 * HOUR_MS) } } });
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'low', user: 'alice', rule: 'Rule A' });
  datadog.raiseSignal({ severity: 'info', user: 'bob', rule: 'Rule B' });
  datadog.raiseSignal({ severity: 'info', user: 'bob', rule: 'Rule B' });
  await grouped(bot, 3);
  await settled(bot);
  expect(standing(bot, 'security')).toEqual([]);

  bot.forward(3 * HOUR_MS + MINUTE_MS);
  const digest = bot.text(await bot.posted('security', 'that could wait'));
  expect(digest).toContain('*Digest: 3 signals that could wait*');
  expect(digest).toContain('Nobody was notified of these one by one.');
  expect(digest).toMatch(/LOW.*`?Rule A/);
  expect(digest.split('\n').filter((line) => line.includes('Rule B'))).toHaveLength(1);

  // The same again belongs to the next day.
  datadog.raiseSignal({ severity: 'info', user: 'bob', rule: 'Rule B' });
  await grouped(bot, 4);
  bot.forward(HOUR_MS);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  bot.forward(23 * HOUR_MS);
  expect(bot.text(await bot.posted('security', '1 signal that could wait'))).toContain('Rule B');
  expect(standing(bot, 'security')).toHaveLength(2);
});

test('a signal of the digest that becomes high is posted at once', async () => {
  await using bot = await startPolling();
  const signal = bot.world.datadog.raiseSignal({ severity: 'low', user: 'alice' });
  await grouped(bot, 1);
  signal.severity = 'high';
  expect(notified(bot, await bot.posted('urgent', '*HIGH*'))).toEqual(['@soc']);
});

test('a route that is off tells nobody, and the receipt says so', async () => {
  await using bot = await startPolling({
    signals: { routes: [{ match: { cluster: 'staging' }, deliver: 'off' }] },
  });
  const signal = bot.world.datadog.raiseSignal({ severity: 'critical', cluster: 'staging' });
  bot.world.datadog.raiseSignal({ severity: 'medium' });
  await bot.posted('security', '`prod-a`');
  await grouped(bot, 2);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Routed by `signals.routes[0]`: recorded, told nowhere');
});

test('mute times hold a card back and release it, complete; a critical one does not wait', async () => {
  const route = { mute_times: [{ from: clockIn(undefined, -2 * HOUR_MS), to: clockIn(undefined, 2 * HOUR_MS) }] };
  await using bot = await startPolling({ signals: { routes: [route] } });
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  datadog.raiseSignal({ severity: 'critical', user: 'mallory', rule: 'Worse' });
  expect(bot.text(await bot.posted('security'))).toContain('*CRITICAL*');
  datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  await grouped(bot, 3);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  bot.forward(2 * HOUR_MS + MINUTE_MS);
  const released = await bot.posted('security', '*MEDIUM*');
  expect(bot.text(released)).toContain('2 signals');
  expect(released.kind).toBe('post');
});

test('a muted card says so and goes on counting, holds back what would be new, and says when it is over', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  const dialog = await openDialog(bot, 'Mute…', card, 'ana');
  expect(bot.world.slack.render(dialog)).toContain('In Slack only: Datadog keeps raising signals');
  await fillIn(bot, 'ana', dialog, { 'For how long?': '4 hours' });
  expect(await untilSays(bot, card, 'Muted until')).toContain('by @ana: new signals are counted here');
  expect(await inThread(bot, 'muted')).toContain('@ana');
  expect(bot.text(await bot.told('ana', 'Muted until'))).toContain('Datadog keeps raising signals');

  datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  await untilSays(bot, card, '2 signals');
  // Everything is archived: the next one would be a new message, but for the mute.
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive all 2…', card, 'ana'), {});
  await untilSays(bot, card, 'All 2 signals are archived');
  datadog.raiseSignal({ severity: 'medium', user: 'carol' });
  await grouped(bot, 3);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);

  bot.forward(4 * HOUR_MS + MINUTE_MS);
  const next = await bot.posted('security', '*Who* `carol`');
  expect(next.kind).toBe('post');
  await bot.world.slack.until(() => !says(bot, next).includes('Muted until'));
});

test('the end of a mute is shown on the card and told in its thread', async () => {
  await using bot = await startPolling();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  await fillIn(bot, 'ana', await openDialog(bot, 'Mute…', card, 'ana'), { 'For how long?': '1 hour' });
  await untilSays(bot, card, 'Muted until');
  bot.forward(HOUR_MS + MINUTE_MS);
  expect(await inThread(bot, 'again')).toContain(':loud_sound:');
  await bot.world.slack.until(() => !says(bot, card).includes('Muted until'));
});

test('a critical card has no [Mute…], and an old client’s click on one is refused', async () => {
  await using bot = await startPolling({ signals: {} });
  const signal = bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('security');
  signal.severity = 'critical';
  expect(await untilSays(bot, card, '*CRITICAL*')).not.toContain('[Mute…]');
  await bot.click('Mute…', card, { as: 'ana', stale: true });
  const view = await bot.world.slack.until(() => {
    const shown = bot.world.slack.modalOf(PEOPLE.ana);
    return shown && shown.content.callback_id === 'refused' && shown;
  });
  expect(bot.world.slack.render(view)).toContain('A critical signal cannot be muted.');
});

const ESCALATING = {
  signals: {
    routes: [
      {
        match: { severity: ['critical', 'high'] },
        channel: CHANNELS.urgent,
        escalate: { after: '15m', mention: USERGROUPS.oncall },
      },
    ],
  },
};

test('what nobody takes is escalated once, and says so', async () => {
  await using bot = await startPolling(ESCALATING);
  const signal = bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('urgent');
  bot.forward(14 * MINUTE_MS);
  await settled(bot);
  expect(says(bot, card)).not.toContain('Escalated');
  bot.forward(2 * MINUTE_MS);
  const call = await bot.posted('urgent', 'nobody has taken this for 15 minutes');
  expect(notified(bot, call)).toEqual(['@oncall']);
  await untilSays(bot, card, 'Escalated to @oncall');
  bot.forward(HOUR_MS);
  await settled(bot);
  expect(bot.world.slack.timeline.filter((e) => bot.text(e).includes('nobody has taken this'))).toHaveLength(1);
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Escalated to @oncall');
});

test('what somebody took, or took in Datadog, or archived, is not escalated', async () => {
  await using bot = await startPolling(ESCALATING);
  const { datadog } = bot.world;
  const users = ['alice', 'bob', 'carol'];
  const [one, two, three] = users.map((user) => datadog.raiseSignal({ severity: 'high', user, rule: `By ${user}` }));
  const cards = [];
  for (const user of users) cards.push(await bot.posted('urgent', `*Who* \`${user}\``));
  const [first, second, third] = cards;
  if (!one || !two || !three || !first || !second || !third) throw new Error('three cards');
  await bot.click('Take it', first, { as: 'ana' });
  await untilSays(bot, first, '@ana is working on it');
  datadog.triage(two.id, { state: 'under_review', by: 'dana@acme.example' });
  await untilSays(bot, second, '1 signal');
  datadog.triage(three.id, { state: 'archived', by: 'dana@acme.example' });
  await untilSays(bot, third, 'It is archived');
  await inThread(bot, 'in Datadog');
  await inThread(bot, 'in Datadog');
  bot.forward(20 * MINUTE_MS);
  await settled(bot);
  expect(bot.world.slack.timeline.filter((e) => bot.text(e).includes('scalated'))).toEqual([]);
});

test('a test signal is escalated to nobody: there is nothing to take', async () => {
  await using bot = await startPolling({ ...ESCALATING, env: { PUBLIC_URL: undefined as unknown as string } });
  await bot.slash('/eks-audit test --severity high', { as: 'ada' });
  await bot.posted('urgent', 'This is a test.');
  bot.forward(20 * MINUTE_MS);
  await settled(bot);
  expect(bot.world.slack.timeline.filter((e) => bot.text(e).includes('scalated'))).toEqual([]);
});

test('escalation waits for the end of a mute', async () => {
  await using bot = await startPolling(ESCALATING);
  bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('urgent');
  await fillIn(bot, 'ana', await openDialog(bot, 'Mute…', card, 'ana'), { 'For how long?': '1 hour' });
  await untilSays(bot, card, 'Muted until');
  bot.forward(30 * MINUTE_MS);
  await settled(bot);
  expect(says(bot, card)).not.toContain('Escalated');
  bot.forward(31 * MINUTE_MS);
  expect(notified(bot, await bot.posted('urgent', 'nobody has taken this'))).toEqual(['@oncall']);
});
