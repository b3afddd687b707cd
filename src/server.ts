/** The one HTTP server: Slack, Datadog's webhook, health, metrics. Built apart from listening, so that tests can inject requests. */
import { STATUS_CODES } from 'node:http';
import { type FastifyError, type FastifyInstance, type FastifyPluginAsync, type FastifyReply, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { isBearer } from './bearer.ts';

export interface Health {
  /** What is not ready, by name; empty when everything is. */
  problems(): string[] | Promise<string[]>;
}

export function buildServer(deps: {
  plugins: FastifyPluginAsync[];
  health: Health;
  metrics: Registry;
  metricsToken: string | undefined;
  log: Logger;
}): FastifyInstance {
  const { log } = deps;
  // Without forced closing, an upload that was cut off keeps `close()` waiting for a minute.
  const server = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1024 * 1024 });

  // Fastify's own answers quote the address and, for a 500, the message of our error; nobody outside needs either.
  server.setNotFoundHandler((request, reply) => {
    log.info({ method: request.method, ip: request.ip }, 'a request for an unknown address was refused');
    return refuse(reply, 404);
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const refused = { status, code: error.code, route: request.routeOptions.url, ip: request.ip };
      log.warn(refused, 'a malformed HTTP request was refused');
      return refuse(reply, status);
    }
    log.error({ error, route: request.routeOptions.url }, 'an HTTP request failed');
    return refuse(reply, 500);
  });
  for (const plugin of deps.plugins) server.register(plugin);

  server.get('/healthz', async () => ({ ok: true }));
  server.get('/readyz', async (_request, reply) => {
    const problems = await deps.health.problems();
    return reply.code(problems.length === 0 ? 200 : 503).send({ ready: problems.length === 0, problems });
  });
  server.get('/metrics', async (request, reply) => {
    const token = deps.metricsToken;
    if (token !== undefined && !isBearer(request.headers.authorization, token)) return reply.code(401).send('');
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
  return server;
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).send({ error: STATUS_CODES[status] ?? 'Refused' });
}
