/**
 * What a rule would have raised over events of the past: the preview of a new rule, and the sequences of the pack's
 * samples. It knows threshold (count and distinct count over a window) and new value, with the two durations that end a
 * signal. Datadog's own detection is the truth; where its documentation is silent this follows what the reference
 * infers, and errs towards more signals. Pure.
 */
import type { RulePayload, RuleQuery, RuleSeverity } from '../datadog/rules.ts';
import { compileCondition } from './condition.ts';
import { type FacetValue, facetValues } from './facets.ts';
import { compile, type EventTest, type LogEvent, parseQuery } from './query.ts';

export interface PastEvent {
  /** Milliseconds; only differences count. */
  at: number;
  event: LogEvent;
}

export interface WouldBeSignal {
  /** Of the event that raised it, as its `at`. */
  at: number;
  lastAt: number;
  severity: RuleSeverity;
  /** Values of the group-by fields. */
  group: string[];
  /** Events that matched while it was open, those that led to it included. */
  events: number;
}

type Rule = Pick<RulePayload, 'queries' | 'options' | 'cases'>;

/** From the least to the most severe. */
const RANK: readonly RuleSeverity[] = ['info', 'low', 'medium', 'high', 'critical'];
const DAY_MS = 86_400_000;
/** A log whose fields hold long lists would be in as many groups as they have combinations. */
const MOST_GROUPS_OF_ONE_EVENT = 20;

interface WatchedQuery {
  query: RuleQuery;
  test: EventTest;
}

/**
 * The signals in the order they were raised. `events` are in the order of their time. `since` is when the rule began
 * to watch, for a new-value rule that learns first; with an earlier first event it has learnt from those before.
 */
export function backtest(rule: Rule, events: readonly PastEvent[], since = events[0]?.at ?? 0): WouldBeSignal[] {
  const queries = rule.queries.map((query) => ({ query, test: compile(parseQuery(query.query)) }));
  const raised: WouldBeSignal[] = [];
  const see = rule.options.detectionMethod === 'new_value' ? newValue(rule, queries, since) : threshold(rule, queries);
  for (const event of events) see(event, raised);
  return raised;
}

type See = (event: PastEvent, raised: WouldBeSignal[]) => void;

/** One event of a window: what each query it matched counts of it. */
interface Arrival {
  at: number;
  /** By the query's name; what is equal counts once. */
  counts: Map<string, string[]>;
}

interface Open {
  signal: WouldBeSignal;
  /** Of the first event that led to it: from here its longest duration runs. */
  firstAt: number;
}

interface Window {
  arrivals: Arrival[];
  open: Open | undefined;
}

function threshold({ options, cases }: Rule, queries: readonly WatchedQuery[]): See {
  const conditions = cases.map(({ condition = '' }) => compileCondition(condition));
  const windowMs = (options.evaluationWindow ?? 0) * 1000;
  const windows = new Map<string, Window>();
  let seen = 0;
  return ({ at, event }, raised) => {
    seen += 1;
    const arrived = new Map<string, { group: string[]; arrival: Arrival }>();
    for (const { query, test } of queries) {
      if (!test(event)) continue;
      const counted = query.distinctFields.length > 0 ? distinctValues(event, query.distinctFields) : [String(seen)];
      for (const group of combinations(event, query.groupByFields)) {
        const key = JSON.stringify(group);
        const own = arrived.get(key) ?? { group: group.map(String), arrival: { at, counts: new Map() } };
        arrived.set(key, own);
        own.arrival.counts.set(query.name, counted);
      }
    }
    for (const [key, { group, arrival }] of arrived) {
      const own = windows.get(key) ?? { arrivals: [], open: undefined };
      windows.set(key, own);
      own.arrivals = [...own.arrivals.filter((earlier) => earlier.at > at - windowMs), arrival];
      const found = cases[conditions.findIndex((holds) => holds((label) => measured(own, label)))];
      if (own.open && isClosed(own.open, at, options)) own.open = undefined;
      if (own.open) {
        grow(own.open, at, found?.status);
      } else if (found) {
        const signal = { at, lastAt: at, severity: found.status, group, events: own.arrivals.length };
        own.open = { signal, firstAt: own.arrivals[0]?.at ?? at };
        raised.push(signal);
      }
    }
  };
}

function measured({ arrivals }: Window, label: string): number {
  return new Set(arrivals.flatMap(({ counts }) => counts.get(label) ?? [])).size;
}

function newValue({ options, cases }: Rule, queries: readonly WatchedQuery[], since: number): See {
  const { forgetAfter = 28, learningDuration = 0 } = options.newValueOptions ?? {};
  const seen = new Map<string, { lastAt: Map<string, number>; open: Open | undefined }>();
  const severity = cases[0]?.status ?? 'info';
  return ({ at, event }, raised) => {
    for (const { query, test } of queries) {
      if (!test(event)) continue;
      for (const group of combinations(event, query.groupByFields)) {
        const key = JSON.stringify(group);
        const own = seen.get(key) ?? { lastAt: new Map(), open: undefined };
        seen.set(key, own);
        const first = own.lastAt.size === 0;
        const values = combinations(event, query.metrics ?? []).map((tuple) => JSON.stringify(tuple));
        const isNew = values.some((value) => at - (own.lastAt.get(value) ?? -Infinity) >= forgetAfter * DAY_MS);
        for (const value of values) own.lastAt.set(value, at);
        // Without a learning period the first value of a group is what everything else is new against.
        const learning = learningDuration === 0 ? first : at < since + learningDuration * DAY_MS;
        if (!isNew || learning) continue;
        if (own.open && !isClosed(own.open, at, options)) {
          grow(own.open, at, severity);
          continue;
        }
        const signal = { at, lastAt: at, severity, group: group.map(String), events: 1 };
        own.open = { signal, firstAt: at };
        raised.push(signal);
      }
    }
  };
}

function grow({ signal }: Open, at: number, severity: RuleSeverity | undefined): void {
  signal.events += 1;
  signal.lastAt = at;
  if (severity && RANK.indexOf(severity) > RANK.indexOf(signal.severity)) signal.severity = severity;
}

/** Idle for `keepAlive`, or as old as a signal gets. */
function isClosed({ signal, firstAt }: Open, at: number, { keepAlive, maxSignalDuration }: Rule['options']): boolean {
  return at - signal.lastAt >= keepAlive * 1000 || at - firstAt >= maxSignalDuration * 1000;
}

/** What a distinct count takes from one event: nothing only when every field is missing [inferred]. */
function distinctValues(event: LogEvent, fields: readonly string[]): string[] {
  const tuples = combinations(event, fields, [undefined]);
  return tuples.filter((tuple) => tuple.some((value) => value !== undefined)).map((tuple) => JSON.stringify(tuple));
}

/** Every combination of the fields' values; none when one is missing, unless something stands for it. */
function combinations(
  event: LogEvent,
  fields: readonly string[],
  missing: readonly undefined[] = [],
): (FacetValue | undefined)[][] {
  let found: (FacetValue | undefined)[][] = [[]];
  for (const field of fields) {
    const values = facetValues(event, field);
    const next = values.length > 0 ? values : missing;
    found = found.flatMap((before) => next.map((value) => [...before, value])).slice(0, MOST_GROUPS_OF_ONE_EVENT);
  }
  return found;
}
