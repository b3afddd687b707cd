/** The Web API's chat and conversation methods through the real WebClient. */
import { expect, test } from 'vitest';
import { slackError, slackRateLimited } from '../../playground/slack/faults.ts';
import { BOT_TOKEN, errorOf, openSlack, webClient } from './slack-world.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

test('a posted message is stored with normalised blocks and shows in the timeline', async () => {
  await using world = await openSlack();
  const posted = await world.client.chat.postMessage({
    channel: 'C0AUDIT001',
    text: 'a & b',
    blocks: [section('*hello*'), { type: 'header', text: { type: 'plain_text', text: 'Plan' } }],
  });
  expect(posted.message?.text).toBe('a &amp; b');
  expect(posted.message?.blocks).toEqual([
    {
      type: 'section',
      block_id: expect.stringMatching(/^.{5}$/),
      text: { type: 'mrkdwn', text: '*hello*', verbatim: false },
    },
    {
      type: 'header',
      block_id: expect.stringMatching(/^.{5}$/),
      text: { type: 'plain_text', text: 'Plan', emoji: true },
    },
  ]);
  expect(posted.ts).toMatch(/^\d{10}\.\d{6}$/);
  const entry = await world.slack.nextMessage('#audit');
  expect(entry.message?.ts).toBe(posted.ts);
  expect(world.slack.unread()).toEqual([]);
});

test('chat.postMessage knows who may post where', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const post = (channel: string) => errorOf(client.chat.postMessage({ channel, text: 'x' }));
  expect(await post('C0NOWHERE1')).toBe('channel_not_found');
  expect(await post('C0SECRET01')).toBe('channel_not_found');
  expect(await post('C0OPS00001')).toBe('ok');
  expect(await errorOf(client.chat.postMessage({ channel: 'C0AUDIT001', text: '' }))).toBe('no_text');
  slack.scopes.delete('chat:write.public');
  slack.limits.perChannel = false;
  expect(await post('C0OPS00001')).toBe('not_in_channel');
  slack.channel('#audit').isArchived = true;
  expect(await post('C0AUDIT001')).toBe('is_archived');
  expect(await post('U0JANE0001')).toBe('ok');
  slack.messagesTabEnabled = false;
  expect(await post('U0JANE0001')).toBe('messages_tab_disabled');
});

test('a text without blocks takes the blocks of a message away, neither keeps both', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const channel = 'C0AUDIT001';
  const metadata = { event_type: 'plan', event_payload: { id: 'p1' } };
  const { ts } = await client.chat.postMessage({ channel, text: 'one', blocks: [section('one')], metadata });
  const update = async (change: object) => client.chat.update({ channel, ts: ts as string, ...change } as never);
  const message = () => slack.findMessage(channel, ts as string);

  await update({ metadata: { event_type: 'plan', event_payload: { id: 'p2' } } });
  expect(message()).toMatchObject({ text: 'one', blocks: [{ type: 'section' }], edited: undefined });

  await update({ text: 'two', blocks: [section('two')] });
  expect(message()).toMatchObject({ text: 'two', metadata: { event_payload: { id: 'p2' } }, edited: undefined });

  await update({ text: 'three' });
  expect(message()).toMatchObject({ text: 'three', blocks: [], edited: { user: slack.bot.userId } });
  expect(message()?.earlier.map((m) => m.text)).toEqual(['one', 'one', 'two']);

  await update({ text: 'four', metadata: {} });
  expect(message()?.metadata).toBeUndefined();
});

test('chat.update takes only the channel id of a message of the bot itself', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const dm = await client.chat.postMessage({ channel: 'U0JANE0001', text: 'hello' });
  const ts = dm.ts as string;
  expect(dm.channel).toMatch(/^D/);
  expect(await errorOf(client.chat.update({ channel: 'U0JANE0001', ts, text: 'x' }))).toBe('channel_not_found');
  expect(await errorOf(client.chat.update({ channel: dm.channel as string, ts, text: 'x' }))).toBe('ok');
  const theirs = slack.say('jane', '#audit', 'mine').ts;
  const change = (changed: { ts: string; text: string }) =>
    errorOf(client.chat.update({ channel: 'C0AUDIT001', ...changed }));
  expect(await change({ ts: theirs, text: 'x' })).toBe('cant_update_message');
  expect(await change({ ts: '1.2', text: 'x' })).toBe('message_not_found');
  expect(await errorOf(client.chat.update({ channel: dm.channel as string, ts, text: 'x'.repeat(4001) }))).toBe(
    'msg_too_long',
  );
});

