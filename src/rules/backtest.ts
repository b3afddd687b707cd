/**
 * What a rule would have raised over events of the past: the preview of a new rule, and the sequences of the pack's
 * samples. It knows threshold (count and distinct count over a window) and new value, with the two durations that end a
 * signal. Datadog's own detection is the truth; where its documentation is silent this follows what the reference
 * infers, and errs towards more signals. Pure.
 */
import type { RulePayload, RuleQuery, RuleSeverity } from '../datadog/rules.ts';
import { compileCondition } from './condition.ts';
import { facetValues } from './facets.ts';
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

interface Window {
  key: string;
  /** What counts as one: the values of the distinct fields, or nothing in particular. */
  arrivals: { at: number; label: string; distinct: string | undefined }[];
  open: WouldBeSignal | undefined;
}

function threshold({ options, cases }: Rule, queries: readonly WatchedQuery[]): See {
  const conditions = cases.map(({ condition = '' }) => compileCondition(condition));
  const windowMs = (options.evaluationWindow ?? 0) * 1000;
  const windows = new Map<string, Window>();
  return ({ at, event }, raised) => {
    const touched = new Set<Window>();
    for (const { query, test } of queries) {
      if (!test(event)) continue;
      const { distinctFields } = query;
      const distinct = distinctFields.length > 0 ? combinations(event, distinctFields) : [undefined];
      for (const group of combinations(event, query.groupByFields)) {
        const key = JSON.stringify(group);
        const own = windows.get(key) ?? { key, arrivals: [], open: undefined };
        windows.set(key, own);
        if (!touched.has(own)) own.arrivals = own.arrivals.filter((arrival) => arrival.at > at - windowMs);
        touched.add(own);
        for (const values of distinct)
          own.arrivals.push({ at, label: query.name, distinct: values && JSON.stringify(values) });
      }
    }
    for (const own of touched) {
      const found = cases[conditions.findIndex((holds) => holds((label) => measured(own, label)))];
      if (own.open && isClosed(own.open, at, options)) own.open = undefined;
      if (own.open) {
        grow(own.open, at, found?.status);
      } else if (found) {
        own.open = { at, lastAt: at, severity: found.status, group: JSON.parse(own.key), events: own.arrivals.length };
        raised.push(own.open);
      }
    }
  };
}

function measured({ arrivals }: Window, label: string): number {
  const own = arrivals.filter((arrival) => arrival.label === label);
  const distinct = own.flatMap((arrival) => arrival.distinct ?? []);
  return distinct.length > 0 ? new Set(distinct).size : own.length;
}

function newValue({ options, cases }: Rule, queries: readonly WatchedQuery[], since: number): See {
  const { forgetAfter = 28, learningDuration = 0 } = options.newValueOptions ?? {};
  const seen = new Map<string, { lastAt: Map<string, number>; open: WouldBeSignal | undefined }>();
  const severity = cases[0]?.status ?? 'info';
  return ({ at, event }, raised) => {
    for (const { query, test } of queries) {
      if (!test(event)) continue;
      for (const group of combinations(event, query.groupByFields)) {
        const key = JSON.stringify(group);
        const first = !seen.has(key);
        const own = seen.get(key) ?? { lastAt: new Map(), open: undefined };
        seen.set(key, own);
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
        own.open = { at, lastAt: at, severity, group: group.map(String), events: 1 };
        raised.push(own.open);
      }
    }
  };
}

function grow(open: WouldBeSignal, at: number, severity: RuleSeverity | undefined): void {
  open.events += 1;
  open.lastAt = at;
  if (severity && RANK.indexOf(severity) > RANK.indexOf(open.severity)) open.severity = severity;
}

/** Idle for `keepAlive`, or as old as a signal gets. */
function isClosed(open: WouldBeSignal, at: number, { keepAlive, maxSignalDuration }: Rule['options']): boolean {
  return at - open.lastAt >= keepAlive * 1000 || at - open.at >= maxSignalDuration * 1000;
}

/** Every combination of the fields' values; none when one is missing. */
function combinations(event: LogEvent, fields: readonly string[]): (string | number | boolean)[][] {
  let found: (string | number | boolean)[][] = [[]];
  for (const field of fields) {
    const values = facetValues(event, field);
    found = found.flatMap((before) => values.map((value) => [...before, value])).slice(0, MOST_GROUPS_OF_ONE_EVENT);
  }
  return found;
}
