/** Whoever reaches the webhook sends what they like: every answer is the right one, nothing of it ends the bot. */
import { describe, expect, test } from 'vitest';
import { SECRETS } from '../../playground/world.ts';
import { startBot, type TestBot } from '../bot.ts';
import { mutate, pick, type Random, seeded } from '../slack/mutations.ts';

const ID = 'AQAAAYNqUBVU4-rffwAAAABBWU5xVUJWVUFBQjJBd3p';
const VALID = {
  v: 1,
  kind: 'dd.security_signal',
  signal_id: ID,
  rule_id: '5br-mto-gse',
  rule_type: 'log_detection',
  severity: 'high',
  org_id: '321813',
  date: '1664195936788',
};
const AUTHORIZED = { authorization: `Bearer ${SECRETS.webhookToken}`, 'content-type': 'application/json' };

async function post(bot: TestBot, payload: string | Buffer, headers: Record<string, string> = AUTHORIZED) {
  const { statusCode, body } = await bot.bot.server.inject({
    method: 'POST',
    url: '/webhooks/datadog',
    headers,
    payload,
  });
  return { status: statusCode, body };
}

async function quietBot(): Promise<TestBot> {
  const bot = await startBot({ file: { timing: { signals_poll: '1d', signal_read_for: '1h', sweep: '1h' } } });
  bot.ignoreRest();
  return bot;
}

/** A body, and the answers it may have: what is well-formed by chance is taken, never more. */
function nastyBody(random: Random): string | Buffer {
  const text = JSON.stringify(VALID);
  const depth = 1 + Math.floor(random() * 5_000);
  return pick<() => string | Buffer>(random, [
    () => JSON.stringify(mutate(random, VALID)),
    () => text.slice(0, Math.floor(random() * text.length)),
    () => `${'['.repeat(depth)}${']'.repeat(depth)}`,
    () => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    () => Buffer.from(text.replace('high', '\u0080').replace(ID, '\u00ff\u00fe'), 'latin1'),
    () => text.replace(ID, `${ID.slice(0, 10)}\0${ID.slice(11)}`),
    () => text.replace('"v":1', '"__proto__":{"signal_id":"x"},"constructor":{"prototype":1}'),
    () => text.replace(ID, pick(random, ['', ' ', '../../etc/passwd', 'A'.repeat(121), "'; drop table signals; --"])),
    () => Array.from({ length: 50 }, () => String.fromCharCode(Math.floor(random() * 65_536))).join(''),
    () => pick(random, ['', 'null', '[]', '"x"', '0', 'true', '{}', '{', '\uFEFF{}']),
  ])();
}

describe('the webhook', () => {
  test('answers ten thousand generated bodies with 400, or 202 for what is whole by chance, and lives on', async () => {
    await using bot = await quietBot();
    const random = seeded(20_261_123);
    const answers = new Map<number, number>();
    for (let sent = 0; sent < 10_000; sent += 100) {
      const batch = await Promise.all(Array.from({ length: 100 }, () => post(bot, nastyBody(random))));
      for (const { status } of batch) answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect([...answers.keys()].sort()).toEqual([202, 400]);
    expect(answers.get(400)).toBeGreaterThan(7_000);
    const kept = await bot.bot.db
      .selectFrom('dead_letters')
      .select((e) => [e.fn.countAll<string>().as('letters'), e.fn.max('body').as('some')])
      .executeTakeFirstOrThrow();
    expect(Number(kept.letters)).toBe(1_000);
    expect(await post(bot, JSON.stringify(VALID))).toEqual({ status: 202, body: '{"ok":true}' });
    expect((await bot.bot.server.inject('/readyz')).statusCode).toBe(200);
  }, 60_000);

  test('refuses a wrong or missing secret before it reads the body, and keeps nothing of it', async () => {
    await using bot = await quietBot();
    const { authorization } = AUTHORIZED;
    const wrong = [
      '',
      'Bearer',
      'Bearer x',
      authorization.slice(0, -1),
      `${authorization}x`,
      authorization.toLowerCase(),
    ];
    for (const given of wrong)
      expect(await post(bot, JSON.stringify(VALID), { ...AUTHORIZED, authorization: given })).toMatchObject({
        status: 401,
      });
    expect(await post(bot, JSON.stringify(VALID), { 'content-type': 'application/json' })).toMatchObject({
      status: 401,
    });
    expect(await bot.bot.db.selectFrom('signals').selectAll().execute()).toEqual([]);
    expect(await bot.bot.db.selectFrom('dead_letters').selectAll().execute()).toEqual([]);
  });

  test('takes a megabyte and not more', async () => {
    await using bot = await quietBot();
    const body = (bytes: number) => JSON.stringify({ ...VALID, message: 'x'.repeat(bytes) });
    expect(await post(bot, body(1024 * 1024 - 500))).toMatchObject({ status: 202 });
    expect(await post(bot, body(1024 * 1024))).toMatchObject({ status: 413 });
  });

  test('takes a replay as the same signal', async () => {
    await using bot = await quietBot();
    for (let times = 0; times < 5; times++) await post(bot, JSON.stringify(VALID));
    const rows = await bot.bot.db.selectFrom('signals').select(['id', 'doorbells']).execute();
    expect(rows).toEqual([{ id: ID, doorbells: 5 }]);
  });
});
