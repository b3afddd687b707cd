/**
 * Acme's world with the real bot as a process in it, for whoever tells a story: one that can be restarted with another
 * environment, as people do, and then finds the same database.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AcmeOptions, acmeConfig, connectBot, seedAcme } from './acme.ts';
import { startBotProcess } from './bot-process.ts';
import { openWorld, type World } from './world.ts';

export interface StageOptions extends Omit<AcmeOptions, 'dataDir'> {
  speed: number;
  seed?: (world: World) => void;
}

export interface Stage extends AsyncDisposable {
  world: World;
  /** Log lines of the bot that runs now. */
  log(): readonly string[];
  restart(env: Record<string, string>): Promise<void>;
  /** Ends the bot; the world stays to be looked at. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage({ speed, seed, ...options }: StageOptions): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-stage-'));
  const world = await openWorld({ speed });
  seedAcme(world);
  seed?.(world);
  const start = async (env: Record<string, string> = {}) => {
    const config = acmeConfig(world, { ...options, dataDir: join(dir, 'data'), env: { ...options.env, ...env } });
    const started = await startBotProcess(dir, config);
    connectBot(world, started.url);
    return started;
  };
  const abandon = async () => {
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  };
  let bot = await start().catch(async (error) => {
    await abandon();
    throw error;
  });
  const close = async () => {
    await bot.stop();
    await abandon();
  };
  return {
    world,
    log: () => bot.log,
    async restart(env) {
      await bot.stop();
      bot = await start(env);
    },
    stop: () => bot.stop(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
