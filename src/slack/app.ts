/**
 * Bolt, wired to our receiver: it routes what the inbox hands it to the listeners named in `bot.ts`. The workspace we
 * serve is read once from `auth.test`; other workspaces are refused at the door.
 */
import { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type Delivery, parseObject } from './deliveries.ts';
import { pinoForSlack } from './logger.ts';
import type { SlackReceiver } from './receiver.ts';

export interface Identity {
  teamId: string;
  botId: string;
  botUserId: string;
}

/**
 * Calls to Slack. Retries are ours to decide: the client's own would repeat a post that may have arrived, and pause
 * every channel for the rate limit of one.
 */
export function createWebClient(config: Config, log: Logger): WebClient {
  return new WebClient(config.SLACK_BOT_TOKEN, {
    slackApiUrl: `${config.SLACK_API_URL}/`,
    timeout: config.timing.http_timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: pinoForSlack(log),
  });
}

/** Asks Slack who we are. */
export async function identify(client: WebClient): Promise<Identity> {
  const answer = await client.auth.test();
  return { teamId: answer.team_id ?? '', botId: answer.bot_id ?? '', botUserId: answer.user_id ?? '' };
}

export interface Listeners {
  command: (delivery: Delivery) => Promise<void>;
  click: (delivery: Delivery) => Promise<void>;
  submission: (delivery: Delivery) => Promise<void>;
  groupsChanged: () => void;
}

/** Makes the Bolt app; every listener gets the delivery as our own shape check sees it. */
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
      return { botToken: deps.config.SLACK_BOT_TOKEN, ...identity };
    },
    logger: pinoForSlack(deps.log),
    convoStore: false,
    clientOptions: { slackApiUrl: `${deps.config.SLACK_API_URL}/`, retryConfig: { retries: 0 } },
  });
  // Bolt wraps what listeners throw; the inbox must see the original to know whether to try again.
  app.error(async (error) => {
    throw error.original ?? error;
  });
  const onDelivery =
    (listener: (delivery: Delivery) => Promise<void>) =>
    async ({ body }: { body: unknown }) => {
      const parsed = parseObject(body);
      if (parsed.what === 'delivery') await listener(parsed.delivery);
    };
  app.command(/.+/, onDelivery(listeners.command));
  app.action(/.+/, onDelivery(listeners.click));
  app.view(/.+/, onDelivery(listeners.submission));
  app.event('subteam_members_changed', async () => listeners.groupsChanged());
  return app;
}
