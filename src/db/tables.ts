/**
 * The rows, as the code sees them. Rows decide: whatever must survive a crash is here, everything else only hastens.
 * The glossary of the product (cluster, step, plan, run, approval …) stands in `onboarding/step.ts` and design.md.
 */
import type { ColumnType, Generated } from 'kysely';

/** Written as JSON text, read as a value. */
export type Json<T> = ColumnType<T, string, string>;
type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;

/** What people and Slack sent us, stored before the acknowledgement. */
export interface InboxTable {
  /** Slack's trigger id (or event id): a delivery that comes twice is one row. */
  id: string;
  kind: 'command' | 'action' | 'submission' | 'event';
  body: Json<unknown>;
  received_at: Date;
  lease_token: Nullable<string>;
  lease_until: Nullable<Date>;
  /** How often it was begun. */
  attempts: Generated<number>;
  /** How often it failed for a passing reason. */
  failures: Generated<number>;
  next_at: Date;
  done_at: Nullable<Date>;
  failure: Nullable<string>;
}

/** One row per message the bot wants to exist; see `messages/`. */
export interface MessageTable {
  /** Names the message for good, such as `run:<id>`; also carried in Slack's message metadata. */
  key: string;
  channel: string;
  /** The message whose thread this one belongs to. */
  thread_key: Nullable<string>;
  content: Json<unknown>;
  /** Raised with every change of content; `sent_version` follows when Slack has it. */
  version: Generated<number>;
  sent_version: Generated<number>;
  /** Where Slack put it; both are null until it is posted. */
  posted_channel: Nullable<string>;
  ts: Nullable<string>;
  /** Set while a call to Slack is unanswered: with no `ts` it means nobody knows whether the post arrived. */
  attempted_at: Nullable<Date>;
  attempts: Generated<number>;
  repeated: Generated<boolean>;
  next_at: Date;
  failure: Nullable<string>;
  created_at: Date;
  /** Where it goes instead when its channel cannot be posted to; without one, to the admins. */
  fallback: Nullable<string>;
}

export interface RunTable {
  id: string;
  kind: 'enable' | 'disable' | 'undo';
  /** The inbox row that asked for it: the same request never makes two runs. */
  request_id: string;
  requested_by: string;
  requested_at: Date;
  language: string;
  cluster_arn: string;
  cluster: Json<unknown>;
  options: Json<unknown>;
  state: string;
  plan: Json<unknown>;
  plan_hash: string;
  approval_id: Nullable<string>;
  progress: Json<unknown>;
  outcome: ColumnType<unknown, string | null | undefined, string | null>;
  lease_token: Nullable<string>;
  lease_until: Nullable<Date>;
  next_at: Date;
  started_at: Nullable<Date>;
  ended_at: Nullable<Date>;
}

/** Every change of every run, written before and after it is made. Undo reads it backwards. Never deleted. */
export interface JournalTable {
  id: Generated<number>;
  run_id: string;
  cluster_arn: string;
  /** The scope the change belongs to: a cluster, `account/region`, an account or `organisation`. */
  scope: string;
  step: string;
  target: string;
  operation: string;
  values: Json<unknown>;
  state: 'begun' | 'done' | 'undone' | 'left';
  result: ColumnType<unknown, string | null | undefined, string | null>;
  begun_at: Date;
  ended_at: Nullable<Date>;
}

export interface ApprovalTable {
  /** Opaque: the only thing a button carries. */
  id: string;
  action: string;
  subject: Json<unknown>;
  run_id: string;
  plan_hash: string;
  policy: Json<unknown>;
  requested_by: string;
  state: 'open' | 'approved' | 'rejected' | 'expired' | 'void';
  message_key: string;
  created_at: Date;
  expires_at: Date;
  decided_at: Nullable<Date>;
  reason: Nullable<string>;
}

/** Every click on an approval and what came of it; the record auditors ask for. Never deleted. */
export interface ApprovalAttemptTable {
  id: Generated<number>;
  approval_id: string;
  user_id: string;
  decision: 'approve' | 'reject';
  outcome: string;
  reason: Nullable<string>;
  /** The inbox row it came from: the same click worked on again after a crash is one attempt. */
  request_id: Nullable<string>;
  at: Date;
}

/** Locks on things shared beyond one cluster (rules, webhook, Forwarder policy), held for seconds. */
export interface LeaseTable {
  key: string;
  token: string;
  until: Date;
}

/** What people chose where several answers are right, such as the Forwarder of an account and Region. */
export interface ChoiceTable {
  key: string;
  value: string;
  chosen_by: string;
  chosen_at: Date;
}

