/**
 * A run's way from request to end, one function per turn. Each changes the run's row and the messages that speak of it
 * in the same transaction, so that what people read is what is stored.
 */
import type { Transaction } from 'kysely';
import {
  type Approval,
  closeApproval,
  countedApprovers,
  findApproval,
  openApproval,
  rejectedBy,
} from '../approvals/store.ts';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { putMessage } from '../messages/store.ts';
import { type Action, approvalPolicy } from '../permissions.ts';
import type { Content } from '../slack/blocks.ts';
import type { Finding } from './finding.ts';
import { type Plan, planHash } from './plan.ts';
import { findRun, insertRun, lockRun, type NewRun, type Run, type RunState, updateRun } from './store.ts';
import { askedAgain, type Decisions, prerequisitesCard, runCard, runEnded } from './views.ts';

type Trx = Transaction<Tables>;

export interface JourneyDeps {
  db: Db;
  clock: Clock;
  config: Config;
  /** Called after a transaction that made work due. */
  nudge: (work: 'messages' | 'runs' | 'approvals') => void;
}

export type Journey = ReturnType<typeof createJourney>;

export function createJourney(deps: JourneyDeps) {
  const { clock, config } = deps;

  /** A new request: either people must do something first, or the approval is asked at once. */
  async function begin(value: Omit<NewRun, 'state'>): Promise<Run | undefined> {
    const state = value.plan.prerequisites.length > 0 ? 'prerequisites' : 'approval';
    const run = await deps.db.transaction().execute(async (trx) => {
      const id = await insertRun(trx, { ...value, state }, clock.now());
      const inserted = id && (await findRun(trx, id));
      if (!inserted) return undefined;
      if (state === 'prerequisites') await showPrerequisites(trx, inserted);
      else await openFor(trx, inserted);
      return inserted;
    });
    nudgeAll();
    return run;
  }

  async function stillMissing(trx: Trx, run: Run, plan: Plan): Promise<void> {
    run.plan = plan;
    await updateRun(trx, run.id, { plan });
    await showPrerequisites(trx, run);
  }

  /** What people had to do is done. */
  async function askApproval(trx: Trx, run: Run, plan: Plan): Promise<void> {
    run.plan = plan;
    run.state = 'approval';
    await updateRun(trx, run.id, { plan, state: 'approval', release: true });
    await showPrerequisites(trx, run);
    await openFor(trx, run);
    deps.nudge('messages');
  }

  /** The plan changed under an approval: it is void, and a new one is asked with both plans shown. */
  async function askAgain(trx: Trx, run: Run, plan: Plan): Promise<void> {
    if (run.approvalId) await closeApproval(trx, run.approvalId, 'void', clock.now());
    const previousPlan = run.plan;
    Object.assign(run, { plan, previousPlan, state: 'approval', progress: {} });
    await updateRun(trx, run.id, { plan, previousPlan, state: 'approval', progress: {}, release: true });
    await openFor(trx, run);
    const key = `run:${run.id}:again:${run.approvalId}`;
    await announce(trx, run, { inThread: key, toRequester: `${key}:requester` }, (language) =>
      askedAgain(run, language),
    );
    deps.nudge('messages');
  }

  async function openFor(trx: Trx, run: Run): Promise<void> {
    const action: Action = run.kind === 'enable' ? 'enable' : run.options.auditLogs ? 'audit-off' : 'disable';
    const { cluster } = run;
    const subject = {
      action,
      accountId: cluster.accountId,
      accountName: cluster.accountName,
      cluster: cluster.name,
      region: cluster.region,
      tags: cluster.tags,
    };
    const approvalId = await openApproval(
      trx,
      {
        subject,
        policy: approvalPolicy(config, subject),
        runId: run.id,
        planHash: planHash(run.plan),
        requestedBy: run.requestedBy,
        messageKey: cardKey(run.id),
        expiresAt: new Date(clock.now().getTime() + config.approvals.expires_after),
      },
      clock.now(),
    );
    run.approvalId = approvalId;
    await updateRun(trx, run.id, { approvalId });
    await showCard(trx, run);
  }

  /** Somebody was counted, or the approval ended; called inside the deciding transaction. */
  async function approvalChanged(trx: Trx, approval: Approval): Promise<void> {
    const run = await findRun(trx, approval.runId);
    if (!run || run.approvalId !== approval.id) return;
    const now = clock.now();
    if (approval.state === 'approved') {
      run.state = 'running';
      run.startedAt = now;
      await updateRun(trx, run.id, { state: 'running', startedAt: now, nextAt: now });
      await showCard(trx, run);
    } else if (approval.state === 'rejected' || approval.state === 'expired') {
      await ended(trx, run, approval.state, undefined);
    } else await showCard(trx, run);
  }

  async function currentHash(trx: Trx, approval: Approval): Promise<string | undefined> {
    const run = await findRun(trx, approval.runId);
    return run?.approvalId === approval.id ? run.planHash : undefined;
  }

  async function progressed(trx: Trx, run: Run): Promise<void> {
    await updateRun(trx, run.id, { progress: run.progress });
    await showCard(trx, run);
    deps.nudge('messages');
  }

  async function pause(trx: Trx, run: Run, until: Date): Promise<void> {
    await updateRun(trx, run.id, { nextAt: until, release: true });
  }

  async function ended(
    trx: Trx,
    run: Run,
    state: Exclude<RunState, 'prerequisites' | 'approval' | 'running'>,
    outcome: Finding | undefined,
  ): Promise<void> {
    const now = clock.now();
    Object.assign(run, { state, outcome, endedAt: now });
    await updateRun(trx, run.id, {
      state,
      progress: run.progress,
      endedAt: now,
      release: true,
      ...(outcome ? { outcome } : {}),
    });
    if (!run.approvalId) {
      await showPrerequisites(trx, run);
      return;
    }
    await showCard(trx, run);
    const decisions = await decisionsOn(trx, run);
    const keys = { inThread: `run:${run.id}:end`, toRequester: `run:${run.id}:requester` };
    await announce(trx, run, keys, (language) => runEnded(run, decisions, language));
    deps.nudge('messages');
  }

  /** Edits are not announced to anybody: this is a message of its own, in the card's thread and to the requester. */
  async function announce(
    trx: Trx,
    run: Run,
    keys: { inThread: string; toRequester: string },
    say: (language: Language) => Content,
  ): Promise<void> {
    const { channel } = config.approvals;
    const inThread = { key: keys.inThread, channel, threadKey: cardKey(run.id), content: say(languageOf(channel)) };
    await putMessage(trx, inThread, clock.now());
    const toRequester = { key: keys.toRequester, channel: run.requestedBy, content: say(run.language) };
    await putMessage(trx, toRequester, clock.now());
  }

  /** The requester no longer wants it, before anything was asked of anybody. */
  async function withdraw(runId: string, userId: string): Promise<boolean> {
    const withdrawn = await deps.db.transaction().execute(async (trx) => {
      const run = await lockRun(trx, runId);
      if (run?.state !== 'prerequisites' || run.requestedBy !== userId) return false;
      await ended(trx, run, 'withdrawn', undefined);
      return true;
    });
    nudgeAll();
    return withdrawn;
  }

  async function showCard(trx: Trx, run: Run): Promise<void> {
    const channel = config.approvals.channel;
    const content = runCard(run, await decisionsOn(trx, run), languageOf(channel));
    await putMessage(trx, { key: cardKey(run.id), channel, content }, clock.now());
  }

  async function decisionsOn(trx: Trx, run: Run): Promise<Decisions> {
    const approval = run.approvalId ? await findApproval(trx, run.approvalId) : undefined;
    if (!approval) return { approval: undefined, approvers: [], rejection: undefined };
    const by = approval.state === 'rejected' ? await rejectedBy(trx, approval.id) : undefined;
    return {
      approval,
      approvers: await countedApprovers(trx, approval.id),
      rejection: by ? { by, reason: approval.reason ?? '' } : undefined,
    };
  }

  /** To the requester: nobody else can do anything yet. */
  async function showPrerequisites(trx: Trx, run: Run): Promise<void> {
    const content = prerequisitesCard(run, config, run.language);
    await putMessage(trx, { key: `run:${run.id}:prerequisites`, channel: run.requestedBy, content }, clock.now());
    deps.nudge('messages');
  }

  function languageOf(channel: string): Language {
    return config.channels[channel]?.language ?? config.language;
  }

  function nudgeAll(): void {
    deps.nudge('messages');
    deps.nudge('runs');
    deps.nudge('approvals');
  }

  return {
    begin,
    withdraw,
    stillMissing,
    askApproval,
    askAgain,
    approvalChanged,
    currentHash,
    progressed,
    pause,
    ended,
  };
}

export function cardKey(runId: string): string {
  return `run:${runId}`;
}
