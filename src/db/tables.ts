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
  attempts: Generated<number>;
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
  /** Set before the first call to Slack: with no `ts` it means nobody knows whether the post arrived. */
  attempted_at: Nullable<Date>;
  attempts: Generated<number>;
  repeated: Generated<boolean>;
  next_at: Date;
  failure: Nullable<string>;
  created_at: Date;
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

export interface Tables {
  inbox: InboxTable;
  messages: MessageTable;
  runs: RunTable;
  journal: JournalTable;
  approvals: ApprovalTable;
  approval_attempts: ApprovalAttemptTable;
  leases: LeaseTable;
  choices: ChoiceTable;
}
