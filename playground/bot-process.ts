/** The real bot as a child process: `src/main.ts` with nothing but environment and a configuration file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface BotProcess {
  url: string;
  pid: number;
  /** Its log lines so far, parsed where they are JSON. */
  log: string[];
  /** Asks it to end and waits for it. */
  stop(): Promise<void>;
  exited: Promise<number | null>;
}

const START_WITHIN_MS = 30_000;
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Starts the bot in `dir` (its data and configuration live there); resolves when it is ready. */
export async function startBotProcess(
  dir: string,
  config: { env: Record<string, string>; yaml: string },
  nodeArgs: string[] = [],
): Promise<BotProcess> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'eks-audit.yaml');
  writeFileSync(file, config.yaml);
  const child = spawn(process.execPath, [...nodeArgs, MAIN], {
    env: { PATH: process.env.PATH, ...config.env, EKS_AUDIT_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await ready(child, log, exited);
  return {
    url,
    pid: child.pid ?? 0,
    log,
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function ready(child: ChildProcess, log: string[], exited: Promise<number | null>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the bot was not ready in time:\n${log.join('\n')}`)),
      START_WITHIN_MS,
    );
    const settle = () => clearTimeout(timer);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        log.push(line);
        const address = /"address":"([^"]+)".*"msg":"ready"/.exec(line)?.[1];
        if (!address) return;
        settle();
        resolve(address);
      });
    }
    exited.then((code) => {
      settle();
      reject(new Error(`the bot ended with ${code} before it was ready:\n${log.join('\n')}`));
    });
  });
}
