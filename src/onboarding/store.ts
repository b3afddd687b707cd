/** The rows of runs. Every write of a run is fenced by its lease: a replica that lost it writes nothing more. */
import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Cluster } from '../clusters/cluster.ts';
import type { Language } from '../config.ts';
import { type Db, type Executor, toJson } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import type { Finding } from './finding.ts';
import { type Plan, type PlanOptions, planHash } from './plan.ts';
import type { StepId } from './step.ts';

export type RunState =
  | 'prerequisites'
  | 'approval'
  | 'running'
  | 'succeeded'
  | 'stopped'
  | 'rejected'
  | 'expired'
  | 'withdrawn';

/** How far a step of a run is, for the progress message. */
export interface StepProgress {
  state: 'open' | 'working' | 'waiting' | 'done' | 'warned' | 'stopped';
  finding?: Finding;
  /** When the step was first looked at, ISO 8601: deadlines count from here. */
  since?: string;
}

export interface Run {
  id: string;
  kind: Plan['kind'];
  state: RunState;
  cluster: Cluster;
  options: PlanOptions;
  plan: Plan;
  planHash: string;
  previousPlan: Plan | undefined;
  approvalId: string | undefined;
  requestedBy: string;
  requestedAt: Date;
  language: Language;
  progress: Partial<Record<StepId, StepProgress>>;
  outcome: Finding | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  leaseToken: string | undefined;
}

/** Another replica holds the run now; whoever sees this stops at once and writes nothing. */
export class LostLease extends Error {
  override name = 'LostLease';
}

export interface NewRun {
  requestId: string;
  plan: Plan;
  options: PlanOptions;
  state: RunState;
  requestedBy: string;
  language: Language;
}

/** Undefined when this request made a run before, or the cluster has an open one: a request worked on twice makes one run. */
export async function insertRun(trx: Executor, run: NewRun, now: Date): Promise<string | undefined> {
  const id = randomUUID().slice(0, 13).replace('-', '');
  const inserted = await trx
    .insertInto('runs')
    .values({
      id,
      kind: run.plan.kind,
      request_id: run.requestId,
      requested_by: run.requestedBy,
      requested_at: now,
      language: run.language,
      cluster_arn: run.plan.cluster.arn,
      cluster: toJson(run.plan.cluster),
      options: toJson(run.options),
      state: run.state,
      plan: toJson({ current: run.plan }),
      plan_hash: planHash(run.plan),
      progress: toJson({}),
      next_at: now,
    })
    .onConflict((c) => c.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}

export async function findRun(db: Executor, id: string): Promise<Run | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRun(row);
}

/** Holds the row for the rest of the transaction; whoever has the run's lease waits, and then finds it ended. */
export async function lockRun(trx: Transaction<Tables>, id: string): Promise<Run | undefined> {
  const row = await trx
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row && toRun(row);
}

export async function findRunOfRequest(db: Executor, requestId: string): Promise<Run | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('request_id', '=', requestId).executeTakeFirst();
  return row && toRun(row);
}

/** The run of this cluster that has not ended; there is at most one. */
export async function openRun(db: Executor, clusterArn: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('cluster_arn', '=', clusterArn)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row && toRun(row);
}

/** Clusters that an approved run is bringing under audit just now. */
export async function clustersBeingEnabled(db: Executor): Promise<Cluster[]> {
  const rows = await db
    .selectFrom('runs')
    .select('cluster')
    .where('kind', '=', 'enable')
    .where('state', '=', 'running')
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ cluster }) => cluster as Cluster);
}

/** Newest first. */
export async function listRuns(db: Executor, clusterArn: string | undefined, limit: number): Promise<Run[]> {
  let query = db.selectFrom('runs').selectAll().orderBy('requested_at', 'desc').limit(limit);
  if (clusterArn) query = query.where('cluster_arn', '=', clusterArn);
  return (await query.execute()).map(toRun);
}

