/**
 * Bolt's receiver on our one Fastify server, and on Socket Mode when there is an app token. Both do the same with a
 * delivery: check its shape, write the row, acknowledge, and let the inbox hand it to Bolt. Clicks that open a modal
 * go to Bolt at once, because their trigger lives for three seconds and losing them in a crash loses nothing.
 */
import { type App, AuthorizationError, type Receiver } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { View } from '@slack/types';
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { proxyAgent } from '../proxy.ts';
import { type Delivery, type Parsed, parseHttpBody, parseObject } from './deliveries.ts';
import type { Inbox } from './inbox.ts';
import { pinoForSlack } from './logger.ts';
import { verifySignature } from './verify.ts';

/** Slack's largest documented interaction is a 250 kB view; four times that is generous. */
const BODY_LIMIT = 1024 * 1024;
/** Between two tries to open the Socket Mode connection. */
const LONGEST_PAUSE_MS = 15_000;

export interface ReceiverOptions {
  signingSecret: string;
  appToken: string | undefined;
  apiUrl: string;
  timeoutMs: number;
  log: Logger;
  /** The one workspace we serve; other teams are refused. */
  teamId: () => string | undefined;
  opensModal: (delivery: Delivery) => boolean;
  /** What the client shows until a submission is worked on; without it the dialog closes. */
  nextView: (delivery: Delivery) => View | undefined;
  /** Set after construction: the inbox needs the app, the app needs the receiver. */
  inbox: () => Pick<Inbox, 'store'>;
  nudge: () => void;
  requests: Metrics['requests'];
}

type Outcome = 'stored' | 'repeated' | 'foreign-team' | 'not-stored';

/** Travels through Bolt in the context: the delivery as we read it, and whether a listener took it. */
export interface Handed {
  delivery: Delivery;
  taken: boolean;
}

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
    const agent = await proxyAgent();
    const socket = new SocketModeClient({
      appToken: this.#options.appToken,
      logger: pinoForSlack(this.#options.log),
      // Its own client would wait a third of an outage longer than that lasted before it asks again.
      clientOptions: {
        slackApiUrl: `${this.#options.apiUrl}/`,
        timeout: this.#options.timeoutMs,
        retryConfig: { forever: true, factor: 1.3, maxTimeout: LONGEST_PAUSE_MS },
      },
      ...(agent && { dispatcher: agent }),
    });
    this.#socket = socket;
    surviveBadMessages(socket, this.#options.log);
    socket.on('slack_event', ({ ack, body }: { ack: (answer?: object) => Promise<void>; body: unknown }) => {
      this.#receive(parseObject(body), ack).catch((error) =>
        // Without it Slack sends an event again, and the same id is the same row.
        this.#options.log.warn({ error: messageOf(error) }, 'a delivery could not be acknowledged'),
      );
    });
    await socket.start();
  }

  async #receive(parsed: Parsed, ack: (answer?: object) => Promise<void>): Promise<void> {
    if (parsed.what === 'delivery' && (await this.#accept(parsed.delivery)) === 'not-stored') return;
    if (parsed.what === 'malformed') this.#refuse(parsed, 'socket');
    await ack(parsed.what === 'delivery' ? this.#answerTo(parsed.delivery) : undefined);
  }

  #answerTo(delivery: Delivery): object | undefined {
    const view = delivery.kind === 'submission' ? this.#options.nextView(delivery) : undefined;
    return view && { response_action: 'update', view };
  }

  async stop(): Promise<void> {
    await this.#socket?.disconnect();
  }

  /**
   * Hands a stored delivery to Bolt's listeners; resolves when they are done. Bolt guesses again what a body is, by its
   * keys, and trips over some it was not made for; what it cannot bring to a listener is refused like any nonsense.
   */
  async dispatch(delivery: Delivery): Promise<void> {
    if (!this.#app) throw new Error('the receiver has no app yet');
    const handed: Handed = { delivery, taken: false };
    try {
      await this.#app.processEvent({ body: delivery.body, ack: async () => {}, customProperties: { handed } });
    } catch (error) {
      if (handed.taken || error instanceof AuthorizationError) throw error;
      this.#refuse({ reason: `Bolt could not read it: ${messageOf(error)}` }, 'inbox');
      return;
    }
    if (!handed.taken && delivery.kind !== 'event') this.#refuse({ reason: 'Bolt has no listener for it' }, 'inbox');
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
        this.#options.requests.inc({ kind: 'unknown', outcome: verdict });
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
      return reply.code(200).send(this.#answerTo(parsed.delivery) ?? '');
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
    if (ours === undefined) {
      log.warn({ kind: delivery.kind }, 'a request came before Slack told which workspace is ours');
      return 'not-stored';
    }
    if (delivery.teamId !== ours) {
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

  #refuse({ reason }: { reason: string }, via: string): void {
    this.#options.log.warn({ reason, via }, 'a request from Slack was malformed');
    this.#options.requests.inc({ kind: 'unknown', outcome: 'malformed' });
  }
}

/**
 * The client reads `payload.event.type` of every event, and `app_rate_limited` has no inner event: up to 3.1.0 that
 * rejects unheard and would end the process (fixed in 3.1.1, slackapi/node-slack-sdk).
 */
function surviveBadMessages(socket: SocketModeClient, log: Logger): void {
  const handlers = socket.listeners('ws_message') as ((data: unknown, isBinary: boolean) => Promise<void>)[];
  socket.removeAllListeners('ws_message');
  socket.on('ws_message', (data: unknown, isBinary: boolean) => {
    for (const handle of handlers)
      handle(data, isBinary).catch((error) =>
        log.warn({ error: messageOf(error) }, 'a Socket Mode message could not be read'),
      );
  });
}
