/**
 * Between Datadog's change and our rows a click is interrupted, and the poller looks: what a person here did is never
 * told as the doing of whoever owns the key, and it is told once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Signal } from '../../playground/datadog/signal.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import type { StartOptions, TestBot } from '../bot.ts';
import {
  asked,
  fillIn,
  openDialog,
  READ,
  SEARCH,
  says,
  settled,
  startPolling,
  startRinging,
  untilSays,
} from './journey.ts';

const STATE = 'EditSecurityMonitoringSignalState';
const ASSIGN = 'EditSecurityMonitoringSignalAssignee';
const LEASE_MS = 15_000;

async function start({ signals_poll = '60ms' } = {}): Promise<{ bot: TestBot; signal: Signal; card: TimelineEntry }> {
  const seed: StartOptions['seed'] = ({ datadog }) => void datadog.addUser({ email: 'ana@acme.example', name: 'Ana' });
  const options = { timing: { signals_poll }, seed };
  const bot = await (signals_poll === '1h' ? startRinging(options) : startPolling(options));
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  return { bot, signal, card: await bot.posted('security', '[Take it]') };
}

/** Datadog does it, and its answer to the first such call waits. */
function holdAnswer({ world: { door } }: TestBot, operation: string): { release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = false;
  door.onBoundary = async (phase, { call }) => {
    if (phase !== 'applied' || call.operation !== operation || held) return true;
    held = true;
    await promise;
    return true;
  };
  return { release: resolve };
}

async function pollerLooks(bot: TestBot): Promise<void> {
  const before = asked(bot, SEARCH);
  await bot.world.slack.until(() => asked(bot, SEARCH) >= before + 3, 10_000);
  await pause(100);
}

function thread({ world: { slack } }: TestBot): string[] {
  return slack.timeline.filter(({ message, kind }) => message?.threadTs && kind !== 'edit').map((e) => slack.render(e));
}

async function receipt(bot: TestBot, signal: Signal): Promise<string> {
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  return bot.text(await bot.told('ana', 'Receipt'));
}

/** One note and one line of the receipt, both with her name. */
async function expectToldOnce(bot: TestBot, signal: Signal, did: string, recorded: string): Promise<void> {
  await settled(bot, 200);
  expect(thread(bot)).toEqual([expect.stringContaining(`@ana ${did} the signal in Slack`)]);
  const lines = (await receipt(bot, signal))
    .split('\n')
    .filter((line) => line.includes('Slack') || line.includes('eks-audit@'));
  expect(lines).toEqual([expect.stringContaining(recorded)]);
}

test('Datadog’s answer takes its time and the poller sees the change first: only the person is named, once', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  const held = holdAnswer(bot, STATE);
  await bot.click('Take it', card, { as: 'ana' });
  await bot.world.slack.until(() => signal.triage.state === 'under_review');
  await pollerLooks(bot);
  expect(thread(bot)).toEqual([]);
  held.release();
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  await untilSays(bot, card, '@ana is working on it');
  await expectToldOnce(bot, signal, 'took', '@ana took it in Slack');
});

for (const operation of [STATE, ASSIGN])
  test(`a [Take it] given up for dead after ${operation} is worked on again, and told once even if the first one lives`, async () => {
    const { bot, signal, card } = await start();
    await using _ = bot;
    const held = holdAnswer(bot, operation);
    await bot.click('Take it', card, { as: 'ana' });
    await bot.world.slack.until(() => signal.triage.state === 'under_review');
    await pollerLooks(bot);
    bot.forward(LEASE_MS + 1_000);
    expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
    await untilSays(bot, card, '@ana is working on it');
    held.release();
    await bot.told('ana', 'You took 1 signal.');
    expect(signal.triage.assignee?.name).toBe('Ana');
    await expectToldOnce(bot, signal, 'took', '@ana took it in Slack');
  });

test('[Archive…] given up for dead is told once, with its reason', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  const held = holdAnswer(bot, STATE);
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', card, 'ana'), {
    Reason: 'Remediated',
    Comment: 'patched',
  });
  await bot.world.slack.until(() => signal.triage.state === 'archived');
  await pollerLooks(bot);
  bot.forward(LEASE_MS + 1_000);
  await bot.told('ana', 'Archived 1 signal as remediated.');
  held.release();
  await settled(bot, 200);
  expect(says(bot, card)).toContain('It is archived');
  expect(thread(bot)[0]).toContain('patched');
  await expectToldOnce(bot, signal, 'archived', '@ana set it to archived in Slack');
});

