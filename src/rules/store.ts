/** The rows of rule changes: a draft while its dialog is open, then the record of who changed which rule, and why. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Language } from '../config.ts';
import type { RulePayload } from '../datadog/rules.ts';
import { type Db, type Executor, toJson } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import type { Advice } from './advice.ts';
import { Draft } from './draft.ts';
import type { Difference } from './owned-fields.ts';

export type ChangeKind = Tables['rule_changes']['kind'];
export type ChangeState = Tables['rule_changes']['state'];

/** What was asked for: an approver reads it, Datadog gets it. */
export interface Wanted {
  /** Datadog's rule; without an id for one that is to be made. */
  rule: { id?: string | undefined; key: string; name: string; version?: number | undefined };
  payload?: RulePayload | undefined;
  /** Empty where none is asked for. */
  reason: string;
  /** For the approver: `theirs` is what Datadog has, `ours` what it gets. */
  differences?: Difference[] | undefined;
  /** What the preview said. */
  preview?: { signals: number; events: number; from: string; to: string } | undefined;
  advice?: Advice[] | undefined;
}

export interface RuleChange {
  id: string;
  kind: ChangeKind;
  state: ChangeState;
  draft: Draft | null;
  wanted: Wanted | null;
  requested_by: string;
  language: Language;
  approval_id: string | null;
  until: Date | null;
  attempted_at: Date | null;
  next_at: Date | null;
  created_at: Date;
}

/** Opens a draft; its id is opaque, and the rule's own tag in Datadog ends with it. */
export async function openDraft(
  db: Executor,
  value: { kind: ChangeKind; draft: Draft; by: string; language: Language },
  now: Date,
): Promise<string> {
  const id = randomBytes(9).toString('hex');
  await db
    .insertInto('rule_changes')
    .values({
      id,
      kind: value.kind,
      state: 'draft',
      draft: toJson(value.draft),
      requested_by: value.by,
      language: value.language,
      created_at: now,
    })
    .execute();
  return id;
}

export async function saveDraft(db: Executor, id: string, draft: Draft): Promise<void> {
  await db
    .updateTable('rule_changes')
    .set({ draft: toJson(draft) })
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .execute();
}

export async function findChange(db: Executor, id: string, lock = false): Promise<RuleChange | undefined> {
  let query = db.selectFrom('rule_changes').selectAll().where('id', '=', id);
  if (lock) query = query.forUpdate();
  const row = (await query.executeTakeFirst()) as unknown as RuleChange | undefined;
  // A draft of an earlier version may lack a field.
  return row && { ...row, draft: row.draft && (Draft.safeParse(row.draft).data ?? null) };
}

export async function insertAsked(
  trx: Executor,
  change: Pick<RuleChange, 'id' | 'kind' | 'requested_by' | 'language' | 'until'> & {
    wanted: Wanted;
    approvalId: string;
  },
  now: Date,
): Promise<void> {
  const { approvalId, wanted, ...row } = change;
  const asked = { state: 'asked' as const, wanted: toJson(wanted), approval_id: approvalId, until: row.until };
  await trx
    .insertInto('rule_changes')
    .values({ ...row, ...asked, created_at: now })
    .onConflict((c) => c.column('id').doUpdateSet(asked))
    .execute();
}

export async function updateChange(
  db: Executor,
  id: string,
  change: { state?: ChangeState; attempted_at?: Date; next_at?: Date | null; wanted?: Wanted },
): Promise<void> {
  const { wanted, ...plain } = change;
  await db
    .updateTable('rule_changes')
    .set({ ...plain, ...(wanted && { wanted: toJson(wanted) }) })
    .where('id', '=', id)
    .execute();
}

export async function dueChanges(db: Db, now: Date): Promise<RuleChange[]> {
  const rows = await db.selectFrom('rule_changes').selectAll().where('next_at', '<=', now).execute();
  return rows as unknown as RuleChange[];
}

/** Until when another change than this one keeps the rule off. */
export async function offUntil(db: Db, ruleId: string, otherThan: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom('rule_changes')
    .select((e) => e.fn.max('until').as('until'))
    .where('state', '=', 'active')
    .where('kind', '=', 'disable')
    .where('id', '!=', otherThan)
    .where(sql<boolean>`wanted -> 'rule' ->> 'id' = ${ruleId}`)
    .executeTakeFirst();
  return row?.until ?? undefined;
}

export async function nextDueChange(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('rule_changes')
    .select((e) => e.fn.min('next_at').as('at'))
    .executeTakeFirst();
  return row?.at ?? undefined;
}

/** Dialogs nobody finished; what was asked for stays on record. */
export async function forgetDrafts(db: Db, before: Date): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from rule_changes where state = 'draft' and created_at < ${before}`.execute(db);
  return Number(numAffectedRows);
}
