/** The digest when there is much to tell or nowhere to tell it, and receipts of what is told nowhere. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { grouped, HOUR_MS, settled, standing, startPolling } from './journey.ts';

/** `HH:MM` of the wall clock in UTC, so long from now. */
function clockIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString().slice(11, 16);
}

test('250 groups that are due at once are one message', async () => {
  await using bot = await startPolling({ signals: { digest: { at: clockIn(3 * HOUR_MS) } } });
  for (let i = 0; i < 250; i++) bot.world.datadog.raiseSignal({ severity: 'low', user: 'alice', rule: `Rule ${i}` });
  await grouped(bot, 250);
  bot.forward(3 * HOUR_MS);
  const digest = bot.text(await bot.posted('security', 'that could wait'));
  expect(digest).toContain('*Digest: 250 signals that could wait*');
  expect(digest).toContain('and 230 more');
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  const due = await bot.bot.db.selectFrom('signal_groups').select('id').where('due_at', 'is not', null).execute();
  expect(due).toEqual([]);
});

test('a digest whose channel is closed goes to the default channel, and the admins are told', async () => {
  await using bot = await startPolling({
    signals: {
      digest: { at: clockIn(3 * HOUR_MS) },
      routes: [{ match: { severity: 'low' }, channel: CHANNELS.urgent }],
    },
    seed: ({ slack }) => {
      slack.channel(CHANNELS.urgent).isArchived = true;
    },
  });
  bot.expectErrors();
  bot.world.datadog.raiseSignal({ severity: 'low', user: 'alice', rule: 'Rule A' });
  await grouped(bot, 1);
  bot.forward(3 * HOUR_MS);
  expect(bot.text(await bot.posted('security', '1 signal that could wait'))).toContain('Rule A');
  await bot.posted('admin', 'is_archived');
});

test('a signal of a route that is off has its receipts once, however often it changes', async () => {
  await using bot = await startPolling({ signals: { routes: [{ deliver: 'off' }] } });
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium' });
  const known = async () => {
    const rows = await bot.bot.db.selectFrom('signals').select(['events', 'state', 'work']).execute();
    return rows;
  };
  await grouped(bot, 1);
  for (const eventsMatched of [2, 3, 4]) {
    Object.assign(signal, { eventsMatched });
    await expect.poll(known).toEqual([{ events: eventsMatched, state: 'open', work: null }]);
  }
  bot.world.datadog.triage(signal.id, { state: 'archived', by: 'dana@acme.example' });
  await expect.poll(known).toMatchObject([{ state: 'archived', work: null }]);
  const rows = await bot.bot.db.selectFrom('signal_events').select('event').orderBy('id').execute();
  expect(rows.map(({ event }) => (event as { what: string }).what)).toEqual(['read', 'routed']);
});
