/** Looks at a cluster, its journal and the fleet, and has `plan.ts` decide. Reads only. */
import { READING } from '../aws/clients.ts';
import { dailyBytes } from '../aws/metrics.ts';
import { type Cluster, type DiscoveredCluster, fullName, logGroupOf } from '../clusters/cluster.ts';
import type { Clusters } from '../clusters/command.ts';
import { UserError } from '../errors.ts';
import type { Change } from './change.ts';
import { type Cost, estimateCost } from './cost.ts';
import { madeFor } from './journal.ts';
import { type Plan, type PlanOptions, planDisable, planEnable, stepsOf } from './plan.ts';
import { sayFinding, text } from './say.ts';
import { type OnboardingDeps, type StepId, scopeKey } from './step.ts';
import { STEPS } from './steps.ts';
import { clustersBeingEnabled } from './store.ts';
import { createSurvey, type Survey } from './survey.ts';

export async function makeEnablePlan(
  deps: OnboardingDeps,
  cluster: DiscoveredCluster,
  options: PlanOptions,
): Promise<Plan> {
  const survey = createSurvey(deps, cluster);
  const observed = await survey.all(stepsOf(options));
  const plan = planEnable(observed, cluster, deps.config, undefined);
  if (options.only === 'forwarder') await refuseWithoutGroup(survey, cluster);
  const billed = plan.changes.some((change) => change.operation === 'enable-audit-logs');
  return billed ? { ...plan, cost: await costOf(deps, cluster) } : plan;
}

/** EKS makes the log group once it writes audit logs; a run without either would only wait for what cannot come. */
async function refuseWithoutGroup(survey: Survey, cluster: Cluster): Promise<void> {
  const [auditLogs, logGroup] = await Promise.all([survey.check('audit-logs'), survey.check('log-group')]);
  if (logGroup.finding.code !== 'group-awaited') return;
  // Audit logs that could not be seen may be on, and then the group is on its way.
  if (auditLogs.state === 'in-sync' || auditLogs.state === 'unknown') return;
  const { group } = logGroup.finding;
  throw new UserError((language) => {
    const why = sayFinding(language, auditLogs.finding).what;
    return text[language].groupCannotCome(fullName(cluster), group, why);
  });
}

/** Shared things stay while another cluster with audit logs lives in their scope; what cannot be read counts as living. */
export async function makeDisablePlan(
  deps: OnboardingDeps & { clusters: Clusters },
  cluster: DiscoveredCluster,
  options: PlanOptions,
): Promise<Plan> {
  const fleet = await deps.clusters.fleet(0);
  const usedByOthers = (change: Change) =>
    isUsed(change.step, cluster, fleet.clusters.filter(isAudited)) || fleet.unreadable.length > 0;
  const made = (await madeFor(deps.db, cluster)).map((entry) => entry.change);
  const now = fleet.clusters.find((c) => c.arn === cluster.arn) ?? cluster;
  return planDisable(made, cluster, options, usedByOthers, now.auditEnabled);
}

/**
 * Whether another cluster has come to use what a step of this one shares, since its disabling was planned: clusters with
 * audit logs, and those whose run is on its way. `unread` when some of the fleet could not be read just now. `maxAgeMs`:
 * how old what is known of the fleet may be; discovering it anew for each of many rules would take thousands of calls.
 */
export async function usedMeanwhile(
  deps: OnboardingDeps & { clusters: Clusters },
  cluster: Cluster,
  step: StepId,
  maxAgeMs: number | undefined,
): Promise<boolean | 'unread'> {
  if (STEPS[step].scope === 'cluster') return false;
  const [fleet, enabling] = await Promise.all([deps.clusters.fleet(maxAgeMs), clustersBeingEnabled(deps.db)]);
  if (isUsed(step, cluster, [...fleet.clusters.filter(isAudited), ...enabling])) return true;
  return fleet.unreadable.length > 0 && 'unread';
}

function isAudited({ auditEnabled }: DiscoveredCluster): boolean {
  return auditEnabled;
}

function isUsed(step: StepId, cluster: Cluster, users: readonly Cluster[]): boolean {
  const { scope } = STEPS[step];
  return users.some((c) => c.arn !== cluster.arn && scopeKey(scope, c) === scopeKey(scope, cluster));
}

async function costOf(deps: OnboardingDeps, cluster: Cluster): Promise<Cost> {
  const { metrics } = deps.aws.clients({ accountId: cluster.accountId, region: cluster.region }, READING);
  // A price that cannot be measured is a range, never a reason not to plan.
  const measured = await dailyBytes(metrics, logGroupOf(cluster), deps.clock.now()).catch(() => undefined);
  return estimateCost(measured);
}
