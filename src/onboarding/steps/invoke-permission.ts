/**
 * The Forwarder lets CloudWatch Logs invoke it for this cluster's group. The public template grants it; hand-made
 * Forwarders need one statement, with a wildcard for all EKS groups, because the policy holds only about fifty.
 */
import { partitionOf } from '../../aws/clients.ts';
import { allowsLogs } from '../../aws/invoke-policy.ts';
import { addPermission, getPolicy, removePermission } from '../../aws/lambda.ts';
import { type Cluster, logGroupOf } from '../../clusters/cluster.ts';
import { withLease } from '../../db/leases.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';
import { forwarderArn } from './forwarder.ts';

/** Recognised as ours by its name and, before anything is removed, by its content. */
const SID = 'eks-audit-cloudwatch-logs';

export const invokePermission: Step = {
  id: 'invoke-permission',
  scope: 'account-region',
  async check({ cluster, clients, other }) {
    const arn = forwarderArn(await other('forwarder'));
    if (!arn) return { step: 'invoke-permission', state: 'unknown', finding: { code: 'depends', on: 'forwarder' } };
    const { statements } = await getPolicy(clients.lambda, arn);
    if (allowsLogs(statements, groupArn(cluster), cluster.accountId)) {
      return { step: 'invoke-permission', state: 'in-sync', finding: { code: 'invoke-allowed', forwarderArn: arn } };
    }
    if (statements.some((s) => s.Sid === SID)) {
      return {
        step: 'invoke-permission',
        state: 'blocked',
        finding: { code: 'invoke-conflict', forwarderArn: arn, sid: SID },
      };
    }
    return {
      step: 'invoke-permission',
      state: 'missing',
      finding: { code: 'invoke-missing', forwarderArn: arn, sid: SID, sourceArn: wildcardArn(cluster) },
    };
  },
  plan({ finding }, cluster) {
    if (finding.code !== 'invoke-missing') return [];
    return [
      {
        step: 'invoke-permission',
        target: finding.forwarderArn,
        operation: 'add-invoke-permission',
        values: { sid: finding.sid, sourceArn: finding.sourceArn, accountId: cluster.accountId },
      },
    ];
  },
  apply(context, change) {
    return withLease(context, `policy:${change.target}`, context.config.timing.lease * 2, async () => {
      if (change.operation === 'add-invoke-permission') return add(context, change.target, change.values);
      if (change.operation === 'remove-invoke-permission') return remove(context, change.target, change.values);
      return { outcome: 'done' };
    });
  },
  undo(change) {
    if (change.operation !== 'add-invoke-permission') return [];
    const { sid, sourceArn } = change.values;
    return [
      {
        step: 'invoke-permission',
        target: change.target,
        operation: 'remove-invoke-permission',
        values: { sid, sourceArn },
      },
    ];
  },
};

async function add(
  { clients, cluster }: ApplyContext,
  arn: string,
  values: { sid: string; sourceArn: string; accountId: string },
): Promise<Applied> {
  const { sid, sourceArn, accountId } = values;
  // Looked up again inside the lease: another cluster's run may have added it a moment ago.
  const before = await getPolicy(clients.lambda, arn);
  if (allowsLogs(before.statements, groupArn(cluster), cluster.accountId)) return { outcome: 'done', result: { sid } };
  const outcome = await addPermission(clients.lambda, arn, { sid, sourceArn, sourceAccount: accountId });
  if (outcome === 'added') return { outcome: 'done', result: { sid } };
  const { statements, bytes } = await getPolicy(clients.lambda, arn);
  if (outcome === 'policy-full') return { outcome: 'stop', finding: { code: 'policy-full', forwarderArn: arn, bytes } };
  // A statement of our name is success only if it grants what we need.
  if (allowsLogs(statements, groupArn(cluster), cluster.accountId)) return { outcome: 'done', result: { sid } };
  // The same answer comes while somebody else changes the function.
  if (!statements.some((s) => s.Sid === sid)) return { outcome: 'wait', finding: { code: 'aws-busy' } };
  return { outcome: 'stop', finding: { code: 'invoke-conflict', forwarderArn: arn, sid } };
}

async function remove(
  { clients }: ApplyContext,
  arn: string,
  values: { sid: string; sourceArn: string },
): Promise<Applied> {
  const { statements } = await getPolicy(clients.lambda, arn);
  const ours = statements.find((s) => s.Sid === values.sid);
  if (ours && JSON.stringify(ours.Condition ?? {}).includes(values.sourceArn))
    await removePermission(clients.lambda, arn, values.sid);
  return { outcome: 'done' };
}

function groupArn(cluster: Cluster): string {
  return `arn:${partitionOf(cluster.region)}:logs:${cluster.region}:${cluster.accountId}:log-group:${logGroupOf(cluster)}:*`;
}

function wildcardArn(cluster: Cluster): string {
  return `arn:${partitionOf(cluster.region)}:logs:${cluster.region}:${cluster.accountId}:log-group:/aws/eks/*/cluster:*`;
}
