/** A storm: thousands of signals for one channel at once, as Datadog's webhooks deliver them. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CHANNELS } from '../playground/acme.ts';
import { type MeasuredBot, untilQuiet } from './bot.ts';
import type { Figure } from './figures.ts';
import type { Engine } from './measure.ts';
import { startOn, webhookOf } from './signals-bot.ts';
import { benchChannel, benchCluster, benchUser } from './signals-world.ts';
import type { BenchWorld } from './world.ts';

const SIGNALS = 2_000;
export const FIRST_STORM_LANE = 60;
/** When a signal of another channel comes into it. */
const OTHER_AFTER_MS = 500;
const OVER_WITHIN_MS = 120_000;

/** Each run has a lane of its own, in which the database knows of no earlier message. */
export async function measureStorm(world: BenchWorld, engine: Engine, runs: number, dir: string): Promise<Figure[]> {
  const figure = (name: string, unit: Figure['unit'], limit: number): Figure => ({
    name: `${engine.name}: storm of ${SIGNALS}: ${name}`,
    unit,
    limit,
    bound: 'most',
    runs: [],
  });
  const posts = figure('posts', '', 5);
  const lost = figure('lost', '', 0);
  const rejected = figure('posts rejected after the first 429', '', 0);
  const stall = figure('longest stall', 'ms', 50);
  const other = figure("another channel's message", 'ms', 1_000);

  const bot = await startOn(world, engine, join(dir, 'storm'), {
    timing: {},
    routes: [
      { match: { severity: 'critical' }, channel: CHANNELS.urgent },
      // Every run has a channel where nothing was, and every signal a message of its own, were it not for the storm.
      ...Array.from({ length: runs }, (_, run) => ({
        match: { cluster: benchCluster(FIRST_STORM_LANE + run) },
        channel: benchChannel(FIRST_STORM_LANE + run),
        group_by: ['signal'],
      })),
    ],
  });
  try {
    for (let run = 0; run < runs; run++) {
      const first = (run + 1) * 10_000;
      const seeds = Array.from({ length: SIGNALS }, (_, i) => ({
        cluster: benchCluster(FIRST_STORM_LANE + run),
        user: benchUser(first + i),
      }));
      const apart = first + SIGNALS;
      const seed = { severity: 'critical' as const, rule: `apart-${run}`, user: benchUser(apart), notify: false };
      await untilQuiet(bot);
      await world.arrivals();
      const before = await bot.gauges();
      await world.raise(seeds);
      await wait(OTHER_AFTER_MS);
      const { sentAt } = await world.ring(webhookOf(bot), [seed], 1);
      stall.runs.push(await untilRouted(bot, before.signals + SIGNALS + 1));
      await untilQuiet(bot);
      const report = await world.stormReport(FIRST_STORM_LANE + run, first, SIGNALS);
      posts.runs.push(report.posts);
      lost.runs.push(report.lost);
      rejected.runs.push(report.rejectedAfterFirst);
      other.runs.push(((await world.arrivals()).get(apart) ?? Number.POSITIVE_INFINITY) - (sentAt[0] ?? 0));
    }
  } finally {
    await bot.stop();
  }
  return [posts, lost, rejected, stall, other];
}

/** The longest stall until then. */
async function untilRouted(bot: MeasuredBot, signals: number): Promise<number> {
  const until = performance.now() + OVER_WITHIN_MS;
  let stallMs = 0;
  for (;;) {
    const gauges = await bot.gauges();
    stallMs = Math.max(stallMs, gauges.stallMs);
    if (gauges.signals >= signals) return stallMs;
    if (performance.now() > until)
      throw new Error(`after two minutes ${gauges.signals} of ${signals} signals are routed`);
    await wait(250);
  }
}
