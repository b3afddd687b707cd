/**
 * The story in parts, each beginning at a landmark that every telling of it passes once. A boundary is an ordinal
 * counted from its landmark: so one telling can be killed once in each part, and each kill still meets the request it
 * was meant for, whatever an earlier one has caused to be said twice.
 */
import type { Call, Phase } from '../../playground/http.ts';

export const SEGMENTS = [
  'start',
  'enable-asked',
  'enable-plan',
  'enable-approved',
  'enable-begun',
  'enable-audit-logs',
  'enable-log-group',
  'enable-invoke-permission',
  'enable-filter',
  'enable-rules',
  'enable-webhook',
  'enable-notification-rule',
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
  'enable-plan': 'logs DescribeLogGroups',
  'enable-begun': 'logs DescribeLogGroups',
  'enable-audit-logs': 'eks UpdateClusterConfig',
  'enable-log-group': 'logs PutRetentionPolicy',
  'enable-invoke-permission': 'lambda AddPermission',
  'enable-filter': 'logs PutSubscriptionFilter',
  'enable-rules': 'datadog CreateSecurityMonitoringRule',
  'enable-webhook': 'datadog CreateWebhooksIntegrationCustomVariable',
  'enable-notification-rule': 'datadog CreateSignalNotificationRule',
  'enable-proof': 'datadog ListLogs',
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

/**
 * Where the bot dies: before request k takes effect (`arrived`); when a request that changes something has taken effect
 * and is unanswered (`applied`); when it was answered; after commit k. Around a request that only reads, neither the
 * world nor the database is different from one of these moments to the next, so one kill stands for all three; the
 * other two have names as well, for those who do not want to believe it.
 */
export const KINDS = ['arrived', 'applied', 'answered', 'committed'] as const;
export const KINDS_OF_READS = ['applied-read', 'answered-read'] as const;
export type Kind = (typeof KINDS)[number] | (typeof KINDS_OF_READS)[number];

/** What the ordinals of a kind count. */
const COUNTED: Record<Kind, keyof Count> = {
  arrived: 'requests',
  applied: 'writes',
  answered: 'writes',
  committed: 'commits',
  'applied-read': 'reads',
  'answered-read': 'reads',
};

/** Until when a request of this kind is let through; a commit has no request. */
export function phaseOf(kind: Kind): Phase | undefined {
  return kind === 'committed' ? undefined : (kind.split('-')[0] as Phase);
}

export interface Boundary {
  kind: Kind;
  segment: Segment;
  /** Counted from the beginning of the segment, from 1. */
  ordinal: number;
}

export interface Count {
  requests: number;
  writes: number;
  reads: number;
  commits: number;
}

/** How much of each there was in every part of a telling. */
export type Census = Record<Segment, Count>;

export function emptyCensus(): Census {
  const none = SEGMENTS.map((segment) => [segment, { requests: 0, writes: 0, reads: 0, commits: 0 }] as const);
  return Object.fromEntries(none) as Census;
}

/** The number of this boundary among what its kind counts. */
export function ordinalOf(kind: Kind, count: Count): number {
  return count[COUNTED[kind]];
}

export function nameOf({ kind, segment, ordinal }: Boundary): string {
  return `${kind}:${segment}:${ordinal}`;
}

/** All boundaries of one kind, in the order of the story. */
export function boundariesOf(kind: Kind, census: Census): Boundary[] {
  return SEGMENTS.flatMap((segment) =>
    Array.from({ length: ordinalOf(kind, census[segment]) }, (_, i): Boundary => ({ kind, segment, ordinal: i + 1 })),
  );
}

/** Reads `applied:enable-audit-logs:1`, or `applied:17`, counted from the beginning of the story. */
export function findBoundary(text: string, census: Census): Boundary {
  const [kind = '', place = ''] = text.split(':', 2);
  const all = [...KINDS, ...KINDS_OF_READS].filter((k) => k === kind).flatMap((k) => boundariesOf(k, census));
  const found = /^\d+$/.test(place) ? all[Number(place) - 1] : all.find((boundary) => nameOf(boundary) === text);
  if (!found) throw new Error(`there is no boundary ${text}: this story has ${all.length} of its kind`);
  return found;
}
