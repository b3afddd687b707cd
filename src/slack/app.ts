/**
 * Bolt, wired to our receiver: it routes what the inbox hands it to the listeners named in `bot.ts`. The workspace we
 * serve is read once from `auth.test`; other workspaces are refused at the door.
 */
import { App, AuthorizationError } from '@slack/bolt';
import { type WebAPICallResult, WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type Redact, withoutSecrets } from '../redaction.ts';
import type { Delivery } from './deliveries.ts';
import { pinoForSlack } from './logger.ts';
import type { Handed, SlackReceiver } from './receiver.ts';

export interface Identity {
  teamId: string;
  botId: string;
  botUserId: string;
  /** `https://acme.slack.com/`: what links to messages begin with. */
  url: string;
}

/**
 * Calls to Slack. Retries are ours to decide: the client's own would repeat a post that may have arrived, and pause
 * every channel for the rate limit of one.
 */
export function createWebClient(config: Config, log: Logger, redact: Redact): WebClient {
  const client = new DiscreetWebClient(config.SLACK_BOT_TOKEN, {
    slackApiUrl: `${config.SLACK_API_URL}/`,
    timeout: config.timing.http_timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: pinoForSlack(log),
  });
  client.redact = redact;
  return client;
}

/** What Slack, or a proxy before it, answers to a failed call is stored and shown, and may quote the call. */
class DiscreetWebClient extends WebClient {
  redact: Redact = (text) => text;

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    try {
      return await super.apiCall(method, options);
    } catch (error) {
      throw withoutSecrets(error, this.redact);
    }
  }
}

/** Asks Slack who we are. */
export async function identify(client: WebClient): Promise<Identity> {
  const answer = await client.auth.test();
  const { team_id = '', bot_id = '', user_id = '', url = '' } = answer;
  return { teamId: team_id, botId: bot_id, botUserId: user_id, url };
}

export interface Listeners {
  command: (delivery: Delivery) => Promise<void>;
  click: (delivery: Delivery) => Promise<void>;
  submission: (delivery: Delivery) => Promise<void>;
  groupsChanged: () => void;
}

/** Makes the Bolt app; every listener gets the delivery as our own shape check saw it. */
export function createApp(deps: {
  receiver: SlackReceiver;
  config: Config;
  log: Logger;
  identity: () => Identity | undefined;
  listeners: Listeners;
}): App {
  const { receiver, listeners } = deps;
  const app = new App({
    receiver,
    authorize: async () => {
      const identity = deps.identity();
      if (!identity) throw new Error('Slack has not told us yet who we are');
      const { teamId, botId, botUserId } = identity;
      return { botToken: deps.config.SLACK_BOT_TOKEN, teamId, botId, botUserId };
    },
    logger: pinoForSlack(deps.log),
    convoStore: false,
    clientOptions: { slackApiUrl: `${deps.config.SLACK_API_URL}/`, retryConfig: { retries: 0 } },
  });
  // Bolt wraps what listeners throw; the inbox must see the original to know whether to try again.
  app.error(async (error) => {
    throw error instanceof AuthorizationError ? error : (error.original ?? error);
  });
  const onDelivery =
    (listener: (delivery: Delivery) => Promise<void>) =>
    async ({ context }: { context: object }) => {
      const { handed } = context as { handed: Handed };
      handed.taken = true;
      await listener(handed.delivery);
    };
  app.command(/.+/, onDelivery(listeners.command));
  app.action(/.+/, onDelivery(listeners.click));
  app.view(/.+/, onDelivery(listeners.submission));
  app.event('subteam_members_changed', async () => listeners.groupsChanged());
  return app;
}
