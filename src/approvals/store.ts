/** Approvals and every attempt on them. Nothing here is ever deleted: it is the record of who allowed what. */
import { randomBytes } from 'node:crypto';
import { type Executor, toJson } from '../db/database.ts';
import type { ApprovalPolicy, ApprovalSubject } from '../permissions.ts';

export type ApprovalState = 'open' | 'approved' | 'rejected' | 'expired' | 'void';

export interface Approval {
  id: string;
  subject: ApprovalSubject;
  runId: string;
  planHash: string;
  policy: ApprovalPolicy;
  requestedBy: string;
  state: ApprovalState;
  messageKey: string;
  createdAt: Date;
  expiresAt: Date;
  decidedAt: Date | undefined;
  reason: string | undefined;
}

export interface NewApproval {
  subject: ApprovalSubject;
  policy: ApprovalPolicy;
  runId: string;
  planHash: string;
  requestedBy: string;
  /** The message whose buttons decide it. */
  messageKey: string;
  expiresAt: Date;
}

export interface Attempt {
  userId: string;
  decision: 'approve' | 'reject';
  outcome: string;
  reason?: string | undefined;
  /** The click or submission; what is recorded under it once is not recorded again. */
  requestId?: string | undefined;
}

/** Ours have 16 characters; a forged one may have thousands. */
const ID_LIMIT = 100;

/** Opens an approval; its id is opaque and the only thing its buttons carry. */
export async function openApproval(trx: Executor, value: NewApproval, now: Date): Promise<string> {
  const id = randomBytes(12).toString('base64url');
  await trx
    .insertInto('approvals')
    .values({
      id,
      action: value.subject.action,
      subject: toJson(value.subject),
      run_id: value.runId,
      plan_hash: value.planHash,
      policy: toJson(value.policy),
      requested_by: value.requestedBy,
      state: 'open',
      message_key: value.messageKey,
      created_at: now,
      expires_at: value.expiresAt,
    })
    .execute();
  return id;
}

/** `lock` holds the row for the rest of the transaction, so that two clicks at once are decided one after the other. */
export async function findApproval(db: Executor, id: string, lock = false): Promise<Approval | undefined> {
  let query = db.selectFrom('approvals').selectAll().where('id', '=', id);
  if (lock) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && toApproval(row as unknown as Row);
}

export async function openApprovals(db: Executor): Promise<Approval[]> {
  const rows = await db.selectFrom('approvals').selectAll().where('state', '=', 'open').orderBy('created_at').execute();
  return rows.map((row) => toApproval(row as unknown as Row));
}

export async function expiredApprovals(db: Executor, now: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('approvals')
    .select('id')
    .where('state', '=', 'open')
    .where('expires_at', '<=', now)
    .execute();
  return rows.map((row) => row.id);
}

export async function nextExpiry(db: Executor): Promise<Date | undefined> {
  const row = await db
    .selectFrom('approvals')
    .select((e) => e.fn.min('expires_at').as('at'))
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row?.at ?? undefined;
}

export async function closeApproval(
  trx: Executor,
  id: string,
  state: Exclude<ApprovalState, 'open'>,
  now: Date,
  reason?: string,
): Promise<void> {
  await trx
    .updateTable('approvals')
    .set({ state, decided_at: now, reason: reason ?? null })
    .where('id', '=', id)
    .execute();
}

/** `approvalId` is what the click carried: an attempt on an approval that never was is on record too. */
export async function recordAttempt(trx: Executor, approvalId: string, attempt: Attempt, now: Date): Promise<void> {
  const { userId, decision, outcome, reason, requestId } = attempt;
  await trx
    .insertInto('approval_attempts')
    .values({
      approval_id: approvalId.slice(0, ID_LIMIT),
      user_id: userId,
      decision,
      outcome,
      reason: reason ?? null,
      request_id: requestId ?? null,
      at: now,
    })
    .onConflict((c) => c.column('request_id').doNothing())
    .execute();
}

/** What became of this click when it was worked on before; undefined for one that is new. */
export async function recordedOutcome(trx: Executor, requestId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('approval_attempts')
    .select('outcome')
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  return row?.outcome;
}

/** Those whose approval counts so far, in order. */
export async function countedApprovers(db: Executor, approvalId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('approval_attempts')
    .select('user_id')
    .where('approval_id', '=', approvalId)
    .where('outcome', '=', 'counted')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.user_id);
}

export async function rejectedBy(db: Executor, approvalId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('approval_attempts')
    .select('user_id')
    .where('approval_id', '=', approvalId)
    .where('outcome', '=', 'rejected')
    .executeTakeFirst();
  return row?.user_id;
}

/** Somebody who had approved may no longer: their approval stops counting and stays on record. */
export async function withdraw(trx: Executor, approvalId: string, userId: string): Promise<void> {
  await trx
    .updateTable('approval_attempts')
    .set({ outcome: 'withdrawn' })
    .where('approval_id', '=', approvalId)
    .where('user_id', '=', userId)
    .where('outcome', '=', 'counted')
    .execute();
}

interface Row {
  id: string;
  subject: ApprovalSubject;
  run_id: string;
  plan_hash: string;
  policy: ApprovalPolicy;
  requested_by: string;
  state: ApprovalState;
  message_key: string;
  created_at: Date;
  expires_at: Date;
  decided_at: Date | null;
  reason: string | null;
}

function toApproval(row: Row): Approval {
  return {
    id: row.id,
    subject: row.subject,
    runId: row.run_id,
    planHash: row.plan_hash,
    policy: row.policy,
    requestedBy: row.requested_by,
    state: row.state,
    messageKey: row.message_key,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at ?? undefined,
    reason: row.reason ?? undefined,
  };
}
