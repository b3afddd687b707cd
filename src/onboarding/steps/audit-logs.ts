/**
 * EKS writes the cluster's audit log. Switching it on is asynchronous, one update at a time, and may fail minutes
 * later for reasons in the VPC; other log types are never touched.
 */
import { createHash } from 'node:crypto';
import { describeCluster, describeUpdate, type LoggingChange, setAuditLogging } from '../../aws/eks.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';

export const auditLogs: Step = {
  id: 'audit-logs',
  scope: 'cluster',
  async check({ cluster, clients }) {
    const found = await describeCluster(clients.eks, cluster.name);
    if (!found) return { step: 'audit-logs', state: 'blocked', finding: { code: 'cluster-gone' } };
    if (found.connected) return { step: 'audit-logs', state: 'blocked', finding: { code: 'cluster-connected' } };
    if (found.auditEnabled) return { step: 'audit-logs', state: 'in-sync', finding: { code: 'audit-on' } };
    if (found.status === 'CREATING')
      return { step: 'audit-logs', state: 'waiting', finding: { code: 'cluster-not-active', status: found.status } };
    if (found.status === 'DELETING' || found.status === 'FAILED') {
      return { step: 'audit-logs', state: 'blocked', finding: { code: 'cluster-not-active', status: found.status } };
    }
    return { step: 'audit-logs', state: 'missing', finding: { code: 'audit-off' } };
  },
  plan({ state, finding }, cluster) {
    // A cluster that is being created takes no update yet, but will: the change is approved now and waits.
    const later = state === 'waiting' && finding.code === 'cluster-not-active';
    if (finding.code !== 'audit-off' && !later) return [];
    return [{ step: 'audit-logs', target: cluster.arn, operation: 'enable-audit-logs', values: {} }];
  },
  async apply(context, change) {
    const known = context.begun.result as { updateId?: string } | null;
    if (known?.updateId) return followUpdate(context, known.updateId);
    const { clients, cluster } = context;
    const { status } = (await describeCluster(clients.eks, cluster.name)) ?? {};
    if (status === 'CREATING') return { outcome: 'wait', finding: { code: 'cluster-not-active', status } };
    const enable = change.operation === 'enable-audit-logs';
    return started(await setAuditLogging(clients.eks, cluster.name, enable, token(context, change.operation)));
  },
  undo: () => [],
};

async function followUpdate({ clients, cluster }: ApplyContext, updateId: string): Promise<Applied> {
  const update = await describeUpdate(clients.eks, cluster.name, updateId);
  if (update.state === 'failed') return { outcome: 'stop', finding: { code: 'update-failed', errors: update.errors } };
  if (update.state === 'running')
    return { outcome: 'wait', finding: { code: 'update-running', updateId }, result: { updateId } };
  return { outcome: 'done', result: { updateId } };
}

function started(change: LoggingChange): Applied {
  switch (change.outcome) {
    case 'started':
      return {
        outcome: 'wait',
        finding: { code: 'update-running', updateId: change.updateId },
        result: { updateId: change.updateId },
      };
    case 'already-so':
      return { outcome: 'done' };
    case 'busy':
      return { outcome: 'wait', finding: { code: 'foreign-update', updateId: change.updateId } };
  }
}

/** The same change of the same run is the same request to EKS, however often a crash makes us send it. */
function token({ runId, cluster }: ApplyContext, operation: string): string {
  return createHash('sha256').update(`${runId}/${cluster.arn}/${operation}`).digest('hex').slice(0, 64);
}
