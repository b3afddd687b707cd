/** The proof: Datadog has this cluster's audit events of the last 15 minutes, and here is where to read them. */
import { isAwsError } from '../../aws/errors.ts';
import { functionNameOf } from '../../aws/lambda.ts';
import { lastAuditEvent } from '../../aws/logs.ts';
import { invocations } from '../../aws/metrics.ts';
import { logGroupOf } from '../../clusters/cluster.ts';
import { auditQuery, clusterQuery } from '../../clusters/query.ts';
import { searchLogs } from '../../datadog/logs.ts';
import { logExplorerUrl } from '../../datadog/sites.ts';
import type { FailingForwarder, Finding, FindingOf, Hop } from '../finding.ts';
import { type CheckContext, LOOKS_ONLY, type Step } from '../step.ts';

const WINDOW_MS = 15 * 60_000;

export const logsArriving: Step = {
  id: 'logs-arriving',
  scope: 'cluster',
  async check(context) {
    const { datadog, config, clock, cluster } = context;
    const now = clock.now();
    const from = new Date(now.getTime() - WINDOW_MS);
    const query = auditQuery(cluster);
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

/** Nothing arrived in time: where did the events stop? Reads each hop from its own end. */
export async function findDarkHop(context: CheckContext): Promise<Finding> {
  const { datadog, clients, clock, config, cluster } = context;
  const now = clock.now();
  const from = new Date(now.getTime() - WINDOW_MS);
  const url = logExplorerUrl(config, auditQuery(cluster), from, now);
  const dark = (lastSeen: Hop, more: Pick<FindingOf<'logs-dark'>, 'otherSource' | 'failing'> = {}): Finding => ({
    code: 'logs-dark',
    lastSeen,
    url,
    ...more,
  });
  const [arrived] = await searchLogs(datadog, clusterQuery(cluster), from, now, 1);
  if (arrived) return dark('datadog', { otherSource: sourceOf(arrived.tags) });
  const written = await lastAuditEvent(clients.logs, logGroupOf(cluster), from).catch((error) => {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  });
  if (!written) return dark('eks');
  const failing = await failingForwarder(context, from, now);
  return failing ? dark('forwarder', { failing }) : dark('cloudwatch');
}

/** The Forwarder by Lambda's own count. It may serve other groups too, so the numbers are said and not interpreted. */
async function failingForwarder(
  { clients, other }: CheckContext,
  from: Date,
  to: Date,
): Promise<FailingForwarder | undefined> {
  const { finding } = await other('forwarder');
  if (finding.code !== 'forwarder-healthy' && finding.code !== 'forwarder-unfit') return undefined;
  const name = functionNameOf(finding.arn);
  const counted = await invocations(clients.metrics, name, from, to);
  return counted.errors > 0 ? { name, ...counted } : undefined;
}

function sourceOf(tags: readonly string[]): string {
  return tags.find((tag) => tag.startsWith('source:'))?.slice('source:'.length) ?? 'unknown';
}