/** One Cloud SIEM signal; what the columns beside `facts` repeat is what SQL adds up. */
export interface SignalTable {
  /** Datadog's. */
  id: string;
  via: 'webhook' | 'poll' | 'test';
  /** What the webhook said; null for a signal the poller found. */
  doorbell: ColumnType<unknown, string | null | undefined, string | null>;
  doorbells: Generated<number>;
  received_at: Date;
  /** A `Signal`, as last read from Datadog. */
  facts: ColumnType<unknown, string | null | undefined, string | null>;
  read_at: Nullable<Date>;
  severity: Nullable<string>;
  state: Generated<string>;
  raised_at: Date;
  first_seen: Date;
  last_seen: Date;
  events: Generated<number>;
  rule: Nullable<string>;
  actor: Nullable<string>;
  cluster: Nullable<string>;
  /** The names of all clusters its facts tell of, and who has it in Datadog; the database takes both from there. */
  clusters: ColumnType<string[], never, never>;
  assignee: ColumnType<string | null, never, never>;
  group_id: Nullable<string>;
  /** What is still to be done with it, due at `next_at`: read it from Datadog, or find its group and draw the card. */
  work: Nullable<'read' | 'group'>;
  next_at: Date;
  attempts: Generated<number>;
  /** When the triage state changed last, as far as we saw. */
  triaged_at: Nullable<Date>;
  /** The state a click is about to give it in Datadog; null when that is done. */
  intent: ColumnType<unknown, string | null | undefined, string | null>;
}

/** The signals that share one message. */
export interface SignalGroupTable {
  id: string;
  /** What its signals have in common; at most one group of a key takes new signals (`closed_at` is null). */
  key: string;
  channel: string;
  route: Json<unknown>;
  deliver: string;
  /** The highest there ever was: a rise is announced once. */
  severity: string;
  opened_at: Date;
  last_at: Date;
  closed_at: Nullable<Date>;
  /** The storm it was folded into instead of having a message of its own. */
  storm_id: Nullable<string>;
  taken: ColumnType<unknown, string | null | undefined, string | null>;
  mute: ColumnType<unknown, string | null | undefined, string | null>;
  suppression: ColumnType<unknown, string | null | undefined, string | null>;
  moved_to: Nullable<string>;
  escalated_at: Nullable<Date>;
  /** When something is to happen by itself: escalation, digest, end of a mute. */
  due_at: Nullable<Date>;
  /** Since when it is shown and nobody has it; in the future while it is held back. */
  waiting_since: Nullable<Date>;
  /** The storm it was folded into before it got a message of its own: it stays in that storm's list. */
  unfolded_from: Nullable<string>;
  /** When its growth was drawn last. */
  drawn_at: Nullable<Date>;
  /** When signals that joined since are to be drawn: Slack is not told of each. */
  draw_at: Nullable<Date>;
}

/** A channel's new groups, folded into one live card; at most one rages per channel. */
export interface StormTable {
  id: string;
  channel: string;
  started_at: Date;
  last_at: Date;
  ended_at: Nullable<Date>;
  drawn_at: Nullable<Date>;
  due_at: Nullable<Date>;
}

/** Receipts: what happened to a signal besides what its own row tells. */
export interface SignalEventTable {
  id: Generated<number>;
  signal_id: string;
  at: Date;
  event: Json<unknown>;
}

/** Bodies the webhook could not understand, for somebody to look at. */
export interface DeadLetterTable {
  id: Generated<number>;
  at: Date;
  reason: string;
  body: string;
}

/** Suppressions asked for in Slack: the record of who hid what, why and until when. Never deleted. */
export interface SuppressionTable {
  /** The submission that asked for it: worked on twice, it is one. */
  id: string;
  group_id: string;
  wanted: Json<unknown>;
  until: Date;
  requested_by: string;
  approval_id: string;
  state: 'asked' | 'approved' | 'active' | 'rejected' | 'expired' | 'ended' | 'refused';
  datadog_id: Nullable<string>;
  /** Set before Datadog is asked to create it: without an id it means that nobody knows whether it did. */
  attempted_at: Nullable<Date>;
  /** When something is to be done with it: create it in Datadog, or say that it has ended. */
  next_at: Nullable<Date>;
}

/** Detection rules changed from Slack: a draft while its dialog is open, then what was approved. Never deleted then. */
export interface RuleChangeTable {
  id: string;
  kind: 'create' | 'edit' | 'delete' | 'enable' | 'disable' | 'restore';
  /** `active`: switched off until a date. `refused`: approved and not done, the thread says why. */
  state: 'draft' | 'asked' | 'approved' | 'active' | 'done' | 'rejected' | 'expired' | 'refused' | 'ended';
  draft: ColumnType<unknown, string | null | undefined, string | null>;
  wanted: ColumnType<unknown, string | null | undefined, string | null>;
  requested_by: string;
  language: string;
  approval_id: Nullable<string>;
  /** When a rule that is switched off comes on again. */
  until: Nullable<Date>;
  /** Set before Datadog is asked to create it: until it is found, nobody knows whether it did. */
  attempted_at: Nullable<Date>;
  next_at: Nullable<Date>;
  created_at: Date;
}

/** How far something has been read, and when it is read next. */
export interface WatermarkTable {
  key: string;
  at: Date;
  next_at: Date;
}

export interface Tables {
  inbox: InboxTable;
  messages: MessageTable;
  runs: RunTable;
  journal: JournalTable;
  approvals: ApprovalTable;
  approval_attempts: ApprovalAttemptTable;
  leases: LeaseTable;
  choices: ChoiceTable;
  signals: SignalTable;
  signal_groups: SignalGroupTable;
  storms: StormTable;
  signal_events: SignalEventTable;
  dead_letters: DeadLetterTable;
  suppressions: SuppressionTable;
  rule_changes: RuleChangeTable;
  watermarks: WatermarkTable;
}
