/**
 * Kills the bot at every boundary of enabling and disabling a cluster, and looks whether each story ends as an
 * undisturbed one. `--only applied:17` (or a name as printed) tells one alone, `--seed` chooses which posts are late,
 * `--kinds arrived,committed` some kinds, `--every` takes all three of each read, `--lanes` is how many are told at once.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { planLaps, prepareTrack, type Track } from './enumerate.ts';
import { type Boundary, boundariesOf, findBoundary, KINDS, KINDS_OF_READS, nameOf } from './segments.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string', default: KINDS.join(',') },
    every: { type: 'boolean', default: false },
    lanes: { type: 'string', default: String(availableParallelism() * 2) },
  },
});

interface Tally {
  passed: number;
  failed: string[];
  /** Not met again: the order of requests that are made at once differs between two tellings. */
  missed: Boundary[];
}

const TRIES = 3;
const MOST_MISSED = 0.05;

using track = await prepareTrack(Number(values.seed));
const started = Date.now();
if (values.only) await tellOnly(track, values.only);
else await tellAll(track);

async function tellOnly(on: Track, only: string): Promise<void> {
  const kills = only.split(',').map((text) => findBoundary(text, on.undisturbed.census));
  const { lap, differences } = await on.run(kills);
  process.stdout.write(`killed at ${lap.hit.map(nameOf).join(', ') || 'nothing'}\n`);
  for (const difference of differences) process.stdout.write(`${difference}\n`);
  end({
    passed: differences.length === 0 ? lap.hit.length : 0,
    failed: differences.length > 0 ? [only] : [],
    missed: [],
  });
}

async function tellAll(on: Track): Promise<void> {
  const total: Tally = { passed: 0, failed: [], missed: [] };
  const kinds = KINDS.filter((kind) => values.kinds.split(',').includes(kind));
  for (const kind of values.every ? [...kinds, ...KINDS_OF_READS] : kinds) {
    const all = boundariesOf(kind, on.undisturbed.census);
    const tally = await tellEach(on, all);
    for (let again = 1; again < TRIES && tally.missed.length > 0; again++) {
      const retold = await tellEach(on, tally.missed);
      tally.passed += retold.passed;
      tally.failed.push(...retold.failed);
      tally.missed = retold.missed;
    }
    const missed = tally.missed.length > 0 ? `, ${tally.missed.length} never met` : '';
    process.stdout.write(
      `${kind.padEnd(14)} ${all.length} boundaries: ${tally.passed} passed, ${tally.failed.length} failed${missed} (${seconds()} s)\n`,
    );
    if (tally.missed.length > Math.max(1, all.length * MOST_MISSED)) tally.failed.push(...tally.missed.map(nameOf));
    total.passed += tally.passed;
    total.failed.push(...tally.failed);
  }
  end(total);
}

/** Several laps at once: each mostly waits for the world. */
async function tellEach(on: Track, boundaries: readonly Boundary[]): Promise<Tally> {
  const laps = planLaps(boundaries);
  const tally: Tally = { passed: 0, failed: [], missed: [] };
  await Promise.all(
    Array.from({ length: Number(values.lanes) }, async () => {
      for (let kills = laps.shift(); kills; kills = laps.shift()) await tellOne(on, kills, tally);
    }),
  );
  return tally;
}

async function tellOne(on: Track, kills: readonly Boundary[], tally: Tally): Promise<void> {
  const { lap, differences } = await on.run(kills);
  const hit = kills.filter((kill) => lap.hit.includes(kill));
  if (differences.length === 0) {
    tally.passed += hit.length;
    tally.missed.push(...kills.filter((kill) => !lap.hit.includes(kill)));
    return;
  }
  const names = kills.map(nameOf).join(',');
  process.stdout.write(`--only ${names} --seed ${values.seed}\n`);
  for (const difference of differences) process.stdout.write(`    ${difference.replaceAll('\n', '\n    ')}\n`);
  if (kills.length === 1) tally.failed.push(names);
  else {
    // Which of them was it? Each is told alone; where none fails alone, their company did it.
    const before = tally.failed.length;
    for (const kill of kills) await tellOne(on, [kill], tally);
    if (tally.failed.length === before) tally.failed.push(names);
  }
}

function end({ passed, failed }: Tally): void {
  for (const name of failed) process.stdout.write(`failed: --only ${name} --seed ${values.seed}\n`);
  process.stdout.write(`${seconds()} s\n${passed} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
}

function seconds(): string {
  return ((Date.now() - started) / 1000).toFixed(0);
}