for (const [how, dies] of Object.entries({
  'Datadog’s answer takes its time': false,
  'the click is given up for dead': true,
}))
  test(`${how} and the signal moves to another channel meanwhile: the click counts where it is now`, async () => {
    const { bot, signal, card } = await start();
    await using _ = bot;
    const held = holdAnswer(bot, STATE);
    await bot.click('Take it', card, { as: 'ana' });
    await bot.world.slack.until(() => signal.triage.state === 'under_review');
    signal.severity = 'critical';
    const moved = await bot.posted('urgent', '1 signal');
    await untilSays(bot, card, 'moved on to #security-urgent');
    if (dies) bot.forward(LEASE_MS + 1_000);
    else held.release();
    expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
    held.release();
    if (dies) await bot.told('ana', 'You took 1 signal.');
    await untilSays(bot, moved, '@ana is working on it');
    await settled(bot, 200);
    // Under the message she clicked, and under the one the signal is in.
    expect(thread(bot).filter((said) => said.includes('@ana took the signal in Slack'))).toHaveLength(2);
    const lines = (await receipt(bot, signal)).split('\n');
    expect(lines.filter((line) => line.includes('@ana took it in Slack'))).toHaveLength(1);
  });

test('Datadog’s answer is lost: it is looked whether it did it, and the person is told so', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  bot.world.door.fail({ service: 'datadog', operation: STATE, answer: 'reset', applies: true });
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', card, 'ana'), {});
  expect(bot.text(await bot.told('ana'))).toContain('Archived 1 signal');
  await untilSays(bot, card, 'It is archived');
  await expectToldOnce(bot, signal, 'archived', '@ana set it to archived in Slack');
});

test('the question never arrived: the person is told that nothing was changed, and so it is', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  bot.world.door.fail({ service: 'datadog', operation: STATE, answer: 'reset' });
  await bot.click('Take it', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Datadog could not be reached, so nothing was changed.');
  expect(signal.triage.state).toBe('open');
  await settled(bot, 200);
  expect(thread(bot)).toEqual([]);
});

test('Datadog falls silent for good: nobody claims to know, nobody else is named, and the next click makes it whole', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  const { door } = bot.world;
  door.fail({ service: 'datadog', operation: STATE, answer: 'reset', applies: true });
  const isDone = () => signal.triage.state === 'under_review';
  const silence = door.fail({ service: 'datadog', operation: READ, answer: 'reset', times: Infinity, when: isDone });
  await bot.click('Take it', card, { as: 'ana' });
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('Datadog did not answer, so it is not known whether this was done. Click again in a minute');
  await pollerLooks(bot);
  expect(thread(bot)).toEqual([]);
  silence.times = 0;
  await bot.click('Take it', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  await untilSays(bot, card, '@ana is working on it');
  await expectToldOnce(bot, signal, 'took', '@ana took it in Slack');
});

test('who clicks while somebody else’s click is under way is told whose it is, not the owner of the key', async () => {
  for (const signals_poll of ['1h', '60ms']) {
    const { bot, signal, card } = await start({ signals_poll });
    await using _ = bot;
    const held = holdAnswer(bot, STATE);
    await bot.click('Take it', card, { as: 'ana' });
    await bot.world.slack.until(() => signal.triage.state === 'under_review');
    if (signals_poll !== '1h') await pollerLooks(bot);
    await bot.click('Take it', card, { as: 'arjun', stale: true });
    expect(bot.text(await bot.told('arjun'))).toContain('refreshed: @ana took it in Slack');
    held.release();
    await untilSays(bot, card, '@ana is working on it');
    expect(signal.triage.assignee?.name).toBe('Ana');
    await expectToldOnce(bot, signal, 'took', '@ana took it in Slack');
  }
});

test('what somebody did later holds, whoever is heard of first', async () => {
  const { bot, signal, card } = await start();
  await using _ = bot;
  const held = holdAnswer(bot, STATE);
  await bot.click('Take it', card, { as: 'ana' });
  await bot.world.slack.until(() => signal.triage.state === 'under_review');
  await pollerLooks(bot);
  await fillIn(bot, 'arjun', await openDialog(bot, 'Archive…', card, 'arjun'), {});
  await bot.told('arjun', 'Archived 1 signal');
  held.release();
  await bot.told('ana', 'You took 1 signal.');
  await pollerLooks(bot);
  expect(says(bot, card)).toContain('It is archived');
  expect(thread(bot)).toEqual([
    expect.stringContaining('@arjun archived the signal in Slack'),
    expect.stringContaining('@ana took the signal in Slack'),
  ]);
});
