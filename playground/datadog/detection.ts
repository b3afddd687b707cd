/**
 * Cloud SIEM: every log it analyses is held against every enabled log detection rule the moment it arrives, indexed or
 * not. Signals follow a little later. Methods beyond threshold and new value never raise one (see coverage.ts).
 */
import type { EventTest, LogEvent } from '../../src/rules/query.ts';
import { compile, parseQuery } from '../../src/rules/query.ts';
import type { WorldTime } from '../time.ts';
import { grow, signalOf, signalTags } from './detected-signal.ts';
import { NewValueWatch } from './detection-new-value.ts';
import { ThresholdWatch } from './detection-threshold.ts';
import type { OpenSignal, Watch, WatchContext } from './detection-watch.ts';
import { DueTogether } from './due-together.ts';
import type { Ids } from './ids.ts';
import type { StoredLog } from './logs.ts';
import type { Rule } from './rule.ts';
import type { Rules } from './rules.ts';
import type { Signal } from './signal.ts';
import type { Suppression } from './suppressions.ts';
import { suppressionApplies } from './suppressions.ts';

export interface DetectionOptions {
  time: WorldTime;
  ids: Ids;
  rules: Rules;
  suppressions: readonly Suppression[];
  isAnalysed(log: StoredLog): boolean;
  indexed(): readonly StoredLog[];
  raised(signal: Signal): void;
  /** The severity of an open signal rose. */
  rose(signal: Signal): void;
}

interface Watched {
  version: number;
  /** What it is compiled from; an edit of anything else keeps what the watch remembers. */
  content: string;
  watch: Watch | undefined;
}

export class Detection {
  /** Real-world milliseconds between the log that makes a rule fire and the signal [inferred]. */
  delayMs = 2000;
  readonly #options: DetectionOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #tests = new Map<string, EventTest>();
  readonly #raising: DueTogether<OpenSignal>;
  /** By the logs of the intake that is being analysed. */
  readonly #opened: OpenSignal[] = [];
  readonly #grown = new Set<OpenSignal>();

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.#raising = new DueTogether(options.time, 'raise signals', (opened, atMs) => this.#raise(opened, atMs));
  }

  /** The logs of one intake. A signal that grows by several of them is updated once. */
  analyse(logs: readonly StoredLog[]): void {
    const nowMs = this.#options.time.now();
    const watches = this.#watches();
    for (const log of logs) {
      if (this.#options.isAnalysed(log)) for (const watch of watches) watch.see(log, nowMs);
    }
    if (this.#opened.length > 0) this.#raising.plan(this.#opened.splice(0), this.delayMs);
    for (const open of this.#grown) {
      if (open.signal && grow(open.signal, open)) this.#options.rose(open.signal);
    }
    this.#grown.clear();
  }

  #raise(opened: readonly OpenSignal[], atMs: number): void {
    for (const open of opened) {
      open.signal = signalOf(open, this.#options.ids.event(atMs), atMs);
      this.#options.raised(open.signal);
    }
  }

  #watches(): Watch[] {
    const { rules } = this.#options;
    const found: Watch[] = [];
    for (const rule of rules.all) {
      if (!rule.isEnabled || rule.type !== 'log_detection' || rule.schedulingOptions) continue;
      const watch = this.#watchOf(rule);
      if (watch) found.push(watch);
    }
    if (this.#watched.size > rules.all.length) {
      for (const id of this.#watched.keys()) if (!rules.get(id)) this.#watched.delete(id);
    }
    return found;
  }

  #watchOf(rule: Rule): Watch | undefined {
    const known = this.#watched.get(rule.id);
    if (known?.version === rule.version) return known.watch;
    const cases = rule.cases.map(({ status, name, condition }) => [status, name, condition]);
    const content = JSON.stringify([rule.queries, rule.options, cases]);
    const watch = known?.content === content ? known.watch : this.#newWatch(rule, known !== undefined);
    this.#watched.set(rule.id, { version: rule.version, content, watch });
    return watch;
  }

  #newWatch(rule: Rule, wasEdited: boolean): Watch | undefined {
    const context = this.#contextOf(rule);
    switch (rule.options.detectionMethod) {
      case 'threshold':
        return new ThresholdWatch(context);
      case 'new_value':
        return new NewValueWatch(context, wasEdited ? (rule.updatedAt ?? rule.createdAt) : rule.createdAt);
      default:
        return undefined;
    }
  }

  #contextOf(rule: Rule): WatchContext {
    const { time, rules, indexed } = this.#options;
    return {
      rule,
      defaultId: rules.defaultIdOf(rule),
      secondMs: 1000 / time.speed,
      indexed,
      isExcluded: (event) => this.#suppresses(rule, 'data_exclusion_query', event),
      // A would-be signal has the attributes and tags of the log that makes the rule fire, and the rule's tags.
      isSuppressed: (event) =>
        this.#suppresses(rule, 'suppression_query', { ...event, tags: signalTags(rule, event.tags) }),
      opened: (open) => void this.#opened.push(open),
      grown: (open) => void this.#grown.add(open),
    };
  }

  #suppresses(rule: Rule, kind: 'data_exclusion_query' | 'suppression_query', event: LogEvent): boolean {
    const nowMs = this.#options.time.now();
    return this.#options.suppressions.some((suppression) => {
      const query = suppression.attributes[kind];
      return query !== '' && this.#testOf(query)(event) && suppressionApplies(suppression, rule, nowMs);
    });
  }

  #testOf(query: string): EventTest {
    const known = this.#tests.get(query);
    if (known) return known;
    const test = compile(parseQuery(query));
    this.#tests.set(query, test);
    return test;
  }
}
