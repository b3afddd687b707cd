/**
 * What stands before the bots in the world's eyes: one address that hands each delivery to the next bot that listens,
 * as a load balancer would, and answers 503 when there is none.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Phase } from '../../playground/http.ts';

export interface Upstream {
  /** Empty while it does not listen. */
  address: string;
}

export interface Front<U extends Upstream> {
  url: string;
  close(): Promise<void>;
  /** Told of each delivery; on false nobody gets an answer. */
  onBoundary: (phase: Phase, what: string, to: U) => boolean;
}

export async function openFront<U extends Upstream>(upstreams: readonly U[]): Promise<Front<U>> {
  let turn = 0;

  /** Undefined when the connection is to be cut. */
  async function serve(request: IncomingMessage): Promise<{ status: number; body: string } | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const listening = upstreams.filter(({ address }) => address !== '');
    turn += 1;
    const to = listening[turn % listening.length];
    if (!to) return { status: 503, body: '' };
    const what = request.url?.startsWith('/webhooks') ? 'datadog webhook' : 'slack interaction';
    if (!front.onBoundary('arrived', what, to)) return undefined;
    const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...headers } = request.headers;
    try {
      const answer = await fetch(`${to.address}${request.url}`, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: Buffer.concat(chunks),
      });
      const body = await answer.text();
      if (!front.onBoundary('applied', what, to)) return undefined;
      setImmediate(() => front.onBoundary('answered', what, to));
      return { status: answer.status, body };
    } catch {
      return { status: 502, body: '' };
    }
  }

  const server = createServer((request, response) => {
    serve(request).then(
      (answer) => (answer ? response.writeHead(answer.status).end(answer.body) : request.socket.destroy()),
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: Front<U> = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    onBoundary: () => true,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return front;
}
