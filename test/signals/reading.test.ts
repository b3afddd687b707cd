/** After the doorbell: reading the signal from Datadog, which is silent, slow, throttles, or does not know it yet. */
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import { json } from '../../playground/http.ts';
import { silentDoorbell } from '../../src/signals/doorbell.ts';
import { storeDoorbells } from '../../src/signals/store.ts';
import {
  asked,
  HOUR_MS,
  inThread,
  notified,
  READ,
  ring,
  SEARCH,
  settled,
  standing,
  startListening,
  startRinging,
} from './journey.ts';

test('while Datadog is silent the card goes out in time with what the doorbell said, and is completed by an edit and a note', async () => {
  await using bot = await startRinging({ timing: { signal_read_for: '600ms', http_timeout: '2s' } });
  const { datadog } = bot.world;
  const silence = bot.world.door.fail({ service: 'datadog', operation: READ, answer: 'hang', times: Infinity });
  datadog.sender.delayMs = 0;
  const rungAt = performance.now();
  const signal = datadog.raiseSignal({ severity: 'high', user: 'alice' });
  const card = await bot.posted('urgent');
  const took = performance.now() - rungAt;
  expect(took).toBeGreaterThan(550);
  expect(took).toBeLessThan(1_800);
  const text = bot.text(card);
  expect(text).toContain('*HIGH* *Signal whose rule is not known yet* · cluster not known yet');
  expect(text).toContain('Datadog has not shown the details yet');
  // What can be known is: where to look, and whom to call.
  expect(text).toContain(`[Open signal] <https://app.datadoghq.com/security/signal?event=${signal.id}>`);
  expect(notified(bot, card)).toEqual(['@soc']);

  silence.times = 0;
  const completed = await bot.posted('urgent', '*Who* `alice`');
  expect(completed.kind).toBe('edit');
  expect(bot.text(completed)).not.toContain('Datadog has not shown the details yet');
  expect(await inThread(bot, 'complete')).toContain('Datadog has shown the details now; the card above is complete.');
  expect(standing(bot, 'urgent')).toHaveLength(1);
});

test('when Datadog throttles, it is asked no sooner than it said, and the card does not wait for it', async () => {
  await using bot = await startRinging({ timing: { signal_read_for: '300ms' } });
  const { door, datadog } = bot.world;
  const throttled = json(429, { errors: ['Rate limited'] }, { 'x-ratelimit-reset': '3', 'retry-after': '3' });
  door.fail({ service: 'datadog', operation: READ, answer: throttled });
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  await bot.posted('security', 'not shown the details yet');
  expect(asked(bot, READ)).toBe(1);
  // A second doorbell does not break the promise either.
  datadog.raiseSignal({ severity: 'medium', user: 'bob', rule: 'Another rule' });
  await bot.posted('security', 'not shown the details yet');
  expect(asked(bot, READ)).toBe(1);
  bot.forward(3_000);
  await bot.posted('security', '*Who* `alice`');
  await bot.posted('security', '*Who* `bob`');
});

test('a signal that answers 404 for a while is asked for again until it is there, ever less often', async () => {
  await using bot = await startRinging({ timing: { signal_read_for: '5s' } });
  const { door, datadog } = bot.world;
  door.fail({ service: 'datadog', operation: READ, answer: errors(404, 'Signal not found'), times: 2 });
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  expect(bot.text(card)).toContain('*Who* `alice`');
  expect(asked(bot, READ)).toBe(3);
  // It was there before anybody had to be told that it was not.
  expect(bot.text(card)).not.toContain('not shown the details yet');
});

test('an id that Datadog will not look up holds up none of those that are read with it', async () => {
  await using bot = await startListening();
  const { door, datadog } = bot.world;
  const bad = 'AQAAAYthisIsNoSignalId';
  const is = (id: string) => (call: { path: string }) => call.path.includes(id);
  const [one, two] = ['alice', 'bob'].map((user) =>
    datadog.raiseSignal({ severity: 'medium', user, rule: `By ${user}` }),
  );
  if (!one || !two) throw new Error('two signals');
  // Until Datadog may be asked again the others come in, so that all three are one batch.
  const throttled = json(429, { errors: ['Rate limited'] }, { 'x-ratelimit-reset': '3', 'retry-after': '3' });
  door.fail({ service: 'datadog', operation: READ, answer: throttled, when: is(one.id) });
  const invalid = errors(400, 'Invalid signal id');
  door.fail({ service: 'datadog', operation: READ, answer: invalid, when: is(bad), times: Infinity });
  await ring(bot, { signal_id: one.id, severity: 'medium' });
  await bot.world.slack.until(() => asked(bot, READ) === 1);
  await ring(bot, { signal_id: bad, severity: 'medium' });
  await ring(bot, { signal_id: two.id, severity: 'medium' });
  await bot.world.slack.until(() => standing(bot, 'security').length === 3);
  expect(asked(bot, READ)).toBe(1);
  bot.forward(3_000);
  await bot.posted('security', '*Who* `alice`');
  await bot.posted('security', '*Who* `bob`');
});

