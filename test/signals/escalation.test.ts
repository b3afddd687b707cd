/** Who is called when nobody takes it, and from when that is counted: from when it is shown, handed back or opened again. */
import { expect, test } from 'vitest';
import { CHANNELS, USERGROUPS } from '../../playground/acme.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
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
const DANA = 'dana@acme.example';

const ROUTE = {
  match: { severity: ['critical', 'high'] },
  channel: CHANNELS.urgent,
  escalate: { after: '15m', mention: USERGROUPS.oncall },
};

async function start(route: Record<string, unknown> = {}): Promise<TestBot> {
  return await startPolling({ signals: { routes: [{ ...ROUTE, ...route }] } });
}

async function called(bot: TestBot): Promise<void> {
  const call = await bot.posted('urgent', 'nobody has taken this for 15 minutes');
  expect(notified(bot, call)).toEqual(['@oncall']);
}

/** Nobody after thirteen minutes, somebody after sixteen. */
async function calledInFifteenMinutes(bot: TestBot): Promise<void> {
  const calls = () => bot.world.slack.timeline.filter((entry) => bot.text(entry).includes('nobody has taken this'));
  const before = calls().length;
  bot.forward(13 * MINUTE_MS);
  await settled(bot, 250);
  expect(calls()).toHaveLength(before);
  bot.forward(3 * MINUTE_MS);
  await called(bot);
}

async function raise(bot: TestBot, user = 'alice') {
  const signal = bot.world.datadog.raiseSignal({ severity: 'high', user });
  return { signal, card: await bot.posted('urgent', `\`${user}\``) };
}

async function handOver(bot: TestBot, card: TimelineEntry): Promise<void> {
  await bot.click('Take it', card, { as: 'ana' });
  await untilSays(bot, card, '[Hand back]');
  await bot.click('Hand back', card, { as: 'ana' });
  await untilSays(bot, card, '[Take it]');
}

test('what is handed back or reopened long after the first call is called for again, that long after', async () => {
  await using bot = await start();
  const { card } = await raise(bot);
  await calledInFifteenMinutes(bot);
  await untilSays(bot, card, 'Escalated to @oncall');
  await handOver(bot, card);
  expect(await untilSays(bot, card, '[Take it]')).not.toContain('Escalated');
  await calledInFifteenMinutes(bot);

  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', card, 'ana'), {});
  await untilSays(bot, card, 'It is archived');
  bot.forward(HOUR_MS);
  await bot.click('Reopen', card, { as: 'ana' });
  await untilSays(bot, card, '[Take it]');
  await calledInFifteenMinutes(bot);
});

test('what Datadog’s people took, hand back or open again there is called for, that long after', async () => {
  await using bot = await start();
  const { datadog } = bot.world;
  const { signal, card } = await raise(bot);
  datadog.triage(signal.id, { state: 'under_review', by: DANA });
  await inThread(bot, 'took the signal in Datadog');
  bot.forward(20 * MINUTE_MS);
  await settled(bot, 250);
  datadog.triage(signal.id, { state: 'open', by: DANA });
  await inThread(bot, 'handed back the signal in Datadog');
  await calledInFifteenMinutes(bot);

  datadog.triage(signal.id, { state: 'archived', by: DANA });
  await untilSays(bot, card, 'It is archived');
  datadog.triage(signal.id, { state: 'open', by: DANA });
  await inThread(bot, 'reopened the signal in Datadog');
  await calledInFifteenMinutes(bot);
});

for (const alreadyCalled of [false, true])
  test(`somebody in Datadog took the first${alreadyCalled ? ' after a call' : ''}: who joins later is called for, that long after`, async () => {
    await using bot = await start();
    const { datadog } = bot.world;
    const { signal, card } = await raise(bot);
    if (alreadyCalled) await calledInFifteenMinutes(bot);
    datadog.triage(signal.id, { state: 'under_review', by: DANA });
    await inThread(bot, 'took the signal in Datadog');
    bot.forward(alreadyCalled ? MINUTE_MS : 10 * MINUTE_MS);
    datadog.raiseSignal({ severity: 'high', user: 'bob' });
    await untilSays(bot, card, '2 signals (1 open, 1 under review)');
    await calledInFifteenMinutes(bot);
  });

/** `HH:MM` of the wall clock in UTC, so long from now. */
function clockIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString().slice(11, 16);
}

test('when a worse signal comes whose route calls others, they are called for it too', async () => {
  await using bot = await startPolling({
    signals: {
      routes: [
        { ...ROUTE, match: { severity: 'critical' }, escalate: { after: '5m', mention: USERGROUPS.soc } },
        { ...ROUTE, match: { severity: 'high' } },
      ],
    },
  });
  const { signal, card } = await raise(bot);
  bot.forward(16 * MINUTE_MS);
  await called(bot);
  signal.severity = 'critical';
  await untilSays(bot, card, '*CRITICAL*');
  expect(says(bot, card)).not.toContain('Escalated to');
  bot.forward(6 * MINUTE_MS);
  expect(notified(bot, await bot.posted('urgent', 'nobody has taken this for 5 minutes'))).toEqual(['@soc']);
  await untilSays(bot, card, 'Escalated to @soc');
});

test('what quiet hours held back is called for only that long after it is shown', async () => {
  await using bot = await start({ mute_times: [{ from: clockIn(-2 * HOUR_MS), to: clockIn(2 * HOUR_MS) }] });
  bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  await grouped(bot, 1);
  bot.forward(HOUR_MS);
  await settled(bot, 250);
  expect(standing(bot, 'urgent')).toEqual([]);
  // The quiet hours end with a whole minute.
  bot.forward(HOUR_MS);
  await bot.posted('urgent', '*HIGH*');
  await calledInFifteenMinutes(bot);
});

test('what a mute held back is called for only that long after it is shown', async () => {
  await using bot = await start();
  const { card } = await raise(bot);
  await fillIn(bot, 'ana', await openDialog(bot, 'Mute…', card, 'ana'), { 'For how long?': '1 hour' });
  await untilSays(bot, card, 'Muted until');
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', card, 'ana'), {});
  await untilSays(bot, card, 'It is archived');
  bot.world.datadog.raiseSignal({ severity: 'high', user: 'bob' });
  await grouped(bot, 2);
  bot.forward(30 * MINUTE_MS);
  await settled(bot, 250);
  expect(standing(bot, 'urgent')).toHaveLength(1);
  bot.forward(30 * MINUTE_MS);
  await bot.posted('urgent', '*Who* `bob`');
  await calledInFifteenMinutes(bot);
});
