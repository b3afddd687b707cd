/**
 * A Cloud SIEM signal as this bot knows it, whichever of Datadog's shapes it was read from, and the words around it:
 *
 * signal: what a detection rule raised in Datadog, known by Datadog's id · doorbell: the webhook's knock, an id and a
 * severity · route: where signals of a kind go · group: the signals that share one message · card: that message ·
 * storm: a channel's new groups, folded into one card · triage: open, under review, archived, and who has it ·
 * mute: a group kept quiet in Slack for hours · suppression: Datadog raises no such signal until it expires ·
 * receipt: everything that happened to one signal.
 *
 * Every text in here may have been chosen by an attacker; only `views` turn it into blocks.
 */

/** From least to most severe; Datadog's own names. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const TRIAGE_STATES = ['open', 'under_review', 'archived'] as const;
export type TriageState = (typeof TRIAGE_STATES)[number];

/** Datadog's own reasons, without `none`. */
export const ARCHIVE_REASONS = [
  'false_positive',
  'testing_or_maintenance',
  'remediated',
  'investigated_case_opened',
  'true_positive_benign',
  'true_positive_malicious',
  'other',
] as const;
export type ArchiveReason = (typeof ARCHIVE_REASONS)[number];

/** Times are ISO 8601 in UTC, because a signal is stored as JSON. */
export interface Signal {
  id: string;
  title: string;
  severity: Severity;
  rule: { id: string | undefined; name: string; shipped: boolean };
  /** When Datadog raised it. */
  at: string;
  firstSeen: string;
  lastSeen: string;
  /** How many log events are behind it. */
  events: number;
  tags: string[];
  triage: Triage;
  /** The rule's message, rendered by Datadog, without the `%%%` around it. */
  message: string;
  /** The clusters its samples and group-by values name: usually one; several or none must be said. */
  clusters: SignalCluster[];
  /** What the signal was grouped by in Datadog, such as `@usr.name: alice`. */
  groupedBy: { path: string; value: string }[];
  /** The newest first, a handful. */
  samples: Sample[];
}

export interface Triage {
  state: TriageState;
  /** The name Datadog shows; undefined for nobody. */
  assignee: string | undefined;
  archiveReason: string | undefined;
  /** Who changed it last, by Datadog handle or name; undefined while nobody did. */
  by: string | undefined;
  /** When the state changed last; undefined where the shape does not tell. */
  at: string | undefined;
}

export interface SignalCluster {
  name: string;
  accountId: string | undefined;
  /** From the Forwarder's ARN. */
  region: string | undefined;
}

/** One audit event behind a signal, as far as the log shows it. */
export interface Sample {
  /** The log's id in Datadog: `event=` of a Log Explorer link. */
  eventId: string | undefined;
  at: string | undefined;
  cluster: SignalCluster | undefined;
  actor: Actor;
  /** The Kubernetes verb (`http.method` after Datadog's pipeline). */
  verb: string | undefined;
  object: {
    resource: string | undefined;
    subresource: string | undefined;
    namespace: string | undefined;
    name: string | undefined;
  };
  /** HTTP status: 101 is an exec that was let through, 403 a refusal; undefined before the answer. */
  status: number | undefined;
  ip: string | undefined;
  userAgent: string | undefined;
}

/** Who did it: Kubernetes' name, and the AWS identity EKS found behind it. */
export interface Actor {
  /** `usr.name`: on EKS often shared (`kubernetes-admin`) or made up per session. */
  name: string | undefined;
  /** `user.extra.canonicalArn`, else `user.extra.arn`. */
  arn: string | undefined;
  /** `user.extra.sessionName`: with SSO usually the person. */
  session: string | undefined;
}

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** The one cluster of a signal; undefined when it names several or none. */
export function onlyCluster(signal: Signal): SignalCluster | undefined {
  return signal.clusters.length === 1 ? signal.clusters[0] : undefined;
}

/** Who was seen, as Kubernetes names them; undefined when neither a sample nor the grouping tells. */
export function actorOf(signal: Signal): string | undefined {
  const sampled = signal.samples.find((sample) => sample.actor.name !== undefined)?.actor.name;
  return sampled ?? signal.groupedBy.find(({ path }) => /^@usr\.(name|id)$/.test(path))?.value;
}
