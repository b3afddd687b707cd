/** What a colleague who knows EKS would say about a draft, from its query and the events it found. Pure. */
import type { ExistingRule } from '../datadog/rules.ts';
import { CLUSTER_FIELDS, type Draft, type DraftNote } from './draft.ts';
import { type LogEvent, matches, parseQuery, type Query } from './query.ts';
import { type Tried, valuesOf } from './try-out.ts';

export type Advice =
  | { what: DraftNote }
  /** Nothing was found: a typo, or nothing happened. */
  | { what: 'no-events' }
  /** kubectl 1.31 and later opens exec over WebSocket: the verb is `get`. */
  | { what: 'exec-verbs' }
  /** A stream is logged when it starts and when it ends. */
  | { what: 'counted-twice' }
  /** Another rule already finds most of these events. */
  | { what: 'twin'; name: string; key: string; enabled: boolean; shipped: boolean }
  /** One name many people share: new only once. */
  | { what: 'shared-name'; name: string }
  /** One identity under many names: new with every session. */
  | { what: 'session-names'; names: number; identities: number }
  | { what: 'learns'; days: number }
  | { what: 'mixes-clusters' }
  /** `OR` binds looser than a blank, so that one side of it names no source. */
  | { what: 'source-partly' }
  /** Only the newest were looked at. */
  | { what: 'newest-only'; looked: number };

/** Rules that find this share of the events are the same alarm twice. */
const TWIN_SHARE = 0.5;
const SHARED = new Set(['kubernetes-admin', 'admin', 'root']);
const MANY_NAMES = 3;
const STREAMS = new Set(['exec', 'attach', 'portforward']);

export function adviceFor(draft: Draft, tried: Tried, rules: readonly ExistingRule[]): Advice[] {
  const { query, method } = draft;
  const advice: Advice[] = draft.notes.map((what) => ({ what }));
  if (!readsAs(query).every(isLimited)) advice.push({ what: 'source-partly' });
  if (tried.count === 0) advice.push({ what: 'no-events' });
  if (tried.count > tried.events.length) advice.push({ what: 'newest-only', looked: tried.events.length });
  const streams = /(?<!-)@objectRef\.subresource:(\([^)]*|"?)(exec|attach|portforward)/.test(query);
  if (streams && /(?<!-)@(http\.method|verb):"?create(?![\w*])/.test(query)) advice.push({ what: 'exec-verbs' });
  const counts = method === 'threshold' && draft.moreThan > 0 && draft.distinct.length === 0;
  if (streams && counts && !query.includes('@stage:')) advice.push({ what: 'counted-twice' });
  advice.push(...twins(draft, tried, rules));
  if (method === 'new_value') advice.push({ what: 'learns', days: draft.learnDays }, ...namesAdvice(draft, tried));
  if (CLUSTER_FIELDS.some((field) => !draft.groupBy.includes(field))) advice.push({ what: 'mixes-clusters' });
  return advice;
}

/** Whether nothing but logs of some source can match. */
function isLimited(query: Query): boolean {
  switch (query.type) {
    case 'and':
      return query.clauses.some(isLimited);
    case 'or':
      return query.clauses.every(isLimited);
    case 'match':
      return query.field.kind === 'reserved' && query.field.name === 'source';
    default:
      return false;
  }
}

/** A copy stands beside its original; an edited rule only takes its own place. */
function twins({ base }: Draft, { events }: Tried, rules: readonly ExistingRule[]): Advice[] {
  if (events.length === 0) return [];
  return rules
    .filter(({ id }) => !base?.edit || id !== base.id)
    .filter((rule) => {
      const queries = queriesOf(rule);
      const found = events.filter(({ event }) => queries.some((query) => matches(query, olderForm(event)))).length;
      return found / events.length >= TWIN_SHARE;
    })
    .slice(0, 2)
    .map(({ id, name, enabled, shipped, packId }) => ({ what: 'twin', key: packId ?? id, name, enabled, shipped }));
}

/**
 * A stream opened over WebSocket as older clients open it: a rule that only knows their verb is meant for the same act,
 * and will see it again from the next older client.
 */
function olderForm(event: LogEvent): LogEvent {
  const { attributes } = event;
  const { subresource } = (attributes.objectRef ?? {}) as { subresource?: unknown };
  const http = (attributes.http ?? {}) as { method?: unknown };
  if (http.method !== 'get' || !STREAMS.has(String(subresource))) return event;
  return { ...event, attributes: { ...attributes, verb: 'create', http: { ...http, method: 'create' } } };
}

function queriesOf({ wire }: ExistingRule): Query[] {
  const queries = Array.isArray(wire.queries) ? (wire.queries as { query?: unknown }[]) : [];
  return queries.flatMap(({ query }) => (typeof query === 'string' && query.trim() !== '' ? readsAs(query) : []));
}

/** Nothing where it cannot be read: that is said elsewhere. */
function readsAs(query: string): Query[] {
  try {
    return [parseQuery(query)];
  } catch {
    return [];
  }
}

function namesAdvice({ of }: Draft, tried: Tried): Advice[] {
  const field = of.find((name) => name === '@usr.name' || name === '@usr.id');
  if (!field) return [];
  const names = valuesOf(tried, field);
  const identities = valuesOf(tried, '@user.extra.canonicalArn').length;
  const shared = names.find(({ value }) => SHARED.has(value));
  return [
    ...(shared ? [{ what: 'shared-name' as const, name: shared.value }] : []),
    ...(identities > 0 && names.length >= MANY_NAMES && names.length > identities * 2
      ? [{ what: 'session-names' as const, names: names.length, identities }]
      : []),
  ];
}
