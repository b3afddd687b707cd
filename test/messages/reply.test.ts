/** Answers through a `response_url`: what Slack refuses for a moment is sent again, and else goes another way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, test } from 'vitest';
import { replyTo } from '../../src/messages/reply.ts';
import type { Content } from '../../src/slack/blocks.ts';
import type { Reply } from '../../src/slack/requests.ts';
import { startBot } from '../bot.ts';

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
])('Slack answers $statuses: asked $asked times, another way: $lost', async ({ statuses, asked, lost }) => {
  await using slack = await responseUrl([...statuses]);
  const { lines, log } = logging();
  const said: Content[] = [];
  const instead: Reply = async (content) => void said.push(content);
  await replyTo(slack.url, { log, timeoutMs: 2_000, instead })(CONTENT);
  expect(slack.askedAt).toHaveLength(asked);
  expect(said).toEqual(lost ? [CONTENT] : []);
  expect(lines.some((line) => line.includes('an answer could not be delivered'))).toBe(lost);
});

test('who clicked or typed while Slack was away reads in a direct message that nothing was done', async () => {
  await using bot = await startBot();
  const { door, slack } = bot.world;
  const away = door.fail({
    service: 'slack',
    operation: '*',
    answer: { status: 503 },
    times: Number.POSITIVE_INFINITY,
  });
  await bot.slash('/eks-audit list', { as: 'ana' });
  await slack.until(() => bot.logged.some(({ msg }) => String(msg).includes('becomes a direct message')), 15_000);
  away.times = 0;
  expect(bot.text(await bot.told('ana', 'Slack did not say who you are'))).toContain('so nothing was done. Try again');
});

test('what a response_url takes no more, as it takes five, comes directly and one beside the other', async () => {
  await using bot = await startBot();
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((name) => `nowhere-${name}`);
  await bot.slash(`/eks-audit enable ${names.join(' ')}`);
  for (const name of names) expect(bot.text(await bot.told('olivia', name))).toContain(name);
});

test('told to slow down, it waits as long as Slack says', async () => {
  await using slack = await responseUrl([429]);
  await replyTo(slack.url, { log: logging().log, timeoutMs: 2_000, instead: async () => {} })(CONTENT);
  const [first = 0, second = 0] = slack.askedAt;
  expect(second - first).toBeGreaterThanOrEqual(990);
});
