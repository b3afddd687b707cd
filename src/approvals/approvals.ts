/**
 * Who may say yes, and the record that they did. A click is judged in two parts: first the people concerned are read
 * from Slack, outside any transaction; then one short transaction locks the approval, checks everything against it and
 * decides. Two people at once, or one person twice, give exactly one outcome.
 */
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Language } from '../config.ts';
import type { Db, Executor } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { messageOf, UserError } from '../errors.ts';
import { postedAt } from '../messages/store.ts';
import { isIn, isTrusted, type Person } from '../permissions.ts';
import type { KnownPerson, People } from '../slack/people.ts';
import {
  type Approval,
  closeApproval,
  countedApprovers,
  expiredApprovals,
  findApproval,
  nextExpiry,
  recordAttempt,
  recordedOutcome,
  withdraw,
} from './store.ts';

/** What became of one click. Everything but `approved`, `counted` and `rejected` is a refusal with its own text. */
export type Outcome =
  | 'approved'
  | 'counted'
  | 'rejected'
  | 'unknown'
  | 'unread'
  | 'not-our-message'
  | 'one-moment'
  | 'already-approved'
  | 'already-rejected'
  | 'expired'
  | 'superseded'
  | 'own-request'
  | 'not-approver'
  | 'untrusted'
  | 'already-counted';

export interface Decision {
  /** The click or submission: worked on again after a crash, it is decided as it was. */
  requestId: string;
  approvalId: string;
  userId: string;
  decision: 'approve' | 'reject';
  reason?: string;
  /** Where the clicked message stands. */
  message: { channel: string; ts: string } | undefined;
}

export interface Decided {
  outcome: Outcome;
  approval: Approval | undefined;
  /** How many approvals are still needed. */
  missing: number;
  /** Earlier approvers who no longer may. */
  withdrawn: string[];
  /** Of the person who clicked, once Slack has told. */
  language?: Language | undefined;
}

/** What happens to the thing being approved; called inside the deciding transaction. */
export interface ApprovalHandler {
  /** The hash of the plan as it stands now; a different one voids the approval. */
  currentHash(trx: Transaction<Tables>, approval: Approval): Promise<string | undefined>;
  /** The approval ended or somebody was counted. */
  changed(trx: Transaction<Tables>, approval: Approval): Promise<void>;
}

export interface Approvals {
  decide(decision: Decision): Promise<Decided>;
  /** Expires what is due; see `Queue.define`. */
  work(): Promise<Date | undefined>;
}

