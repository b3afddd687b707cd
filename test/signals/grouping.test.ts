/** Which signals share a message, what it says of them together, and what happens to it when one of them becomes worse. */
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import {
  fillIn,
  grouped,
  inThread,
  notified,
  openDialog,
  says,
  settled,
  standing,
  startPolling,
  untilSays,
} from './journey.ts';

test('signals of one rule and cluster are one message, edited as it grows; another cluster or rule has its own', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice', eventsMatched: 3 });
  const card = await bot.posted('security');
  expect(bot.text(card)).toContain('1 signal, 3 audit events');
  datadog.raiseSignal({ severity: 'medium', user: 'bob', eventsMatched: 4 });
  datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  const grown = await untilSays(bot, card, '3 signals, 8 audit events');
  expect(grown).toContain('*Who* `bob`');
  expect(grown).toContain('Also `alice` (1 signal)');
  expect(grown).toContain('[Take all 3] [Archive all 3…]');
  expect(standing(bot, 'security')).toHaveLength(1);

  datadog.raiseSignal({ severity: 'medium', user: 'alice', cluster: 'staging' });
  await bot.posted('security', '`staging`');
  datadog.raiseSignal({ severity: 'medium', user: 'alice', rule: 'Secrets listed', action: 'secrets' });
  await bot.posted('security', 'Secrets listed');
  expect(standing(bot, 'security')).toHaveLength(3);
  expect(says(bot, card)).toBe(grown);
});

test('a card that grows all the time is drawn about as often as Slack may be told of it, and in the end says all', async () => {
  await using bot = await startPolling({ timing: { message_pace: '1s' } });
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  const begun = performance.now();
  for (let i = 0; i < 30; i++) {
    datadog.raiseSignal({ severity: 'medium', user: 'bob' });
    await wait(40);
  }
  await untilSays(bot, card, '31 signals');
  const seconds = (performance.now() - begun) / 1_000;
  const { rows } = await sql<{ version: number }>`select version from messages where key like 'signals:%'`.execute(
    bot.bot.db,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.version).toBeLessThanOrEqual(2 + Math.ceil(seconds));
});

test('after everything was archived the next signal is a new message, and the old one stays as it was', async () => {
  await using bot = await startPolling();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const first = await bot.posted('security');
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', first, 'ana'), {});
  const archived = await untilSays(bot, first, 'It is archived');
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  const second = await bot.posted('security', '*Who* `bob`');
  expect(second.kind).toBe('post');
  expect(bot.text(second)).toContain('1 signal,');
  await settled(bot);
  expect(says(bot, first)).toBe(archived);
});

test('a day after its last signal a message is left alone: the next one is a new message', async () => {
  await using bot = await startPolling();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  await bot.posted('security', '`alice`');
  bot.forward(25 * 3_600_000);
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  expect((await bot.posted('security', '*Who* `bob`')).kind).toBe('post');
  expect(standing(bot, 'security')).toHaveLength(2);
});

test('a signal that becomes critical goes to the urgent channel with a mention, and the old card says where it went', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  const signal = datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const old = await bot.posted('security');
  signal.severity = 'critical';
  const urgent = await bot.posted('urgent');
  expect(bot.text(urgent)).toContain('*CRITICAL*');
  expect(urgent.kind).toBe('post');
  expect(notified(bot, urgent)).toEqual(['@soc']);

  expect(await inThread(bot, 'moved on')).toContain('This moved on to #security-urgent');
  const left = await untilSays(bot, old, 'Signals moved on to #security-urgent');
  // Nothing can be done with it there any more.
  expect(left).not.toMatch(/\[(Take|Archive|Mute|Suppress)/);
  expect(left).toContain('*User Exec into a Pod*');
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  const receipt = bot.text(await bot.told('ana'));
  expect(receipt).toContain('Severity went from MEDIUM to CRITICAL');
  expect(receipt).toContain('Routed by `signals.routes[0]` to #security-urgent');

  // What comes later is a message of its own, not one more line on the card that was left.
  datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  expect((await bot.posted('security', '*Who* `bob`')).kind).toBe('post');
});

test('of several signals one rises: it leaves, the others stay and are counted anew', async () => {
  await using bot = await startPolling();
  const [worst] = ['alice', 'bob', 'carol'].map((user) => bot.world.datadog.raiseSignal({ severity: 'medium', user }));
  const old = await bot.posted('security', '3 signals');
  if (worst) worst.severity = 'high';
  expect(bot.text(await bot.posted('urgent'))).toContain('*Who* `alice`');
  const left = await untilSays(bot, old, 'Signals moved on to #security-urgent');
  expect(left).toContain('2 signals');
  expect(left).toContain('[Take all 2]');
  expect(left).not.toContain('alice');
});

test('a rise within its channel raises the card and tells the thread, mentioning whom the route names', async () => {
  await using bot = await startPolling();
  const signal = bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('urgent');
  signal.severity = 'critical';
  await untilSays(bot, card, '*CRITICAL*');
  const told = await bot.posted('urgent', 'The severity rose from HIGH to *CRITICAL*');
  expect(notified(bot, told)).toEqual(['@soc']);
  expect(standing(bot, 'urgent')).toHaveLength(1);
});

test('a lower severity takes a card back nowhere', async () => {
  await using bot = await startPolling();
  const signal = bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('urgent');
  signal.severity = 'medium';
  await untilSays(bot, card, '*MEDIUM*');
  await settled(bot);
  expect(standing(bot, 'security')).toEqual([]);
});

test('a signal of several clusters names them, and one of none says so', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice', cluster: ['prod-a', 'staging'] });
  const several = bot.text(await bot.posted('security'));
  expect(several).toContain('*User Exec into a Pod* · 2 clusters');
  expect(several).toContain('`prod-a`');
  expect(several).toContain('`staging`');
  // As when its samples are past their retention and its rule groups by nothing.
  const bare = datadog.raiseSignal({ severity: 'medium', user: 'bob', rule: 'No cluster' });
  Object.assign(bare, { samples: [], groupByPaths: [], projected: {}, entities: [], host: undefined });
  expect(bot.text(await bot.posted('security', 'No cluster'))).toContain('no cluster named');
});

test('several clusters go the loudest of their ways', async () => {
  await using bot = await startPolling({
    signals: { routes: [{ match: { cluster: 'staging' }, deliver: 'off' }, { channel: CHANNELS.urgent }] },
  });
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice', cluster: 'staging' });
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'bob', cluster: ['staging', 'prod-a'] });
  expect(bot.text(await bot.posted('urgent'))).toContain('*Who* `bob`');
  await grouped(bot, 2);
  await settled(bot);
  expect([...standing(bot, 'urgent'), ...standing(bot, 'security')]).toHaveLength(1);
});
