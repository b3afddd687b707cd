/**
 * Tries a rule on its own samples, for the pack's tests and for `cli rules test`: every event must or must not match,
 * every sequence must raise the signals it names, and no clause of a query may be removed without some sample noticing.
 * A clause whose loss nobody notices is either superfluous or untested.
 */
import { backtest } from './backtest.ts';
import { compileRule } from './compile.ts';
import { type EventTest, matches, parseQuery, printQuery } from './query.ts';
import type { Query } from './query-tree.ts';
import { logOf, type TestedRule } from './samples.ts';

export interface Trial {
  id: string;
  /** Events and sequences tried. */
  tried: number;
  /** One sentence each. */
  failures: string[];
  /** Queries with one clause less that were tried. */
  mutants: number;
  /** The clauses whose loss no sample noticed. */
  survivors: string[];
}

export function tryRule(tested: TestedRule): Trial {
  const { rule, match, no_match, sequences } = tested;
  const queries = Object.values(rule.queries).map(parseQuery);
  const matched = raisedBy(queries);
  const failures = [
    ...match.filter((sample) => !matched(logOf(sample))).map(({ it }) => `does not match: ${it}`),
    ...no_match.filter((sample) => matched(logOf(sample))).map(({ it }) => `matches: ${it}`),
    ...sequences.flatMap((sequence) => {
      const events = sequence.events.map((moment) => ({ at: moment.at, event: logOf(moment) }));
      const raised = backtest(compileRule(rule), events, 0).map(({ severity }) => severity);
      const [found, wanted] = [raised, sequence.signals].map((list) => list.join(', ') || 'none');
      return found === wanted ? [] : [`${sequence.it}: raises ${found} instead of ${wanted}`];
    }),
  ];
  const mutants = queries.flatMap((query, index) =>
    mutantsOf(query).map((mutant) => ({ removed: mutant.removed, queries: queries.with(index, mutant.query) })),
  );
  const survivors = failures.length > 0 ? [] : mutants.filter((mutant) => !isNoticed(tested, mutant.queries));
  return {
    id: rule.id,
    tried: match.length + no_match.length + sequences.length,
    failures,
    mutants: mutants.length,
    survivors: survivors.map(({ removed }) => printQuery(removed)),
  };
}

function raisedBy(queries: readonly Query[]): EventTest {
  return (event) => queries.some((query) => matches(query, event));
}

function isNoticed({ match, no_match }: TestedRule, queries: readonly Query[]): boolean {
  const matched = raisedBy(queries);
  return !match.every((sample) => matched(logOf(sample))) || no_match.some((sample) => matched(logOf(sample)));
}

interface Mutant {
  removed: Query;
  query: Query;
}

/** The query without each of its clauses, at every depth. */
function mutantsOf(query: Query): Mutant[] {
  switch (query.type) {
    case 'and':
    case 'or':
      return query.clauses.flatMap((clause, index) => [
        { removed: clause, query: joined(query.type, query.clauses.toSpliced(index, 1)) },
        ...mutantsOf(clause).map((inner) => ({
          removed: inner.removed,
          query: joined(query.type, query.clauses.with(index, inner.query)),
        })),
      ]);
    case 'not':
      return mutantsOf(query.clause).map((inner) => ({ ...inner, query: { type: 'not', clause: inner.query } }));
    default:
      return [];
  }
}

function joined(type: 'and' | 'or', clauses: readonly Query[]): Query {
  const [only] = clauses;
  return only && clauses.length === 1 ? only : { type, clauses };
}
