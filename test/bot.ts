/**
 * The whole bot in this process against a world of its own, on the database engine of the vitest project. A test speaks and clicks as people do and reads what they
 * would read; it fails when the bot said something that nobody read, or logged an error nobody expected.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { type AcmeOptions, acmeConfig, CHANNELS, PEOPLE, seedAcme } from '../playground/acme.ts';
import type { TimelineEntry } from '../playground/slack/model.ts';
import { openWorld, type World } from '../playground/world.ts';
import { type Bot, createBot } from '../src/bot.ts';
import type { Clock } from '../src/clock.ts';
import { type Config, loadConfig } from '../src/config.ts';
import { createDatadogThread } from '../src/datadog/thread.ts';
import { openDatabase } from '../src/db/database.ts';
import { createLog } from '../src/log.ts';
import { createRedaction } from '../src/redaction.ts';
import { freshDatabase } from './db/fresh.ts';

export type Who = keyof typeof PEOPLE;

/** A clock that runs with the wall and can be moved forward. */
export class MovableClock implements Clock {
  #offsetMs = 0;
  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }
  forward(ms: number): void {
    this.#offsetMs += ms;
  }
}

export interface TestBot extends AsyncDisposable {
  world: World;
  bot: Bot;
  config: Config;
  clock: MovableClock;
  url: string;
  /** Log lines written so far, parsed. */
  logged: Record<string, unknown>[];
  /** Types a command; resolves when Slack has its acknowledgement. */
  slash(line: string, options?: { as?: Who; in?: string }): Promise<void>;
  /** Clicks a button of a message read before. */
  click(label: string, on: TimelineEntry, options?: { as?: Who; stale?: boolean }): Promise<void>;
  /** The next unread thing this person sees alone (ephemeral or direct), as text. */
  told(who: Who, including?: string): Promise<TimelineEntry>;
  /** The next unread post or edit in a channel. */
  posted(channel: keyof typeof CHANNELS, including?: string): Promise<TimelineEntry>;
  text(entry: TimelineEntry): string;
  /** Moves bot and world forward and lets both look. */
  forward(ms: number): void;
  /** The test is not about what else is said, now or later: the end does not complain. */
  ignoreRest(): void;
  expectErrors(): void;
}

export interface StartOptions extends Omit<AcmeOptions, 'dataDir'> {
  speed?: number;
  seed?: (world: World) => void;
  /** Bytes free where the embedded database lives, instead of what the file system says. */
  freeBytes?: () => number;
}

const WAIT_MS = 10_000;

/** One for all bots of this process: loading Datadog's client takes half a second of computing each time. */
const datadogThread = createDatadogThread();

export async function startBot(options: StartOptions = {}): Promise<TestBot> {
  const clock = new MovableClock();
  const world = await openWorld({ speed: options.speed ?? 200, clock });
  seedAcme(world);
  // Slack counts by the wall's second and minute, which would be most of these tests' time.
  Object.assign(world.slack.limits, { perChannel: false, perMethod: false });
  options.seed?.(world);
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-test-'));
  const database = await freshDatabase();
  const { DATABASE_URL, DATA_DIR } = database.config;
  const { env, yaml } = acmeConfig(world, {
    dataDir: DATA_DIR,
    ...options,
    env: { ...(DATABASE_URL ? { DATABASE_URL } : {}), ...options.env },
  });
  writeFileSync(join(dir, 'eks-audit.yaml'), yaml);
  const restoreEnv = setAwsEnvironment(env);
  const config = loadConfig({ ...env, EKS_AUDIT_CONFIG: join(dir, 'eks-audit.yaml') });
  const logged: Record<string, unknown>[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(JSON.parse(line)) };
  const log = createLog(config, createRedaction(config, env), destination);
  const { freeBytes } = options;
  const opened = await openDatabase(config);
  const bot = await createBot({ config, log, database: opened, clock, datadogThread, ...(freeBytes && { freeBytes }) });
  await bot.start();
  await bot.server.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(bot.server.server.address() as AddressInfo).port}`;
  // With an app token the bot has opened a socket by now, and Slack uses that.
  world.slack.connect(config.SLACK_APP_TOKEN ? { socketMode: true } : { eventsUrl: `${url}/slack/events` });
  const { slack } = world;
  const contains = (including: string | undefined) => (entry: TimelineEntry) =>
    !including || slack.render(entry).includes(including);
  let errorsExpected = false;
  let restIgnored = false;

  return {
    world,
    bot,
    config,
    clock,
    url,
    logged,
    async slash(line, { as = 'olivia', in: channel = CHANNELS.platform } = {}) {
      await slack.slash(PEOPLE[as], channel, line);
    },
    async click(label, on, { as = 'arjun', stale = false } = {}) {
      await slack.click(PEOPLE[as], on, label, { confirm: 'accept', stale });
    },
    told: (who, including) => slack.nextMessage(PEOPLE[who], contains(including), WAIT_MS),
    posted: (channel, including) => slack.nextMessage(CHANNELS[channel], contains(including), WAIT_MS),
    text: (entry) => slack.render(entry),
    forward(ms) {
      clock.forward(ms);
      world.time.catchUp();
      bot.wake();
    },
    ignoreRest() {
      restIgnored = true;
    },
    expectErrors() {
      errorsExpected = true;
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      const unread = slack.unreadAsText();
      const effects = world.time.errors;
      await world.close();
      restoreEnv();
      rmSync(dir, { recursive: true, force: true });
      await database.remove();
      const errors = logged.filter((line) => line.level === 'error');
      if (effects.length > 0)
        throw new Error(`an effect of the world failed: ${effects[0]?.what}`, { cause: effects[0]?.error });
      if (errors.length > 0 && !errorsExpected)
        throw new Error(`the bot logged an error: ${JSON.stringify(errors[0])}`);
      if (unread && !restIgnored) throw new Error(`nobody read:\n${unread}`);
    },
  };
}

/** The AWS SDK reads its settings itself, so they must stand in the real environment. */
function setAwsEnvironment(env: Record<string, string>): () => void {
  const names = Object.keys(env).filter((name) => name.startsWith('AWS_'));
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = env[name];
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
