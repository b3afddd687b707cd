/** A cluster's identity. Names repeat across accounts and Regions; the ARN is what we store and compare. */
import { partitionOf } from '../aws/clients.ts';

export interface Cluster {
  arn: string;
  accountId: string;
  accountName: string;
  region: string;
  name: string;
}

export interface DiscoveredCluster extends Cluster {
  status: string;
  connected: boolean;
  auditEnabled: boolean;
  tags: Readonly<Record<string, string>>;
}

export function clusterArn(accountId: string, region: string, name: string): string {
  return `arn:${partitionOf(region)}:eks:${region}:${accountId}:cluster/${name}`;
}

/** Where EKS writes the cluster's control-plane logs. */
export function logGroupOf(cluster: Pick<Cluster, 'name'>): string {
  return `/aws/eks/${cluster.name}/cluster`;
}

/** `production/us-east-1/prod-a`: unambiguous, and what a person can type. */
export function fullName(cluster: Cluster): string {
  return `${cluster.accountName}/${cluster.region}/${cluster.name}`;
}
