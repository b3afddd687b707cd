/**
 * Exactly one filter carries the group's audit events to the Forwarder. Two would deliver everything twice, so one
 * that somebody else made is as good as ours, and never touched. Ours follows when the Forwarder is replaced.
 */
import {
  accountSubscriptions,
  deleteFilter,
  findLogGroup,
  listFilters,
  putFilter,
  type SubscriptionFilter,
} from '../../aws/logs.ts';
import { logGroupOf } from '../../clusters/cluster.ts';
import type { Config } from '../../config.ts';
import { findIntegration } from '../../datadog/aws-integration.ts';
import type { ChangeOf } from '../change.ts';
import type { FindingOf } from '../finding.ts';
import { lastMade } from '../journal.ts';
import type { Applied, ApplyContext, CheckContext, Observed, Step } from '../step.ts';
import { forwarderArn } from './forwarder.ts';

/** The name is ours alone. */
const FILTER_NAME = 'eks-audit-to-datadog';
/** Datadog names the filters of its automatic subscription like this. */
const DATADOG_PREFIX = 'DD_LOG_SUBSCRIPTION_FILTER_';

/**
 * A filter cannot select by stream, but audit events are the only JSON lines of the group, and say what they are.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
const AUDIT_ONLY = '{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }';

type Carrier = FindingOf<'filter-carries'>;

export const subscriptionFilter: Step = {
  id: 'subscription-filter',
  scope: 'cluster',
  async check(context) {
    const { cluster, clients, other } = context;
    const arn = forwarderArn(await other('forwarder'));
    if (!arn) return unknown();
    const group = logGroupOf(cluster);
    const logGroup = await other('log-group');
    if (logGroup.finding.code === 'group-infrequent-access')
      return { step: 'subscription-filter', state: 'blocked', finding: logGroup.finding };
    // What cannot be seen is not "no filter": another one put then would deliver everything twice.
    if (logGroup.state === 'unknown') return state('unknown', logGroup.finding);
    const filters = logGroup.finding.code === 'group-ready' ? await listFilters(clients.logs, group) : [];
    const elsewhere = filters.find((f) => f.name === FILTER_NAME && f.destinationArn !== arn);
    if (elsewhere && !(await isAsWeMadeIt(context, group, elsewhere))) {
      const { name, destinationArn } = elsewhere;
      return state('blocked', { code: 'filter-name-taken', name, destinationArn });
    }
    const carriers = await carriersOf(context, filters, group, arn);
    const [only] = carriers;
    const stale = elsewhere && staleFinding(elsewhere, group, arn);
    if (stale && only) return state('drifted', { ...stale, carriedBy: only.by });
    if (carriers.length > 1) return state('drifted', { code: 'filter-double', names: carriers.map((c) => c.by) });
    if (only) return state('in-sync', only);
    if (await datadogSubscribes(context, arn)) return state('waiting', { code: 'filter-expected', forwarderArn: arn });
    if (stale) return state('drifted', stale);
    return state('missing', { code: 'filter-missing', group, forwarderArn: arn });
  },
  plan({ finding }, _cluster, config) {
    // A second way to the same Forwarder would deliver everything twice.
    if (finding.code === 'filter-stale' && !finding.carriedBy) {
      const { group, name, from, forwarderArn: arn } = finding;
      const values = { name, pattern: patternFor(config), from, forwarderArn: arn };
      return [{ step: 'subscription-filter', target: group, operation: 'repoint-subscription-filter', values }];
    }
    if (finding.code !== 'filter-missing') return [];
    return [
      {
        step: 'subscription-filter',
        target: finding.group,
        operation: 'put-subscription-filter',
        values: { name: FILTER_NAME, pattern: patternFor(config), forwarderArn: finding.forwarderArn },
      },
    ];
  },
  async apply(context, change) {
    if (change.operation === 'put-subscription-filter') return put(context, change);
    if (change.operation === 'repoint-subscription-filter') return repoint(context, change);
    if (change.operation === 'delete-subscription-filter') return remove(context, change);
    return { outcome: 'done' };
  },
  undo(change) {
    if (change.operation !== 'put-subscription-filter' && change.operation !== 'repoint-subscription-filter') return [];
    const { name, forwarderArn: arn } = change.values;
    return [
      {
        step: 'subscription-filter',
        target: change.target,
        operation: 'delete-subscription-filter',
        values: { name, forwarderArn: arn },
      },
    ];
  },
};

function patternFor(config: Config): string {
  return config.onboarding.filter === 'audit-only' ? AUDIT_ONLY : '';
}

async function carriersOf(
  { clients }: CheckContext,
  filters: SubscriptionFilter[],
  group: string,
  arn: string,
): Promise<Carrier[]> {
  const own = filters
    .filter((f) => f.destinationArn === arn)
    .map((f): Carrier => ({ code: 'filter-carries', by: f.name, kind: kindOf(f), pattern: f.pattern }));
  const policies = await accountSubscriptions(clients.logs);
  const wide = policies
    .filter((p) => p.destinationArn === arn && !p.excludes.includes(group))
    .map((p): Carrier => ({ code: 'filter-carries', by: p.name, kind: 'account-policy', pattern: p.pattern }));
  return [...own, ...wide];
}

function kindOf(filter: SubscriptionFilter): Carrier['kind'] {
  if (filter.name === FILTER_NAME) return 'ours';
  return filter.name.startsWith(DATADOG_PREFIX) ? 'datadog' : 'foreign';
}

/** Datadog is about to subscribe the group itself: adding ours as well would deliver every event twice. */
async function datadogSubscribes({ datadog, cluster }: CheckContext, arn: string): Promise<boolean> {
  const integration = await findIntegration(datadog, cluster.accountId);
  const { forwarders, services } = integration?.autoSubscribes ?? { forwarders: [], services: [] };
  return forwarders.includes(arn) && services.includes('eks');
}

