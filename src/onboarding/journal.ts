/**
 * The journal: every change of every run, written down before it is made and after. What stands because of us is known
 * from nowhere else: undo reads it backwards, and a check asks it whether something of our name is ours.
 */
import { sql } from 'kysely';
import type { Cluster } from '../clusters/cluster.ts';
import { type Executor, toJson } from '../db/database.ts';
import { type Change, type ChangeOf, MAKING, type Operation } from './change.ts';
import { type Scope, type StepId, scopeKey } from './step.ts';

export interface JournalEntry {
  id: number;
  runId: string;
  change: Change;
  state: 'begun' | 'done' | 'undone' | 'left';
  result: unknown;
  begunAt: Date;
  endedAt: Date | undefined;
}

/**
 * Writes down that a change is about to be made; a second time it finds what was written before. Approved anew with
 * other values it is another change, and what was begun before is not its beginning.
 */
export async function beginChange(
  trx: Executor,
  run: { id: string; cluster: Cluster },
  change: Change,
  scope: Scope,
  now: Date,
): Promise<JournalEntry> {
  await trx
    .insertInto('journal')
    .values({
      run_id: run.id,
      cluster_arn: run.cluster.arn,
      scope: scopeKey(scope, run.cluster),
      step: change.step,
      target: change.target,
      operation: change.operation,
      values: toJson(change.values),
      state: 'begun',
      begun_at: now,
    })
    .onConflict((c) =>
      c
        .columns(['run_id', 'step', 'target', 'operation'])
        .doUpdateSet({ values: toJson(change.values), state: 'begun', result: null, begun_at: now })
        .where(sql<boolean>`journal.values <> excluded.values`),
    )
    .execute();
  const row = await trx
    .selectFrom('journal')
    .selectAll()
    .where('run_id', '=', run.id)
    .where('step', '=', change.step)
    .where('target', '=', change.target)
    .where('operation', '=', change.operation)
    .executeTakeFirstOrThrow();
  return toEntry(row);
}

export async function rememberResult(trx: Executor, entryId: number, result: unknown): Promise<void> {
  await trx
    .updateTable('journal')
    .set({ result: toJson(result) })
    .where('id', '=', entryId)
    .execute();
}

/** `left`: it was carried out and turned out to be needless; nothing stands because of us. */
export async function finishChange(
  trx: Executor,
  entryId: number,
  { result, left }: { result?: unknown; left?: boolean },
  now: Date,
): Promise<void> {
  await trx
    .updateTable('journal')
    .set({ state: left ? 'left' : 'done', result: toJson(result), ended_at: now })
    .where('id', '=', entryId)
    .execute();
}

export function isFinished(entry: JournalEntry): boolean {
  return entry.state === 'done' || entry.state === 'left';
}

export async function journalOf(db: Executor, runId: string): Promise<JournalEntry[]> {
  const rows = await db.selectFrom('journal').selectAll().where('run_id', '=', runId).orderBy('id').execute();
  return rows.map(toEntry);
}

/**
 * What stands because of us where this cluster lives: made for it, or shared with others whichever cluster it was made
 * for; and not taken back since. Oldest first.
 */
export async function madeFor(db: Executor, cluster: Cluster): Promise<JournalEntry[]> {
  const rows = await db
    .selectFrom('journal')
    .selectAll()
    .where('scope', 'in', scopesOf(cluster))
    .where('state', '=', 'done')
    .where('operation', 'in', MAKING)
    .orderBy('id')
    .execute();
  return rows.map(toEntry);
}

/** What we made last of this target of this very cluster, if it stands; what was made before is replaced by it. */
export async function lastMade(
  db: Executor,
  cluster: Cluster,
  step: StepId,
  target: string,
): Promise<Change | undefined> {
  const row = await db
    .selectFrom('journal')
    .selectAll()
    .where('scope', '=', scopeKey('cluster', cluster))
    .where('step', '=', step)
    .where('target', '=', target)
    .where('state', '=', 'done')
    .where('operation', 'in', MAKING)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toEntry(row).change;
}

/** Before a call whose repetition or order matters, `result` gets the time of the attempt. */
export interface Tried {
  /** ISO 8601, so that texts compare as times do. */
  triedAt: string;
}

/** The last attempt of any run, by when the call was made rather than when its run began; its answer may be lost. */
export async function lastAttempt<O extends Operation>(
  db: Executor,
  operation: O,
  target: string,
): Promise<{ change: ChangeOf<O>; state: JournalEntry['state'] } | undefined> {
  const row = await db
    .selectFrom('journal')
    .selectAll()
    .where('target', '=', target)
    .where('operation', '=', operation)
    .where('state', 'in', ['begun', 'done'])
    .where(sql<boolean>`result->>'triedAt' is not null`)
    .orderBy(sql`result->>'triedAt'`, 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { change, state } = toEntry(row);
  return { change: change as ChangeOf<O>, state };
}

/** What is shared beyond a cluster is planned by the runs of several: whether another one has just made the same. */
export async function madeByAnotherRun(db: Executor, runId: string, change: Change, since: Date): Promise<boolean> {
  const entry = await db
    .selectFrom('journal')
    .select('id')
    .where('run_id', '!=', runId)
    .where('step', '=', change.step)
    .where('target', '=', change.target)
    .where('operation', '=', change.operation)
    .where('state', 'in', ['begun', 'done'])
    .where((e) => e.or([e('ended_at', '>', since), sql<boolean>`result->>'triedAt' > ${since.toISOString()}`]))
    .executeTakeFirst();
  return entry !== undefined;
}

/** Marks what was taken back, so that it is not taken back again. */
export async function markUndone(
  trx: Executor,
  cluster: Cluster,
  isTakenBack: (made: Change) => boolean,
): Promise<void> {
  const made = (await madeFor(trx, cluster)).filter(({ change }) => isTakenBack(change));
  if (made.length === 0) return;
  const ids = made.map((entry) => entry.id);
  await trx.updateTable('journal').set({ state: 'undone' }).where('id', 'in', ids).execute();
}

function scopesOf(cluster: Cluster): string[] {
  return (['cluster', 'account-region', 'account', 'organisation'] as const).map((scope) => scopeKey(scope, cluster));
}

function toEntry(row: {
  id: number;
  run_id: string;
  step: string;
  target: string;
  operation: string;
  values: unknown;
  state: string;
  result: unknown;
  begun_at: Date;
  ended_at: Date | null;
}): JournalEntry {
  const { step, target, operation, values } = row;
  return {
    id: row.id,
    runId: row.run_id,
    // Written by `beginChange` from a Change; the columns are its fields.
    change: { step, target, operation, values } as Change,
    state: row.state as JournalEntry['state'],
    result: row.result,
    begunAt: row.begun_at,
    endedAt: row.ended_at ?? undefined,
  };
}