test('an ephemeral message reaches one member, and no method can change it', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const sent = await client.chat.postEphemeral({ channel: 'C0AUDIT001', user: 'U0JANE0001', text: 'psst' });
  const ts = sent.message_ts as string;
  expect((await slack.nextMessage('@jane')).kind).toBe('ephemeral');
  expect(slack.unread('#audit')).toEqual([]);
  expect(await errorOf(client.chat.update({ channel: 'C0AUDIT001', ts, text: 'x' }))).toBe('message_not_found');
  expect(await errorOf(client.chat.delete({ channel: 'C0AUDIT001', ts }))).toBe('message_not_found');
  const elsewhere = client.chat.postEphemeral({ channel: 'C0OPS00001', user: 'U0JANE0001', text: 'x' });
  expect(await errorOf(elsewhere)).toBe('not_in_channel');
  slack.addUser({ id: 'U0NEW00001', name: 'new' });
  const stranger = client.chat.postEphemeral({ channel: 'C0AUDIT001', user: 'U0NEW00001', text: 'x' });
  expect(await errorOf(stranger)).toBe('user_not_in_channel');
  slack.reload('U0JANE0001');
  expect(slack.findMessage('C0AUDIT001', ts)).toBeUndefined();
});

test('history shows newest first, with metadata on request, and a fresh message only after the lag', async () => {
  let now = Date.now();
  await using world = await openSlack({ clock: { now: () => new Date(now) } });
  const { client, slack } = world;
  slack.limits.perChannel = false;
  const channel = 'C0AUDIT001';
  const metadata = { event_type: 'signal', event_payload: { id: 's1' } };
  const first = await client.chat.postMessage({ channel, text: 'first', metadata });
  slack.historyLagMs = 5_000;
  await client.chat.postMessage({ channel, text: 'second' });
  await client.chat.postMessage({ channel, text: 'reply', thread_ts: first.ts as string });
  const read = async (more = {}) => (await client.conversations.history({ channel, ...more })).messages ?? [];
  expect((await read()).map((m) => m.text)).toEqual(['first']);
  now += 5_001;
  expect((await read()).map((m) => m.text)).toEqual(['second', 'first']);
  expect((await read())[1]?.metadata).toBeUndefined();
  expect((await read({ include_all_metadata: true }))[1]?.metadata).toEqual(metadata);
  expect((await read({ oldest: first.ts })).map((m) => m.text)).toEqual(['second']);
  expect((await read({ oldest: first.ts, inclusive: true, limit: 1 })).length).toBe(1);
  const thread = await client.conversations.replies({ channel, ts: first.ts as string });
  expect(thread.messages?.map((m) => m.text)).toEqual(['first', 'reply']);
  slack.scopes.delete('channels:history');
  expect(await errorOf(client.conversations.history({ channel }))).toBe('missing_scope');
});

