/**
 * From what was seen to what would be done. Pure: a plan can be printed, hashed, stored, approved and compared.
 *
 * | seen | and | verdict |
 * |---|---|---|
 * | in sync | | fine |
 * | missing, drifted | the step plans changes | act |
 * | missing, drifted | only a person can mend it | ask |
 * | drifted | it works all the same | warn |
 * | waiting | | wait |
 * | unknown | nothing is built on it | warn |
 * | unknown | | ask |
 * | blocked | | stop |
 */
import type { Cluster } from '../clusters/cluster.ts';
import type { Part } from '../commands.ts';
import type { Config } from '../config.ts';
import { type Change, hashOf, sameThing } from './change.ts';
import type { Cost } from './cost.ts';
import { type Observed, STEP_IDS, type StepId } from './step.ts';
import { STEPS } from './steps.ts';

export type Verdict = 'fine' | 'act' | 'ask' | 'warn' | 'wait' | 'stop';

export interface Plan {
  kind: 'enable' | 'disable';
  cluster: Cluster;
  changes: Change[];
  /** What the plan was made from; shown, not hashed. */
  observed: Observed[];
  /** What a person must do first, and what stands in the way for good. */
  prerequisites: Observed[];
  stops: Observed[];
  warnings: Observed[];
  /** Disable only: what the journal says we made and what stays all the same. */
  leaves: { change: Change; why: 'kept' | 'shared' }[];
  cost: Cost | undefined;
}

export interface PlanOptions {
  only?: Part;
  /** Disable only: also switch audit logs off, which blinds the SIEM. */
  auditLogs?: boolean;
  reason?: string;
}

const PARTS: Record<Part, readonly StepId[]> = {
  'audit-logs': ['audit-logs', 'log-group'],
  forwarder: ['aws-integration', 'forwarder', 'invoke-permission', 'subscription-filter'],
  rules: ['cloud-siem', 'detection-rules', 'signal-webhook'],
};

/** Steps only a person can fulfil. */
const PREREQUISITES: ReadonlySet<StepId> = new Set(['aws-integration', 'forwarder', 'cloud-siem']);
/** Not being able to see these stops nothing: the proof at the end shows whether they hold. */
const MAY_BE_UNSEEN: ReadonlySet<StepId> = new Set(['aws-integration', 'cloud-siem']);

export function stepsOf(options: PlanOptions): readonly StepId[] {
  return options.only ? PARTS[options.only] : STEP_IDS;
}

/** A plan's steps in the order they are carried out: undoing goes backwards. */
export function orderOf(kind: Plan['kind'], options: PlanOptions): readonly StepId[] {
  return kind === 'enable' ? stepsOf(options) : stepsOf(options).toReversed();
}

export function verdict(observed: Observed, changes: readonly Change[]): Verdict {
  switch (observed.state) {
    case 'in-sync':
      return 'fine';
    case 'waiting':
      return 'wait';
    case 'blocked':
      return 'stop';
    case 'unknown':
      return MAY_BE_UNSEEN.has(observed.step) || observed.finding.code === 'depends' ? 'warn' : 'ask';
    case 'missing':
      if (changes.length > 0) return 'act';
      return PREREQUISITES.has(observed.step) ? 'ask' : 'wait';
    case 'drifted':
      if (changes.length > 0) return 'act';
      return PREREQUISITES.has(observed.step) ? 'ask' : 'warn';
  }
}

/** `observed` holds the steps of this plan, in order. */
export function planEnable(observed: Observed[], cluster: Cluster, config: Config, cost: Cost | undefined): Plan {
  const judged = observed.map((o) => {
    const changes = STEPS[o.step].plan(o, cluster, config);
    return { observed: o, changes, verdict: verdict(o, changes) };
  });
  const those = (...verdicts: Verdict[]) => judged.filter((j) => verdicts.includes(j.verdict)).map((j) => j.observed);
  return {
    kind: 'enable',
    cluster,
    changes: judged.flatMap((j) => j.changes),
    observed,
    prerequisites: those('ask'),
    stops: those('stop'),
    warnings: those('warn').filter((o) => o.finding.code !== 'depends'),
    leaves: [],
    cost,
  };
}

/**
 * Takes back what the journal says we made for this cluster, last first, and nothing else. What is shared stays while
 * `usedByOthers` says so of its scope.
 */
export function planDisable(
  made: readonly Change[],
  cluster: Cluster,
  options: PlanOptions,
  usedByOthers: (change: Change) => boolean,
  auditOn: boolean,
): Plan {
  const changes: Change[] = [];
  const leaves: Plan['leaves'] = [];
  const leave = (change: Change, why: 'kept' | 'shared') => {
    if (!leaves.some((other) => sameThing(other.change, change))) leaves.push({ change, why });
  };
  // A thing is in the journal more than once when several runs found it missing or one changed it later: the newest
  // entry tells how it stands.
  for (const change of made.toReversed()) {
    // A webhook of ours that was pointed elsewhere later is said once, as what its creation comes to.
    if (change.operation === 'update-webhook' && made.some((c) => c.operation === 'create-webhook')) continue;
    const inverse = STEPS[change.step].undo(change);
    if (inverse.length === 0) {
      const gone = change.operation === 'enable-audit-logs' && (options.auditLogs || !auditOn);
      if (!gone) leave(change, 'kept');
    } else if (STEPS[change.step].scope !== 'cluster' && usedByOthers(change)) leave(change, 'shared');
    else changes.push(...inverse.filter((c) => !changes.some((other) => sameThing(c, other))));
  }
  if (options.auditLogs && auditOn)
    changes.push({ step: 'audit-logs', target: cluster.arn, operation: 'disable-audit-logs', values: {} });
  return {
    kind: 'disable',
    cluster,
    changes,
    observed: [],
    prerequisites: [],
    stops: [],
    warnings: [],
    leaves,
    cost: undefined,
  };
}

export function planHash(plan: Plan): string {
  return hashOf(plan.changes);
}
