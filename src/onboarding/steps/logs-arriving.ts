/** The proof: Datadog has this cluster's audit events of the last 15 minutes, and here is where to read them. */

import { isAwsError } from '../../aws/errors.ts';
import { lastAuditEvent } from '../../aws/logs.ts';
import { type Cluster, logGroupOf } from '../../clusters/cluster.ts';
import { searchLogs } from '../../datadog/logs.ts';
import { logExplorerUrl } from '../../datadog/sites.ts';
import { quoteValue } from '../../rules/query.ts';
import type { Finding, Hop } from '../finding.ts';
import { type CheckContext, LOOKS_ONLY, type Step } from '../step.ts';
import { forwarderArn } from './forwarder.ts';

const WINDOW_MS = 15 * 60_000;

export const logsArriving: Step = {
  id: 'logs-arriving',
  scope: 'cluster',
  async check(context) {
    const { datadog, config, clock, cluster, other } = context;
    const now = clock.now();
    const from = new Date(now.getTime() - WINDOW_MS);
    const query = clusterQuery(cluster, forwarderArn(await other('forwarder')));
    const url = logExplorerUrl(config, query, from, now);
    const [last] = await searchLogs(datadog, query, from, now, 1);
    if (last)
      return {
        step: 'logs-arriving',
        state: 'in-sync',
        finding: { code: 'logs-arriving', lastAt: last.at.toISOString(), url },
      };
    return { step: 'logs-arriving', state: 'missing', finding: { code: 'logs-none', url } };
  },
  ...LOOKS_ONLY,
};

/**
 * One cluster in Datadog: events carry no cluster name, but the log group, its owner and the Forwarder (whose ARN holds
 * the Region) tell clusters of one name apart.
 */
export function clusterQuery(cluster: Cluster, forwarder: string | undefined): string {
  const terms = ['source:kubernetes.audit', ...clusterTerms(cluster)];
  if (forwarder) terms.push(`@aws.invoked_function_arn:${quoteValue(forwarder)}`);
  return terms.join(' ');
}

function clusterTerms(cluster: Cluster): string[] {
  return [`@aws.awslogs.logGroup:${quoteValue(logGroupOf(cluster))}`, `@aws.awslogs.owner:${cluster.accountId}`];
}

/** Nothing arrived in time: where did the events stop? Reads each hop from its own end. */
export async function findDarkHop(context: CheckContext): Promise<Finding> {
  const { datadog, clients, clock, config, cluster } = context;
  const now = clock.now();
  const from = new Date(now.getTime() - WINDOW_MS);
  const url = logExplorerUrl(config, clusterQuery(cluster, undefined), from, now);
  const dark = (lastSeen: Hop, otherSource?: string): Finding => ({
    code: 'logs-dark',
    lastSeen,
    url,
    ...(otherSource ? { otherSource } : {}),
  });
  const [arrived] = await searchLogs(datadog, clusterTerms(cluster).join(' '), from, now, 1);
  if (arrived) return dark('datadog', sourceOf(arrived.tags));
  const written = await lastAuditEvent(clients.logs, logGroupOf(cluster), from).catch((error) => {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  });
  return dark(written ? 'cloudwatch' : 'eks');
}

function sourceOf(tags: readonly string[]): string {
  return tags.find((tag) => tag.startsWith('source:'))?.slice('source:'.length) ?? 'unknown';
}
