/** A small workspace for the tests of the Slack stand-in, and Bolt apps connected to it. */
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { Door } from '../../playground/http.ts';
import { slackService } from '../../playground/slack/routes.ts';
import { Slack } from '../../playground/slack/state.ts';
import { WorldTime } from '../../playground/time.ts';
import type { Clock } from '../../src/clock.ts';

export const BOT_TOKEN = 'xoxb-test';
export const APP_TOKEN = 'xapp-test';
export const SIGNING_SECRET = 'signing-secret';

export async function openSlack(options: { clock?: Clock } = {}) {
  const time = new WorldTime(options);
  const door = new Door();
  const slack = new Slack({ time, signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN, appToken: APP_TOKEN });
  slack.publicUrl = await door.open(slackService(slack));
  slack.addUser({ id: 'U0JANE0001', name: 'jane', locale: 'ja-JP', tz: 'Asia/Tokyo', tzOffsetSeconds: 32_400 });
  slack.addUser({ id: 'U0OMAR0001', name: 'omar' });
  slack.addUserGroup({ id: 'S0SRE00001', handle: 'sre', members: ['U0OMAR0001'] });
  slack.addChannel({ id: 'C0AUDIT001', name: 'audit', members: ['U0JANE0001', 'U0OMAR0001'] });
  slack.addChannel({ id: 'C0OPS00001', name: 'ops', members: ['U0JANE0001'], bot: false });
  slack.addChannel({ id: 'C0SECRET01', name: 'secret', members: ['U0JANE0001'], bot: false, isPrivate: true });
  const client = webClient(slack, BOT_TOKEN);
  const closing: (() => Promise<unknown>)[] = [];
  return {
    slack,
    door,
    time,
    client,
    onClose: (close: () => Promise<unknown>) => closing.push(close),
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      time.stop();
      await slack.close();
      await door.close();
    },
  };
}

export type OpenSlack = Awaited<ReturnType<typeof openSlack>>;

export function webClient(slack: Slack, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: `${slack.publicUrl}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    logger: quietLogger(),
  });
}

/** A real Bolt app behind a real HTTP receiver, connected as the workspace's bot. */
export async function startBolt(world: OpenSlack, listen: (app: App) => void): Promise<void> {
  const logger = quietLogger();
  const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET, endpoints: ['/slack/events'], logger });
  const clientOptions = { slackApiUrl: `${world.slack.publicUrl}/api/`, retryConfig: { retries: 0 } };
  const app = new App({ receiver, token: BOT_TOKEN, convoStore: false, clientOptions, logger });
  listen(app);
  const server = await app.start(0);
  world.slack.connect({ eventsUrl: `http://127.0.0.1:${portOf(server)}/slack/events` });
  world.onClose(() => app.stop());
}

export function quietLogger() {
  return {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    setName() {},
    getLevel: () => LogLevel.ERROR,
  };
}

/** The platform error of a refused call. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error ?? String(error);
  }
}

function portOf(server: unknown): number {
  return (server as { address(): { port: number } }).address().port;
}
