/**
 * One cluster in Datadog. Events carry no cluster name, Region or account tag: log group, its owner and the Region in
 * the Forwarder's ARN together tell clusters of one name apart.
 */
import { partitionOf } from '../aws/clients.ts';
import { escapeTerm, quoteValue } from '../rules/query.ts';
import { type Cluster, logGroupOf } from './cluster.ts';

/** Everything the cluster's log group sends, whatever source it got. */
export function clusterQuery(cluster: Cluster): string {
  const region = escapeTerm(`arn:${partitionOf(cluster.region)}:lambda:${cluster.region}:`);
  return [
    `@aws.awslogs.logGroup:${quoteValue(logGroupOf(cluster))}`,
    `@aws.awslogs.owner:${cluster.accountId}`,
    `@aws.invoked_function_arn:${region}*`,
  ].join(' ');
}

/** The cluster's audit events. */
export function auditQuery(cluster: Cluster): string {
  return `source:kubernetes.audit ${clusterQuery(cluster)}`;
}
