/** Nothing that can be sent to the bot's HTTP endpoints ends in a crash, a 5xx, or silence in the log. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEOPLE } from '../../playground/acme.ts';
import { startBot, type TestBot } from '../bot.ts';
import { click, command, deliver, event, FORM, form, interaction, JSON_TYPE, submission } from './deliver.ts';
import { REFUSED } from './refused-requests.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startBot({ env: { METRICS_TOKEN: 'metrics-token-of-acme' } });
});
afterAll(async () => {
  bot.ignoreRest();
  await bot[Symbol.asyncDispose]();
});

/** What the log says of the next requests. */
async function logsOf(act: () => Promise<unknown>): Promise<string[]> {
  const before = bot.logged.length;
  await act();
  return bot.logged.slice(before).map((line) => `${line.level} ${line.msg}${line.reason ? `: ${line.reason}` : ''}`);
}

async function rows(): Promise<number> {
  const { count } = await bot.bot.db
    .selectFrom('inbox')
    .select((e) => e.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

describe('POST /slack/events', () => {
  for (const { what, send, status, log } of REFUSED) {
    test(`refuses ${what}, and says so in the log`, async () => {
      const before = await rows();
      let answer = { status: 0, body: '' };
      const logged = await logsOf(async () => {
        answer = await deliver(bot.bot.server, send(bot.world));
      });
      expect(answer.status).toBe(status);
      expect(answer.body.length).toBeLessThan(100);
      expect(answer.body).not.toContain('stack');
      expect(logged).toEqual(log);
      expect(await rows()).toBe(before);
    });
  }

  test('takes a replayed request once', async () => {
    const body = form(command(bot.world, 'help'));
    for (let i = 0; i < 3; i++) expect((await deliver(bot.bot.server, { body })).status).toBe(200);
    expect(bot.text(await bot.told('olivia'))).toContain('/eks-audit list');
    const other = form(command(bot.world, 'runs'));
    await deliver(bot.bot.server, { body: other });
    // The next thing olivia is told answers the next command: the replays said nothing.
    expect(bot.text(await bot.told('olivia'))).not.toContain('/eks-audit list');
  });

  test('answers what it does not listen to, and does nothing', async () => {
    for (const payload of [
      { type: 'view_closed', team: null, user: { id: 'U1' } },
      { type: 'shortcut', callback_id: 'x' },
      { type: 'message_action' },
      { type: 'block_suggestion' },
      { type: 'app_rate_limited', team_id: 'T1' },
      { type: '__proto__' },
    ])
      expect(await deliver(bot.bot.server, { body: interaction(payload) })).toEqual({ status: 200, body: '' });
    expect(await deliver(bot.bot.server, { body: 'ssl_check=1&token=x' })).toEqual({ status: 200, body: '' });
    const challenge = { type: 'url_verification', challenge: '3eZb' };
    expect(await deliver(bot.bot.server, { body: JSON.stringify(challenge), type: JSON_TYPE })).toEqual({
      status: 200,
      body: '{"challenge":"3eZb"}',
    });
  });

  test('accepts a form with a charset, and half a surrogate pair or NUL in a text', async () => {
    const sent = command(bot.world, 'status a\0b\ud800c');
    const { status } = await deliver(bot.bot.server, { body: form(sent), type: `${FORM}; charset=utf-8` });
    expect(status).toBe(200);
    expect(bot.text(await bot.told('olivia', 'There is no cluster'))).toContain('/eks-audit list');
  });
});

describe('somebody who presses or types what nobody offered', () => {
  const UNKNOWN = [
    'nonsense',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'constructor.1',
    'a'.repeat(255),
  ];
  for (const name of UNKNOWN) {
    test(`reads that the button ${name.slice(0, 20)} is no longer active`, async () => {
      const value = { [name]: name };
      const { status } = await deliver(bot.bot.server, {
        body: interaction(click(bot.world, { action_id: name, value })),
      });
      expect(status).toBe(200);
      expect(bot.text(await bot.told('arjun'))).toContain('This button is no longer active.');
    });

    test(`reads that ${name.slice(0, 20)} is no command, by whatever name the bot is called`, async () => {
      const sent = command(bot.world, name, { command: '/another-name' });
      expect((await deliver(bot.bot.server, { body: form(sent) })).status).toBe(200);
      expect(bot.text(await bot.told('olivia'))).toContain('There is no command');
    });
  }

  const VALUES = ['', 'enable prod-a', '{', 'null', '[]', '[1,2]', '["x"]', '{"__proto__":1}', '\0', 'x'.repeat(5_000)];
  for (const [i, value] of VALUES.entries()) {
    test(`gets an answer, not our bug, for the button value no. ${i}`, async () => {
      for (const action_id of ['forwarder.choose', 'command.run', 'command.share', 'approval.approve']) {
        const body = interaction(click(bot.world, { action_id, value }, {}, PEOPLE.ada));
        expect((await deliver(bot.bot.server, { body })).status).toBe(200);
        expect(bot.text(await bot.told('ada'))).not.toContain('Something went wrong');
      }
    });
  }

  test('is not answered for a modal or an event nobody made', async () => {
    const odd = [
      interaction(submission(bot.world, 'nonsense', '')),
      interaction(submission(bot.world, '__proto__', '{}')),
      interaction({ ...submission(bot.world, 'x', ''), event: null, command: 'x' }),
      interaction({ ...click(bot.world, { action_id: 'x' }), event: { channel: null } }),
    ];
    for (const body of odd) expect((await deliver(bot.bot.server, { body })).status).toBeLessThan(500);
    for (const inner of [
      { type: 'message', channel: null },
      { type: 'x', item: 1 },
      { type: 'subteam_members_changed' },
      { type: 'app_uninstalled', subteam: null },
    ]) {
      const body = JSON.stringify(event(bot.world, inner));
      expect((await deliver(bot.bot.server, { body, type: JSON_TYPE })).status).toBe(200);
    }
  });
});

describe('every other address', () => {
  const cases: [method: 'GET' | 'POST' | 'PUT' | 'OPTIONS', url: string, status: number][] = [
    ['GET', '/', 404],
    ['GET', '/slack/events', 404],
    ['POST', '/healthz', 404],
    ['POST', '/metrics', 404],
    ['PUT', '/slack/events', 404],
    ['OPTIONS', '/slack/events', 404],
    ['GET', `/${'a'.repeat(5_000)}`, 404],
    ['GET', '/..%2f..%2fetc%2fpasswd', 404],
    ['GET', '/__proto__', 404],
    ['GET', '/%00', 404],
    ['GET', '/%E0%A4%A', 400],
    ['GET', '/metrics', 401],
    ['GET', '/healthz?x=%00', 200],
  ];
  for (const [method, url, status] of cases) {
    test(`answers ${method} ${url.slice(0, 30)} with ${status}, shortly`, async () => {
      const answer = await bot.bot.server.inject({ method, url });
      expect(answer.statusCode).toBe(status);
      expect(answer.body.length).toBeLessThan(120);
      expect(answer.body).not.toMatch(/stack|node_modules|passwd/);
    });
  }

  test('gives metrics only to the bearer of the token', async () => {
    const get = (authorization: string) => bot.bot.server.inject({ url: '/metrics', headers: { authorization } });
    for (const wrong of ['', 'Bearer', 'Bearer metrics-token-of-acm', 'Bearer metrics-token-of-acme ', 'Basic eA=='])
      expect((await get(wrong)).statusCode).toBe(401);
    const { statusCode, body } = await get('Bearer metrics-token-of-acme');
    expect(statusCode).toBe(200);
    expect(body).toContain('eks_audit_requests_total{kind="unknown",outcome="malformed"}');
  });

  test('survives what is no HTTP at all', async () => {
    const port = Number(new URL(bot.url).port);
    for (const bytes of [
      'GARBAGE\r\n\r\n',
      'POST /slack/events HTTP/1.1\r\nContent-Length: abc\r\n\r\n',
      '\x16\x03\x01\x02\x00',
      `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
      'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncut',
    ]) {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk;
        });
        socket.on('close', () => resolve(text));
        socket.on('error', () => resolve(text));
      });
      expect(answer).not.toMatch(/HTTP\/1.1 5|at .*\.js:/);
    }
  });
});

test('after all of it the bot is healthy and nothing is left undone', async () => {
  expect((await bot.bot.server.inject('/healthz')).json()).toEqual({ ok: true });
  expect((await bot.bot.server.inject('/readyz')).json()).toEqual({ ready: true, problems: [] });
  await bot.slash('/eks-audit list');
  await bot.told('olivia', '2 clusters');
  const failed = await bot.bot.db
    .selectFrom('inbox')
    .select(['id', 'failure'])
    .where('failure', 'is not', null)
    .execute();
  expect(failed).toEqual([]);
});
