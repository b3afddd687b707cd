/**
 * `POST /webhooks/datadog`: where Datadog rings. Answered with 2xx only after the row is committed, because Datadog
 * repeats nothing it was thanked for; what cannot be stored is a 503, which it repeats, and never a 4xx, which it drops.
 * https://docs.datadoghq.com/integrations/webhooks
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import { isBearer } from '../bearer.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { type Doorbell, readDoorbell } from './doorbell.ts';
import type { Severity } from './signal.ts';
import type { StoredDoorbell } from './store.ts';

export interface WebhookDeps {
  config: Pick<Config, 'WEBHOOK_TOKEN' | 'WEBHOOK_TOKEN_PREVIOUS'>;
  log: Logger;
  metrics: Pick<Metrics, 'doorbells'>;
  /** Resolves after the commit. */
  store: (doorbell: Doorbell) => Promise<StoredDoorbell>;
  keepDeadLetter: (reason: string, body: string) => Promise<void>;
  /** Datadog's test button was pressed. */
  test: () => Promise<void>;
  ownTest: (signalId: string, severity: Severity) => Promise<void>;
  /** Why nothing may be stored now; undefined when all is well. */
  full: () => string | undefined;
  /** Called after a commit that made work due. */
  nudge: () => void;
  /** A database that hangs for longer is one that cannot store. */
  storedWithinMs?: number;
}

/** Fifty times our own payload; enough for one that carries a signal's attributes. */
const BODY_LIMIT = 1024 * 1024;

/** Datadog waits for 15 seconds and repeats what was a 5xx: what is stored after all is the same row. */
const STORED_WITHIN_MS = 10_000;

async function inTime<T>(stored: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the database did not answer in time')), ms);
  });
  try {
    return await Promise.race([stored, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function signalWebhook(deps: WebhookDeps): FastifyPluginAsync {
  const { config, log, metrics, storedWithinMs = STORED_WITHIN_MS } = deps;
  const tokens = [config.WEBHOOK_TOKEN, config.WEBHOOK_TOKEN_PREVIOUS].filter((token) => token !== undefined);

  /** The answer's status; `outcome` names it in the metrics. */
  async function receive(body: Buffer): Promise<{ status: number; outcome: string; error?: string }> {
    const full = deps.full();
    if (full) return { status: 503, outcome: 'not-stored', error: full };
    const rung = readDoorbell(body);
    if (rung.what === 'malformed') {
      log.warn({ reason: rung.reason, bytes: body.length }, 'a webhook could not be understood; its body is kept');
      await deps.keepDeadLetter(rung.reason, body.toString('utf8'));
      return { status: 400, outcome: 'malformed', error: rung.reason };
    }
    if (rung.what === 'test') {
      await deps.test();
      return { status: 202, outcome: 'test' };
    }
    if (rung.what === 'own-test') {
      await deps.ownTest(rung.signalId, rung.severity);
      return { status: 202, outcome: 'test' };
    }
    const { fresh, due } = await deps.store(rung.doorbell);
    if (due) deps.nudge();
    return { status: 202, outcome: fresh ? 'stored' : 'repeated' };
  }

  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
      done(null, body),
    );
    // Before the body is read: whoever does not know the secret does not get to send us a megabyte.
    server.addHook('onRequest', async (request, reply) => {
      const { authorization } = request.headers;
      // Every token is compared, so that the time taken does not tell which one was close.
      if (tokens.map((token) => isBearer(authorization, token)).includes(true)) return;
      log.warn({ ip: request.ip }, 'a webhook with a wrong or missing secret was refused');
      metrics.doorbells.inc({ outcome: 'refused' });
      return reply.code(401).send({ error: 'the Authorization header does not carry the configured secret' });
    });
    server.post('/webhooks/datadog', async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      try {
        const { status, outcome, error } = await inTime(receive(body), storedWithinMs);
        metrics.doorbells.inc({ outcome });
        return reply.code(status).send(error ? { error } : { ok: true });
      } catch (error) {
        log.error({ error: messageOf(error) }, 'a webhook could not be stored; Datadog is asked to repeat it');
        metrics.doorbells.inc({ outcome: 'not-stored' });
        return reply.code(503).send({ error: 'not stored; please repeat' });
      }
    });
  };
}
