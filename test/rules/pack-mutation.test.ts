/**
 * Whether the samples hold each rule's query in place: every clause of every query is removed once, at every depth,
 * and some sample must notice.
 */
import { expect, it } from 'vitest';
import { loadTestedRules } from '../../src/rules/samples.ts';
import { tryRule } from '../../src/rules/trial.ts';

/** Clauses that stay although no event of a real cluster can show what they are for. */
const SURVIVORS: Readonly<Record<string, string>> = {
  'exec-into-pod without @http.method:(create OR get)':
    'The API server answers exec by POST and GET alone; the verbs are named because the shipped rule misses one.',
};

const trials = loadTestedRules().map(tryRule);
const survivorsOf = ({ id, survivors }: (typeof trials)[number]) =>
  survivors.map((clause) => `${id} without ${clause}`);

it.each(trials)('no clause of $id can be removed without a sample noticing', (trial) => {
  expect(survivorsOf(trial).filter((survivor) => !(survivor in SURVIVORS))).toEqual([]);
});

it('names no survivor that is none any more', () => {
  const survivors = trials.flatMap(survivorsOf);
  expect(survivors.toSorted()).toEqual(Object.keys(SURVIVORS).toSorted());
  const count = trials.reduce((sum, { mutants }) => sum + mutants, 0);
  // Fewer means that a query lost clauses, or this test its sight; more is welcome.
  expect(count).toBeGreaterThanOrEqual(60);
  console.info(`rule pack: ${count - survivors.length} of ${count} removed clauses noticed`);
});
