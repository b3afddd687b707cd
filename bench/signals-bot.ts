/** The bot as the figures of signals need it, and its webhook as a target. */
import { join } from 'node:path';
import { CHANNELS } from '../playground/acme.ts';
import { SECRETS } from '../playground/world.ts';
import { type MeasuredBot, startMeasuredBot } from './bot.ts';
import type { Target } from './load.ts';
import type { Engine } from './measure.ts';
import type { BenchWorld } from './world.ts';

export function webhookOf(bot: MeasuredBot): Target {
  return { url: bot.url, path: '/webhooks/datadog', headers: { authorization: `Bearer ${SECRETS.webhookToken}` } };
}

/** A bot that hears of signals by doorbells alone: its first look, at a world without signals, is its last. */
export async function startOn(
  world: BenchWorld,
  engine: Engine,
  dir: string,
  { timing, routes }: { timing: Record<string, string>; routes: object[] },
): Promise<MeasuredBot> {
  const config = await world.config({
    dataDir: join(dir, 'data'),
    env: engine.env,
    timing: { signals_poll: '1d', ...timing },
    file: { signals: { channel: CHANNELS.security, routes } },
  });
  const bot = await startMeasuredBot(dir, config);
  await world.connect(bot.url);
  return bot;
}
