/**
 * A replica that freezes in the middle of a run, as when its machine is paused: another one finishes the run, and the
 * frozen one changes nothing more when it wakes up.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { acmeConfig, CHANNELS, PEOPLE, seedAcme } from '../../playground/acme.ts';
import { type BotProcess, startBotProcess } from '../../playground/bot-process.ts';
import { openWorld, type World } from '../../playground/world.ts';
import { freshDatabase } from '../db/fresh.ts';

const LEASE_MS = 2_000;

/** Resolves when AWS gets the call, before it takes effect. */
function arrival(world: World, operation: string): Promise<void> {
  return new Promise((resolve) => {
    world.door.onBoundary = (phase, { call }) => {
      if (phase === 'arrived' && call.operation === operation) resolve();
      return true;
    };
  });
}

async function said(world: World, where: string, including: string) {
  return await world.slack.nextMessage(where, (entry) => world.slack.render(entry).includes(including), 20_000);
}

test('a frozen replica is replaced within the lease time and does nothing twice when it wakes up', async () => {
  await using fresh = await freshDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-frozen-'));
  const world = await openWorld({ speed: 200 });
  const running: BotProcess[] = [];
  try {
    seedAcme(world);
    const env = { DATABASE_URL: fresh.config.DATABASE_URL ?? '' };
    const config = acmeConfig(world, { dataDir: join(dir, 'unused'), env });
    config.yaml = config.yaml.replace(/lease: .*/, `lease: ${LEASE_MS}ms`);
    const start = async (name: string) => {
      const bot = await startBotProcess(join(dir, name), config);
      running.push(bot);
      return bot;
    };
    const first = await start('first');
    world.slack.connect({ eventsUrl: `${first.url}/slack/events` });
    await world.slack.slash(PEOPLE.olivia, CHANNELS.platform, '/eks-audit enable prod-a');
    const card = await said(world, CHANNELS.approvals, '[Approve]');
    const changing = arrival(world, 'PutSubscriptionFilter');
    await world.slack.click(PEOPLE.arjun, card, 'Approve', { confirm: 'accept' });
    await changing;
    process.kill(first.pid, 'SIGSTOP');
    const frozenAt = performance.now();

    const second = await start('second');
    world.slack.connect({ eventsUrl: `${second.url}/slack/events` });
    await said(world, CHANNELS.approvals, 'is under audit');
    expect(performance.now() - frozenAt).toBeLessThan(LEASE_MS + 10_000);
    process.kill(first.pid, 'SIGCONT');
    await wait(1_500);
    const writes = world.door.writes.filter((write) => !write.startsWith('slack'));
    // The filter was being put when the replica froze; putting the same one again changes nothing.
    expect(writes.filter((write) => write !== 'logs PutSubscriptionFilter')).toEqual([
      'eks UpdateClusterConfig',
      'logs PutRetentionPolicy',
      ...Array(5).fill('datadog CreateSecurityMonitoringRule'),
      'datadog CreateWebhooksIntegrationCustomVariable',
      'datadog CreateWebhooksIntegration',
      'datadog CreateSignalNotificationRule',
    ]);
    expect(first.log.join('\n')).not.toContain('"level":"error"');
    expect(second.log.join('\n')).not.toContain('"level":"error"');
  } finally {
    for (const bot of running) {
      process.kill(bot.pid, 'SIGCONT');
      await bot.stop();
    }
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
