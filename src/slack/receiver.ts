/**
 * Bolt's receiver on our one Fastify server, and on Socket Mode when there is an app token. Both do the same with a
 * delivery: check its shape, write the row, acknowledge, and let the inbox hand it to Bolt. Clicks that open a modal
 * go to Bolt at once, because their trigger lives for three seconds and losing them in a crash loses nothing.
 */
import type { App, Receiver } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { type Delivery, type Parsed, parseHttpBody, parseObject } from './deliveries.ts';
import type { Inbox } from './inbox.ts';
import { pinoForSlack } from './logger.ts';
import { verifySignature } from './verify.ts';

/** Slack's largest documented interaction is a 250 kB view; four times that is generous. */
const BODY_LIMIT = 1024 * 1024;

export interface ReceiverOptions {
  signingSecret: string;
  appToken: string | undefined;
  apiUrl: string;
  log: Logger;
  /** The one workspace we serve; other teams are refused. */
  teamId: () => string | undefined;
  opensModal: (delivery: Delivery) => boolean;
  /** Set after construction: the inbox needs the app, the app needs the receiver. */
  inbox: () => Pick<Inbox, 'store'>;
  nudge: () => void;
  requests: Metrics['requests'];
}

type Outcome = 'stored' | 'repeated' | 'foreign-team' | 'not-stored';

export class SlackReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  #app: App | undefined;
  #socket: SocketModeClient | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Opens the Socket Mode connection when an app token is configured; HTTP needs no start of its own. */
  async start(): Promise<void> {
    if (!this.#options.appToken) return;
    const socket = new SocketModeClient({
      appToken: this.#options.appToken,
      logger: pinoForSlack(this.#options.log),
      clientOptions: { slackApiUrl: `${this.#options.apiUrl}/` },
    });
    this.#socket = socket;
    socket.on('slack_event', async ({ ack, body }: { ack: (response?: object) => Promise<void>; body: unknown }) => {
      const parsed = parseObject(body);
      if (parsed.what === 'delivery' && (await this.#accept(parsed.delivery)) === 'not-stored') return;
      if (parsed.what === 'malformed') this.#refuse(parsed, 'socket');
      await ack();
    });
    await socket.start();
  }

  async stop(): Promise<void> {
    await this.#socket?.disconnect();
  }

  /** Hands a stored delivery to Bolt's listeners; resolves when they are done. */
  async dispatch(delivery: Delivery): Promise<void> {
    if (!this.#app) throw new Error('the receiver has no app yet');
    await this.#app.processEvent({ body: delivery.body, ack: async () => {} });
  }

  /** `POST /slack/events`, in a scope of its own because it must see the raw bytes that Slack signed. */
  readonly plugin: FastifyPluginAsync = async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
      done(null, body),
    );
    server.post('/slack/events', async (request, reply) => {
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const verdict = verifySignature(this.#options.signingSecret, request.headers, raw);
      if (verdict !== 'valid') {
        this.#options.log.warn(
          { verdict, ip: request.ip, bytes: raw.length },
          'a request that claims to be Slack was refused',
        );
        return reply.code(401).send('');
      }
      const parsed = parseHttpBody(request.headers['content-type'], raw);
      if (parsed.what === 'challenge') return { challenge: parsed.challenge };
      if (parsed.what === 'ignored') return reply.code(200).send('');
      if (parsed.what === 'malformed') {
        this.#refuse(parsed, 'http');
        return reply.code(400).send('');
      }
      const outcome = await this.#accept(parsed.delivery);
      if (outcome === 'not-stored') return reply.code(503).send('');
      return reply.code(200).send('');
    });
  };

  async #accept(delivery: Delivery): Promise<Outcome> {
    const outcome = await this.#take(delivery);
    this.#options.requests.inc({ kind: delivery.kind, outcome });
    return outcome;
  }

  async #take(delivery: Delivery): Promise<Outcome> {
    const { log, inbox, nudge, opensModal, teamId } = this.#options;
    const ours = teamId();
    if (ours !== undefined && delivery.teamId !== ours) {
      log.warn({ kind: delivery.kind, team: delivery.teamId }, 'a request from another workspace was ignored');
      return 'foreign-team';
    }
    if (opensModal(delivery)) {
      this.dispatch(delivery).catch((error) =>
        log.error({ error, name: delivery.name }, 'a modal could not be opened'),
      );
      return 'stored';
    }
    try {
      const fresh = await inbox().store(delivery);
      nudge();
      return fresh ? 'stored' : 'repeated';
    } catch (error) {
      log.error(
        { error: messageOf(error), kind: delivery.kind },
        'a request could not be stored, so it was not acknowledged',
      );
      return 'not-stored';
    }
  }

  #refuse(parsed: Extract<Parsed, { what: 'malformed' }>, via: string): void {
    this.#options.log.warn({ reason: parsed.reason, via }, 'a request from Slack was malformed');
  }
}
