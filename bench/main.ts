/**
 * `npm run bench`: how fast the bot starts and acknowledges, how much memory it takes, and whether its event loop ever
 * stalls, on both databases. Exit code 1 when a limit is missed. docs/benchmarks.md explains the figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/postgres/server.ts';
import { type Figure, judge, table } from './figures.ts';
import { measure } from './measure.ts';
import { openBenchWorld } from './world.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      on: { type: 'string', default: 'both' },
      help: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (values.help || !(runs >= 1) || !['embedded', 'postgres', 'both'].includes(values.on)) {
    process.stdout.write('npm run bench -- [--runs 5] [--on embedded|postgres|both] [--json]\n');
    return values.help ? 0 : 2;
  }
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-bench-'));
  const loadBefore = loadavg()[0] ?? 0;
  const world = await openBenchWorld();
  try {
    const figures: Figure[] = [];
    if (values.on !== 'postgres') {
      const engine = { name: 'embedded', env: {}, limits: { readyMs: 1500, rssMb: 420, peakMb: 450 } } as const;
      figures.push(...(await measure(world, engine, runs, join(dir, 'embedded'))));
    }
    if (values.on !== 'embedded') {
      const server = await startPostgres({ durable: true });
      try {
        const env = { DATABASE_URL: server.url('postgres') };
        const engine = { name: 'PostgreSQL', env, limits: { readyMs: 1000, rssMb: 260, peakMb: 300 } } as const;
        figures.push(...(await measure(world, engine, runs, join(dir, 'postgres'))));
      } finally {
        await server.remove();
      }
    }
    const results = figures.map(judge);
    // What else the machine did: a load above its cores makes every time here a matter of luck.
    const load = [loadBefore, loadavg()[0] ?? 0].map((value) => value.toFixed(1)).join(' → ');
    const machine = `${availableParallelism()} cores, Node ${process.version}, ${runs} runs, load ${load}`;
    if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
    else process.stdout.write(`${machine}\n${table(results)}\n`);
    return results.every((result) => result.kept) ? 0 : 1;
  } finally {
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
