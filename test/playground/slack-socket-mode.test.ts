/** Socket Mode with the real client: hello, envelopes, acks, disconnects. */
import { SocketModeClient } from '@slack/socket-mode';
import { expect, test } from 'vitest';
import { APP_TOKEN, BOT_TOKEN, errorOf, type OpenSlack, openSlack, quietLogger, webClient } from './slack-world.ts';

type Received = { ack: (response?: unknown) => Promise<void>; body: Record<string, unknown>; retry_num?: number };

async function connect(world: OpenSlack): Promise<SocketModeClient> {
  const client = new SocketModeClient({
    appToken: APP_TOKEN,
    clientOptions: { slackApiUrl: `${world.slack.publicUrl}/api/` },
    logger: quietLogger(),
    clientPingTimeout: 100,
  });
  world.onClose(() => client.disconnect());
  world.slack.connect({ socketMode: true });
  await client.start();
  return client;
}

test('commands and interactions arrive as envelopes, and the ack carries the answer', async () => {
  await using world = await openSlack();
  const client = await connect(world);
  expect(world.slack.socketMode.connections).toBe(1);
  const bodies: Record<string, unknown>[] = [];
  client.on('slash_commands', ({ ack, body }: Received) => {
    bodies.push(body);
    return ack({ text: `ran ${body.text} ${'.'.repeat(70_000)}` });
  });
  const result = await world.slack.slash('jane', '#audit', '/eks-audit list');
  expect(result).toMatchObject({ status: 200, failure: undefined });
  expect(bodies[0]).toMatchObject({ command: '/eks-audit', text: 'list', user_id: 'U0JANE0001' });
  expect((await world.slack.nextMessage('@jane')).message?.text).toMatch(/^ran list \.+$/);

  client.on('interactive', ({ ack, body }: Received) => {
    bodies.push(body);
    return ack();
  });
  await world.slack.shortcut('jane', 'audit');
  expect(bodies[1]).toMatchObject({ type: 'shortcut', callback_id: 'audit' });

  client.on('app_home_opened', ({ ack, body }: Received) => {
    bodies.push(body);
    return ack();
  });
  await world.slack.emitEvent({ type: 'app_home_opened', user: 'U0JANE0001' });
  expect(bodies[2]).toMatchObject({ type: 'event_callback', event: { type: 'app_home_opened' } });
});

test('without a connection or an ack the person sees an error', async () => {
  await using world = await openSlack();
  world.slack.connect({ socketMode: true });
  world.slack.ackDeadlineMs = 50;
  expect((await world.slack.slash('jane', '#audit', '/eks-audit')).failure).toBe('dispatch_failed');
  await connect(world);
  expect((await world.slack.slash('jane', '#audit', '/eks-audit')).failure).toBe('operation_timeout');
});

test('a refreshed connection is replaced by a new one', async () => {
  await using world = await openSlack();
  const client = await connect(world);
  const reconnected = new Promise((resolve) => client.once('connected', resolve));
  world.slack.socketMode.disconnect('refresh_requested');
  await world.slack.until(() => world.slack.socketMode.connections === 0);
  await reconnected;
  expect(world.slack.socketMode.connections).toBe(1);
});

test('the connection URL needs an app token', async () => {
  await using world = await openSlack();
  const open = (token: string) => errorOf(webClient(world.slack, token).apps.connections.open({}));
  expect(await open(BOT_TOKEN)).toBe('not_allowed_token_type');
  expect(await open(APP_TOKEN)).toBe('ok');
});