test('a slow post lands although its client has given up', async () => {
  await using world = await openSlack();
  world.slack.slowPostMs = 150;
  const posting = fetch(`${world.slack.publicUrl}/api/chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'C0AUDIT001', text: 'late' }),
    signal: AbortSignal.timeout(50),
  });
  await expect(posting).rejects.toThrow();
  expect(world.slack.unread()).toEqual([]);
  expect((await world.slack.nextMessage('#audit')).message?.text).toBe('late');
});

test('a channel takes one message a second, others are not held up, and the limit can be switched off', async () => {
  await using world = await openSlack();
  const { client, slack } = world;
  const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
  await post('C0AUDIT001');
  await expect(post('C0AUDIT001')).rejects.toMatchObject({ retryAfter: 1 });
  await post('C0OPS00001');
  slack.limits.perChannel = false;
  await post('C0AUDIT001');
  for (let i = 0; i < 50; i += 1) slack.limits.waitForMethod('chat.update', 50);
  const ts = slack.timeline[0]?.message?.ts as string;
  const update = client.chat.update({ channel: 'C0AUDIT001', ts, text: 'y' });
  await expect(update).rejects.toMatchObject({ retryAfter: 60 });
});

test('faults answer as Slack fails', async () => {
  await using world = await openSlack();
  world.door.fail({ service: 'slack', operation: 'chat.postMessage', answer: slackError('channel_not_found') });
  world.door.fail({ service: 'slack', operation: 'chat.postMessage', answer: slackRateLimited(7) });
  const post = () => world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x' });
  expect(await errorOf(post())).toBe('channel_not_found');
  await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  await post();
  expect(world.door.writes).toEqual(Array(3).fill('slack chat.postMessage'));
});

test('conversations are listed page by page, private ones only where the bot is', async () => {
  await using world = await openSlack();
  const { client } = world;
  const names: string[] = [];
  for await (const page of client.paginate('conversations.list', {
    types: 'public_channel,private_channel',
    limit: 1,
  })) {
    for (const channel of (page as { channels?: { name: string }[] }).channels ?? []) names.push(channel.name);
  }
  expect(names).toEqual(['audit', 'ops']);
  const { channel } = await client.conversations.info({ channel: 'C0OPS00001' });
  expect(channel).toMatchObject({ is_member: false, is_archived: false, is_ext_shared: false, is_private: false });
  expect(await errorOf(client.conversations.info({ channel: 'C0SECRET01' }))).toBe('channel_not_found');
  await client.conversations.join({ channel: 'C0OPS00001' });
  expect((await client.conversations.members({ channel: 'C0OPS00001' })).members).toContain(world.slack.bot.userId);
});

test('a body may be JSON, and one that is none is refused', async () => {
  await using world = await openSlack();
  const post = async (body: string) => {
    const headers = { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json; charset=utf-8' };
    const response = await fetch(`${world.slack.publicUrl}/api/chat.postMessage`, { method: 'POST', headers, body });
    return (await response.json()) as { ok: boolean; error?: string };
  };
  const blocks = [section('hello')];
  expect((await post(JSON.stringify({ channel: '#audit', text: 'x', blocks, team_id: 'T0ACME0001' }))).ok).toBe(true);
  expect((await post('{"channel":')).error).toBe('invalid_json');
  expect((await post('[]')).error).toBe('json_not_object');
  expect((await post(JSON.stringify({ channel: '#ops', text: 'x', blocks: {} }))).error).toBe('invalid_blocks_format');
});

test('after a reset the people are there and nothing has been said', async () => {
  await using world = await openSlack();
  const { ts } = await world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x' });
  world.slack.reset();
  expect(world.slack.timeline).toEqual([]);
  expect(world.slack.findMessage('C0AUDIT001', ts as string)).toBeUndefined();
  expect(world.slack.user('@jane').id).toBe('U0JANE0001');
});

test('a permalink leads to the message', async () => {
  await using world = await openSlack();
  const { ts } = await world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x' });
  const { permalink } = await world.client.chat.getPermalink({ channel: 'C0AUDIT001', message_ts: ts as string });
  expect(permalink).toBe(`https://acme.slack.com/archives/C0AUDIT001/p${ts?.replace('.', '')}`);
});

test('a wrong or missing token, a lost account and an unknown method are told apart', async () => {
  await using world = await openSlack();
  const { slack, client } = world;
  expect(await errorOf(webClient(slack, 'xoxb-other').auth.test())).toBe('invalid_auth');
  expect(await errorOf(webClient(slack, '').auth.test())).toBe('not_authed');
  expect(await errorOf(webClient(slack, 'xapp-test').auth.test())).toBe('not_allowed_token_type');
  expect(await errorOf(client.apiCall('chat.invent'))).toBe('unknown_method');
  slack.tokenError = 'account_inactive';
  expect(await errorOf(client.auth.test())).toBe('account_inactive');
});
