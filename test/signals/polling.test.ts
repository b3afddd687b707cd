/** Without a way from outside, or with doorbells that never come: asking Datadog finds what is there, and what became of it. */
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import {
  asked,
  connectWebhook,
  grouped,
  HOUR_MS,
  inThread,
  SEARCH,
  settled,
  standing,
  startPolling,
  untilSays,
} from './journey.ts';

const NO_ADDRESS = { file: {}, env: { PUBLIC_URL: undefined as unknown as string } };

test('without PUBLIC_URL signals come all the same, and what is done in Datadog shows in Slack', async () => {
  await using bot = await startPolling(NO_ADDRESS);
  const { datadog } = bot.world;
  expect(bot.config.PUBLIC_URL).toBeUndefined();
  const signal = datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security', '*Who* `alice`');

  datadog.addUser({ email: 'dana@acme.example', name: 'Dana' });
  datadog.triage(signal.id, { state: 'under_review', assignee: 'dana@acme.example', by: 'dana@acme.example' });
  const taken = await untilSays(bot, card, 'is working on it');
  expect(taken).toContain('Dana');
  expect(taken).toContain('[Hand back]');
  expect(await inThread(bot, 'took')).toContain('took the signal in Datadog');

  datadog.triage(signal.id, { state: 'archived', archiveReason: 'remediated', by: 'dana@acme.example' });
  expect(await untilSays(bot, card, 'It is archived')).toContain('[Reopen]');
  // A search does not tell the reason.
  expect(await inThread(bot, 'archived')).toContain('`Dana` archived the signal in Datadog.');

  datadog.triage(signal.id, { state: 'open', assignee: null, by: 'dana@acme.example' });
  expect(await untilSays(bot, card, '[Take it]')).not.toContain('is working on it');
  expect(await inThread(bot, 'reopened')).toContain('in Datadog');
  expect(standing(bot, 'security')).toHaveLength(1);
});

test('every doorbell is lost, and no signal is', async () => {
  await using bot = await startPolling();
  connectWebhook(bot);
  bot.world.datadog.sender.lossRate = 1;
  for (const user of ['alice', 'bob', 'carol']) bot.world.datadog.raiseSignal({ severity: 'medium', user });
  await bot.posted('security', '3 signals');
  expect(bot.world.datadog.sender.deliveries.map(({ error }) => error)).toEqual(['lost', 'lost', 'lost']);
});

test('every doorbell is refused, because Datadog has another secret, and no signal is lost', async () => {
  await using bot = await startPolling({ env: { WEBHOOK_TOKEN: 'another-webhook-token-0123456789' } });
  connectWebhook(bot);
  const { datadog, slack } = bot.world;
  const signal = datadog.raiseSignal({ severity: 'medium' });
  await bot.posted('security', '1 signal');
  await slack.until(() => datadog.sender.deliveries.some(({ status }) => status === 401));
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  await bot.told('ana', 'Found by asking Datadog; no webhook had come');
});

test('a doorbell and the poller find the same signal: one card, received once', async () => {
  await using bot = await startPolling({ timing: { signals_poll: '40ms' } });
  connectWebhook(bot);
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium' });
  await bot.posted('security', '1 signal');
  await bot.world.slack.until(() => bot.world.datadog.sender.deliveries.length === 1);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  const { rows } = { rows: await bot.bot.db.selectFrom('signals').select('id').execute() };
  expect(rows).toEqual([{ id: signal.id }]);
});

test('a signal that becomes searchable minutes after it was raised is still found', async () => {
  await using bot = await startPolling({
    seed({ datadog }) {
      datadog.signalReadLagMs = 4 * 60_000;
    },
    speed: 100,
  });
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'late' });
  await settled(bot);
  expect(standing(bot, 'security')).toEqual([]);
  bot.forward(4 * 60_000);
  await bot.posted('security', '*Who* `late`');
});

test('what waits for the digest or is told nowhere and becomes critical hours later is posted, without any doorbell', async () => {
  await using bot = await startPolling({
    timing: { signals_poll: '50ms' },
    signals: { routes: [{ match: { severity: 'medium' }, deliver: 'off' }] },
  });
  const raised = (['low', 'medium'] as const).map((severity) =>
    bot.world.datadog.raiseSignal({ severity, user: severity, rule: `Once ${severity}` }),
  );
  await grouped(bot, 2);
  bot.forward(2 * HOUR_MS);
  for (const signal of raised) signal.severity = 'critical';
  await bot.posted('security', '*CRITICAL* *Once low*');
  await bot.posted('security', '*CRITICAL* *Once medium*');
});

test('an outage of Datadog is one line in the log and costs no signal', async () => {
  await using bot = await startPolling({ timing: { signals_poll: '50ms' } });
  const { door, datadog } = bot.world;
  const outage = door.fail({ service: 'datadog', operation: SEARCH, answer: errors(503, 'down'), times: Infinity });
  datadog.raiseSignal({ severity: 'medium' });
  const before = asked(bot, SEARCH);
  await bot.world.slack.until(() => asked(bot, SEARCH) > before + 4, 10_000);
  outage.times = 0;
  await bot.posted('security', '1 signal');
  const said = bot.logged.map(({ msg }) => String(msg)).filter((msg) => msg.includes('searched'));
  expect(said).toEqual(['signals could not be searched; trying again at every look', 'signals can be searched again']);
});

test('a new installation does not begin with yesterday’s alarms', async () => {
  await using bot = await startPolling({
    seed({ datadog, time }) {
      datadog.raiseSignal({ severity: 'medium', user: 'yesterday', atMs: time.now() - 24 * 3_600_000 });
      datadog.raiseSignal({ severity: 'medium', user: 'just-now', atMs: time.now() - 60_000 });
    },
  });
  expect(bot.text(await bot.posted('security'))).toContain('*Who* `just-now`');
  await settled(bot);
  expect(await bot.bot.db.selectFrom('signals').select('id').execute()).toHaveLength(1);
});
