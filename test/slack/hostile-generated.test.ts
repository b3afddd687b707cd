/** Ten thousand requests nobody thought of, made from valid ones by a seed: no crash, no 5xx, nothing left undone. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { startBot, type TestBot } from '../bot.ts';
import {
  click,
  command,
  deliver,
  event,
  FORM,
  form,
  interaction,
  JSON_TYPE,
  type Sent,
  submission,
} from './deliver.ts';
import { mutate, pick, type Random, scramble, seeded } from './mutations.ts';

const HOW_MANY = 10_000;
const SEED = 20_261_123;
const DIFFERENT = 400;
/** As many at once as Slack might have under way. */
const TOGETHER = 50;

const TEXTS = [
  'help',
  'lst',
  'runs',
  'approvals',
  'lgos prod-a',
  'enable --only everything x',
  'logs',
  '—',
  'disable x --reason',
];
const BUTTONS = ['approval.approve', 'command.run', 'command.share', 'forwarder.choose', 'link.1', 'nonsense'];
const EVENTS = ['app_home_opened', 'subteam_members_changed', 'message', 'app_uninstalled', 'tokens_revoked'];

function valid({ world }: TestBot, random: Random): { kind: string; payload: Record<string, unknown> } {
  const kind = pick(random, ['command', 'click', 'submission', 'event']);
  // Few ids: the same delivery comes again and again, as often changed as not.
  const id = `1.2.${Math.floor(random() * DIFFERENT)}`;
  const trigger = { trigger_id: id };
  if (kind === 'command') return { kind, payload: command(world, pick(random, TEXTS), trigger) };
  if (kind === 'click')
    return { kind, payload: click(world, { action_id: pick(random, BUTTONS), value: pick(random, TEXTS) }, trigger) };
  if (kind === 'submission')
    return { kind, payload: submission(world, 'approval.reject', '{"approvalId":"none"}', trigger) };
  const inner = { type: pick(random, EVENTS), user: 'U0OLIVIA01', channel: CHANNELS.platform, item: { channel: 'C1' } };
  return { kind, payload: event(world, inner, { event_id: `Ev${id}` }) };
}

function encode(kind: string, payload: unknown): { body: string; type: string } {
  if (kind === 'event') return { body: JSON.stringify(payload) ?? '', type: JSON_TYPE };
  if (kind !== 'command') return { body: interaction(payload), type: FORM };
  const fields =
    typeof payload === 'object' && payload !== null ? Object.entries(payload) : [['text', String(payload)]];
  return {
    body: form(Object.fromEntries(fields.map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]))),
    type: FORM,
  };
}

function generate(bot: TestBot, random: Random): Sent {
  const { kind, payload } = valid(bot, random);
  const { body, type } = encode(kind, random() < 0.95 ? mutate(random, payload) : payload);
  const sent: Sent = { body: random() < 0.15 ? scramble(random, body) : body, type };
  if (random() < 0.05)
    sent.type = pick(random, ['', 'text/html', FORM, JSON_TYPE, 'application/json; charset=latin1', ';;']);
  if (random() < 0.05) sent.skew = pick(random, [-299, 299, -301, 301, -1e9, 1e9]);
  if (random() < 0.05) sent.headers = { 'x-slack-signature': pick(random, ['', 'v0=', 'v1=abc', 'v0=zz', '\x7f']) };
  return sent;
}

test(`${HOW_MANY.toLocaleString('en')} generated requests leave the bot as it was`, async () => {
  await using bot = await startBot();
  bot.ignoreRest();
  const random = seeded(SEED);
  const statuses: Record<number, number> = {};
  for (let sent = 0; sent < HOW_MANY; sent += TOGETHER) {
    const batch = Array.from({ length: TOGETHER }, () => generate(bot, random));
    const answers = await Promise.all(batch.map((one) => deliver(bot.bot.server, one)));
    for (const [i, { status, body }] of answers.entries()) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      expect(status, JSON.stringify(batch[i]).slice(0, 2_000)).toBeLessThan(500);
      expect(body.length).toBeLessThan(100);
    }
  }
  // The mix is worth something only while every outcome is in it.
  expect(Object.keys(statuses)).toEqual(['200', '400', '401', '415']);
  expect(statuses[200]).toBeGreaterThan(HOW_MANY / 10);

  const open = () =>
    bot.bot.db
      .selectFrom('inbox')
      .select((e) => e.fn.countAll<string>().as('open'))
      .where('done_at', 'is', null)
      .executeTakeFirstOrThrow();
  await expect.poll(async () => Number((await open()).open), { timeout: 20_000 }).toBe(0);
  const failed = await bot.bot.db.selectFrom('inbox').selectAll().where('failure', 'is not', null).limit(1).execute();
  expect(failed).toEqual([]);
  expect((await bot.bot.server.inject('/readyz')).statusCode).toBe(200);
  await bot.slash('/eks-audit list');
  await bot.told('olivia', '2 clusters');
}, 60_000);
