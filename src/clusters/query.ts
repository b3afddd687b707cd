/**
 * One cluster in Datadog. Events carry no cluster name, Region or account tag: log group, its owner and the Region in
 * the Forwarder's ARN together tell clusters of one name apart.
 */
import { partitionOf } from '../aws/clients.ts';
import { escapeTerm, quoteValue, writeValue } from '../rules/query.ts';
import { logGroupOf } from './cluster.ts';

/** A cluster as far as it is known: a signal may name it without account or Region. */
export interface ClusterInLogs {
  name: string;
  accountId: string | undefined;
  region: string | undefined;
}

/** Everything the cluster's log group sends, whatever source it got. */
export function clusterQuery({ name, accountId, region }: ClusterInLogs): string {
  const terms = [`@aws.awslogs.logGroup:${quoteValue(logGroupOf({ name }))}`];
  if (accountId !== undefined) terms.push(`@aws.awslogs.owner:${writeValue(accountId)}`);
  if (region !== undefined)
    terms.push(`@aws.invoked_function_arn:${escapeTerm(`arn:${partitionOf(region)}:lambda:${region}:`)}*`);
  return terms.join(' ');
}

/** The cluster's audit events. */
export function auditQuery(cluster: ClusterInLogs): string {
  return `source:kubernetes.audit ${clusterQuery(cluster)}`;
}
