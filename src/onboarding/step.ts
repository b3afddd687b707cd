/**
 * The words of onboarding.
 *
 * Step: one thing that must be true before a cluster counts as watched, with a scope and four verbs.
 * Observed: what `check` saw. Change: one approved alteration. Plan: ordered changes towards the desired state, a plain
 * value with a hash. Prerequisite: what only a person can do. Run: one approved plan being applied, journalled.
 * Drift: once true, no longer.
 */
import type { Aws, AwsClients, AwsSession } from '../aws/clients.ts';
import type { Clock } from '../clock.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Config } from '../config.ts';
import type { Datadog } from '../datadog/client.ts';
import type { Db } from '../db/database.ts';
import type { RulePack } from '../rules/pack.ts';
import type { Change } from './change.ts';
import type { Finding } from './finding.ts';

/** In the order they are shown and applied. Stored in the journal: never rename. */
export const STEP_IDS = [
  'aws-integration',
  'forwarder',
  'cloud-siem',
  'audit-logs',
  'log-group',
  'invoke-permission',
  'subscription-filter',
  'detection-rules',
  'signal-webhook',
  'logs-arriving',
] as const;
export type StepId = (typeof STEP_IDS)[number];

export type Scope = 'organisation' | 'account' | 'account-region' | 'cluster';

/**
 * `waiting`: on its way, look again. `missing`: not so, and we know what to change or whom to ask. `drifted`: it is
 * there but not as it should be. `blocked`: cannot be made so here. `unknown`: could not be seen.
 */
export type State = 'in-sync' | 'missing' | 'drifted' | 'blocked' | 'unknown' | 'waiting';

export interface Observed {
  step: StepId;
  state: State;
  finding: Finding;
}

export interface OnboardingDeps {
  aws: Aws;
  datadog: Datadog;
  config: Config;
  db: Db;
  clock: Clock;
  pack: RulePack;
}

/** What a check may use: the world, the cluster, and what other steps saw in the same survey. */
export interface CheckContext extends OnboardingDeps {
  cluster: Cluster;
  session: AwsSession;
  clients: AwsClients;
  other(step: StepId): Promise<Observed>;
}

/** The journal's memory of a change, given to `apply` when it was begun before. */
export interface Begun {
  result: unknown;
  begunAt: Date;
}

export type Applied =
  /** `result` goes into the journal; undo may need it. `left`: somebody had decided meanwhile, so nothing was made. */
  | { outcome: 'done'; result?: unknown; left?: true }
  /** Not yet: the job ends here and looks again. `result` is remembered for the next look. */
  | { outcome: 'wait'; finding: Finding; result?: unknown }
  /** Cannot be done; the run ends with this diagnosis. */
  | { outcome: 'stop'; finding: Finding };

export interface ApplyContext extends OnboardingDeps {
  cluster: Cluster;
  runId: string;
  clients: AwsClients;
  begun: Begun;
  /** Writes to the journal, before a call that must not be repeated, that it was tried. */
  remember(result: unknown): Promise<void>;
}

export interface Step {
  id: StepId;
  scope: Scope;
  /** Reads only. Throws for what could not be read; the survey turns that into `unknown`. */
  check(context: CheckContext): Promise<Observed>;
  /** Pure: what to change so that the next check says in sync; empty when there is nothing, or nothing we may do. */
  plan(observed: Observed, cluster: Cluster, config: Config): Change[];
  /** May run any number of times: "already there" and "already gone" are success. */
  apply(context: ApplyContext, change: Change): Promise<Applied>;
  /** Pure: the changes that take back one that the journal says we made; empty when it is meant to stay. */
  undo(change: Change): Change[];
}

/** A step that only looks: its prerequisite is a person's to fulfil. */
export const LOOKS_ONLY: Pick<Step, 'plan' | 'apply' | 'undo'> = {
  plan: () => [],
  apply: async () => ({ outcome: 'done' }),
  undo: () => [],
};

/** The key a scope is planned, locked and remembered under. */
export function scopeKey(scope: Scope, cluster: Cluster): string {
  switch (scope) {
    case 'organisation':
      return 'organisation';
    case 'account':
      return cluster.accountId;
    case 'account-region':
      return `${cluster.accountId}/${cluster.region}`;
    case 'cluster':
      return cluster.arn;
  }
}
