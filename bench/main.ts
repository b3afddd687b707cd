/**
 * `npm run bench`: how fast the bot starts and acknowledges, how much memory it takes, and whether its event loop ever
 * stalls, on both databases. Exit code 1 when a limit is missed. docs/benchmarks.md explains the figures.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/postgres/server.ts';
import { measureEvaluator } from './evaluator.ts';
import { type Figure, judge, percentile, table } from './figures.ts';
import { type Engine, measure } from './measure.ts';
import { measureSignals } from './signals.ts';

const EMBEDDED: Engine = { name: 'embedded', env: {}, limits: { readyMs: 1500, rssMb: 420, peakMb: 450, ratio: 0.4 } };
const POSTGRES: Omit<Engine, 'env'> = {
  name: 'PostgreSQL',
  limits: { readyMs: 1000, rssMb: 260, peakMb: 300, ratio: 0.6 },
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      on: { type: 'string', default: 'both' },
      only: { type: 'string', default: 'all' },
      help: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  const known =
    ['embedded', 'postgres', 'both'].includes(values.on) && ['start', 'signals', 'all'].includes(values.only);
  if (values.help || !(runs >= 1) || !known) {
    process.stdout.write('npm run bench -- [--runs 5] [--on embedded|postgres|both] [--only start|signals] [--json]\n');
    return values.help ? 0 : 2;
  }
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-bench-'));
  const loadBefore = loadavg()[0] ?? 0;
  const figures: Figure[] = [];
  async function measureOn(engine: Engine): Promise<void> {
    if (values.only !== 'signals') figures.push(...(await measure(engine, runs, join(dir, 'start'))));
    if (values.only !== 'start') figures.push(...(await measureSignals(engine, runs, join(dir, 'signals'))));
  }
  try {
    if (values.on !== 'postgres') await measureOn(EMBEDDED);
    if (values.on !== 'embedded') {
      const server = await startPostgres({ durable: true });
      try {
        await measureOn({ ...POSTGRES, env: { DATABASE_URL: server.url('postgres') } });
      } finally {
        await server.remove();
      }
    }
    if (values.only !== 'start') figures.push(measureEvaluator(runs));
    const results = figures.map(judge);
    // What else the machine did: a load above its cores makes every time here a matter of luck.
    const load = [loadBefore, loadavg()[0] ?? 0].map((value) => value.toFixed(1)).join(' → ');
    const bare = `a bare start of Node takes ${bareStartMs().toFixed(0)} ms`;
    const machine = `${availableParallelism()} cores, Node ${process.version}, ${bare}; ${runs} runs, load ${load}`;
    if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
    else process.stdout.write(`${machine}\n${table(results)}\n`);
    return results.every((result) => result.kept) ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** How fast the machine is at what most figures begin with, so that runs on two machines can be compared. */
function bareStartMs(): number {
  const starts = Array.from({ length: 9 }, () => {
    const started = performance.now();
    spawnSync(process.execPath, ['--eval', '0']);
    return performance.now() - started;
  });
  return percentile(starts, 50);
}

process.exitCode = await main();
