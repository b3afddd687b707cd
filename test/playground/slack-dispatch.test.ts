/** People acting, a real Bolt app answering: commands, buttons, response_url, over signed HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { verifySignature } from '../../playground/slack/signing.ts';
import { errorOf, type OpenSlack, openSlack, SIGNING_SECRET, startBolt } from './slack-world.ts';

/** Stands in for the bot where the wire itself is looked at. */
async function startListener(world: OpenSlack, answer: { status: number; body?: string } | 'never') {
  const received: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (answer !== 'never') response.writeHead(answer.status).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  world.slack.connect({ eventsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events` });
  world.onClose(async () => {
    server.closeAllConnections();
    server.close();
  });
  return received;
}

const button = (text: string, more = {}) => ({
  type: 'button' as const,
  action_id: text.toLowerCase(),
  text: { type: 'plain_text' as const, text },
  ...more,
});

test('a slash command is a signed form with a bare content type and escaped references', async () => {
  await using world = await openSlack();
  const received = await startListener(world, { status: 200 });
  const result = await world.slack.slash(
    'jane',
    '#audit',
    '/eks-audit status  @omar #ops a & <b> https://x.io/?a=1&b=2',
  );
  expect(result).toMatchObject({ status: 200, failure: undefined });
  expect(result.triggerId).toMatch(/^\d+\.\d+\.[0-9a-f]{32}$/);
  const [request] = received;
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(verifySignature(SIGNING_SECRET, request?.headers as Record<string, string>, request?.body ?? '')).toBe(true);
  const form = Object.fromEntries(new URLSearchParams(request?.body));
  expect(form).toMatchObject({
    command: '/eks-audit',
    text: 'status  <@U0OMAR0001|omar> <#C0OPS00001|ops> a &amp; &lt;b&gt; <https://x.io/?a=1&amp;b=2>',
    channel_id: 'C0AUDIT001',
    channel_name: 'audit',
    user_id: 'U0JANE0001',
    user_name: 'jane',
    is_enterprise_install: 'false',
    trigger_id: result.triggerId,
  });
  expect(form.response_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/commands\/T0ACME0001\/\d+\/\w+$/);
});

test('a command whose ack is late, refused or impossible shows the person an error', async () => {
  await using world = await openSlack();
  world.slack.ackDeadlineMs = 60;
  await startListener(world, 'never');
  expect((await world.slack.slash('jane', '#audit', '/eks-audit list')).failure).toBe('operation_timeout');
  await startListener(world, { status: 500 });
  expect((await world.slack.slash('jane', '#audit', '/eks-audit list')).failure).toBe('dispatch_failed');
  world.slack.connect({ eventsUrl: 'http://127.0.0.1:9/slack/events' });
  expect((await world.slack.slash('jane', '#audit', '/eks-audit list')).failure).toBe('dispatch_failed');
  await startListener(world, { status: 200, body: '{"blocks":[{"type":"nonsense"}]}' });
  expect((await world.slack.slash('jane', '#audit', '/eks-audit list')).failure).toBe('invalid_command_response');
  expect(world.slack.failures.map((f) => f.text)).toEqual([
    'operation_timeout',
    'dispatch_failed',
    'dispatch_failed',
    'invalid_command_response',
  ]);
  expect(world.slack.unread('@jane').length).toBe(4);
});

test('in a thread the client refuses the command and sends nothing', async () => {
  await using world = await openSlack();
  const received = await startListener(world, { status: 200 });
  const { ts } = world.slack.say('jane', '#audit', 'hello');
  await world.slack.slash('jane', '#audit', '/eks-audit list', { inThread: ts });
  expect(received).toEqual([]);
  expect(world.slack.failures[0]?.text).toBe('/eks-audit is not supported in threads. Sorry!');
});

test('a Bolt app answers a command in its ack, by response_url and by the Web API', async () => {
  await using world = await openSlack();
  await startBolt(world, (app) => {
    app.command('/eks-audit', async ({ ack, respond, client, command }) => {
      await ack({ text: 'working on it' });
      await respond({ text: 'private answer' });
      await respond({ text: 'for all', response_type: 'in_channel' });
      await client.chat.postMessage({ channel: command.user_id, text: 'in private' });
    });
  });
  // Where the bot is no member: ack and response_url work all the same.
  await world.slack.slash('jane', '#secret', '/eks-audit list');
  const jane = async () => (await world.slack.nextMessage('@jane')).message?.text;
  expect([await jane(), await jane(), await jane()]).toEqual(['working on it', 'private answer', 'in private']);
  expect((await world.slack.nextMessage('#secret')).message?.text).toBe('for all');
  expect(world.slack.unread()).toEqual([]);
});

test('a click sends the button as it is stored, and the bot can replace the message', async () => {
  await using world = await openSlack();
  const bodies: Record<string, unknown>[] = [];
  await startBolt(world, (app) => {
    app.action('approve', async ({ ack, body, respond }) => {
      await ack();
      bodies.push(body as never);
      await respond({ text: 'approved', replace_original: true });
    });
  });
  const posted = await world.client.chat.postMessage({
    channel: 'C0AUDIT001',
    text: 'Plan',
    blocks: [{ type: 'actions', block_id: 'decide', elements: [button('Approve', { value: 'p1', style: 'primary' })] }],
  });
  const entry = await world.slack.nextMessage('#audit');
  await world.slack.click('omar', entry, 'Approve');
  expect(bodies[0]).toMatchObject({
    type: 'block_actions',
    user: { id: 'U0OMAR0001', username: 'omar', name: 'omar', team_id: 'T0ACME0001' },
    container: { type: 'message', message_ts: posted.ts, channel_id: 'C0AUDIT001', is_ephemeral: false },
    channel: { id: 'C0AUDIT001', name: 'audit' },
    message: { ts: posted.ts, bot_id: world.slack.bot.id, text: 'Plan', blocks: [{ block_id: 'decide' }] },
    state: { values: {} },
    actions: [
      {
        action_id: 'approve',
        block_id: 'decide',
        type: 'button',
        value: 'p1',
        style: 'primary',
        text: { type: 'plain_text', text: 'Approve', emoji: true },
      },
    ],
  });
  const edited = await world.slack.nextMessage('#audit');
  expect(edited).toMatchObject({ kind: 'edit', message: { text: 'approved', blocks: [] } });
  await expect(world.slack.click('omar', entry, 'Approve')).rejects.toThrow('nothing called Approve to press');
  await world.slack.click('omar', entry, 'Approve', { stale: true });
  expect(bodies.length).toBe(2);
});

test('a button on an ephemeral message comes without the message, one in an attachment with its number', async () => {
  await using world = await openSlack();
  const bodies: Record<string, unknown>[] = [];
  await startBolt(world, (app) => {
    app.action(/.*/, async ({ ack, body, respond }) => {
      await ack();
      bodies.push(body as never);
      if (bodies.length === 1) await respond({ delete_original: true });
    });
  });
  const { client, slack } = world;
  const blocks = [{ type: 'actions', elements: [button('Share')] }];
  await client.chat.postEphemeral({ channel: 'C0AUDIT001', user: 'U0JANE0001', text: 'x', blocks });
  const whisper = await slack.nextMessage('@jane');
  await expect(slack.click('omar', whisper, 'Share')).rejects.toThrow('omar does not see this message');
  await slack.click('jane', whisper, 'Share');
  expect(bodies[0]).toMatchObject({ container: { is_ephemeral: true } });
  expect(bodies[0]).not.toHaveProperty('message');
  expect((await slack.nextMessage('@jane')).kind).toBe('delete');

  const attachments = [
    { color: '#B00020', fallback: 'x', blocks: [{ type: 'actions', elements: [button('Take it')] }] },
  ];
  const posted = await client.chat.postMessage({ channel: 'C0AUDIT001', text: 'CRITICAL', attachments });
  await slack.click('jane', { channel: 'C0AUDIT001', ts: posted.ts as string }, 'Take it');
  expect(bodies[1]).toMatchObject({
    container: { type: 'message_attachment', attachment_id: 1, is_app_unfurl: false },
    message: { attachments: [{ id: 1, color: 'B00020' }] },
  });
});

test('a denied confirm dialog sends nothing, a link button sends and opens', async () => {
  await using world = await openSlack();
  const received = await startListener(world, { status: 200 });
  const plain = (text: string) => ({ type: 'plain_text', text });
  const confirm = { title: plain('Sure?'), text: plain('It costs money'), confirm: plain('Yes'), deny: plain('No') };
  const elements = [button('Approve', { confirm }), button('Open', { url: 'https://app.datadoghq.com/logs' })];
  const { ts } = await world.client.chat.postMessage({
    channel: 'C0AUDIT001',
    text: 'x',
    blocks: [{ type: 'actions', elements }],
  });
  const target = { channel: 'C0AUDIT001', ts: ts as string };
  const denied = await world.slack.click('jane', target, 'Approve', { confirm: 'deny' });
  expect(denied.confirm).toMatchObject({ text: { text: 'It costs money' } });
  expect(received).toEqual([]);
  await world.slack.click('jane', target, 'Approve');
  expect((await world.slack.click('jane', target, 'open')).url).toBe('https://app.datadoghq.com/logs');
  expect(received.length).toBe(2);
});

test('choosing in a menu sends the option and keeps it in the state of the message', async () => {
  await using world = await openSlack();
  const received = await startListener(world, { status: 200 });
  const option = (text: string) => ({ text: { type: 'plain_text', text }, value: text.toLowerCase() });
  const menus = [
    { type: 'static_select', action_id: 'mute', options: [option('1 hour'), option('4 hours')] },
    { type: 'overflow', action_id: 'more', options: [option('Archive')] },
  ];
  const blocks = [{ type: 'actions', block_id: 'menus', elements: menus }];
  const { ts } = await world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x', blocks });
  const target = { channel: 'C0AUDIT001', ts: ts as string };
  await world.slack.select('jane', target, 'mute', '4 hours');
  await world.slack.select('jane', target, 'more', 'Archive');
  const payloads = received.map((r) => JSON.parse(new URLSearchParams(r.body).get('payload') ?? ''));
  expect(payloads[0].actions[0]).toMatchObject({ type: 'static_select', selected_option: { value: '4 hours' } });
  expect(payloads[1].actions[0]).toMatchObject({ type: 'overflow', selected_option: { value: 'archive' } });
  expect(payloads[1].state.values.menus.mute.selected_option.value).toBe('4 hours');
});

test('a response_url works five times and for thirty minutes, and refuses bad blocks with 404', async () => {
  let now = Date.now();
  await using world = await openSlack({ clock: { now: () => new Date(now) } });
  const received = await startListener(world, { status: 200 });
  const newUrl = async () => {
    await world.slack.slash('jane', '#audit', '/eks-audit list');
    return new URLSearchParams(received.at(-1)?.body).get('response_url') ?? '';
  };
  const use = async (url: string, body: object) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    return `${response.status} ${await response.text()}`;
  };
  const url = await newUrl();
  expect(await use(url, { blocks: [{ type: 'nonsense' }] })).toBe('404 {"ok":false,"error":"invalid_blocks"}');
  for (let i = 0; i < 5; i += 1) expect(await use(url, { text: `${i}` })).toBe('200 ok');
  expect(await use(url, { text: 'x' })).toBe('404 {"ok":false,"error":"used_url"}');
  const other = await newUrl();
  now += 30 * 60_000 + 1;
  expect(await use(other, { text: 'x' })).toBe('404 {"ok":false,"error":"expired_url"}');
  expect(world.slack.unread('@jane').length).toBe(5);
});

test('nobody acts who is deactivated, a bot, or not there', async () => {
  await using world = await openSlack();
  await startListener(world, { status: 200 });
  world.slack.user('@omar').deleted = true;
  await expect(world.slack.slash('omar', '#audit', '/eks-audit')).rejects.toThrow('omar is deactivated and cannot act');
  await expect(world.slack.slash('eks-audit', '#audit', '/eks-audit')).rejects.toThrow('is a bot');
  world.slack.addUser({ name: 'guest', isRestricted: true });
  await expect(world.slack.slash('guest', '#audit', '/eks-audit')).rejects.toThrow('guest is not in audit');
});

test('an event is sent again with the same id until it is answered', async () => {
  await using world = await openSlack();
  const received = await startListener(world, { status: 500 });
  await world.slack.emitEvent({ type: 'app_home_opened', user: 'U0JANE0001', tab: 'home' });
  await world.slack.until(() => received.length === 2);
  expect(received[1]?.headers).toMatchObject({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_error' });
  const ids = received.map((r) => JSON.parse(r.body).event_id);
  expect(ids[0]).toBe(ids[1]);
  await startBolt(world, () => {});
  expect(await world.slack.verifyEndpoint()).toBe(true);
});

test('a listener that never acks leaves the person with an error', async () => {
  await using world = await openSlack();
  world.slack.ackDeadlineMs = 80;
  await startBolt(world, (app) => {
    app.command('/eks-audit', async () => {});
  });
  expect((await world.slack.slash('jane', '#audit', '/eks-audit')).failure).toBe('operation_timeout');
  expect(await errorOf(world.client.auth.test())).toBe('ok');
});