export function createApprovals(deps: {
  db: Db;
  clock: Clock;
  people: Pick<People, 'read'>;
  teamId: () => string;
  handler: ApprovalHandler;
  /** Called after a transaction that may have made work due. */
  nudge: () => void;
  log: Logger;
}): Approvals {
  const { db, clock, people, handler, nudge, log } = deps;

  async function decide(decision: Decision): Promise<Decided> {
    // Somebody may be counted between reading people and locking the row; then everyone is read again.
    for (;;) {
      const again = await judgedBefore(db, decision);
      if (again) return again;
      const ids = new Set([decision.userId, ...(await countedApprovers(db, decision.approvalId))]);
      const known = await readAll(ids);
      if (!known) return await unread(decision);
      const decided = await db.transaction().execute((trx) => judge(trx, decision, known));
      if (!decided) continue;
      nudge();
      return { ...decided, language: known.get(decision.userId)?.language };
    }
  }

  /** Undefined when Slack does not answer: then nobody is judged, and the click does not count. */
  async function readAll(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, KnownPerson> | undefined> {
    try {
      const read = await Promise.all([...ids].map((id) => people.read(id, { fresh: true })));
      return new Map(read.map((person) => [person.id, person]));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      log.warn({ reason: messageOf(error.cause) }, 'a decision does not count because Slack did not say who it is by');
      return undefined;
    }
  }

  async function unread({ approvalId, userId, decision, reason }: Decision): Promise<Decided> {
    await recordAttempt(db, approvalId, { userId, decision, outcome: 'unread', reason }, clock.now());
    return { outcome: 'unread', approval: await findApproval(db, approvalId), missing: 0, withdrawn: [] };
  }

  /** A click that was judged before a crash stays so, whether or not Slack tells now who made it. */
  async function judgedBefore(executor: Executor, { approvalId, requestId }: Decision): Promise<Decided | undefined> {
    const before = await recordedOutcome(executor, requestId);
    const approval = before && (await findApproval(executor, approvalId));
    if (!approval) return undefined;
    const missing = approval.policy.required - (await countedApprovers(executor, approvalId)).length;
    return { outcome: sameAgain(before, approval), approval, missing, withdrawn: [] };
  }

  async function judge(
    trx: Transaction<Tables>,
    decision: Decision,
    known: ReadonlyMap<string, Person>,
  ): Promise<Decided | undefined> {
    const approval = await findApproval(trx, decision.approvalId, true);
    if (!approval) {
      const { approvalId, userId, reason, requestId } = decision;
      const attempt = { userId, decision: decision.decision, outcome: 'unknown', reason, requestId };
      await recordAttempt(trx, approvalId, attempt, clock.now());
      return { outcome: 'unknown', approval: undefined, missing: 0, withdrawn: [] };
    }
    const counted = await countedApprovers(trx, approval.id);
    // By another replica, since the people were read.
    const before = await judgedBefore(trx, decision);
    if (before) return before;
    if (counted.some((id) => !known.has(id))) return undefined;
    const now = clock.now();
    const person = known.get(decision.userId);
    const refusal = (await refuse(trx, approval, decision, now)) ?? refusePerson(approval, decision, person, counted);
    const { userId, reason, requestId } = decision;
    const attempt = { userId, decision: decision.decision, reason, requestId };
    if (refusal) {
      await recordAttempt(trx, approval.id, { ...attempt, outcome: refusal }, now);
      return { outcome: refusal, approval, missing: approval.policy.required - counted.length, withdrawn: [] };
    }
    if (decision.decision === 'reject') {
      await recordAttempt(trx, approval.id, { ...attempt, outcome: 'rejected' }, now);
      return end(trx, approval, 'rejected', now, reason);
    }
    const withdrawn = counted.filter((id) => !mayApprove(approval, known.get(id)));
    for (const id of withdrawn) await withdraw(trx, approval.id, id);
    await recordAttempt(trx, approval.id, { ...attempt, outcome: 'counted' }, now);
    const missing = approval.policy.required - (counted.length - withdrawn.length + 1);
    if (missing <= 0) return { ...(await end(trx, approval, 'approved', now)), withdrawn };
    await handler.changed(trx, approval);
    return { outcome: 'counted', approval, missing, withdrawn };
  }

  async function end(
    trx: Transaction<Tables>,
    approval: Approval,
    state: 'approved' | 'rejected' | 'expired',
    now: Date,
    reason?: string,
  ): Promise<Decided> {
    await closeApproval(trx, approval.id, state, now, reason);
    const ended = { ...approval, state, decidedAt: now, reason };
    await handler.changed(trx, ended);
    return { outcome: state, approval: ended, missing: 0, withdrawn: [] };
  }

  /** Reasons that lie in the approval, not in the person. */
  async function refuse(
    trx: Transaction<Tables>,
    approval: Approval,
    decision: Decision,
    now: Date,
  ): Promise<Outcome | undefined> {
    const posted = await postedAt(trx, approval.messageKey);
    if (!posted) return 'one-moment';
    if (decision.message?.channel !== posted.channel || decision.message.ts !== posted.ts) return 'not-our-message';
    if (approval.state === 'approved') return 'already-approved';
    if (approval.state === 'rejected') return 'already-rejected';
    if (approval.state === 'void') return 'superseded';
    if (approval.state === 'expired' || approval.expiresAt <= now) return 'expired';
    if ((await handler.currentHash(trx, approval)) !== approval.planHash) return 'superseded';
    return undefined;
  }

  async function work(): Promise<Date | undefined> {
    for (const id of await expiredApprovals(db, clock.now())) {
      await db.transaction().execute(async (trx) => {
        const approval = await findApproval(trx, id, true);
        if (approval?.state === 'open') await end(trx, approval, 'expired', clock.now());
      });
      nudge();
    }
    return nextExpiry(db);
  }

  function refusePerson(
    approval: Approval,
    decision: Decision,
    person: Person | undefined,
    counted: readonly string[],
  ): Outcome | undefined {
    if (!person || !isTrusted(person, deps.teamId())) return 'untrusted';
    const own = person.id === approval.requestedBy;
    // Taking back one's own request is no conflict of interest, and needs no right; allowing it is.
    if (own && decision.decision === 'reject') return undefined;
    if (own && !approval.policy.requesterMay) return 'own-request';
    if (!approves(approval, person)) return 'not-approver';
    if (decision.decision === 'approve' && counted.includes(person.id)) return 'already-counted';
    return undefined;
  }

  function mayApprove(approval: Approval, person: Person | undefined): boolean {
    return person !== undefined && isTrusted(person, deps.teamId()) && approves(approval, person);
  }

  return { decide, work };
}

function approves(approval: Approval, person: Person): boolean {
  return approval.policy.approvers.every((audience) => isIn(audience, person));
}

/** The answer to a click that was recorded before its answer was sent. */
function sameAgain(recorded: string, approval: Approval): Outcome {
  if (recorded === 'counted') return approval.state === 'approved' ? 'approved' : 'counted';
  return recorded === 'withdrawn' ? 'not-approver' : (recorded as Outcome);
}
