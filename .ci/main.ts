/** Runs every part of CI one after the other, times it, and adds up what each says it counted. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counted {
  passed: number;
  failed: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'eks-audit-ci-'));
const traffic = join(scratch, 'traffic.jsonl');
const total: Counted = { passed: 0, failed: 0 };
const seconds: string[] = [];

part('check', () => command('npm', ['run', '-s', 'check']));
part('test', () => vitest('test', []));
part('demo', () => command('npm', ['run', '-s', 'demo', '--', '--record', traffic]));
part('contracts', () => vitest('contracts', ['--config', 'test/contracts/vitest.config.ts']));
part('crash', () => countedLine('node_modules/.bin/node', ['test/crash/all.ts', '--seed', seed()]));
part('signals', () => countedLine('node_modules/.bin/node', ['test/crash/signals-all.ts', '--seed', seed()]));

process.stdout.write(`\n${seconds.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function part(name: string, run: () => Counted): void {
  process.stdout.write(`\n=== ${name}\n`);
  const start = Date.now();
  const counted = run();
  total.passed += counted.passed;
  total.failed += counted.failed;
  seconds.push(
    `${name.padEnd(10)} ${((Date.now() - start) / 1000).toFixed(0).padStart(5)} s   ${counted.passed} passed, ${counted.failed} failed`,
  );
}

/** One command that either holds or does not. */
function command(name: string, args: string[]): Counted {
  return spawn(name, args) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A run of vitest, counted from its own report; without a report, or with no test in it, it failed. */
function vitest(name: string, args: string[]): Counted {
  const report = join(scratch, `${name}.json`);
  const status = spawn('node_modules/.bin/node', [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
    ...args,
  ]);
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<
    string,
    number
  >;
  const passed = numPassedTests ?? 0;
  // A skipped test is one that did not run, and a suite that fails without a failing test still failed.
  const failed = (numFailedTests ?? 0) + (numPendingTests ?? 0);
  return { passed, failed: status === 0 && passed > 0 ? failed : Math.max(1, failed) };
}

/** A program that ends with `N passed, N failed` itself. */
function countedLine(name: string, args: string[]): Counted {
  const { stdout, status } = spawnSync(name, args, {
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  process.stdout.write(stdout ?? '');
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(stdout ?? '');
  const counted = { passed: Number(counts?.[1] ?? 0), failed: Number(counts?.[2] ?? 0) };
  return status === 0 && counted.passed > 0 ? counted : { ...counted, failed: Math.max(1, counted.failed) };
}

/** Another one for each commit, and printed by what it fails. */
function seed(): string {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return String(Number.parseInt(stdout.slice(0, 6), 16) || 1);
}

function spawn(name: string, args: string[]): number | null {
  return spawnSync(name, args, { env: environment(), stdio: ['ignore', 'inherit', 'inherit'] }).status;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}`, RECORDED_TRAFFIC: traffic };
}
