/**
 * What all detection methods share: a rule is watched over the logs as they arrive, opens signals and lets them grow
 * until they close. Durations of rules are real ones; the world's speed divides them.
 */
import type { EventTest, LogEvent } from '../../src/rules/query.ts';
import { compile, parseQuery } from '../../src/rules/query.ts';
import type { Found } from './detected-signal.ts';
import { projectedPaths } from './detected-signal.ts';
import type { GroupValues } from './detection-groups.ts';
import { Evidence } from './evidence.ts';
import type { StoredLog } from './logs.ts';
import type { Rule, RuleCase, RuleQuery } from './rule.ts';
import { labelOf } from './rule.ts';
import type { Signal } from './signal.ts';

/** One rule, watched. */
export interface Watch {
  /** A log that Cloud SIEM analyses has arrived. */
  see(log: StoredLog, nowMs: number): void;
}

export interface WatchContext {
  /** The living rule: its texts and notifications may change while it is watched, its queries and options not. */
  rule: Rule;
  defaultId: string | undefined;
  /** What one second of a rule's durations is on the world's clock, in milliseconds. */
  secondMs: number;
  isExcluded(event: LogEvent): boolean;
  isSuppressed(event: LogEvent): boolean;
  opened(open: OpenSignal): void;
  grown(open: OpenSignal): void;
  /** The logs that are searchable, for a baseline. */
  indexed(): readonly StoredLog[];
}

export interface WatchedQuery {
  query: RuleQuery;
  label: string;
  test: EventTest;
}

export function watchedQueries(rule: Rule): WatchedQuery[] {
  return rule.queries.map((query, index) => ({
    query,
    label: labelOf(query, index),
    test: compile(parseQuery(query.query)),
  }));
}

/** A signal from the moment its rule fires; in the signals list only a detection delay later. */
export class OpenSignal implements Found {
  readonly rule: Rule;
  readonly defaultId: string | undefined;
  readonly group: GroupValues;
  readonly evidence: Evidence;
  ruleCase: RuleCase;
  /** Undefined until it is raised. */
  signal: Signal | undefined;
  readonly #firstMs: number;
  #lastMs: number;
  readonly #secondMs: number;

  /** `firstMs` is when the first of its logs arrived. */
  constructor(context: WatchContext, group: GroupValues, ruleCase: RuleCase, firstMs: number) {
    this.rule = context.rule;
    this.defaultId = context.defaultId;
    this.group = group;
    this.ruleCase = ruleCase;
    this.evidence = new Evidence(projectedPaths(context.rule));
    this.#firstMs = firstMs;
    this.#lastMs = firstMs;
    this.#secondMs = context.secondMs;
  }

  add(log: StoredLog, labels: readonly string[], nowMs: number): void {
    this.evidence.add(log, labels);
    this.#lastMs = nowMs;
  }

  /** Idle for `keepAlive`, or as old as a signal gets. Measured by arrival; Datadog does not say by which time. */
  isClosed(nowMs: number): boolean {
    const { keepAlive = 3600, maxSignalDuration = 86_400 } = this.rule.options;
    return (
      nowMs - this.#lastMs >= keepAlive * this.#secondMs || nowMs - this.#firstMs >= maxSignalDuration * this.#secondMs
    );
  }
}
