/** A storm: many signals at once are a few posts and one live card from which each can be reached, and nobody else waits for it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { PEOPLE } from '../../playground/acme.ts';
import type { TimelineEntry, View } from '../../playground/slack/model.ts';
import type { TestBot } from '../bot.ts';
import {
  grouped,
  nextDialog,
  notified,
  openDialog,
  says,
  settled,
  standing,
  startPolling,
  untilSays,
} from './journey.ts';

/** As many as in the design; Slack's limits hold. */
const MANY = 2_000;

function raise({ world: { datadog } }: TestBot, signals: number, severity = 'medium' as const): void {
  for (let i = 0; i < signals; i++) datadog.raiseSignal({ severity, user: `user-${i}`, rule: `Rule ${i}` });
}

async function stormCard(bot: TestBot): Promise<TimelineEntry> {
  return await bot.posted('security', 'Signal storm');
}

/** The titles on every page of the list, in order. */
async function allPages(bot: TestBot, first: View): Promise<string[]> {
  const titles: string[] = [];
  for (let view = first; ; view = await nextDialog(bot, 'ana')) {
    const page = bot.world.slack.render(view);
    titles.push(...[...page.matchAll(/`(Rule \d+)`/g)].map(([, title]) => title ?? ''));
    if (!page.includes('[Next]')) return titles;
    await bot.world.slack.click(PEOPLE.ana, view, 'Next');
  }
}

test('60 signals of different rules are at most five posts, and the card counts and reaches every one', async () => {
  await using bot = await startPolling({ timing: { storm_window: '20s' } });
  raise(bot, 60);
  const card = await stormCard(bot);
  await grouped(bot, 60);
  const now = await untilSays(bot, card, '56 signals in 56 groups');
  expect(standing(bot, 'security').length).toBeLessThanOrEqual(5);
  expect(now).toContain('MEDIUM 56');
  expect(now).toContain('none is left out');

  const list = await openDialog(bot, 'Show all 56', card, 'ana');
  expect(bot.world.slack.render(list)).toContain('Page 1 of 3');
  const listed = await allPages(bot, list);
  const posted = standing(bot, 'security').map((m) => /\*(Rule \d+)\*/.exec(bot.world.slack.render(m))?.[1]);
  const everything = Array.from({ length: 60 }, (_, i) => `Rule ${i}`);
  expect([...listed, ...posted.filter((rule) => rule !== undefined)].sort()).toEqual(everything.sort());
});

test('the list narrows to a severity, and [Post separately] gives a group its own message', async () => {
  await using bot = await startPolling({ signals: {}, timing: { storm_window: '20s' } });
  raise(bot, 10);
  const card = await stormCard(bot);
  bot.world.datadog.raiseSignal({ severity: 'high', user: 'mallory', rule: 'The needle' });
  await untilSays(bot, card, '7 signals in 7 groups');
  const list = await openDialog(bot, 'Show all 7', card, 'ana');
  await bot.world.slack.click(PEOPLE.ana, list, 'HIGH');
  const narrowed = await nextDialog(bot, 'ana');
  expect(bot.world.slack.render(narrowed)).toContain('`The needle`');
  expect(bot.world.slack.render(narrowed)).not.toContain('`Rule ');
  await bot.world.slack.click(PEOPLE.ana, narrowed, 'Post separately');
  const own = await bot.posted('security', '*The needle*');
  expect(own.kind).toBe('post');
  expect(bot.text(own)).toContain('[Take it]');
  expect(bot.text(await bot.told('ana', 'its own message'))).toContain('#security');
});

test('another channel is not delayed by it, and its mention comes through', async () => {
  await using bot = await startPolling({ timing: { storm_window: '20s' }, seed: ({ slack }) => limit(slack.limits) });
  raise(bot, 60);
  bot.world.datadog.raiseSignal({ severity: 'critical', user: 'mallory', rule: 'Elsewhere' });
  const urgent = await bot.posted('urgent', 'Elsewhere');
  expect(notified(bot, urgent)).toEqual(['@soc']);
  // The other channel takes one post a second; this one did not queue behind it.
  expect(standing(bot, 'security').length).toBeLessThan(4);
  await stormCard(bot);
});

test('once nothing new came for a while it is over, and the next signal has its own message again', async () => {
  await using bot = await startPolling({ timing: { storm_window: '1s' } });
  raise(bot, 12);
  const card = await stormCard(bot);
  const over = await untilSays(bot, card, 'The signal storm is over');
  expect(over).toContain('8 signals in 8 groups');
  expect(over).toContain('[Show all 8]');
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice', rule: 'The day after' });
  const next = await bot.posted('security', '*The day after*');
  expect(next.kind).toBe('post');
  expect(bot.text(next)).toContain('[Take it]');
});

test('a storm that folded only a few gives them their own messages when it is over', async () => {
  await using bot = await startPolling({ timing: { storm_window: '1s' } });
  raise(bot, 6);
  await untilSays(bot, await stormCard(bot), 'The signal storm is over');
  for (let i = 0; i < 6; i++) {
    await bot.world.slack.until(() =>
      standing(bot, 'security').some((message) => bot.world.slack.render(message).includes(`*Rule ${i}*`)),
    );
  }
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(7);
});

test(`${MANY} signals are at most five posts, none of them refused after the first 429, and the loop keeps turning`, async () => {
  await using bot = await startPolling({
    timing: { storm_window: '30s', message_pace: '1s', edit_pace: '1200ms' },
    seed: ({ slack }) => limit(slack.limits),
  });
  raise(bot, MANY);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const card = await stormCard(bot);
  await grouped(bot, MANY);
  await untilSays(bot, card, `${(MANY - 4).toLocaleString('en-US')} signals`);
  delay.disable();
  expect(standing(bot, 'security').length).toBeLessThanOrEqual(5);
  const posts = bot.world.door.recorded.filter(({ call }) => call.operation === 'chat.postMessage');
  const refused = posts.map(({ answer }) => answer?.status === 429);
  expect(refused.filter(Boolean).length).toBeLessThanOrEqual(1);
  // The world turns in the same loop, so this bounds the bot from above, loosely.
  expect(delay.max / 1e6).toBeLessThan(1_500);
  expect(says(bot, card)).toContain(`Show all ${(MANY - 4).toLocaleString('en-US')}`);
}, 30_000);

function limit(limits: { perChannel: boolean; perMethod: boolean }): void {
  limits.perChannel = true;
  limits.perMethod = true;
}
