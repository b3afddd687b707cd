/**
 * Carries out approved plans. One look at a run does what can be done now and ends; what has to wait is a row with the
 * time of the next look. Before each step the world is checked again: what has become true is dropped, and anything
 * that was not approved stops the run and asks again. A crash at any point is just a look that ended early.
 */
import type { Logger } from 'pino';
import type { AwsSession } from '../aws/clients.ts';
import type { Clusters } from '../clusters/command.ts';
import { messageOf, RetryableError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { type Change, isSubsequence, sameChange, sameThing } from './change.ts';
import type { Finding } from './finding.ts';
import {
  beginChange,
  finishChange,
  isFinished,
  type JournalEntry,
  journalOf,
  markUndone,
  rememberResult,
} from './journal.ts';
import type { Journey } from './journey.ts';
import { orderOf, planEnable, stepsOf, verdict } from './plan.ts';
import { usedMeanwhile } from './planning.ts';
import type { Applied, Observed, OnboardingDeps, StepId } from './step.ts';
import { STEPS } from './steps.ts';
import { claimRuns, fenced, LostLease, nextRunAt, type Run, renewLease, type StepProgress } from './store.ts';
import { createSurvey, explainFailure, explainSilence, isPassing, type Survey } from './survey.ts';

/** Runs looked at beside each other; each mostly waits for AWS. */
const PARALLEL = 20;

/** Looks that may fail one after the other before a run is given up. */
const MAX_FAILURES = 20;
/** A request nobody works on must not block its cluster for ever. */
const PREREQUISITES_FOR_MS = 14 * 86_400_000;

type Look = { next: 'continue' } | { next: 'later'; atMs: number } | { next: 'ended' };
const CONTINUE: Look = { next: 'continue' };

export interface RunsDeps extends OnboardingDeps {
  clusters: Clusters;
  journey: Journey;
  log: Logger;
  metrics: Metrics;
}

/** Returns the work of the `runs` queue. */
export function createRuns(deps: RunsDeps): { work(): Promise<Date | undefined> } {
  const { db, clock, config, journey, log } = deps;
  const { timing } = config;

  const failures = new Map<string, number>();

  async function work(): Promise<Date | undefined> {
    const runs = await claimRuns(db, clock.now(), timing.lease, PARALLEL);
    await Promise.all(runs.map(hold));
    return runs.length === PARALLEL ? clock.now() : nextRunAt(db);
  }

  /** Keeps the lease alive while looking, and gives it back at the end. */
  async function hold(run: Run): Promise<void> {
    const renewal = setInterval(() => {
      renewLease(db, run, new Date(clock.now().getTime() + timing.lease)).catch(() => {});
    }, timing.lease / 3);
    try {
      const look = run.state === 'prerequisites' ? await lookAtPrerequisites(run) : await lookAtSteps(run);
      failures.delete(run.id);
      if (look.next === 'later')
        await fenced(db, run, (trx) => journey.pause(trx, run, new Date(clock.now().getTime() + look.atMs)));
    } catch (error) {
      if (error instanceof LostLease) return;
      await endInOurBug(run, error).catch((cause) =>
        log.error({ run: run.id, error: cause }, 'a run could not be put aside'),
      );
    } finally {
      clearInterval(renewal);
    }
  }

  /** Every run ends: one that fails again and again for a reason of our own stops with a reference to the log. */
  async function endInOurBug(run: Run, error: unknown): Promise<void> {
    const count = (failures.get(run.id) ?? 0) + 1;
    failures.set(run.id, count);
    const reference = `${run.id}-${count}`;
    log.error({ reference, run: run.id, cluster: run.cluster.arn, error }, 'a look at a run failed');
    if (count >= MAX_FAILURES) {
      failures.delete(run.id);
      await stop(run, { code: 'our-bug', reference }, undefined);
      return;
    }
    await fenced(db, run, (trx) => journey.pause(trx, run, new Date(clock.now().getTime() + timing.poll)));
  }

  /** Waiting for people: once everything they must do is done, the approval is asked. */
  async function lookAtPrerequisites(run: Run): Promise<Look> {
    const survey = createSurvey(deps, run.cluster);
    const observed = await survey.all(stepsOf(run.options));
    const plan = planEnable(observed, run.cluster, config, run.plan.cost);
    if (plan.stops.length > 0)
      return stop(run, plan.stops[0]?.finding ?? { code: 'plan-changed' }, plan.stops[0]?.step);
    if (plan.prerequisites.length > 0) {
      if (clock.now().getTime() - run.requestedAt.getTime() > PREREQUISITES_FOR_MS) {
        await fenced(db, run, (trx) => journey.ended(trx, run, 'expired', undefined));
        return { next: 'ended' };
      }
      await fenced(db, run, (trx) => journey.stillMissing(trx, run, plan));
      return { next: 'later', atMs: timing.prerequisites };
    }
    await fenced(db, run, (trx) => journey.askApproval(trx, run, plan));
    return { next: 'ended' };
  }

  async function lookAtSteps(run: Run): Promise<Look> {
    const session: AwsSession = {
      role: run.options.auditLogs ? 'audit_off' : 'operator',
      session: `eks-audit-${run.id}`,
    };
    const ahead = run.kind === 'enable' ? await lookAhead(run, session) : undefined;
    if (ahead) return ahead;
    for (const step of orderOf(run.kind, run.options)) {
      if (run.progress[step]?.state === 'done' || run.progress[step]?.state === 'warned') continue;
      // A step is looked at afresh after each of its changes, until it has nothing left to do.
      for (;;) {
        const survey = createSurvey(deps, run.cluster, session);
        const look = run.kind === 'enable' ? await enableStep(run, step, survey) : await disableStep(run, step, survey);
        if (look === 'step-done') break;
        if (look.next !== 'continue') return look;
      }
    }
    await succeed(run);
    return { next: 'ended' };
  }

  /** Before anything is switched on: a later step may be blocked, or need something else, since the approval. */
  async function lookAhead(run: Run, session: AwsSession): Promise<Look | undefined> {
    if (Object.keys(run.progress).length > 0) return undefined;
    const survey = createSurvey(deps, run.cluster, session);
    const observed = await survey.all(stepsOf(run.options));
    const { stops, changes } = planEnable(observed, run.cluster, config, undefined);
    const [obstacle] = stops;
    if (obstacle) return await stop(run, obstacle.finding, obstacle.step);
    const done = (await journalOf(db, run.id)).filter(isFinished);
    const wanted = changes.filter((change) => !done.some((entry) => sameChange(entry.change, change)));
    return isSubsequence(wanted, run.plan.changes) ? undefined : await voidApproval(run);
  }

  async function enableStep(run: Run, step: StepId, survey: Survey): Promise<Look | 'step-done'> {
    const observed = await survey.check(step);
    const journal = await journalOf(db, run.id);
    const planned = STEPS[step].plan(observed, run.cluster, config);
    const approved = run.plan.changes.filter((change) => change.step === step);
    const openEntry = (change: Change) =>
      journal.find((entry) => entry.state === 'begun' && sameChange(entry.change, change));
    const isDone = (change: Change) => journal.some((entry) => isFinished(entry) && sameChange(entry.change, change));
    const wanted = planned.filter((change) => !isDone(change));
    if (!isSubsequence(wanted, approved)) return voidApproval(run);
    // Begun changes are finished whatever the world looks like now: only then does the journal know they are ours.
    const next = approved.find(
      (change) =>
        !isDone(change) && (openEntry(change) || change.conditional || wanted.some((w) => sameChange(w, change))),
    );
    if (next) return await carryOut(run, next, survey);
    const isLeft = approved.some((change) => !isDone(change));
    // What was approved here cannot be judged without another step, which held when it was planned: what ails that one?
    const judged = observed.finding.code === 'depends' && isLeft ? await survey.check(observed.finding.on) : observed;
    return await settleStep(run, step, survey, provenBy(run, judged, journal), planned.length > 0);
  }

  async function disableStep(run: Run, step: StepId, survey: Survey): Promise<Look | 'step-done'> {
    const entries = (await journalOf(db, run.id)).filter(({ change }) => change.step === step);
    const approved = run.plan.changes.filter((change) => change.step === step);
    const next = approved.find((c) => !entries.some((e) => isFinished(e) && sameChange(e.change, c)));
    if (!next) {
      if (approved.length > 0) await progress(run, step, { state: 'done' });
      return 'step-done';
    }
    const isBegun = entries.some((e) => e.state === 'begun' && sameChange(e.change, next));
    const used = !isBegun && (await usedMeanwhile(deps, run.cluster, step, entries.length === 0 ? 0 : undefined));
    if (used === 'unread') return waitFor(run, step, { code: 'fleet-unread' });
    if (!used) return await carryOut(run, next, survey);
    // Fewer changes than were approved need no new approval.
    await progress(run, step, { state: 'warned', finding: { code: 'used-by-others' } });
    return 'step-done';
  }

  /** One change: written down, made, written down. */
  async function carryOut(run: Run, change: Change, survey: Survey): Promise<Look> {
    const entry = await fenced(db, run, (trx) => beginChange(trx, run, change, STEPS[change.step].scope, clock.now()));
    // A step that waits stays so while it is looked at again; flickering would only cost edits.
    if (run.progress[change.step]?.state !== 'waiting') await progress(run, change.step, { state: 'working' });
    const applied = await applyChange(run, change, entry, survey);
    if (applied.outcome === 'stop') return stop(run, applied.finding, change.step);
    if (applied.outcome === 'wait') {
      if (applied.result !== undefined) await fenced(db, run, (trx) => rememberResult(trx, entry.id, applied.result));
      return waitFor(run, change.step, applied.finding);
    }
    await fenced(db, run, async (trx) => {
      await finishChange(trx, entry.id, applied, clock.now());
      if (run.kind === 'disable') await markUndone(trx, run.cluster, (made) => takesBack(change, made));
    });
    return CONTINUE;
  }

  async function applyChange(run: Run, change: Change, entry: JournalEntry, survey: Survey): Promise<Applied> {
    try {
      return await STEPS[change.step].apply(
        {
          ...deps,
          cluster: run.cluster,
          runId: run.id,
          clients: survey.context.clients,
          begun: { result: entry.result, begunAt: entry.begunAt },
          remember: (result) => fenced(db, run, (trx) => rememberResult(trx, entry.id, result)),
        },
        change,
      );
    } catch (error) {
      if (error instanceof LostLease) throw error;
      if (error instanceof RetryableError) return { outcome: 'wait', finding: { code: 'shared-busy' } };
      const finding = explainFailure(error, survey.context.session.role);
      log.warn({ run: run.id, step: change.step, error: messageOf(error) }, 'a change could not be made');
      return isPassing(finding) ? { outcome: 'wait', finding } : { outcome: 'stop', finding };
    }
  }

  /** Nothing left to change in this step: is it so, on its way, or stuck? */
  async function settleStep(
    run: Run,
    step: StepId,
    survey: Survey,
    observed: Observed,
    lagging: boolean,
  ): Promise<Look | 'step-done'> {
    // Our change is made but does not show yet: lists and descriptions lag behind.
    const judged = lagging ? 'wait' : verdict(observed, []);
    if (judged === 'fine' || judged === 'warn') {
      await progress(run, step, { state: judged === 'fine' ? 'done' : 'warned', finding: observed.finding });
      return 'step-done';
    }
    if (judged === 'wait' || isPassing(observed.finding)) return waitFor(run, step, observed.finding, survey);
    return stop(run, observed.finding, step);
  }

  async function waitFor(run: Run, step: StepId, finding: Finding, survey?: Survey): Promise<Look> {
    const now = clock.now();
    const since = Date.parse(run.progress[step]?.since ?? now.toISOString());
    const waitedMs = now.getTime() - since;
    if (waitedMs > deadlineOf(step, finding)) {
      const last = survey && finding.code === 'logs-none' ? await explainSilence(survey) : finding;
      return stop(run, { code: 'deadline', minutes: Math.max(1, Math.round(waitedMs / 60_000)), last }, step);
    }
    // What is waited for stays as it was first said: a new time or link in it is no news worth an edit.
    const before = run.progress[step]?.finding;
    await progress(run, step, { state: 'waiting', finding: before?.code === finding.code ? before : finding });
    return { next: 'later', atMs: timing.poll };
  }

  function deadlineOf(step: StepId, finding: Finding): number {
    if (step === 'logs-arriving') return timing.arrival_deadline;
    if (finding.code === 'group-awaited' || finding.code === 'filter-expected') return timing.group_deadline;
    return timing.update_deadline;
  }

  /**
   * What arrived, as far as it proves the way this run made. Events from before its last change came another way. How long
   * the first took is what people will expect of the next cluster; a run that changed nothing on the way cannot tell.
   */
  function provenBy(run: Run, observed: Observed, journal: readonly JournalEntry[]): Observed {
    const { finding } = observed;
    const changedAt = lastChangeOfWay(journal);
    if (finding.code !== 'logs-arriving' || !changedAt) return observed;
    if (new Date(finding.lastAt) < changedAt)
      return { ...observed, state: 'missing', finding: { code: 'logs-none', url: finding.url } };
    if (!run.startedAt) return observed;
    const firstAfterSeconds = Math.round((clock.now().getTime() - run.startedAt.getTime()) / 1000);
    return { ...observed, finding: { ...finding, firstAfterSeconds } };
  }

  async function progress(run: Run, step: StepId, change: Omit<StepProgress, 'since'>): Promise<void> {
    const before = run.progress[step];
    const since = before?.since ?? clock.now().toISOString();
    const after: StepProgress = { ...change, since };
    if (before && JSON.stringify(before) === JSON.stringify(after)) return;
    run.progress = { ...run.progress, [step]: after };
    await fenced(db, run, (trx) => journey.progressed(trx, run));
  }

  /** The world moved away from what was approved: the new plan is shown beside the old, and asked for. */
  async function voidApproval(run: Run): Promise<Look> {
    const survey = createSurvey(deps, run.cluster);
    const observed = await survey.all(stepsOf(run.options));
    const plan = planEnable(observed, run.cluster, config, run.plan.cost);
    log.info({ run: run.id, cluster: run.cluster.arn }, 'the plan changed after its approval; asking again');
    await fenced(db, run, (trx) => journey.askAgain(trx, run, plan));
    return { next: 'ended' };
  }

  async function stop(run: Run, finding: Finding, step: StepId | undefined): Promise<Look> {
    if (step) run.progress = { ...run.progress, [step]: { ...run.progress[step], state: 'stopped', finding } };
    await fenced(db, run, (trx) => journey.ended(trx, run, 'stopped', finding));
    deps.metrics.runs.inc({ kind: run.kind, outcome: 'stopped' });
    return { next: 'ended' };
  }

  async function succeed(run: Run): Promise<void> {
    await fenced(db, run, (trx) => journey.ended(trx, run, 'succeeded', undefined));
    deps.metrics.runs.inc({ kind: run.kind, outcome: 'succeeded' });
  }

  return { work };
}

/** What events go through on their way. */
const WAY: ReadonlySet<StepId> = new Set(['audit-logs', 'log-group', 'invoke-permission', 'subscription-filter']);

/** When this run last changed the way of the events; undefined when it has not. */
function lastChangeOfWay(journal: readonly JournalEntry[]): Date | undefined {
  const times = journal.filter(({ change, state }) => WAY.has(change.step) && state === 'done').map((e) => e.endedAt);
  return times.reduce((latest, at) => (at && (!latest || at > latest) ? at : latest), undefined);
}

/** Whatever was made of the thing, however often: a disable plan names each thing once. */
function takesBack(inverse: Change, made: Change): boolean {
  return STEPS[made.step].undo(made).some((change) => sameThing(change, inverse));
}
