/**
 * What a threshold rule measures over its evaluation window: every aggregation is kept up to date as events enter and
 * leave, so that one event costs the same however many are in the window.
 */

import { facetValues } from '../../src/rules/facets.ts';
import type { LogEvent } from '../../src/rules/query.ts';
import { combinations } from './detection-groups.ts';
import type { RuleQuery } from './rule.ts';

interface Timed {
  atMs: number;
}

/** First in, first out; what has left the front is cut off now and then, not one by one. */
export class TimedQueue<Item extends Timed> {
  #items: Item[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the last one away if it fulfils the condition. */
  popIf(condition: (item: Item) => boolean): boolean {
    const last = this.size > 0 ? this.#items.at(-1) : undefined;
    if (last === undefined || !condition(last)) return false;
    this.#items.pop();
    return true;
  }

  newest(count: number): Item[] {
    return this.#items.slice(Math.max(this.#head, this.#items.length - count));
  }

  /** Drops what came at this moment or earlier. */
  dropUntil(untilMs: number, dropped?: (item: Item) => void): void {
    for (let item = this.first; item && item.atMs <= untilMs; item = this.first) {
      this.#head += 1;
      dropped?.(item);
    }
    if (this.#head > 256 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

export interface Measure {
  add(event: LogEvent, atMs: number): void;
  dropUntil(untilMs: number): void;
  value(): number;
}

/** Makes empty measures of the query's aggregation; undefined for one that is not simulated. */
export function measureOf(query: RuleQuery): (() => Measure) | undefined {
  const [metric = ''] = query.metrics ?? [];
  switch (query.aggregation) {
    case 'count':
    case 'event_count':
      return count;
    case 'cardinality': {
      const fields = query.distinctFields.length > 0 ? query.distinctFields : (query.metrics ?? []);
      return () => cardinality(fields);
    }
    case 'sum':
      return () => sum(metric);
    case 'max':
      return () => max(metric);
    default:
      return undefined;
  }
}

function count(): Measure {
  const queue = new TimedQueue();
  return {
    add: (_event, atMs) => queue.push({ atMs }),
    dropUntil: (untilMs) => queue.dropUntil(untilMs),
    value: () => queue.size,
  };
}

/** A log whose fields hold arrays counts as every combination, as it is in every group [inferred]. */
function cardinality(fields: readonly string[]): Measure {
  const queue = new TimedQueue<Timed & { key: string }>();
  const uses = new Map<string, number>();
  return {
    add(event, atMs) {
      for (const values of combinations(event, fields, true)) {
        if (values.every((value) => value === undefined)) continue;
        const key = JSON.stringify(values);
        queue.push({ atMs, key });
        uses.set(key, (uses.get(key) ?? 0) + 1);
      }
    },
    dropUntil(untilMs) {
      queue.dropUntil(untilMs, ({ key }) => {
        const left = (uses.get(key) ?? 1) - 1;
        if (left === 0) uses.delete(key);
        else uses.set(key, left);
      });
    },
    value: () => uses.size,
  };
}

function sum(metric: string): Measure {
  const queue = new TimedQueue<Timed & { amount: number }>();
  let total = 0;
  return {
    add(event, atMs) {
      const amount = numberAt(event, metric);
      if (amount === undefined) return;
      queue.push({ atMs, amount });
      total += amount;
    },
    dropUntil(untilMs) {
      queue.dropUntil(untilMs, ({ amount }) => {
        total -= amount;
      });
    },
    value: () => total,
  };
}

/** Keeps only what can still become the largest: an event hides every smaller one before it. */
function max(metric: string): Measure {
  const queue = new TimedQueue<Timed & { amount: number }>();
  return {
    add(event, atMs) {
      const amount = numberAt(event, metric);
      if (amount === undefined) return;
      while (queue.popIf((item) => item.amount <= amount));
      queue.push({ atMs, amount });
    },
    dropUntil: (untilMs) => queue.dropUntil(untilMs),
    value: () => queue.first?.amount ?? Number.NaN,
  };
}

function numberAt(event: LogEvent, field: string): number | undefined {
  const value = facetValues(event, field).map(Number).find(Number.isFinite);
  return value;
}
