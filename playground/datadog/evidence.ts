/**
 * What the logs behind one signal add up to: how many, since when, who and where. A signal grows with it while open.
 */
import type { FacetValue } from '../../src/rules/facets.ts';
import { facetValues } from '../../src/rules/facets.ts';
import type { StoredLog } from './logs.ts';
import type { SignalSample } from './signal.ts';

const MOST_SAMPLES = 5;
/** Beyond this a field is of high cardinality, and the signal shows the first ones only. */
const MOST_VALUES = 10;
const MOST_TAGS = 100;

export class Evidence {
  eventsMatched = 0;
  readonly matchedPerQuery = new Map<string, number>();
  /** By the logs' own times, which need not be in the order of arrival. */
  firstSeenMs = Number.POSITIVE_INFINITY;
  lastSeenMs = Number.NEGATIVE_INFINITY;
  readonly tags = new Set<string>();
  readonly services = new Set<string>();
  host: string | undefined;
  /** The newest, oldest of them first. */
  readonly samples: SignalSample[] = [];
  /** By path (`@usr.name`) the distinct values of the logs. */
  readonly values = new Map<string, Set<FacetValue>>();

  /** Only the values at these paths are kept. */
  constructor(paths: Iterable<string>) {
    for (const path of paths) this.values.set(path, new Set());
  }

  /** `labels` are the queries that matched it. */
  add(log: StoredLog, labels: readonly string[]): void {
    const { id, event } = log;
    this.count(log, labels);
    for (const tag of event.tags) if (this.tags.size < MOST_TAGS && !tag.startsWith('datadog.')) this.tags.add(tag);
    if (event.service && this.services.size < MOST_VALUES) this.services.add(event.service);
    this.host ??= event.host;
    for (const [path, known] of this.values) {
      for (const value of facetValues(event, path)) if (known.size < MOST_VALUES) known.add(value);
    }
    this.samples.push({ eventId: id, event });
    if (this.samples.length > MOST_SAMPLES) this.samples.shift();
  }

  /** Counts a log without looking into it. */
  count({ timestampMs }: Pick<StoredLog, 'timestampMs'>, labels: readonly string[]): void {
    this.eventsMatched += 1;
    this.firstSeenMs = Math.min(this.firstSeenMs, timestampMs);
    this.lastSeenMs = Math.max(this.lastSeenMs, timestampMs);
    for (const label of labels) this.matchedPerQuery.set(label, (this.matchedPerQuery.get(label) ?? 0) + 1);
  }

  valuesAt(path: string): FacetValue[] {
    return [...(this.values.get(path) ?? [])];
  }
}
