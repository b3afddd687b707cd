/**
 * A query tried on the events of the past, and a draft played over them: how many events there are, what they look
 * like, which signals the rule would have raised.
 */
import type { Datadog } from '../datadog/client.ts';
import { countLogs, type LogEntry, searchLogs } from '../datadog/logs.ts';
import { backtest, type WouldBeSignal } from './backtest.ts';
import type { Draft } from './draft.ts';
import { payloadOf } from './draft.ts';
import { facetValues } from './facets.ts';
import type { LogEvent } from './query.ts';

export interface Tried {
  /** All there are, as far as this key may see. */
  count: number;
  /** The newest of them, newest first. */
  events: { at: Date; event: LogEvent }[];
}

/** Datadog's most in one answer; a preview over more would keep a person waiting. */
const LOOKED_AT = 1000;

/** Throws `DatadogError`. */
export async function tryQuery(
  datadog: Datadog,
  { query, from, to }: Pick<Draft, 'query' | 'from' | 'to'>,
): Promise<Tried> {
  const window = [new Date(from), new Date(to)] as const;
  const [count, entries] = await Promise.all([
    countLogs(datadog, query, ...window),
    searchLogs(datadog, query, ...window, LOOKED_AT),
  ]);
  const events = entries.map((entry) => ({ at: entry.at, event: logEventOf(entry) }));
  return { count: Math.max(count, events.length), events };
}

export function logEventOf({ at, message, tags, attributes, host, service }: LogEntry): LogEvent {
  const source = tags.find((tag) => tag.startsWith('source:'))?.slice('source:'.length);
  return { message, tags, attributes, source, host, service, timestamp: at.getTime() };
}

/**
 * The signals over what was looked at. A rule for new values is taken to have learnt nothing but the first value of each
 * group, so its figure is the most it would have raised.
 */
export function wouldRaise(draft: Draft, { events }: Tried): WouldBeSignal[] {
  // The events are what Datadog found for the query: asked again here, our reading of it would hide where the two differ.
  const found = { ...draft, query: '*' };
  const rule = payloadOf(draft.method === 'new_value' ? { ...found, learnDays: 0 } : found, 'preview');
  const past = events.map(({ at, event }) => ({ at: at.getTime(), event })).sort((a, b) => a.at - b.at);
  return backtest(rule, past);
}

/** Different values of an attribute, most frequent first. */
export function valuesOf({ events }: Tried, field: string): { value: string; events: number }[] {
  const counts = new Map<string, number>();
  for (const { event } of events)
    for (const value of facetValues(event, field).map(String)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, events]) => ({ value, events })).sort((a, b) => b.events - a.events);
}
