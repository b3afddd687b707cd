/** The bots of a run: one, or two on one database, each with doors of its own so that the world knows who calls. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acmeConfig } from '../../playground/acme.ts';
import { datadogService } from '../../playground/datadog/routes.ts';
import type { Call } from '../../playground/http.ts';
import { slackService } from '../../playground/slack/routes.ts';
import type { World } from '../../playground/world.ts';
import { BotProcess } from './bot-process.ts';
import type { Victim } from './signals-reaper.ts';

export interface Replica extends Victim {
  /** Empty while it does not listen. */
  address: string;
  process: BotProcess;
  /** What it was started with. */
  env: Record<string, string>;
}

export interface BotsOptions {
  world: World;
  /** Of this run alone. */
  dir: string;
  /** PostgreSQL; without it a copy of `template`. */
  databaseUrl: string | undefined;
  template: string;
  compileCache: string;
  replicas: number;
  file: Record<string, unknown>;
  mayEnd: number;
  onReady: (replica: Replica) => void;
  onKilled: (replica: Replica) => void;
}

const PRELOAD = new URL('./signals-preload.ts', import.meta.url).href;

export async function makeBots(options: BotsOptions): Promise<Replica[]> {
  const { world, databaseUrl, template } = options;
  const dataDir = join(options.dir, 'data');
  if (!databaseUrl) cpSync(template, dataDir, { recursive: true });
  const replicas: Replica[] = [];
  for (let i = 0; i < options.replicas; i++) {
    const dir = join(options.dir, `bot-${i}`);
    mkdirSync(dir);
    const config = acmeConfig(world, { dataDir, file: options.file, env: { ...(i > 0 && (await ownDoors(world))) } });
    writeFileSync(join(dir, 'eks-audit.yaml'), config.yaml);
    const env = {
      ...config.env,
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      EKS_AUDIT_CONFIG: join(dir, 'eks-audit.yaml'),
    };
    const replica: Replica = {
      address: '',
      dir,
      env,
      kill() {
        replica.address = '';
        replica.process.kill();
      },
      process: new BotProcess({
        env: { ...env, CRASH_DIR: dir, NODE_COMPILE_CACHE: options.compileCache },
        preload: PRELOAD,
        mayEnd: options.mayEnd,
        onReady(address) {
          replica.address = address;
          options.onReady(replica);
        },
        onKilled() {
          replica.address = '';
          options.onKilled(replica);
        },
      }),
    };
    replicas.push(replica);
  }
  return replicas;
}

/** The same Slack and Datadog at other addresses; response_urls stay where they are. */
async function ownDoors({ door, slack, datadog }: World): Promise<Record<string, string>> {
  const [slackUrl, datadogUrl] = await Promise.all([
    door.open(slackService(slack)),
    door.open(datadogService(datadog)),
  ]);
  return { SLACK_API_URL: `${slackUrl}/api`, DD_API_URL: datadogUrl };
}

/** Whose call this is. */
export function callerOf(replicas: readonly Replica[], { headers }: Call): Replica | undefined {
  const { host = '' } = headers;
  return replicas.find(({ env }) =>
    [env.SLACK_API_URL, env.DD_API_URL].some((url) => url !== undefined && new URL(url).host === host),
  );
}
