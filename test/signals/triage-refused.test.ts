/** Clicks that change nothing, and say why: other people were faster, may not, or Datadog would not have it. */
import { expect, test } from 'vitest';
import { PEOPLE } from '../../playground/acme.ts';
import { errors } from '../../playground/datadog/answers.ts';
import type { TestBot } from '../bot.ts';
import { fillIn, inThread, openDialog, says, settled, startPolling, startRinging, untilSays } from './journey.ts';

async function card(bot: TestBot) {
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  return { signal, posted: await bot.posted('security', '*Who* `alice`') };
}

test('somebody archived it in Datadog a moment ago: the click is refused politely and the card is refreshed', async () => {
  await using bot = await startRinging();
  const { signal, posted } = await card(bot);
  bot.world.datadog.triage(signal.id, { state: 'archived', archiveReason: 'remediated', by: 'dana@acme.example' });
  await bot.click('Take it', posted, { as: 'ana' });
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('This card showed an older state; it has just been refreshed');
  expect(told).toContain('archived it in Datadog');
  expect(told).toContain('Nothing was changed by your click.');
  await untilSays(bot, posted, 'It is archived');
  expect(signal.triage).toMatchObject({ state: 'archived', stateUpdatedBy: { email: 'dana@acme.example' } });
});

test('both sides changed it within minutes: the thread says so, and the later one holds', async () => {
  await using bot = await startPolling({ timing: { signals_poll: '100ms' } });
  const { signal, posted } = await card(bot);
  await bot.click('Take it', posted, { as: 'ana' });
  await untilSays(bot, posted, 'is working on it');
  bot.world.datadog.addUser({ email: 'dana@acme.example', name: 'Dana' });
  bot.world.datadog.triage(signal.id, { state: 'archived', archiveReason: 'other', by: 'dana@acme.example' });
  const note = await inThread(bot, 'after');
  expect(note).toMatch(/Dana.* archived this in Datadog at .*, after @ana had taken it in Slack/);
  expect(note).toContain('What was done in Datadog is the later one and holds.');
  await untilSays(bot, posted, 'It is archived');
});

test('who is no analyst is told whom to ask, on a button and in a dialog, and nothing changes', async () => {
  const nina = 'U0NINA00001';
  await using bot = await startRinging({ seed: ({ slack }) => void slack.addUser({ id: nina, name: 'nina' }) });
  const { slack, door } = bot.world;
  const { signal, posted } = await card(bot);
  await slack.click(nina, posted, 'Take it');
  const told = bot.text(await slack.nextMessage(nina));
  expect(told).toContain('Only analysts may triage signals, so nothing was changed.');
  expect(told).toContain('Ask @analysts.');
  await slack.click(nina, posted, 'Archive…');
  const dialog = await slack.until(() => {
    const shown = slack.modalOf(nina);
    return shown?.content.callback_id === 'refused' && shown;
  });
  expect(slack.render(dialog)).toContain('Only analysts may triage signals');
  expect(dialog.content.submit ?? undefined).toBeUndefined();
  expect(signal.triage.state).toBe('open');
  expect(door.writes.filter((write) => write.startsWith('datadog'))).toEqual([]);
});

test('a dialog that is closed while it is loading is nobody’s trouble', async () => {
  await using bot = await startRinging();
  const { slack, door } = bot.world;
  const { posted } = await card(bot);
  const closed = Promise.withResolvers<void>();
  door.onBoundary = async (phase, { call }) => {
    if (phase === 'arrived' && call.operation === 'views.update') await closed.promise;
    return true;
  };
  await bot.click('Archive…', posted, { as: 'ana' });
  const loading = await slack.nextView(PEOPLE.ana);
  expect(loading.content.callback_id).toBe('loading');
  await slack.closeView(PEOPLE.ana, loading.id);
  closed.resolve();
  await slack.until(() => bot.logged.some(({ msg }) => String(msg).startsWith('a dialog could not be filled in')));
  await settled(bot, 100);
  // An error in the log would fail the test at its end.
  expect(slack.unread(PEOPLE.ana).map(bot.text)).toEqual([]);
});

