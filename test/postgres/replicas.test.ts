/** Two bots on one database: every delivery reaches both, a run is carried by one, and one replaces the other. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Recorded } from '../../playground/http.ts';
import type { TimelineEntry } from '../../playground/slack/model.ts';
import { createBot } from '../../src/bot.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { claimRuns } from '../../src/onboarding/store.ts';
import { startBot, type TestBot } from '../bot.ts';

/** A second bot with the same configuration, in the same world. */
async function startReplica(bot: TestBot): Promise<{ url: string; failures: string[] } & AsyncDisposable> {
  const failures: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const replica = await createBot({
    config: bot.config,
    log,
    database: await openDatabase(bot.config),
    clock: bot.clock,
  });
  await replica.start();
  await replica.server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = replica.server.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, failures, [Symbol.asyncDispose]: () => replica.stop() };
}

/** A load balancer gone wrong: hands every delivery to all, at the same moment, and answers for the first. */
async function duplicate(urls: string[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answers = await Promise.all(
      urls.map((url) =>
        fetch(`${url}${request.url}`, {
          method: 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        }),
      ),
    );
    response.writeHead(Math.max(...answers.map((answer) => answer.status))).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

/** Calls made under a run's own AWS session; each bot that carries it has credentials of its own. */
function watchRuns(bot: TestBot): { carriers: Set<string>; overlaps: string[] } {
  const carriers = new Set<string>();
  const overlaps: string[] = [];
  const open = new Map<Recorded, string>();
  bot.world.door.onBoundary = (phase, recorded) => {
    const { call } = recorded;
    if (!/\/eks-audit-(?!read)/.test(call.principal ?? '')) return true;
    const key = /Credential=([^/]+)/.exec(call.headers.authorization ?? '')?.[1] ?? '';
    if (phase === 'arrived') {
      carriers.add(key);
      for (const [other, otherKey] of open)
        if (otherKey !== key) overlaps.push(`${call.operation} during ${other.call.operation} of the other`);
      open.set(recorded, key);
    } else open.delete(recorded);
    return true;
  };
  return { carriers, overlaps };
}

async function approve(bot: TestBot): Promise<void> {
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'waiting for approval');
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'));
  await bot.told('arjun', 'Approved');
}

const CHANGES = [
  'eks UpdateClusterConfig',
  'logs PutRetentionPolicy',
  'logs PutSubscriptionFilter',
  ...Array(5).fill('datadog CreateSecurityMonitoringRule'),
  'datadog CreateWebhooksIntegrationCustomVariable',
  'datadog CreateWebhooksIntegration',
  'datadog CreateSignalNotificationRule',
];

const changed = ({ world }: TestBot) => world.door.writes.filter((write) => !write.startsWith('slack'));

test('a delivery that reaches both replicas is worked once', async () => {
  await using bot = await startBot();
  await using replica = await startReplica(bot);
  bot.world.slack.connect({ eventsUrl: await duplicate([bot.url, replica.url]) });
  for (let i = 0; i < 5; i++) {
    await bot.slash('/eks-audit help');
    await bot.told('olivia', '/eks-audit list');
  }
  const database = await openDatabase(bot.config);
  const rows = await database.db.selectFrom('inbox').select(['kind', 'attempts']).execute();
  await database.close();
  expect(rows).toEqual(Array(5).fill({ kind: 'command', attempts: 1 }));
  expect(replica.failures).toEqual([]);
});

test('a run is carried by one replica at a time and changes everything once', async () => {
  await using bot = await startBot();
  await using replica = await startReplica(bot);
  bot.world.slack.connect({ eventsUrl: await duplicate([bot.url, replica.url]) });
  const { overlaps, carriers } = watchRuns(bot);
  await approve(bot);
  await bot.posted('approvals', 'is under audit');
  await bot.told('olivia', 'is under audit');
  expect(changed(bot)).toEqual(CHANGES);
  expect(overlaps).toEqual([]);
  expect(carriers.size).toBeGreaterThan(0);
  expect(posts(bot.world.slack.timeline).filter((text) => text.includes('Bring under audit'))).toHaveLength(1);
  expect(replica.failures).toEqual([]);
  bot.ignoreRest();
});

function posts(timeline: TimelineEntry[]): string[] {
  return timeline.filter((entry) => entry.kind === 'post').map((entry) => JSON.stringify(entry.message?.blocks));
}

test('a run whose replica is dead is taken over when its lease ends, not before', async () => {
  await using bot = await startBot();
  const database = await openDatabase(bot.config);
  try {
    const { lease } = bot.config.timing;
    await approve(bot);
    // What a replica does that dies right after it took the run: its lease is never renewed.
    await claimBetweenLooks(database.db, bot, lease);
    const before = changed(bot).length;
    expect(before).toBeLessThan(CHANGES.length);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(changed(bot)).toHaveLength(before);
    bot.forward(lease + 1);
    await bot.posted('approvals', 'is under audit');
    await bot.told('olivia', 'is under audit');
    expect(changed(bot)).toEqual(CHANGES);
    const run = await database.db.selectFrom('runs').select(['state', 'lease_token']).executeTakeFirstOrThrow();
    expect(run).toEqual({ state: 'succeeded', lease_token: null });
  } finally {
    await database.close();
  }
  bot.ignoreRest();
});

/** Takes the run as soon as the living bot lets go of it between two looks. */
async function claimBetweenLooks(db: Db, bot: TestBot, leaseMs: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    // As seen a little later, so that the run is due although the living bot means to wait; the lease ends the same.
    const later = 5_000;
    const claimed = await claimRuns(db, new Date(bot.clock.now().getTime() + later), leaseMs - later, 1);
    if (claimed.length > 0) return;
  }
  throw new Error('the living bot never let go of the run');
}
