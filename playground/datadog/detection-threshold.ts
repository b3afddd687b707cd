/**
 * The threshold method: counts, distinct counts, sums and maxima of a group over the evaluation window, judged by the
 * rule's cases in their order. The window counts by arrival [inferred].
 */
import { type Condition, compileCondition } from '../../src/rules/condition.ts';
import type { GroupValues } from './detection-groups.ts';
import { Groups, groupsOf } from './detection-groups.ts';
import type { Watch, WatchContext, WatchedQuery } from './detection-watch.ts';
import { OpenSignal, watchedQueries } from './detection-watch.ts';
import type { StoredLog } from './logs.ts';
import type { RuleCase } from './rule.ts';
import { SEVERITIES } from './rule.ts';
import type { Measure } from './sliding-window.ts';
import { measureOf, TimedQueue } from './sliding-window.ts';

interface MeasuredQuery extends WatchedQuery {
  measure: () => Measure;
}

interface Arrival {
  atMs: number;
  log: StoredLog;
  /** The queries that matched it. */
  labels: string[];
}

interface Group {
  values: GroupValues;
  measures: Map<string, Measure>;
  arrivals: TimedQueue<Arrival>;
  open?: OpenSignal | undefined;
}

/** Of a long window only the newest logs are looked into; the others count. */
const LOOKED_INTO = 50;

export class ThresholdWatch implements Watch {
  readonly #context: WatchContext;
  readonly #queries: MeasuredQuery[];
  /** In the order of the rule's cases. */
  readonly #conditions: Condition[];
  readonly #windowMs: number;
  readonly #groups: Groups<Group>;

  constructor(context: WatchContext) {
    const { rule, secondMs } = context;
    this.#context = context;
    this.#queries = watchedQueries(rule).flatMap((query) => {
      const measure = measureOf(query.query);
      return measure ? [{ ...query, measure }] : [];
    });
    this.#conditions = rule.cases.map(({ condition = '' }) => compileCondition(condition));
    this.#windowMs = (rule.options.evaluationWindow ?? 0) * secondMs;
    this.#groups = new Groups((group, nowMs) => this.#isIdle(group, nowMs));
  }

  see(log: StoredLog, nowMs: number): void {
    let matched: { values: GroupValues; queries: MeasuredQuery[] }[] | undefined;
    for (const query of this.#queries) {
      if (!query.test(log.event)) continue;
      matched ??= [];
      for (const values of groupsOf(log.event, query.query)) {
        const same = matched.find((one) => one.values.key === values.key);
        if (same) same.queries.push(query);
        else matched.push({ values, queries: [query] });
      }
    }
    if (!matched || this.#context.isExcluded(log.event)) return;
    for (const { values, queries } of matched) this.#seeInGroup(values, queries, log, nowMs);
  }

  #seeInGroup(values: GroupValues, queries: readonly MeasuredQuery[], log: StoredLog, nowMs: number): void {
    const group = this.#groups.get(values.key, nowMs, () => emptyGroup(values));
    this.#dropOld(group, nowMs);
    for (const { label, measure } of queries) {
      const own = group.measures.get(label) ?? measure();
      group.measures.set(label, own);
      own.add(log.event, nowMs);
    }
    const labels = queries.map(({ label }) => label);
    group.arrivals.push({ atMs: nowMs, log, labels });
    const ruleCase = this.#firstCase(group);
    if (group.open?.isClosed(nowMs)) group.open = undefined;
    if (group.open) this.#grow(group.open, ruleCase, log, labels, nowMs);
    else if (ruleCase && !this.#context.isSuppressed(log.event)) group.open = this.#open(group, ruleCase, nowMs);
  }

  /** Every further match keeps the signal alive, whether or not a case still holds [inferred]. */
  #grow(open: OpenSignal, ruleCase: RuleCase | undefined, log: StoredLog, labels: string[], nowMs: number): void {
    open.add(log, labels, nowMs);
    if (ruleCase && rank(ruleCase) > rank(open.ruleCase)) open.ruleCase = ruleCase;
    this.#context.grown(open);
  }

  #open({ values, arrivals }: Group, ruleCase: RuleCase, nowMs: number): OpenSignal {
    const all = arrivals.newest(Number.POSITIVE_INFINITY);
    const open = new OpenSignal(this.#context, values, ruleCase, all[0]?.atMs ?? nowMs);
    for (const { log, labels } of all.slice(0, -LOOKED_INTO)) open.evidence.count(log, labels);
    for (const { log, labels } of all.slice(-LOOKED_INTO)) open.add(log, labels, nowMs);
    this.#context.opened(open);
    return open;
  }

  #firstCase({ measures }: Group): RuleCase | undefined {
    const measured = (label: string) => measures.get(label)?.value() ?? 0;
    return this.#context.rule.cases[this.#conditions.findIndex((holds) => holds(measured))];
  }

  /** With a window of 0 every event is judged by itself. */
  #dropOld({ measures, arrivals }: Group, nowMs: number): void {
    const untilMs = nowMs - this.#windowMs;
    for (const measure of measures.values()) measure.dropUntil(untilMs);
    arrivals.dropUntil(untilMs);
  }

  #isIdle(group: Group, nowMs: number): boolean {
    this.#dropOld(group, nowMs);
    return group.arrivals.size === 0 && (group.open?.isClosed(nowMs) ?? true);
  }
}

function emptyGroup(values: GroupValues): Group {
  return { values, measures: new Map(), arrivals: new TimedQueue() };
}

function rank({ status }: RuleCase): number {
  return SEVERITIES.indexOf(status);
}
