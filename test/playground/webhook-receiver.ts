/** The other end of a webhook: an HTTP server on loopback that a test tells how to answer, and a signal's way to it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';

interface Heard {
  headers: IncomingMessage['headers'];
  path: string;
  body: string;
}

/** Answers the given statuses in turn and then 200; `hang` never answers, `reset` cuts the connection. */
export async function receiver(...answers: (number | 'hang' | 'reset')[]) {
  const heard: Heard[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, path: request.url ?? '', body });
      const answer = answers.shift() ?? 200;
      if (answer === 'reset') request.socket.destroy();
      else if (answer !== 'hang') response.writeHead(answer).end('ok');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A webhook that every signal rings, by one notification rule. */
export function ring({ datadog }: DatadogWorld, url: string, over: Record<string, unknown> = {}): void {
  datadog.addWebhook({ name: 'eks-audit', url: `${url}/hook`, payload: '{"id":"$SECURITY_SIGNAL_ID"}', ...over });
  datadog.addNotificationRule({
    name: 'eks-audit',
    selectors: { trigger_source: 'security_signals', rule_types: ['log_detection'], query: 'source:kubernetes.audit' },
    targets: ['@webhook-eks-audit', '@ops@example.com'],
  });
}

/** Lets world time pass in steps, and every call on the wire end in between. */
export async function settle(world: DatadogWorld, seconds = 200): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    world.pass(1000);
    await world.datadog.sender.idle();
  }
}

export function outcomes({ datadog }: DatadogWorld) {
  return datadog.sender.deliveries.map(({ attempt, status, error }) => `${attempt} ${status ?? error}`);
}