/** Ours by name is not enough: a filter that somebody pointed elsewhere or rewrote since is their decision. */
async function isAsWeMadeIt(
  { db, cluster }: CheckContext,
  group: string,
  filter: SubscriptionFilter,
): Promise<boolean> {
  const made = await lastMade(db, cluster, 'subscription-filter', group);
  if (made?.operation !== 'put-subscription-filter' && made?.operation !== 'repoint-subscription-filter') return false;
  const { name, pattern, forwarderArn: arn } = made.values;
  return filter.name === name && filter.pattern === pattern && filter.destinationArn === arn;
}

function staleFinding({ name, destinationArn }: SubscriptionFilter, group: string, arn: string) {
  return { code: 'filter-stale', group, name, from: destinationArn, forwarderArn: arn } as const;
}

/** A filter of this name is replaced by putting it anew, also where no slot is free. */
async function repoint(context: ApplyContext, change: ChangeOf<'repoint-subscription-filter'>): Promise<Applied> {
  const { name, from, forwarderArn: arn } = change.values;
  const filters = await listFilters(context.clients.logs, change.target);
  const now = filters.find((f) => f.name === name)?.destinationArn;
  // Pointed to a third place, or removed, since the plan was made: that is not what was approved.
  if (now !== from && now !== arn) return { outcome: 'stop', finding: { code: 'plan-changed' } };
  return put(context, change);
}

async function put(
  context: ApplyContext,
  change: ChangeOf<'put-subscription-filter' | 'repoint-subscription-filter'>,
): Promise<Applied> {
  const { clients, config, clock, begun } = context;
  const { name, pattern, forwarderArn: arn } = change.values;
  const group = change.target;
  if (!(await findLogGroup(clients.logs, group))) return { outcome: 'wait', finding: { code: 'group-awaited', group } };
  const outcome = await putFilter(clients.logsOnce, group, { name, pattern, destinationArn: arn });
  switch (outcome) {
    case 'put':
      return { outcome: 'done' };
    case 'group-missing':
      return { outcome: 'wait', finding: { code: 'group-awaited', group } };
    case 'try-again':
      return { outcome: 'wait', finding: { code: 'aws-busy' } };
    case 'slots-full': {
      const filters = await listFilters(clients.logs, group);
      return { outcome: 'stop', finding: { code: 'slots-full', group, filters: filters.map((f) => f.name) } };
    }
    case 'cannot-invoke': {
      // A permission granted a moment ago takes up to five minutes to be seen by CloudWatch Logs.
      const waitedMs = clock.now().getTime() - begun.begunAt.getTime();
      const finding = { code: 'cannot-invoke', forwarderArn: arn } as const;
      return waitedMs < config.timing.permission_propagation
        ? { outcome: 'wait', finding }
        : { outcome: 'stop', finding };
    }
  }
}

async function remove({ clients }: ApplyContext, change: ChangeOf<'delete-subscription-filter'>): Promise<Applied> {
  const filters = await listFilters(clients.logs, change.target);
  const ours = filters.find((f) => f.name === change.values.name);
  // Compared before it is deleted: a filter that was pointed elsewhere since is somebody's decision, not ours to undo.
  if (ours && ours.destinationArn === change.values.forwarderArn)
    await deleteFilter(clients.logs, change.target, ours.name);
  return { outcome: 'done' };
}

function state(value: Observed['state'], finding: Observed['finding']): Observed {
  return { step: 'subscription-filter', state: value, finding };
}

function unknown(): Observed {
  return state('unknown', { code: 'depends', on: 'forwarder' });
}
