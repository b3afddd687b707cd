/** The doorbell: who may ring, what is stored of it, what is answered, and how soon a card stands in Slack. */
import { expect, test } from 'vitest';
import { SECRETS } from '../../playground/world.ts';
import {
  asked,
  connectWebhook,
  inThread,
  READ,
  ring,
  settled,
  standing,
  startListening,
  startRinging,
} from './journey.ts';

const PREVIOUS = 'the-token-before-the-rotation';

test('a doorbell becomes a card at once, after one question to Datadog', async () => {
  const waitsForMs = 5_000;
  await using bot = await startRinging({ timing: { signal_read_for: `${waitsForMs}ms` } });
  await settled(bot, 100);
  bot.world.datadog.sender.delayMs = 0;
  const rungAt = performance.now();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = bot.text(await bot.posted('security'));
  expect(performance.now() - rungAt).toBeLessThan(waitsForMs);
  expect(card).toContain('*MEDIUM* *User Exec into a Pod* · `prod-a`');
  expect(card).toContain('*Who* `alice`');
  expect(asked(bot, READ)).toBe(1);
  expect(bot.world.datadog.sender.deliveries.map(({ status }) => status)).toEqual([202]);
});

test('during a rotation both secrets ring, anything else is refused and leaves nothing behind', async () => {
  await using bot = await startListening({
    env: { WEBHOOK_TOKEN_PREVIOUS: PREVIOUS },
  });
  const { datadog } = bot.world;
  const [one, two, three] = ['alice', 'bob', 'carol'].map((user) => datadog.raiseSignal({ user, severity: 'medium' }));
  expect(await ring(bot, { signal_id: one?.id })).toEqual({ status: 202, error: undefined });
  expect((await ring(bot, { signal_id: two?.id }, { token: PREVIOUS })).status).toBe(202);
  for (const token of ['', 'wrong', `${SECRETS.webhookToken}x`, SECRETS.webhookToken.slice(1)]) {
    const refused = await ring(bot, { signal_id: three?.id }, { token });
    expect(refused.status).toBe(401);
    expect(refused.error).toContain('Authorization');
  }
  await bot.world.slack.until(() =>
    standing(bot, 'security').some((m) => bot.world.slack.render(m).includes('2 signals')),
  );
  const rows = await bot.bot.db.selectFrom('signals').select('id').execute();
  expect(rows.map(({ id }) => id).sort()).toEqual([one?.id, two?.id].sort());
  expect(JSON.stringify(bot.logged)).not.toContain(PREVIOUS);
  expect(bot.logged.filter(({ msg }) => msg === 'a webhook with a wrong or missing secret was refused')).toHaveLength(
    4,
  );
});

test('once the rotation is over the previous secret rings no more', async () => {
  await using bot = await startListening();
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium' });
  expect((await ring(bot, { signal_id: signal.id }, { token: PREVIOUS })).status).toBe(401);
});

test('what cannot be understood is answered with the reason and kept as it came', async () => {
  await using bot = await startListening();
  const wrong: [body: unknown, reason: string][] = [
    ['', 'the body is empty'],
    ['{"signal_id": "AQAAAY', 'the body is not JSON'],
    [{ signal_id: 17 }, 'the body is not an object with the text signal_id'],
    [['AQAAAYaaaaaaaaaaaaaaaaaaaa'], 'the body is not an object with the text signal_id'],
    [{ signal_id: '../../etc/passwd\u0000 and more' }, 'signal_id is missing or not a signal id'],
    [{ severity: 'high' }, 'signal_id is missing or not a signal id'],
  ];
  for (const [body, reason] of wrong) expect(await ring(bot, body)).toEqual({ status: 400, error: reason });
  const letters = await bot.bot.db.selectFrom('dead_letters').select(['reason', 'body']).orderBy('id').execute();
  expect(letters.map(({ reason }) => reason)).toEqual(wrong.map(([, reason]) => reason));
  expect(letters[1]?.body).toBe('{"signal_id": "AQAAAY');
  expect(await metric(bot.url, 'malformed')).toBe(wrong.length);
  expect(await bot.bot.db.selectFrom('signals').select('id').execute()).toEqual([]);
});

test('a megabyte is the most it reads, and a stranger does not get to send it', async () => {
  await using bot = await startListening();
  const large = JSON.stringify({ signal_id: 'AQAAAYaaaaaaaaaaaaaaaaaaaa', message: 'x'.repeat(1024 * 1024) });
  expect((await ring(bot, large)).status).toBe(413);
  expect((await ring(bot, large, { token: 'wrong' })).status).toBe(401);
  expect(await bot.bot.db.selectFrom('dead_letters').select('id').execute()).toEqual([]);
});

test('Datadog’s test button is shown as a test, once a minute however often it is pressed', async () => {
  await using bot = await startRinging();
  const { datadog } = bot.world;
  // The minute must not end between the presses.
  bot.forward(60_000 - (bot.clock.now().getTime() % 60_000));
  for (let press = 0; press < 3; press++) expect((await datadog.testNotification('eks-audit')).status).toBe(202);
  expect(bot.text(await bot.posted('security'))).toContain(
    'Datadog’s webhook test arrived: URL and secret are right. `/eks-audit test` sends a signal the whole way.',
  );
  await settled(bot, 200);
  expect(standing(bot, 'security')).toHaveLength(1);
  bot.forward(60_000);
  expect((await datadog.testNotification('eks-audit')).status).toBe(202);
  await bot.posted('security', 'webhook test arrived');
  expect(await bot.bot.db.selectFrom('signals').select('id').execute()).toEqual([]);
});

test('a payload written by hand whose variables the test button left bare is a test, too', async () => {
  await using bot = await startListening();
  expect(
    (await ring(bot, '{"signal_id": "$SECURITY_SIGNAL_ID", "attributes": $SECURITY_SIGNAL_ATTRIBUTES}')).status,
  ).toBe(202);
  await bot.posted('security', 'webhook test arrived');
});

test('a doorbell that rings three times is one card and one receipt that says so', async () => {
  await using bot = await startRinging();
  const { sender } = bot.world.datadog;
  sender.duplicate = 3;
  sender.reorder = 2_000;
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium' });
  await bot.posted('security', '1 signal');
  await bot.world.slack.until(() => sender.deliveries.length === 3);
  await settled(bot);
  expect(standing(bot, 'security')).toHaveLength(1);
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('The webhook came again: nothing was done twice');
});

test('the texts of a payload written by hand serve until Datadog can be read, and are replaced then', async () => {
  await using bot = await startListening({
    seed({ datadog }) {
      datadog.signalReadLagMs = 4_000_000;
    },
  });
  connectWebhook(
    bot,
    '{"signal_id": "$SECURITY_SIGNAL_ID", "severity": "$SECURITY_SIGNAL_SEVERITY", "title": "$SECURITY_SIGNAL_TITLE"}',
  );
  bot.world.datadog.raiseSignal({ severity: 'medium', title: 'A shell, says the *webhook*', user: 'mallory' });
  const card = await bot.posted('security');
  expect(bot.text(card)).toContain('Datadog has not shown the details yet');
  expect(bot.text(card)).toContain('A shell, says the *webhook*');
  expect(bot.text(card)).not.toContain('mallory');
  bot.world.datadog.signalReadLagMs = 0;
  const complete = bot.text(await bot.posted('security', '*Who* `mallory`'));
  expect(complete).not.toContain('has not shown the details');
  expect(await inThread(bot, 'complete')).toContain('Datadog has shown the details now');
});

async function metric(url: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`outcome="${outcome}"[^}]*} (\\d+)`).exec(text)?.[1] ?? 0);
}
