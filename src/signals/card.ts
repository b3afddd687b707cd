/** What the views are told: values only, worked out from rows, so that every message can be drawn without a database. */
import type { Route } from './routing.ts';
import type { Severity, Signal, TriageState } from './signal.ts';

/** One message: the signals of a group, newest facts first. */
export interface GroupCard {
  groupId: string;
  /** The highest among its open signals; of all when none is open. */
  severity: Severity;
  /** How many signals there are by triage state. */
  counts: Record<TriageState, number>;
  /** Audit events behind all of them. */
  events: number;
  firstSeen: Date;
  lastSeen: Date;
  /** The newest signal: it has the samples and the rule. */
  latest: Signal;
  /** Who was seen, the most frequent first, and how many more there are. */
  actors: { name: string; signals: number }[];
  moreActors: number;
  /** Names of the clusters, as people type them where the configuration knows the account. */
  clusters: string[];
  /** Datadog could not be read yet: only what the doorbell said is known. */
  provisional: boolean;
  /** A synthetic signal of `/eks-audit test` or of Datadog's test button. */
  test: boolean;
  /** What to do first, one sentence each, in the channel's language; empty when the rule says nothing. */
  triageSteps: string[];
  /** Slack ids that are to be notified by the card: `S…` or `U…`. */
  mention: string | undefined;
  taken: Taken | undefined;
  mute: { until: Date; by: string } | undefined;
  escalated: { at: Date; mention: string } | undefined;
  /** A rise in severity sent signals of this card somewhere else. */
  movedTo: string | undefined;
  /** A suppression somebody asked for or that is in force. */
  suppression: { state: 'asked' | 'active'; until: Date } | undefined;
  links: { logs: string; signal: string };
}

/** Who works on it. In Slack by user id, from Datadog by the name shown there. */
export interface Taken {
  by: { userId: string } | { name: string };
  at: Date | undefined;
  /** Datadog knows nobody with this person's address, so the signal has no assignee there. */
  withoutAssignee: boolean;
}

/** A channel's storm: groups folded into one live card. */
export interface StormCard {
  stormId: string;
  state: 'raging' | 'over';
  since: Date;
  /** When it was over; undefined while it rages. */
  until: Date | undefined;
  signals: number;
  groups: number;
  bySeverity: Record<Severity, number>;
  topRules: { name: string; signals: number }[];
  topActors: { name: string; signals: number }[];
  topClusters: { name: string; signals: number }[];
  /** The Signals Explorer over the storm's time. */
  link: string;
}

/** One line of the storm's list (a modal), of `signals` and of the digest. */
export interface GroupLine {
  groupId: string;
  severity: Severity;
  state: TriageState;
  title: string;
  clusters: string[];
  actor: string | undefined;
  signals: number;
  lastSeen: Date;
  /** Where its own message stands, if it has one. */
  permalink: string | undefined;
  link: string;
}

/** Low and info signals of a day, told once. */
export interface Digest {
  from: Date;
  to: Date;
  signals: number;
  lines: GroupLine[];
  more: number;
  link: string;
}

/** What happened to a signal, oldest first; `where <signal id>` shows it. */
export interface Receipt {
  signalId: string;
  title: string | undefined;
  severity: Severity | undefined;
  entries: ReceiptEntry[];
  /** The message it stands in now. */
  permalink: string | undefined;
  link: string;
}

export type ReceiptEntry = { at: Date } & (
  | { what: 'received'; via: 'webhook' | 'poll' | 'test' }
  | { what: 'repeated'; via: 'webhook' }
  | { what: 'read' }
  | { what: 'not-readable'; reason: string }
  | { what: 'routed'; path: Route['path']; channel: string; deliver: Route['deliver'] }
  | { what: 'grouped'; groupId: string; first: boolean }
  | { what: 'folded'; stormId: string }
  | { what: 'posted'; channel: string; repeated: boolean }
  | { what: 'digested'; channel: string }
  | { what: 'severity'; from: Severity; to: Severity }
  | {
      what: 'triaged';
      state: TriageState;
      by: { userId: string } | { name: string };
      in: 'slack' | 'datadog';
      reason?: string;
      comment?: string;
    }
  | { what: 'taken'; by: { userId: string } | { name: string }; in: 'slack' | 'datadog' }
  | { what: 'muted'; by: string; until: Date }
  | { what: 'escalated'; mention: string }
);

/** What a suppression would have hidden, told before anybody approves it. */
export interface SuppressionPreview {
  scope: SuppressionScope;
  /** Of the signals of the same rule in the days before. */
  hidden: number;
  kept: number;
  days: number;
  /** A few of those that would have stayed visible, and of those hidden. */
  hiddenExamples: string[];
  keptExamples: string[];
}

/** Always within the rule; narrower first. */
export type SuppressionScope = 'rule-actor-cluster' | 'rule-actor' | 'rule-cluster';

/** One audit event of [Show events]. */
export interface EventRow {
  at: Date;
  actor: string;
  verb: string;
  object: string;
  status: string;
  ip: string;
  cluster: string;
}
