/**
 * The CLI in this process against a world of its own: no Slack is asked unless a command needs it, and the world's
 * record shows whether anything was changed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AcmeOptions, acmeConfig, seedAcme } from '../../playground/acme.ts';
import { openWorld, type World } from '../../playground/world.ts';
import { type ExitCode, main } from '../../src/cli.ts';

export interface Ran {
  code: ExitCode;
  out: string;
  err: string;
}

export interface Terminal extends AsyncDisposable {
  world: World;
  /** What the process would be started with; a test may change it. */
  env: Record<string, string>;
  dir: string;
  /** `status prod-a` */
  run(line: string): Promise<Ran>;
}

export interface TerminalOptions extends Omit<AcmeOptions, 'dataDir'> {
  seed?: (world: World) => void;
}

export async function openTerminal(options: TerminalOptions = {}): Promise<Terminal> {
  const world = await openWorld({ speed: 200 });
  seedAcme(world);
  options.seed?.(world);
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-cli-'));
  const made = acmeConfig(world, { ...options, dataDir: join(dir, 'data') });
  writeFileSync(join(dir, 'eks-audit.yaml'), made.yaml);
  const env: Record<string, string> = { ...made.env, EKS_AUDIT_CONFIG: join(dir, 'eks-audit.yaml') };
  // The AWS SDK reads the real environment.
  const names = Object.keys(env).filter((name) => name.startsWith('AWS_'));
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = env[name];
  const terminal: Terminal = {
    world,
    env,
    dir,
    async run(line) {
      const printed: Record<'out' | 'err', string[]> = { out: [], err: [] };
      const code = await main(line.split(' ').filter(Boolean), {
        env: terminal.env,
        out: (text) => void printed.out.push(text),
        err: (text) => void printed.err.push(text),
      });
      const clean = (text: string) => text.replaceAll(dir, '<dir>').replaceAll(world.urls.slack, '<slack>');
      return { code, out: clean(printed.out.join('')), err: clean(printed.err.join('')) };
    },
    async [Symbol.asyncDispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await world.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return terminal;
}
