/** Who has a message, in Slack or in Datadog: nobody takes it from them unawares, and once it is handed back nobody has it. */
import { expect, test } from 'vitest';
import type { Signal } from '../../playground/datadog/signal.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import type { TestBot } from '../bot.ts';
import {
  fillIn,
  HOUR_MS,
  inThread,
  openDialog,
  says,
  settled,
  startPolling,
  startRinging,
  untilSays,
} from './journey.ts';

const ANA = 'ana@acme.example';
const DANA = 'dana@acme.example';
type Start = typeof startPolling;

async function start(by: Start): Promise<{ bot: TestBot; signal: Signal; card: TimelineEntry }> {
  const bot = await by({
    seed({ datadog }) {
      datadog.addUser({ email: ANA, name: 'Ana' });
      datadog.addUser({ email: DANA, name: 'Dana' });
    },
  });
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  return { bot, signal, card: await bot.posted('security', '[Take it]') };
}

test('a stale [Take it] on what somebody took in Datadog is refused and names that person', async () => {
  const { bot, signal, card } = await start(startPolling);
  await using _ = bot;
  bot.world.datadog.triage(signal.id, { state: 'under_review', assignee: DANA, by: DANA });
  await untilSays(bot, card, '`Dana` is working on it');
  await bot.click('Take it', card, { as: 'arjun', stale: true });
  const told = bot.text(await bot.told('arjun'));
  expect(told).toContain('`Dana` is working on it already. Nothing was changed');
  await settled(bot);
  expect(says(bot, card)).toContain('`Dana` is working on it');
  expect(signal.triage.assignee?.email).toBe(DANA);
});

test('newcomers on a taken message are taken by whoever has it, and others are told who that is', async () => {
  const { bot, signal, card } = await start(startPolling);
  await using _ = bot;
  await bot.click('Take it', card, { as: 'ana' });
  await bot.told('ana', 'You took 1 signal.');
  await inThread(bot, 'took the signal');
  const since = /@ana is working on it, since .*/.exec(await untilSays(bot, card, 'is working on it'))?.[0];
  const next = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  expect(await untilSays(bot, card, '[Take 1 new]')).toContain('[Hand back all 2]');

  await bot.click('Take 1 new', card, { as: 'arjun' });
  expect(bot.text(await bot.told('arjun'))).toContain('@ana is working on it already.');
  expect(next.triage.state).toBe('open');

  const before = bot.world.door.writes.length;
  await bot.click('Take 1 new', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  expect(await inThread(bot, 'took')).toContain('@ana took the signal in Slack.');
  await bot.world.slack.until(() => !says(bot, card).includes('[Take 1 new]'));
  expect(says(bot, card)).toContain(since);
  expect([signal, next].map(({ triage }) => [triage.state, triage.assignee?.email])).toEqual([
    ['under_review', ANA],
    ['under_review', ANA],
  ]);
  // What she had was not changed again.
  const writes = bot.world.door.writes.slice(before).filter((write) => write.startsWith('datadog'));
  expect(writes).toEqual(['datadog EditSecurityMonitoringSignalState', 'datadog EditSecurityMonitoringSignalAssignee']);
});

test('newcomers on a message taken in Datadog do not hide who has it there, and that person may take them here', async () => {
  const { bot, signal, card } = await start(startPolling);
  await using _ = bot;
  bot.world.datadog.triage(signal.id, { state: 'under_review', assignee: ANA, by: ANA });
  await untilSays(bot, card, '`Ana` is working on it');
  const next = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'bob' });
  expect(await untilSays(bot, card, '[Take 1 new]')).toContain('`Ana` is working on it');
  await bot.click('Take 1 new', card, { as: 'arjun' });
  expect(bot.text(await bot.told('arjun'))).toContain('`Ana` is working on it already.');
  expect(next.triage.state).toBe('open');
  await bot.click('Take 1 new', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  await untilSays(bot, card, '@ana is working on it');
  expect(next.triage).toMatchObject({ state: 'under_review', assignee: { email: ANA } });
});

test('after [Hand back] and after [Reopen] nobody has it, on the card at once and in Datadog', async () => {
  const { bot, signal, card } = await start(startRinging);
  await using _ = bot;
  const nobodyHasIt = async () => {
    await untilSays(bot, card, '[Take it]');
    expect(says(bot, card)).not.toContain('is working on it');
    expect(signal.triage).toMatchObject({ state: 'open' });
    expect(signal.triage.assignee).toBeUndefined();
  };
  const takenAndSeen = async () => {
    await bot.click('Take it', card, { as: 'ana' });
    await untilSays(bot, card, '@ana is working on it');
    await seen('Ana');
  };
  // The poller reads that Ana has it, or that nobody has.
  const seen = async (assignee: string | undefined) => {
    bot.forward(HOUR_MS + 1_000);
    await expect
      .poll(async () => {
        const rows = await bot.bot.db.selectFrom('signals').select(['facts', 'work']).execute();
        return rows.map(({ facts, work }) => ({ ...(facts as { triage: object }).triage, work }));
      })
      .toMatchObject([assignee ? { assignee, work: null } : { state: 'open', work: null }]);
  };

  await takenAndSeen();
  await bot.click('Hand back', card, { as: 'ana' });
  await bot.told('ana', 'You handed back 1 signal.');
  await nobodyHasIt();
  await seen(undefined);
  await nobodyHasIt();

  await takenAndSeen();
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', card, 'ana'), {});
  await untilSays(bot, card, 'It is archived');
  await bot.click('Reopen', card, { as: 'ana' });
  await bot.told('ana', 'Reopened 1 signal.');
  await nobodyHasIt();
  await seen(undefined);
  await nobodyHasIt();
});

test('an old client’s second [Hand back] finds nothing to do, and the thread tells the first one once', async () => {
  const { bot, card } = await start(startRinging);
  await using _ = bot;
  await bot.click('Take it', card, { as: 'ana' });
  const taken = await bot.posted('security', '[Hand back]');
  await bot.click('Hand back', taken, { as: 'ana' });
  await bot.told('ana', 'You handed back 1 signal.');
  await untilSays(bot, card, '[Take it]');
  await bot.click('Hand back', taken, { as: 'ana', stale: true });
  await bot.told('ana', 'That was done already');
  await settled(bot);
  expect(bot.world.slack.timeline.filter((entry) => bot.text(entry).includes('@ana handed back'))).toHaveLength(1);
});
