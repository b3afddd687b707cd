/** How fast the queries of the rule pack look at audit events: what a preview and the playground's detection cost. */
import { compile, parseQuery } from '../src/rules/query.ts';
import { loadTestedRules, logOf } from '../src/rules/samples.ts';
import type { Figure } from './figures.ts';

const FOR_MS = 500;
/** Evaluations between two looks at the clock. */
const STRIDE = 20;

/** Every query of the pack over every sample of the pack: most do not match, as in life. */
export function measureEvaluator(runs: number): Figure {
  const rules = loadTestedRules();
  const tests = rules.flatMap(({ rule }) => Object.values(rule.queries).map((query) => compile(parseQuery(query))));
  const events = rules.flatMap(({ match, no_match }) => [...match, ...no_match].map(logOf));
  const figure: Figure = { name: 'query evaluations', unit: '/s', limit: 500_000, bound: 'least', runs: [] };
  // The first round is for the compiler.
  for (let run = 0; run <= runs; run++) {
    const begun = performance.now();
    let evaluated = 0;
    while (performance.now() - begun < FOR_MS) {
      for (let i = 0; i < STRIDE; i++) for (const event of events) for (const test of tests) test(event);
      evaluated += STRIDE * events.length * tests.length;
    }
    if (run > 0) figure.runs.push((evaluated * 1000) / (performance.now() - begun));
  }
  return figure;
}
