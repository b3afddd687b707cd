/** A cluster's identity. Names repeat across accounts and Regions; the ARN is what we store and compare. */
import { partitionOf } from '../aws/clients.ts';

export interface Cluster {
  arn: string;
  accountId: string;
  accountName: string;
  region: string;
  name: string;
  /** EKS tags; approval rules match them, and they tell who manages the cluster. */
  tags: Readonly<Record<string, string>>;
}

export interface DiscoveredCluster extends Cluster {
  status: string;
  connected: boolean;
  auditEnabled: boolean;
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

export type Manager = 'Terraform' | 'CloudFormation' | 'eksctl';

/** Who would undo a change made by hand: infrastructure code leaves its marks in the tags. */
export function managerOf(tags: Readonly<Record<string, string>>): Manager | undefined {
  const keys = Object.keys(tags).map((key) => key.toLowerCase());
  if (keys.some((key) => key.startsWith('alpha.eksctl.io/'))) return 'eksctl';
  if (keys.some((key) => key.startsWith('aws:cloudformation:'))) return 'CloudFormation';
  const entries = Object.entries(tags).map(([key, value]) => `${key}=${value}`.toLowerCase());
  return entries.some((entry) => entry.includes('terraform')) ? 'Terraform' : undefined;
}
