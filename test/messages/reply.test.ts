/** Answers through a `response_url`: what Slack refuses for a moment is sent again, what it refuses for good is not. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, test } from 'vitest';
import { replyTo } from '../../src/messages/reply.ts';

const CONTENT = { text: 'done', blocks: [] };

/** A `response_url` that answers with these statuses, one after the other, then with 200. */
async function responseUrl(statuses: number[]) {
  const askedAt: number[] = [];
  const server = createServer((_, response) => {
    askedAt.push(Date.now());
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end('{"ok":false}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    askedAt,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function logging() {
  const lines: string[] = [];
  return { lines, log: pino({}, { write: (line: string) => lines.push(line) }) };
}

test.each([
  { statuses: [] as number[], asked: 1, lost: false },
  { statuses: [500, 503], asked: 3, lost: false },
  { statuses: [500, 500, 500, 500], asked: 4, lost: true },
  { statuses: [404], asked: 1, lost: true },
])('Slack answers $statuses: asked $asked times, lost: $lost', async ({ statuses, asked, lost }) => {
  await using slack = await responseUrl([...statuses]);
  const { lines, log } = logging();
  await replyTo(slack.url, { log, timeoutMs: 2_000 })(CONTENT);
  expect(slack.askedAt).toHaveLength(asked);
  expect(lines.some((line) => line.includes('an answer could not be delivered'))).toBe(lost);
});

test('told to slow down, it waits as long as Slack says', async () => {
  await using slack = await responseUrl([429]);
  await replyTo(slack.url, { log: logging().log, timeoutMs: 2_000 })(CONTENT);
  const [first = 0, second = 0] = slack.askedAt;
  expect(second - first).toBeGreaterThanOrEqual(990);
});
