/**
 * All boundaries of the story, told by an undisturbed lap, and laps that pass each of them once. What a lap leaves
 * behind is compared with what the undisturbed one left.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makeTemplate } from '../db/embedded/make-template.ts';
import { type Lap, type LapOptions, runLap } from './lap.ts';
import { type Boundary, SEGMENTS } from './segments.ts';

export interface Track extends Disposable {
  undisturbed: Lap;
  /** One lap with these kills; what was different from the undisturbed one, in sentences. */
  run(kills: readonly Boundary[]): Promise<{ lap: Lap; differences: string[] }>;
}

/** `template` is a data directory to start from; without one it is made, which takes seconds. */
export async function prepareTrack(seed: number, template?: string): Promise<Track> {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-track-'));
  const options: Omit<LapOptions, 'kills'> = {
    seed,
    template: template ?? (await makeTemplate(join(dir, 'template'))),
    compileCache: join(dir, 'compiled'),
  };
  const undisturbed = await runLap({ ...options, kills: [], gently: true });
  if (undisturbed.problems.length > 0)
    throw new Error(`the undisturbed story went wrong: ${undisturbed.problems.join('; ')}`);
  // Then its boundaries, and those of all parts after it, would be counted to the part before or not at all.
  const passedBy = SEGMENTS.filter((segment) => undisturbed.census[segment].requests === 0);
  if (passedBy.length > 0) throw new Error(`the undisturbed story passed by ${passedBy.join(', ')}`);
  return {
    undisturbed,
    async run(kills) {
      const lap = await runLap({ ...options, kills });
      return { lap, differences: [...lap.problems, ...(lap.problems.length > 0 ? [] : compare(lap, undisturbed))] };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Laps that visit every boundary once, at most one in each part of the story. */
export function planLaps(boundaries: readonly Boundary[]): Boundary[][] {
  const bySegment = SEGMENTS.map((segment) => boundaries.filter((b) => b.segment === segment));
  const laps = Math.max(0, ...bySegment.map((of) => of.length));
  return Array.from({ length: laps }, (_, i) => bySegment.flatMap((of) => of[i] ?? []));
}

/** What people are told when they repeat a command, or click before the bot knows its own card. */
const WHEN_REPEATED = [/please click again/i, /was approved before/, /already/];

function compare(lap: Lap, undisturbed: Lap): string[] {
  const strange = [...lap.told.olivia, ...lap.told.arjun].filter(
    (said) =>
      ![...undisturbed.told.olivia, ...undisturbed.told.arjun].includes(said) &&
      !WHEN_REPEATED.some((known) => known.test(said)),
  );
  return [
    ...differences('after enable', lap.enabled, undisturbed.enabled),
    ...differences('after disable', lap.disabled, undisturbed.disabled),
    ...undisturbed.told.olivia.filter((said) => !lap.told.olivia.includes(said)).map((s) => `Olivia never read: ${s}`),
    ...strange.map((said) => `somebody was told: ${said}`),
  ];
}

function differences(when: string, actual: Record<string, unknown>, expected: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(actual), ...Object.keys(expected)])]
    .filter((key) => !isDeepStrictEqual(actual[key], expected[key]))
    .map(
      (key) => `${when}, ${key} differ:\n  ${show(actual[key], expected[key])}\n  ${show(expected[key], actual[key])}`,
    );
}

/** The lines of `value` that `other` does not have. */
function show(value: unknown, other: unknown): string {
  const lines = (v: unknown) => (JSON.stringify(v, null, 1) ?? 'nothing').split('\n');
  const known = new Set(lines(other));
  return lines(value)
    .filter((line) => !known.has(line))
    .map((line) => line.trim())
    .join(' ')
    .slice(0, 1500);
}
