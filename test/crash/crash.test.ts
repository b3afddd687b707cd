/** A handful of the boundaries that `node test/crash/all.ts` visits one and all. */
import { expect, test } from 'vitest';
import { embeddedTemplate } from '../db/fresh.ts';
import { prepareTrack } from './enumerate.ts';
import { numbers } from './random.ts';
import { type Boundary, boundariesOf, type Census, KINDS, type Kind, nameOf, SEGMENTS } from './segments.ts';

const SEED = 20_261;
const CHOSEN: readonly Kind[] = [...KINDS, 'applied', 'committed'];
/** Later ones may be missing in another telling. */
const AMONG_FIRST = 3;

test('a bot killed at six moments of enabling and disabling a cluster ends where one left alone does', async () => {
  using track = await prepareTrack(SEED, await embeddedTemplate());
  const chosen = choose(track.undisturbed.census);
  const { lap, differences } = await track.run(chosen);
  expect(differences).toEqual([]);
  expect(lap.hit.map(nameOf).sort()).toEqual(chosen.map(nameOf).sort());
}, 120_000);

/** One boundary of each kind chosen, each in a part of the story of its own. */
function choose(census: Census): Boundary[] {
  const random = numbers(SEED);
  const free = new Set(SEGMENTS);
  return CHOSEN.flatMap((kind) => {
    const candidates = boundariesOf(kind, census).filter((b) => free.has(b.segment) && b.ordinal <= AMONG_FIRST);
    const boundary = candidates[Math.floor(random() * candidates.length)];
    if (boundary) free.delete(boundary.segment);
    return boundary ?? [];
  });
}