test('a guest may not, even in the group of analysts', async () => {
  await using bot = await startRinging({
    seed({ slack }) {
      slack.userGroups.get('S0ANALYST1')?.members.push('U0GUEST001');
    },
  });
  const { signal, posted } = await card(bot);
  await bot.click('Take it', posted, { as: 'guest' });
  expect(bot.text(await bot.told('guest'))).toContain('Only analysts may triage signals');
  expect(signal.triage.state).toBe('open');
});

test('the key lacks the scope: it is named, and nothing changed', async () => {
  await using bot = await startRinging();
  const { signal, posted } = await card(bot);
  for (const key of bot.world.datadog.applicationKeys.values())
    key.permissions = ['security_monitoring_signals_read', 'user_access_read'];
  await bot.click('Take it', posted, { as: 'ana' });
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('the application key lacks the scope `security_monitoring_signals_write`');
  expect(told).toContain('nothing was changed');
  expect(signal.triage.state).toBe('open');
  await settled(bot);
  expect(says(bot, posted)).toContain('[Take it]');
});

test('Datadog is down or throttles: that is said, nothing changed, and the same click works later', async () => {
  await using bot = await startRinging();
  const { signal, posted } = await card(bot);
  for (const status of [503, 429]) {
    const down = bot.world.door.fail({
      service: 'datadog',
      operation: '*',
      answer: errors(status, 'not now'),
      times: Number.POSITIVE_INFINITY,
    });
    await bot.click('Take it', posted, { as: 'ana' });
    expect(bot.text(await bot.told('ana'))).toContain('Datadog could not be reached, so nothing was changed.');
    await settled(bot);
    expect(says(bot, posted)).toContain('[Take it]');
    down.times = 0;
  }
  expect(signal.triage.state).toBe('open');
  bot.forward(60_000);
  await bot.click('Take it', posted, { as: 'ana' });
  await untilSays(bot, posted, '@ana is working on it');
});

test('the assignee is refused: it is taken all the same', async () => {
  await using bot = await startRinging({
    seed: ({ datadog }) => void datadog.addUser({ email: 'ana@acme.example' }),
  });
  const { signal, posted } = await card(bot);
  bot.world.door.fail({
    service: 'datadog',
    operation: 'EditSecurityMonitoringSignalAssignee',
    answer: errors(400, 'Invalid assignee'),
  });
  await bot.click('Take it', posted, { as: 'ana' });
  await untilSays(bot, posted, '@ana is working on it');
  expect(signal.triage.state).toBe('under_review');
});

test('everything was archived meanwhile: an old client’s click finds nothing to do', async () => {
  await using bot = await startRinging();
  const { posted } = await card(bot);
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', posted, 'ana'), {});
  await untilSays(bot, posted, 'It is archived');
  await bot.told('ana', 'Archived 1 signal');
  await bot.click('Take it', posted, { as: 'ana', stale: true });
  expect(bot.text(await bot.told('ana'))).toContain('No signal of this message is open any more');
});

test('the words of a card copied elsewhere do nothing: only the message this bot posted counts', async () => {
  await using bot = await startRinging();
  const { signal, posted } = await card(bot);
  const { blocks, attachments, text } = posted.message ?? {};
  if (!blocks || !attachments || text === undefined) throw new Error('the card has no content');
  const copy = bot.world.slack.post(bot.world.slack.channel('#platform'), { text, blocks, attachments });
  await bot.world.slack.click('U0ANA00001', { channel: copy.channel, ts: copy.ts }, 'Take it');
  expect(bot.text(await bot.told('ana'))).toContain('not the message the bot keeps up to date');
  expect(signal.triage.state).toBe('open');
});
