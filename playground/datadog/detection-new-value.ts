/**
 * The new-value method: what a group has never shown, or not for `forgetAfter` days, raises a signal, except while
 * the rule is learning. Sources: the model SecurityMonitoringRuleNewValueOptions of Datadog's client, and
 * DataDog/documentation#9765 for `keepAlive: 0`, which is one signal per new value.
 */
import type { GroupValues } from './detection-groups.ts';
import { combinations, Groups, groupsOf } from './detection-groups.ts';
import type { Watch, WatchContext, WatchedQuery } from './detection-watch.ts';
import { OpenSignal, watchedQueries } from './detection-watch.ts';
import type { StoredLog } from './logs.ts';
import type { NewValueOptions } from './rule.ts';

interface Group {
  values: GroupValues;
  /** When each value was last seen. */
  known: Groups<{ lastMs: number }>;
  occurrences: number;
  open?: OpenSignal | undefined;
}

const DAY_S = 86_400;
/** What the API shows for a rule that does not say is not documented. */
const DEFAULT_FORGET_DAYS = 28;

export class NewValueWatch implements Watch {
  readonly #context: WatchContext;
  readonly #queries: WatchedQuery[];
  readonly #options: NewValueOptions;
  /** When the rule began to learn. */
  readonly #sinceMs: number;
  readonly #forgetMs: number;
  readonly #groups: Groups<Group>;
  #hasBaseline = false;

  constructor(context: WatchContext, sinceMs: number) {
    this.#context = context;
    this.#queries = watchedQueries(context.rule);
    this.#options = context.rule.options.newValueOptions ?? {};
    this.#sinceMs = sinceMs;
    this.#forgetMs = this.#days(this.#options.forgetAfter ?? DEFAULT_FORGET_DAYS);
    this.#groups = new Groups(({ known }, nowMs) => {
      known.sweep(nowMs);
      return known.size === 0;
    });
  }

  see(log: StoredLog, nowMs: number): void {
    for (const { query, label, test } of this.#queries) {
      if (!test(log.event) || this.#context.isExcluded(log.event)) continue;
      this.#readBaseline();
      for (const values of groupsOf(log.event, query)) {
        const group = this.#group(values, nowMs);
        const isLearning = this.#isLearning(group, nowMs);
        const isNew = this.#learn(group, combinations(log.event, query.metrics ?? []), nowMs);
        if (isNew && !isLearning && !this.#context.isSuppressed(log.event)) this.#found(group, log, label, nowMs);
      }
    }
  }

  #found(group: Group, log: StoredLog, label: string, nowMs: number): void {
    const [ruleCase] = this.#context.rule.cases;
    if (!ruleCase) return;
    if (group.open?.isClosed(nowMs)) group.open = undefined;
    const open = group.open ?? new OpenSignal(this.#context, group.values, ruleCase, nowMs);
    open.add(log, [label], nowMs);
    if (group.open) this.#context.grown(open);
    else this.#context.opened(open);
    group.open = open;
  }

  /** Remembers the values; whether one of them was unknown. A log without them says nothing. */
  #learn(group: Group, tuples: readonly unknown[], nowMs: number): boolean {
    let isNew = false;
    for (const tuple of tuples) {
      const known = group.known.get(JSON.stringify(tuple), nowMs, () => ({ lastMs: Number.NEGATIVE_INFINITY }));
      if (nowMs - known.lastMs >= this.#forgetMs) isNew = true;
      known.lastMs = Math.max(known.lastMs, nowMs);
    }
    if (tuples.length > 0) group.occurrences += 1;
    return isNew;
  }

  #isLearning({ occurrences }: Group, nowMs: number): boolean {
    const { learningMethod, learningThreshold = 0, learningDuration = 0 } = this.#options;
    if (learningMethod === 'threshold') return occurrences < learningThreshold;
    // "If set to 0, a signal will be generated for all new values after the first value is learned."
    if (learningDuration === 0) return occurrences === 0;
    return !this.#hasBaseline && nowMs < this.#sinceMs + this.#days(learningDuration);
  }

  /** Past values instead of waiting. A group without a past is then new from its first value on [inferred]. */
  #readBaseline(): void {
    const { instantaneousBaseline, learningDuration = 0 } = this.#options;
    if (this.#hasBaseline || instantaneousBaseline !== true) return;
    this.#hasBaseline = true;
    const fromMs = this.#sinceMs - this.#days(learningDuration);
    for (const log of this.#context.indexed()) {
      if (log.timestampMs < fromMs) continue;
      for (const { query, test } of this.#queries) {
        if (!test(log.event)) continue;
        for (const values of groupsOf(log.event, query)) {
          const group = this.#group(values, log.timestampMs);
          this.#learn(group, combinations(log.event, query.metrics ?? []), log.timestampMs);
        }
      }
    }
  }

  #group(values: GroupValues, nowMs: number): Group {
    return this.#groups.get(values.key, nowMs, () => ({
      values,
      known: new Groups(({ lastMs }, atMs) => atMs - lastMs >= this.#forgetMs),
      occurrences: 0,
    }));
  }

  #days(days: number): number {
    return days * DAY_S * this.#context.secondMs;
  }
}
