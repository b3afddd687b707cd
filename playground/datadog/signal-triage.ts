/**
 * Changing the state, assignee and incidents of a signal.
 */
import type { Answer } from '../http.ts';
import { errors } from './answers.ts';
import { list, object, text } from './rule.ts';
import type { Signal, SignalState } from './signal.ts';
import type { Datadog } from './state.ts';
import type { DatadogUser } from './users.ts';

type Json = Record<string, unknown>;

const STATES = ['open', 'under_review', 'archived'];
const REASONS = [
  'none',
  'false_positive',
  'testing_or_maintenance',
  'remediated',
  'investigated_case_opened',
  'true_positive_benign',
  'true_positive_malicious',
  'other',
];

/** Undefined for a change that can be made. None of these answers is recorded; only their statuses are declared. */
export function triageProblem(datadog: Datadog, signal: Signal, sent: Json): Answer | undefined {
  // "If the version is lower than the server's, the update is refused" (API reference).
  if (typeof sent.version === 'number' && sent.version < signal.version) {
    return errors(409, `Signal version is ${signal.version}`);
  }
  if (sent.state !== undefined && !STATES.includes(text(sent.state))) return errors(400, 'Invalid state');
  if (sent.archive_reason !== undefined && !REASONS.includes(text(sent.archive_reason))) {
    return errors(400, 'Invalid archive reason');
  }
  const uuid = assigneeOf(sent);
  if (uuid && !datadog.users.some((user) => user.id === uuid)) return errors(400, 'Invalid assignee');
  return undefined;
}

export function triaged(datadog: Datadog, signal: Signal, sent: Json, caller: DatadogUser): void {
  const { triage } = signal;
  const now = datadog.time.now();
  if (sent.state !== undefined) {
    triage.state = text(sent.state) as SignalState;
    triage.archiveReason = text(sent.archive_reason) || 'none';
    triage.stateUpdatedAtMs = now;
    triage.stateUpdatedBy = caller;
  }
  if (text(sent.archive_comment) !== '') {
    triage.archiveComment = text(sent.archive_comment);
    triage.archiveCommentAtMs = now;
    triage.archiveCommentUser = caller;
  }
  const uuid = assigneeOf(sent);
  const assignee = datadog.users.find((user) => user.id === uuid);
  if (assignee) triage.assignee = assignee;
  else if (uuid === '') delete triage.assignee;
  if (Array.isArray(sent.incident_ids)) triage.incidentIds = list(sent.incident_ids).map(Number);
  triage.updatedBy = caller;
  signal.version += 1;
}

export interface PersonsTriage {
  state?: SignalState;
  archiveReason?: string;
  archiveComment?: string;
  /** An e-mail address; null for nobody. */
  assignee?: string | null;
  /** The e-mail address of who does it; a user of the organisation is made where there is none. */
  by: string;
}

/** A change made in Datadog's own pages. Throws where they would not let a person do it. */
export function triagedByPerson(datadog: Datadog, signalId: string, change: PersonsTriage): Signal {
  const signal = datadog.signals.find(({ id }) => id === signalId);
  if (!signal) throw new Error(`No signal ${signalId}`);
  const userOf = (email: string) => datadog.user(email) ?? datadog.addUser({ email });
  const { state, archiveReason, archiveComment, assignee } = change;
  const sent = {
    ...(state && { state }),
    ...(archiveReason && { archive_reason: archiveReason }),
    ...(archiveComment && { archive_comment: archiveComment }),
    ...(assignee !== undefined && { assignee: { uuid: assignee === null ? '' : userOf(assignee).id } }),
  };
  const problem = triageProblem(datadog, signal, sent);
  if (problem) throw new Error(`Datadog would refuse it: ${problem.body}`);
  triaged(datadog, signal, sent, userOf(change.by));
  return signal;
}

/** The empty string unassigns; undefined leaves it as it is. */
function assigneeOf(sent: Json): string | undefined {
  const uuid = object(sent.assignee).uuid;
  return typeof uuid === 'string' ? uuid : undefined;
}
