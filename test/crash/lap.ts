/** One telling of the story from an empty database to the end, with the bot killed at the boundaries given. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acmeConfig } from '../../playground/acme.ts';
import type { Phase, Recorded } from '../../playground/http.ts';
import { BotProcess } from './bot-process.ts';
import { commitsIn, type Rows, writeOrder } from './commits.ts';
import { delayPost, openCrashWorld, TIMING } from './crash-world.ts';
import { doubled, effects, type Outcome, readable, remembered, told, vendors } from './outcome.ts';
import { landmark, SEGMENTS, type Segment } from './segments.ts';
import { approves, type Stage, settled, types } from './story.ts';

/** `arrived`: before request k takes effect; `applied`: it has, unanswered; `answered`; `committed`: after commit k. */
export type Kind = Phase | 'committed';

export interface Boundary {
  kind: Kind;
  segment: Segment;
  /** Counted from the beginning of the segment, from 1. */
  ordinal: number;
}

export interface LapOptions {
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
  hit: Boundary[];
  requests: Record<Segment, number>;
  commits: Record<Segment, number>;
  seconds: number;
}

const PATIENCE_MS = 30_000;

export async function runLap(options: LapOptions): Promise<Lap> {
  const started = Date.now();
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-crash-'));
  const crash = await openCrashWorld();
  const { world } = crash;
  const data = join(dir, 'data');
  cpSync(options.template, data, { recursive: true });
  const { env, yaml } = acmeConfig(world, { dataDir: data, file: { timing: TIMING } });
  writeFileSync(join(dir, 'eks-audit.yaml'), yaml);

  const requests = Object.fromEntries(SEGMENTS.map((s) => [s, 0])) as Record<Segment, number>;
  const hit: Boundary[] = [];
  let waiting = [...options.kills];
  let segment: Segment = 'start';
  const ordinals = new WeakMap<Recorded, { segment: Segment; ordinal: number }>();

  const bot = new BotProcess({
    env: {
      ...env,
      EKS_AUDIT_CONFIG: join(dir, 'eks-audit.yaml'),
      CRASH_DIR: dir,
      NODE_COMPILE_CACHE: options.compileCache,
    },
    onReady: (address) => world.slack.connect({ eventsUrl: `${address}/slack/events` }),
    onKilled() {
      crash.rough();
      const own = waiting.find((kill) => kill.kind === 'committed' && kill.segment === segment);
      // A commit's kill is the bot's own doing; the request that died with it was not meant.
      if (own && commitsIn(dir, segment) >= own.ordinal) strike(own);
    },
  });

  function enter(next: Segment): void {
    segment = next;
    const commit = waiting.find((kill) => kill.kind === 'committed' && kill.segment === next);
    writeOrder(dir, { segment: next, killAfter: commit?.ordinal ?? 0 });
  }

  function strike(boundary: Boundary): void {
    hit.push(boundary);
    waiting = waiting.filter((kill) => kill !== boundary);
  }

  world.door.onBoundary = (phase, recorded) => {
    if (phase === 'arrived') {
      const begins = landmark(segment, recorded.call);
      if (begins) enter(begins);
      requests[segment] += 1;
      ordinals.set(recorded, { segment, ordinal: requests[segment] });
      if (process.env.TRACE) process.stderr.write(`${segment} ${requests[segment]} ${recorded.call.service} ${recorded.call.operation}\n`);
      delayPost(crash, recorded, options.seed);
    }
    const place = ordinals.get(recorded);
    const due = waiting.find(
      (kill) => kill.kind !== 'committed' && kill.segment === place?.segment && kill.ordinal === place.ordinal,
    );
    if (due && phase === 'arrived') crash.rough();
    if (due?.kind !== phase) return true;
    strike(due);
    bot.kill();
    return false;
  };

  const stage: Stage = { slack: world.slack, bot, patienceMs: PATIENCE_MS };

  /** People ask, a colleague approves, and everything is done. Nobody waits for the bot to be idle unless a kill is due. */
  async function request(line: string, name: 'enable' | 'disable', index: number): Promise<Rows> {
    enter(`${name}: asked`);
    await types(stage, line);
    const next: Segment = `${name}: approved`;
    if (options.kills.length === 0 || options.kills.some((kill) => kill.segment === next)) await settled(stage);
    enter(next);
    await approves(stage, index);
    return settled(stage);
  }

  const problems: string[] = [];
  let enabled: Outcome = {};
  let disabled: Outcome = {};
  try {
    enter('start');
    bot.start();
    await bot.ready();
    const first = await request('/eks-audit enable prod-a', 'enable', 0);
    enabled = { ...vendors(world), ...readable(world, first), ...remembered(first) };
    const second = await request('/eks-audit disable prod-a --audit-logs --reason "moving away"', 'disable', 1);
    disabled = { ...vendors(world), ...readable(world, second), ...remembered(second) };
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
  const commits = Object.fromEntries(SEGMENTS.map((s) => [s, commitsIn(dir, s)])) as Record<Segment, number>;
  rmSync(dir, { recursive: true, force: true });
  return {
    enabled,
    disabled,
    told: { olivia: told(world, 'olivia'), arjun: told(world, 'arjun') },
    problems,
    hit,
    requests,
    commits,
    seconds: (Date.now() - started) / 1000,
  };
}
