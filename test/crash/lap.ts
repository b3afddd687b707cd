/** One telling of the story from an empty database to the end, with the bot killed at the boundaries given. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acmeConfig } from '../../playground/acme.ts';
import { BotProcess } from './bot-process.ts';
import type { Rows } from './commits.ts';
import { openCrashWorld, TIMING } from './crash-world.ts';
import { Executioner } from './executioner.ts';
import { doubled, effects, type Outcome, readable, remembered, told, vendors } from './outcome.ts';
import type { Boundary, Census, Segment } from './segments.ts';
import { approves, type Stage, seesCard, settled, types } from './story.ts';

export interface LapOptions {
  /** Decides which posts are late. */
  seed: number;
  /** A data directory to start from, and where compiled code is kept. */
  template: string;
  compileCache: string;
  /** At most one in each segment. */
  kills: readonly Boundary[];
  /** End the bot cleanly, so that what it compiled is kept for the next lap. */
  gently?: boolean;
}

export interface Lap {
  enabled: Outcome;
  disabled: Outcome;
  told: { olivia: string[]; arjun: string[] };
  /** What went wrong whatever the outcome is. */
  problems: string[];
  /** Boundaries at which the bot was killed. */
  hit: readonly Boundary[];
  census: Census;
  seconds: number;
}

/** Several restarts on a busy machine, and the longest time the bot looks for a lost answer. */
const PATIENCE_MS = 40_000;

export async function runLap(options: LapOptions): Promise<Lap> {
  const started = Date.now();
  const { kills, seed } = options;
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-crash-'));
  const crash = await openCrashWorld();
  const { world } = crash;
  cpSync(options.template, join(dir, 'data'), { recursive: true });
  const { env, yaml } = acmeConfig(world, { dataDir: join(dir, 'data'), file: { timing: TIMING } });
  const EKS_AUDIT_CONFIG = join(dir, 'eks-audit.yaml');
  writeFileSync(EKS_AUDIT_CONFIG, yaml);

  const bot = new BotProcess({
    env: { ...env, EKS_AUDIT_CONFIG, CRASH_DIR: dir, NODE_COMPILE_CACHE: options.compileCache },
    onReady: (address) => world.slack.connect({ eventsUrl: `${address}/slack/events` }),
    onKilled: () => executioner.died(),
  });
  const executioner = new Executioner({ crash, dir, seed, kills, kill: () => bot.kill() });
  const stage: Stage = { slack: world.slack, bot, patienceMs: PATIENCE_MS, clicks: 0 };

  /** Olivia asks, Arjun approves, and everything is done. Arjun waits for an idle bot only if a kill is due after him. */
  async function request(line: string, name: 'enable' | 'disable', index: number): Promise<Rows> {
    executioner.enter(`${name}-asked`);
    await types(stage, line);
    const card = await seesCard(stage, index);
    const next: Segment = `${name}-approved`;
    if (kills.length === 0 || kills.some((kill) => kill.segment === next)) await settled(stage);
    executioner.enter(next);
    await approves(stage, card);
    return settled(stage);
  }

  const problems: string[] = [];
  let enabled: Outcome = {};
  let disabled: Outcome = {};
  try {
    executioner.enter('start');
    bot.start();
    await bot.ready();
    const first = await request('/eks-audit enable prod-a', 'enable', 0);
    enabled = { ...vendors(world), ...readable(world, first), ...remembered(first) };
    const second = await request('/eks-audit disable prod-a --audit-logs --reason "moving away"', 'disable', 1);
    disabled = { ...vendors(world), ...readable(world, second), ...remembered(second) };
    const attempts = second.approval_attempts.length;
    if (attempts > stage.clicks) problems.push(`${stage.clicks} clicks became ${attempts} attempts on record`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    await bot.close(options.gently ? 'SIGTERM' : 'SIGKILL');
    await crash.close();
  }
  for (const [what, times] of Object.entries(effects(world))) if (times > 1) problems.push(`${times} times ${what}`);
  for (const key of doubled(world)) problems.push(`the message ${key} stands there twice`);
  for (const error of bot.errors) problems.push(`the bot logged ${JSON.stringify(error)}`);
  for (const { what, error } of world.time.errors) problems.push(`an effect of the world failed: ${what}: ${error}`);
  const census = executioner.census();
  rmSync(dir, { recursive: true, force: true });
  return {
    enabled,
    disabled,
    told: { olivia: told(world, 'olivia'), arjun: told(world, 'arjun') },
    problems,
    hit: executioner.hit,
    census,
    seconds: (Date.now() - started) / 1000,
  };
}
