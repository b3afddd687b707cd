/**
 * `POST /api/v2/logs/analytics/aggregate`: counts and measures of logs, grouped by facets, as totals or series.
 * Not covered: `total` rows, histograms, and paging of buckets.
 */

import type { FacetValue } from '../../src/rules/facets.ts';
import { facetValues } from '../../src/rules/facets.ts';
import type { LogEvent } from '../../src/rules/query.ts';
import { list, object, text } from './rule.ts';
import { intervalMs } from './time-range.ts';

interface Compute {
  aggregation: string;
  metric: string;
  /** Milliseconds; undefined for a total. */
  interval: number | undefined;
}

interface GroupBy {
  facet: string;
  limit: number;
  /** The value under which logs without the facet are counted; they are left out where it is not given. */
  missing: FacetValue | undefined;
  sort: { alphabetical: boolean; ascending: boolean; measure: Compute };
}

type Series = { time: string; value: FacetValue }[];
type Bucket = { by: Record<string, FacetValue>; computes: Record<string, FacetValue | Series> };

const PERCENTILES: Readonly<Record<string, number>> = { pc75: 75, pc90: 90, pc95: 95, pc98: 98, pc99: 99, median: 50 };
const AGGREGATIONS = ['count', 'cardinality', 'sum', 'min', 'max', 'avg', ...Object.keys(PERCENTILES)];
const COUNT: Compute = { aggregation: 'count', metric: '', interval: undefined };

/** The buckets, or what is wrong with the request. */
export function aggregate(events: readonly LogEvent[], request: Record<string, unknown>): Bucket[] | string {
  const sentComputes = list(request.compute).map(object);
  const computes = sentComputes.length === 0 ? [COUNT] : sentComputes.map(computeOf);
  const groups = list(request.group_by).map((group) => groupByOf(object(group)));
  for (const compute of computes) {
    if (!AGGREGATIONS.includes(compute.aggregation))
      return `invalid_argument(Unknown aggregation ${compute.aggregation})`;
    if (compute.aggregation !== 'count' && compute.metric === '') {
      return `invalid_argument(${compute.aggregation} needs a metric)`;
    }
  }
  if (groups.reduce((product, group) => product * group.limit, 1) > 10_000) {
    return 'invalid_argument(The product of facet limits is over 10000)';
  }
  if (events.length === 0) return [];
  return grouped(events, groups, {}).map(({ by, members }) => ({
    by,
    computes: Object.fromEntries(computes.map((compute, i) => [`c${i}`, measured(members, compute)])),
  }));
}

interface Group {
  by: Record<string, FacetValue>;
  members: readonly LogEvent[];
}

function grouped(events: readonly LogEvent[], groups: readonly GroupBy[], by: Record<string, FacetValue>): Group[] {
  const [group, ...inner] = groups;
  if (!group) return [{ by, members: events }];
  const members = new Map<FacetValue, LogEvent[]>();
  for (const event of events) {
    const values = facetValues(event, group.facet);
    if (values.length === 0 && group.missing !== undefined) values.push(group.missing);
    for (const value of values) {
      const present = members.get(value);
      if (present) present.push(event);
      else members.set(value, [event]);
    }
  }
  return [...members]
    .sort(orderOf(group.sort))
    .slice(0, group.limit)
    .flatMap(([value, chosen]) => grouped(chosen, inner, { ...by, [group.facet]: value }));
}

function orderOf(sort: GroupBy['sort']): (a: [FacetValue, LogEvent[]], b: [FacetValue, LogEvent[]]) => number {
  const direction = sort.ascending ? 1 : -1;
  const key = ([value, members]: [FacetValue, LogEvent[]]) =>
    sort.alphabetical ? value : total(members, sort.measure);
  return (a, b) => direction * compare(key(a), key(b)) || compare(a[0], b[0]);
}

function measured(events: readonly LogEvent[], compute: Compute): FacetValue | Series {
  const { interval } = compute;
  if (interval === undefined) return total(events, compute);
  const slots = new Map<number, LogEvent[]>();
  for (const event of events) {
    const start = Math.floor((event.timestamp ?? 0) / interval) * interval;
    slots.set(start, [...(slots.get(start) ?? []), event]);
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([start, members]) => ({ time: new Date(start).toISOString(), value: total(members, compute) }));
}

function total(events: readonly LogEvent[], { aggregation, metric }: Compute): FacetValue {
  if (aggregation === 'count') return events.length;
  const values = events.flatMap((event) => facetValues(event, metric));
  if (aggregation === 'cardinality') return new Set(values).size;
  const numbers = values.map(Number).filter((value) => !Number.isNaN(value));
  const sum = numbers.reduce((a, b) => a + b, 0);
  if (aggregation === 'sum') return sum;
  if (aggregation === 'avg') return numbers.length === 0 ? 0 : sum / numbers.length;
  const sorted = numbers.sort((a, b) => a - b);
  if (aggregation === 'min') return sorted[0] ?? 0;
  if (aggregation === 'max') return sorted.at(-1) ?? 0;
  const rank = Math.ceil(((PERCENTILES[aggregation] ?? 50) / 100) * sorted.length) - 1;
  return sorted[Math.max(0, rank)] ?? 0;
}

function computeOf(sent: Record<string, unknown>): Compute {
  const series = sent.type === 'timeseries';
  return {
    aggregation: text(sent.aggregation),
    metric: text(sent.metric),
    interval: series ? (intervalMs(text(sent.interval)) ?? 300_000) : undefined,
  };
}

function groupByOf(sent: Record<string, unknown>): GroupBy {
  const sort = object(sent.sort);
  const alphabetical = sort.type === 'alphabetical';
  const aggregation = text(sort.aggregation);
  return {
    facet: text(sent.facet),
    limit: typeof sent.limit === 'number' ? sent.limit : 10,
    missing: typeof sent.missing === 'string' || typeof sent.missing === 'number' ? sent.missing : undefined,
    sort: {
      alphabetical,
      ascending: sort.order === 'asc' || (alphabetical && sort.order === undefined),
      measure: aggregation ? { aggregation, metric: text(sort.metric), interval: undefined } : COUNT,
    },
  };
}

function compare(a: FacetValue, b: FacetValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