test('an id Datadog never heard of keeps its card, is given up after an hour, and says so in its receipt', async () => {
  await using bot = await startListening();
  const id = 'AQAAAYnobodyKnowsThisOne';
  await ring(bot, { signal_id: id, severity: 'medium' });
  await bot.posted('security', 'not shown the details yet');
  bot.forward(3_600_000 + 60_000);
  await bot.world.slack.until(() => bot.logged.some(({ msg }) => String(msg).startsWith('Datadog knows no such')));
  const before = asked(bot, READ);
  bot.forward(600_000);
  await settled(bot);
  expect(asked(bot, READ)).toBe(before);
  await bot.slash(`/eks-audit where ${id}`, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Could not be read from Datadog: _Datadog: 404_');
});

test('many doorbells at once are a few searches, not a question each', async () => {
  const signals = 120;
  // Whatever a busy machine does, none of them goes out unread.
  await using bot = await startListening({ timing: { signal_read_for: '20s' } });
  const { datadog } = bot.world;
  const ids = Array.from({ length: signals }, (_, i) =>
    datadog.raiseSignal({ severity: 'medium', user: `user-${i % 5}` }),
  ).map(({ id }) => id);
  const searches = asked(bot, SEARCH);
  const answers = await Promise.all(ids.map((signal_id) => ring(bot, { signal_id, severity: 'medium' })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await bot.posted('security', `${signals} signals`);
  // They come in over a while, so there are several batches; the first ones, few as they are, are read singly.
  expect(asked(bot, SEARCH) - searches + asked(bot, READ)).toBeLessThan(signals / 3);
  expect(asked(bot, READ)).toBeLessThanOrEqual(12);
  expect(standing(bot, 'security')).toHaveLength(1);
});

test('what is urgent does not wait for the search through a storm, and what is not does', async () => {
  await using bot = await startRinging({ timing: { signal_read_for: '10s', http_timeout: '3s' } });
  const { door, datadog } = bot.world;
  const search = door.fail({ service: 'datadog', operation: SEARCH, answer: 'hang', times: Infinity });
  datadog.sender.delayMs = 0;
  // Stored in one go: of doorbells that come one by one the first would be read singly.
  const storm = Array.from({ length: 20 }, (_, i) => datadog.raiseSignal({ user: `user-${i}`, notify: false }));
  const doorbells = storm.map(({ id }) => ({ ...silentDoorbell(id), severity: 'medium' as const }));
  await storeDoorbells(bot.bot.db, bot.clock, doorbells);
  bot.bot.wake();
  await bot.world.slack.until(() => asked(bot, SEARCH) > 1, 5_000);
  const rungAt = performance.now();
  datadog.raiseSignal({ severity: 'critical', user: 'alice' });
  await bot.posted('urgent', '*Who* `alice`');
  expect(performance.now() - rungAt).toBeLessThan(1_800);
  expect(standing(bot, 'security')).toHaveLength(0);
  search.times = 0;
});

test('the shape of a search and the shape of a single reading make the same card', async () => {
  await using bot = await startListening();
  const { datadog } = bot.world;
  const seed = { severity: 'medium' as const, user: 'alice', extra: { sessionName: ['alice@acme.example'] } };
  // The same in everything but the rule's name, so that they have cards of their own.
  const rung = datadog.raiseSignal({ ...seed, rule: 'Rule A' });
  await ring(bot, { signal_id: rung.id });
  const read = bot.text(await bot.posted('security', 'Rule A'));
  datadog.raiseSignal({ ...seed, rule: 'Rule B' });
  // The next look of the poller.
  bot.forward(HOUR_MS);
  const found = bot.text(await bot.posted('security', 'Rule B'));
  expect(asked(bot, READ)).toBe(1);
  const alike = (card: string) => card.replaceAll(/Rule [AB]|\d\d:\d\d(:\d\d)?|event=[\w-]+|(from|to)_ts=\d+/g, '…');
  expect(alike(found)).toBe(alike(read));
  expect(found).toContain('session `alice@acme.example`');
});
