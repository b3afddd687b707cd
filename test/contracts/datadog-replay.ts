/** A Datadog that answers every request with one recorded answer, and the bot's own client in front of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/config.ts';
import type { Datadog } from '../../src/datadog/client.ts';
import { createDatadog } from '../../src/datadog/client.ts';
import type { Exchange } from './datadog-recordings.ts';
import { operationOf } from './datadog-recordings.ts';

export interface Sent {
  operation: string | undefined;
  path: string;
  body: unknown;
}

export interface Replay extends AsyncDisposable {
  datadog: Datadog;
  /** What is answered from now on; a request for another operation gets the first of `others` that is for it. */
  answerWith(exchange: Exchange, others?: Exchange[]): void;
  /** The requests since then. */
  sent: Sent[];
}

export async function startReplay(): Promise<Replay> {
  let answers: Exchange[] = [];
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const path = request.url?.split('?')[0] ?? '/';
    const asked = { request: { method: request.method ?? '', url: path }, response: { status: 0, body: null } };
    const operation = operationOf(asked);
    sent.push({ operation, path, body: text === '' ? undefined : JSON.parse(text) });
    const answer = answers.find((exchange) => operationOf(exchange) === operation)?.response;
    // 418 is no status of Datadog's: whatever reads it fails, and the test with it.
    response.writeHead(answer?.status ?? 418, { 'content-type': 'application/json' });
    const body = answer?.body ?? { errors: [`no answer recorded for ${request.method} ${path}`] };
    response.end(body === '' ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const datadog = createDatadog({
    DD_API_URL: `http://127.0.0.1:${port}`,
    DD_API_KEY: 'api-key',
    DD_APP_KEY: 'application-key',
    timing: { http_timeout: 10_000 },
  } as Config);
  return {
    datadog,
    sent,
    answerWith(exchange, others = []) {
      answers = [exchange, ...others];
      sent.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await datadog.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
