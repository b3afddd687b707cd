/**
 * The story in parts, each beginning at a landmark that every telling of it passes once. A boundary is an ordinal
 * counted from its landmark: so one telling can be killed once in each part, and each kill still meets the request it
 * was meant for, whatever an earlier one has caused to be said twice.
 */
import type { Call, Phase } from '../../playground/http.ts';

export const SEGMENTS = [
  'start',
  'enable-asked',
  'enable-approved',
  'enable-audit-logs',
  'enable-log-group',
  'enable-invoke-permission',
  'enable-filter',
  'enable-rules',
  'enable-webhook',
  'enable-proof',
  'disable-asked',
  'disable-approved',
  'disable-webhook',
  'disable-rules',
  'disable-filter',
  'disable-invoke-permission',
  'disable-audit-logs',
] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Landmarks in what the bot does; `start`, `asked` and `approved` are what people do. Only the first such call counts. */
const LANDMARKS: Partial<Record<Segment, string>> = {
  'enable-audit-logs': 'eks UpdateClusterConfig',
  'enable-log-group': 'logs PutRetentionPolicy',
  'enable-invoke-permission': 'lambda AddPermission',
  'enable-filter': 'logs PutSubscriptionFilter',
  'enable-rules': 'datadog CreateSecurityMonitoringRule',
  'enable-webhook': 'datadog CreateWebhooksIntegrationCustomVariable',
  'enable-proof': 'datadog CreateSignalNotificationRule',
  'disable-webhook': 'datadog DeleteWebhooksIntegration',
  'disable-rules': 'datadog DeleteSecurityMonitoringRule',
  'disable-filter': 'logs DeleteSubscriptionFilter',
  'disable-invoke-permission': 'lambda RemovePermission',
  'disable-audit-logs': 'eks UpdateClusterConfig',
};

/** The segment that begins with this call, when the story stands in `current`. */
export function landmark(current: Segment, call: Call): Segment | undefined {
  const next = SEGMENTS[SEGMENTS.indexOf(current) + 1];
  return next && LANDMARKS[next] === `${call.service} ${call.operation}` ? next : undefined;
}

/** `arrived`: before request k takes effect; `applied`: it has, unanswered; `answered`; `committed`: after commit k. */
export const KINDS = ['arrived', 'applied', 'answered', 'committed'] as const;
export type Kind = Phase | 'committed';

export interface Boundary {
  kind: Kind;
  segment: Segment;
  /** Counted from the beginning of the segment, from 1. */
  ordinal: number;
}

/** How many requests and commits each segment has. */
export type Counts = Record<Segment, number>;

export function noCounts(): Counts {
  return Object.fromEntries(SEGMENTS.map((segment) => [segment, 0])) as Counts;
}

export function nameOf({ kind, segment, ordinal }: Boundary): string {
  return `${kind}:${segment}:${ordinal}`;
}

/** All boundaries of one kind, in the order of the story. */
export function boundariesOf(kind: Kind, counts: { requests: Counts; commits: Counts }): Boundary[] {
  const of = kind === 'committed' ? counts.commits : counts.requests;
  return SEGMENTS.flatMap((segment) =>
    Array.from({ length: of[segment] }, (_, i): Boundary => ({ kind, segment, ordinal: i + 1 })),
  );
}

/** Reads `applied:enable-audit-logs:4`, or `applied:17`, counted from the beginning of the story. */
export function findBoundary(text: string, counts: { requests: Counts; commits: Counts }): Boundary {
  const [kind = '', place = ''] = text.split(':', 2);
  const all = KINDS.filter((k) => k === kind).flatMap((k) => boundariesOf(k, counts));
  const found = /^\d+$/.test(place) ? all[Number(place) - 1] : all.find((boundary) => nameOf(boundary) === text);
  if (!found) throw new Error(`there is no boundary ${text}: this story has ${all.length} of its kind`);
  return found;
}
