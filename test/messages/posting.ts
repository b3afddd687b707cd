/**
 * Posters as the bot runs them, over a fresh database and the playground's Slack, without the rest of the bot: a test
 * says what messages there should be and reads what stands there. More than one poster is more than one replica.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acmeConfig, CHANNELS, seedAcme } from '../../playground/acme.ts';
import type { Message } from '../../playground/slack/model.ts';
import { openWorld, type World } from '../../playground/world.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { type Database, type Db, openDatabase } from '../../src/db/database.ts';
import { createLog } from '../../src/log.ts';
import { createPoster } from '../../src/messages/poster.ts';
import { type MessageIntent, putMessage } from '../../src/messages/store.ts';
import { createMetrics } from '../../src/metrics.ts';
import { Queue } from '../../src/queue.ts';
import { createRedaction } from '../../src/redaction.ts';
import { createWebClient } from '../../src/slack/app.ts';
import { content, section } from '../../src/slack/blocks.ts';
import { MovableClock } from '../bot.ts';
import { freshDatabase } from '../db/fresh.ts';

export interface Posting extends AsyncDisposable {
  world: World;
  db: Db;
  config: Config;
  clock: MovableClock;
  /** Error lines, by all posters. */
  errors: Record<string, unknown>[];
  /** Says that there should be a message of this text. */
  put(intent: Pick<MessageIntent, 'key' | 'threadKey' | 'fallback'> & { channel: string; text: string }): Promise<void>;
  /** Moves the clock and lets all posters look. */
  forward(ms: number): void;
  /** What stands in a channel and its threads, oldest first. */
  standing(channel: keyof typeof CHANNELS): Message[];
  texts(channel: keyof typeof CHANNELS): string[];
  /** The calls of one method that reached Slack so far. */
  calls(method: string): number;
  until<T>(probe: () => T | undefined | false): Promise<T>;
}

export async function openPosting(
  options: { replicas?: number; timing?: Record<string, string>; file?: Record<string, unknown> } = {},
): Promise<Posting> {
  const clock = new MovableClock();
  const world = await openWorld({ speed: 1000, clock });
  seedAcme(world);
  world.slack.limits.perChannel = false;
  world.slack.limits.perMethod = false;
  const fresh = await freshDatabase();
  const { config, errors, log } = configured(world, fresh.config, options);
  const database = await openDatabase(config);
  const { db } = database;
  const replicas = Array.from({ length: options.replicas ?? 1 }, () => startPoster(database, config, clock, log));
  const wake = () => replicas.forEach(({ queue }) => void queue.wake());
  const standing = (channel: keyof typeof CHANNELS) =>
    world.slack.channel(CHANNELS[channel]).messages.filter((message) => !message.deleted);

  return {
    world,
    db,
    config,
    clock,
    errors,
    async put({ text, ...intent }) {
      await putMessage(db, { ...intent, content: content(text, [section(text)]) }, clock.now());
      wake();
    },
    forward(ms) {
      clock.forward(ms);
      wake();
    },
    standing,
    texts: (channel) => standing(channel).map(({ text }) => text),
    calls: (method) => world.door.recorded.filter(({ call }) => call.operation === method).length,
    until: (probe) => world.slack.until(probe, 10_000),
    async [Symbol.asyncDispose]() {
      for (const { queue, poster } of replicas) {
        await queue.stop();
        await poster.idle();
      }
      await database.close();
      await world.close();
      await fresh.remove();
    },
  };
}

function configured(
  world: World,
  database: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>,
  options: { timing?: Record<string, string>; file?: Record<string, unknown> },
) {
  const { DATABASE_URL, DATA_DIR } = database;
  const { env, yaml } = acmeConfig(world, {
    dataDir: DATA_DIR,
    ...options,
    env: DATABASE_URL ? { DATABASE_URL } : {},
    timing: { message_pace: '1ms', edit_pace: '1ms', sweep: '100ms', ...options.timing },
  });
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-posting-'));
  writeFileSync(join(dir, 'eks-audit.yaml'), yaml);
  const config = loadConfig({ ...env, EKS_AUDIT_CONFIG: join(dir, 'eks-audit.yaml') });
  rmSync(dir, { recursive: true });
  const errors: Record<string, unknown>[] = [];
  const log = createLog({ LOG_LEVEL: 'error' }, createRedaction(config, env), {
    write: (line: string) => void errors.push(JSON.parse(line)),
  });
  return { config, errors, log };
}

function startPoster(database: Database, config: Config, clock: MovableClock, log: ReturnType<typeof createLog>) {
  const queue = new Queue({ database, clock, log, sweepMs: config.timing.sweep });
  const client = createWebClient(config, log, (text) => text);
  const nudge = (at?: Date) => queue.nudge('messages', at);
  const poster = createPoster({ db: database.db, client, clock, config, log, metrics: createMetrics(), nudge });
  queue.define('messages', poster.work);
  queue.start();
  return { queue, poster };
}
