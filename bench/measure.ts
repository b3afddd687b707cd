/** The measurements of one engine, each on a bot that was just started. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type MeasuredBot, startMeasuredBot } from './bot.ts';
import type { Figure } from './figures.ts';
import { percentile } from './figures.ts';
import { type BenchWorld, openBenchWorld } from './world.ts';

export interface Engine {
  name: 'embedded' | 'PostgreSQL';
  /** What the bot's environment says of its database. */
  env: Record<string, string>;
  limits: { readyMs: number; rssMb: number; peakMb: number; ratio: number };
}

/** Commands at once. */
const BURST = 50;
const ACK_LIMIT_MS = 100;
/** After this the bot has done everything that follows a start. */
const IDLE_AFTER_MS = 10_000;

export async function measure(engine: Engine, runs: number, dir: string): Promise<Figure[]> {
  const world = await openBenchWorld();
  try {
    return await measureStarts(world, engine, runs, dir);
  } finally {
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measureStarts(world: BenchWorld, engine: Engine, runs: number, dir: string): Promise<Figure[]> {
  const figure = (name: string, unit: Figure['unit'], limit: number): Figure => ({
    name: `${engine.name}: ${name}`,
    unit,
    limit,
    bound: 'most',
    runs: [],
  });
  const ready = figure('start to ready, warm', 'ms', engine.limits.readyMs);
  const startStall = figure('longest stall at start', 'ms', 200);
  const idleStall = figure('longest stall after ready', 'ms', 50);
  const idleRss = figure('memory, idle', 'MB', engine.limits.rssMb);
  const peak = figure('memory, most since the start', 'MB', engine.limits.peakMb);
  const ackHalf = figure(`ack p50, ${BURST} commands at once`, 'ms', ACK_LIMIT_MS);
  const ackMost = figure(`ack p99, ${BURST} commands at once`, 'ms', ACK_LIMIT_MS);
  const hangMost = figure('ack p99, nobody answers the bot', 'ms', ACK_LIMIT_MS);

  const config = await world.config({ dataDir: join(dir, 'data'), env: engine.env });
  const start = async () => {
    const bot = await startMeasuredBot(dir, config);
    await world.connect(bot.url);
    return bot;
  };
  // The first start makes the database and fills Node's compile cache: what is measured is a restart.
  await withBot(start, async () => {});
  for (let run = 0; run < runs; run++) {
    await withBot(start, async (bot) => {
      ready.runs.push(bot.readyMs);
      startStall.runs.push((await bot.gauges()).stallMs);
      await wait(IDLE_AFTER_MS);
      const idle = await bot.gauges();
      idleStall.runs.push(idle.stallMs);
      idleRss.runs.push(idle.rssMb);
      const acks = await world.commands(BURST);
      ackHalf.runs.push(percentile(acks, 50));
      ackMost.runs.push(percentile(acks, 99));
      const most = bot.peakMb();
      if (most !== undefined) peak.runs.push(most);
    });
    await withBot(start, async () => {
      await wait(IDLE_AFTER_MS);
      await world.hang();
      try {
        // The second burst meets a bot whose hands are full of work that does not end.
        const acks = [...(await world.commands(BURST)), ...(await world.commands(BURST))];
        hangMost.runs.push(percentile(acks, 99));
      } finally {
        await world.recover();
      }
    });
  }
  return [ready, startStall, idleStall, idleRss, peak, ackHalf, ackMost, hangMost].filter((f) => f.runs.length > 0);
}

async function withBot(start: () => Promise<MeasuredBot>, use: (bot: MeasuredBot) => Promise<void>): Promise<void> {
  const bot = await start();
  try {
    await use(bot);
  } finally {
    await bot.stop();
  }
}