/** Takes up to `limit` due runs under a fresh lease. */
export async function claimRuns(db: Db, now: Date, leaseMs: number, limit: number): Promise<Run[]> {
  const token = randomUUID();
  const rows = await db
    .updateTable('runs')
    .set({ lease_token: token, lease_until: new Date(now.getTime() + leaseMs) })
    .where('id', 'in', (e) =>
      e
        .selectFrom('runs')
        .select('id')
        .where('ended_at', 'is', null)
        .where('state', 'in', ['prerequisites', 'running'])
        .where('next_at', '<=', now)
        .where((w) => w.or([w('lease_until', 'is', null), w('lease_until', '<', now)]))
        .orderBy('next_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute();
  return rows.map(toRun);
}

export async function nextRunAt(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('runs')
    .select((e) => e.fn.min('next_at').as('at'))
    .where('ended_at', 'is', null)
    .where('state', 'in', ['prerequisites', 'running'])
    .where('lease_until', 'is', null)
    .executeTakeFirst();
  return row?.at ?? undefined;
}

export async function renewLease(db: Db, run: Run, until: Date): Promise<void> {
  await db
    .updateTable('runs')
    .set({ lease_until: until })
    .where('id', '=', run.id)
    .where('lease_token', '=', run.leaseToken ?? '')
    .execute();
}

/** Runs `work` in a transaction that holds the run's row; throws `LostLease` when the lease is not ours any more. */
export async function fenced<T>(db: Db, run: Run, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    const held = await trx
      .selectFrom('runs')
      .select('id')
      .where('id', '=', run.id)
      .where('lease_token', '=', run.leaseToken ?? '')
      .forUpdate()
      .executeTakeFirst();
    if (!held) throw new LostLease(`run ${run.id} is held by another process`);
    return await work(trx);
  });
}

export interface RunUpdate {
  state?: RunState;
  progress?: Run['progress'];
  plan?: Plan;
  previousPlan?: Plan;
  approvalId?: string;
  outcome?: Finding;
  startedAt?: Date;
  endedAt?: Date;
  nextAt?: Date;
  release?: true;
}

export async function updateRun(trx: Executor, id: string, change: RunUpdate): Promise<void> {
  await trx
    .updateTable('runs')
    .set({
      ...(change.state ? { state: change.state } : {}),
      ...(change.progress ? { progress: toJson(change.progress) } : {}),
      ...(change.plan
        ? { plan: toJson({ current: change.plan, previous: change.previousPlan }), plan_hash: planHash(change.plan) }
        : {}),
      ...(change.approvalId ? { approval_id: change.approvalId } : {}),
      ...(change.outcome ? { outcome: toJson(change.outcome) } : {}),
      ...(change.startedAt ? { started_at: change.startedAt } : {}),
      ...(change.endedAt ? { ended_at: change.endedAt } : {}),
      ...(change.nextAt ? { next_at: change.nextAt } : {}),
      ...(change.release ? { lease_token: null, lease_until: null } : {}),
    })
    .where('id', '=', id)
    .execute();
}

function toRun(row: { [K in keyof Tables['runs']]: unknown }): Run {
  const plan = row.plan as { current: Plan; previous?: Plan };
  return {
    id: row.id as string,
    kind: row.kind as Run['kind'],
    state: row.state as RunState,
    cluster: row.cluster as Cluster,
    options: row.options as PlanOptions,
    plan: plan.current,
    planHash: row.plan_hash as string,
    previousPlan: plan.previous,
    approvalId: (row.approval_id as string | null) ?? undefined,
    requestedBy: row.requested_by as string,
    requestedAt: row.requested_at as Date,
    language: row.language as Language,
    progress: row.progress as Run['progress'],
    outcome: (row.outcome as Finding | null) ?? undefined,
    startedAt: (row.started_at as Date | null) ?? undefined,
    endedAt: (row.ended_at as Date | null) ?? undefined,
    leaseToken: (row.lease_token as string | null) ?? undefined,
  };
}
