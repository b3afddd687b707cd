/** Doorbells: how many are acknowledged after their commit, how fast, and how soon Slack hears of a signal. */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/errors.ts';
import { type MeasuredBot, untilQuiet } from './bot.ts';
import { type Figure, percentile } from './figures.ts';
import { atFullSpeed } from './load.ts';
import type { Engine } from './measure.ts';
import { startOn, webhookOf } from './signals-bot.ts';
import { benchChannel, benchCluster, benchUser } from './signals-world.ts';
import { FIRST_STORM_LANE, measureStorm } from './storm.ts';
import { type BenchWorld, openBenchWorld } from './world.ts';

/** Signals that are rung for again and again at full speed. */
const SIGNALS = 4_000;
const CONNECTIONS = 256;
const FULL_SPEED_MS = 2_000;
const WARM_UP_MS = 1_000;
const RATE = { perSecond: 200, seconds: 10 };
/**
 * A message a second in each channel is just what Slack allows: one that comes late would hold up all that follow, and
 * the figure would be the worst there ever was. So Slack takes what comes here, and the bot sends twice as fast.
 */
const LANES = { channels: 50, seconds: 10, pace: '500ms' };

export async function measureSignals(engine: Engine, runs: number, dir: string): Promise<Figure[]> {
  try {
    const stormLanes = FIRST_STORM_LANE + runs;
    const doorbells = await inWorld(1, true, (world) => measureDoorbells(world, engine, runs, dir));
    const shown = await inWorld(LANES.channels, false, (world) => measureToSlack(world, engine, runs, dir));
    const storm = await inWorld(stormLanes, true, (world) => measureStorm(world, engine, runs, dir));
    return [...doorbells, shown, ...storm];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Each in a new one: a bot that starts reads what was there before. */
async function inWorld<T>(lanes: number, paced: boolean, measure: (world: BenchWorld) => Promise<T>): Promise<T> {
  const world = await openBenchWorld();
  try {
    await world.prepareSignals(lanes, paced);
    return await measure(world);
  } finally {
    await world.close();
  }
}

async function measureDoorbells(world: BenchWorld, engine: Engine, runs: number, dir: string): Promise<Figure[]> {
  const ratio = figure(engine, 'doorbells ÷ Fastify echo', '×', 'least', engine.limits.ratio);
  const speed = figure(engine, 'doorbells acked after commit', '/s', 'least', 3_000);
  const ack = figure(engine, `doorbell ack p99, ${RATE.perSecond}/s`, 'ms', 'most', 10);

  const echo = await startEcho();
  const bot = await startOn(world, engine, join(dir, 'doorbells'), { timing: {}, routes: [] });
  try {
    await untilQuiet(bot);
    const bodies = await world.raise(Array.from({ length: SIGNALS }, () => ({ notify: false })));
    const targets = [{ url: echo.url, path: '/echo', headers: {} }, webhookOf(bot)] as const;
    for (const target of targets) await atFullSpeed(target, bodies, CONNECTIONS, WARM_UP_MS);
    for (let run = 0; run < runs; run++) {
      // The bot reads in peace what it was rung for, so that each of the two has the machine for itself.
      await untilQuiet(bot);
      const echoed = await atFullSpeed(targets[0], bodies, CONNECTIONS, FULL_SPEED_MS);
      const stored = await atFullSpeed(targets[1], bodies, CONNECTIONS, FULL_SPEED_MS);
      speed.runs.push(stored.perSecond);
      ratio.runs.push(stored.perSecond / echoed.perSecond);
    }
    for (let run = 0; run < runs; run++) {
      await untilQuiet(bot);
      const seeds = Array.from({ length: RATE.perSecond * RATE.seconds }, () => ({ notify: false }));
      const { tookMs } = await world.ring(webhookOf(bot), seeds, RATE.perSecond);
      ack.runs.push(percentile(tookMs, 99));
    }
  } catch (error) {
    throw withLog(error, engine, bot);
  } finally {
    await bot.stop();
    echo.stop();
  }
  return [speed, ratio, ack];
}

async function measureToSlack(world: BenchWorld, engine: Engine, runs: number, dir: string): Promise<Figure> {
  const shown = figure(engine, `doorbell to Slack p99, ${LANES.channels}/s`, 'ms', 'most', 100);
  const bot = await startOn(world, engine, join(dir, 'to-slack'), {
    // Fewer than make a storm come within this time.
    timing: { storm_window: '2s', message_pace: LANES.pace },
    routes: Array.from({ length: LANES.channels }, (_, lane) => ({
      match: { cluster: benchCluster(lane) },
      channel: benchChannel(lane),
      group_by: ['signal'],
    })),
  });
  try {
    // A channel is asked about once in ten minutes, before its first message.
    await toSlack(world, bot, 1);
    for (let run = 0; run < runs; run++) shown.runs.push(percentile(await toSlack(world, bot, LANES.seconds), 99));
  } catch (error) {
    throw withLog(error, engine, bot);
  } finally {
    await bot.stop();
  }
  return shown;
}

function figure(engine: Engine, name: string, unit: Figure['unit'], bound: Figure['bound'], limit: number): Figure {
  return { name: `${engine.name}: ${name}`, unit, limit, bound, runs: [] };
}

function withLog(error: unknown, engine: Engine, bot: MeasuredBot): Error {
  const said = bot.log.slice(-5).join('\n');
  return new Error(`${engine.name}: ${messageOf(error)}; the bot said last\n${said}`, { cause: error });
}

/** Milliseconds from each doorbell to its message; a message that never came makes the figure endless. */
async function toSlack(world: BenchWorld, bot: MeasuredBot, seconds: number): Promise<number[]> {
  const count = LANES.channels * seconds;
  const seeds = Array.from({ length: count }, (_, i) => ({
    cluster: benchCluster(i % LANES.channels),
    user: benchUser(i),
    notify: false,
  }));
  await untilQuiet(bot);
  await world.arrivals();
  const { sentAt } = await world.ring(webhookOf(bot), seeds, LANES.channels);
  await untilQuiet(bot);
  const arrivals = await world.arrivals();
  return sentAt.map((at, i) => (arrivals.get(i) ?? Number.POSITIVE_INFINITY) - at);
}

async function startEcho(): Promise<{ url: string; stop(): void }> {
  const child = fork(fileURLToPath(new URL('./echo-process.ts', import.meta.url)));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (said) => resolve(String(said)));
    child.once('exit', (code) => reject(new Error(`the echo ended with ${code}`)));
  });
  return { url, stop: () => child.disconnect() };
}
