/**
 * Kills the bot at every boundary of enabling and disabling a cluster, and looks whether each story ends as an
 * undisturbed one. `--only applied:17` (or a name as printed) tells one alone, `--seed` chooses which posts are late,
 * `--kinds arrived,committed` some kinds, `--every` takes all three of each read, `--share 2` every second boundary (which
 * ones the seed decides), `--lanes` is how many are told at once.
 */
import '../in-memory.ts';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { planLaps, prepareTrack } from './enumerate.ts';
import { type Boundary, boundariesOf, findBoundary, KINDS, KINDS_OF_READS, nameOf } from './segments.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string', default: KINDS.join(',') },
    every: { type: 'boolean', default: false },
    share: { type: 'string', default: '1' },
    lanes: { type: 'string', default: String(availableParallelism() * 2) },
  },
});

/**
 * Told again when they were not met, together and then each alone: the order of requests made at once differs between
 * two tellings, and what is waited for is asked more or less often.
 */
const RETELLINGS = [planLaps, (missed: readonly Boundary[]) => missed.map((boundary) => [boundary])];
/** Of the many reads of a plan, which are asked at once, some are rarely where they were. */
const MOST_NEVER_MET = 0.1;

class Tally {
  readonly passed: Boundary[] = [];
  readonly failed: string[] = [];
  missed: Boundary[] = [];
}

using track = await prepareTrack(Number(values.seed));
const started = Date.now();
if (values.only) await tellOnly(values.only);
else await tellAll();

async function tellOnly(only: string): Promise<void> {
  const tally = new Tally();
  await tellOne(
    only.split(',').map((text) => findBoundary(text, track.undisturbed.census)),
    tally,
  );
  process.stdout.write(`killed at ${tally.passed.map(nameOf).join(', ') || 'no boundary that ended well'}\n`);
  end(tally);
}

async function tellAll(): Promise<void> {
  const asked = KINDS.filter((kind) => values.kinds.split(',').includes(kind));
  const kinds = values.every ? [...asked, ...KINDS_OF_READS] : asked;
  const share = Number(values.share);
  const all = kinds
    .flatMap((kind) => boundariesOf(kind, track.undisturbed.census))
    .filter((_, i) => i % share === Number(values.seed) % share);
  const tally = new Tally();
  await tellEach(planLaps(all), tally);
  for (const plan of RETELLINGS) {
    if (tally.missed.length === 0) break;
    process.stdout.write(`not met: ${tally.missed.map(nameOf).join(', ')}\n`);
    await tellEach(plan(tally.missed.splice(0)), tally);
  }
  for (const kind of kinds) {
    const of = (boundaries: readonly Boundary[]) => boundaries.filter((b) => b.kind === kind).length;
    process.stdout.write(`${kind.padEnd(14)} ${of(all)} boundaries: ${of(tally.passed)} passed\n`);
  }
  if (tally.missed.length > 0) process.stdout.write(`never met again: ${tally.missed.map(nameOf).join(', ')}\n`);
  if (tally.missed.length > Math.max(1, all.length * MOST_NEVER_MET)) tally.failed.push(...tally.missed.map(nameOf));
  end(tally);
}

/** Several stories at once: each mostly waits for the world. */
async function tellEach(laps: Boundary[][], tally: Tally): Promise<void> {
  const { length } = laps;
  await Promise.all(
    Array.from({ length: Number(values.lanes) }, async () => {
      for (let kills = laps.shift(); kills; kills = laps.shift()) {
        await tellOne(kills, tally);
        process.stdout.write(`${seconds()} s: ${length - laps.length} of ${length} stories told or being told\n`);
      }
    }),
  );
}

async function tellOne(kills: readonly Boundary[], tally: Tally): Promise<void> {
  const { lap, differences } = await track.run(kills);
  if (differences.length === 0) {
    tally.passed.push(...lap.hit);
    tally.missed.push(...kills.filter((kill) => !lap.hit.includes(kill)));
    return;
  }
  const names = kills.map(nameOf).join(',');
  process.stdout.write(`--only ${names} --seed ${values.seed}\n`);
  for (const difference of differences) process.stdout.write(`    ${difference.replaceAll('\n', '\n    ')}\n`);
  const before = tally.failed.length;
  // Which of them was it? Each is told alone; where none fails alone, their company did it.
  if (kills.length > 1) for (const kill of kills) await tellOne([kill], tally);
  if (tally.failed.length === before) tally.failed.push(names);
}

function end({ passed, failed }: Tally): void {
  for (const name of failed) process.stdout.write(`failed: --only ${name} --seed ${values.seed}\n`);
  process.stdout.write(`${seconds()} s\n${passed.length} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length > 0 || passed.length === 0 ? 1 : 0;
}

function seconds(): string {
  return ((Date.now() - started) / 1000).toFixed(0);
}
