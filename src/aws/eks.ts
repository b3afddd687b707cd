/** Amazon EKS: one function per call we make. https://docs.aws.amazon.com/eks/latest/APIReference */
import {
  type Cluster,
  DescribeClusterCommand,
  DescribeUpdateCommand,
  type EKSClient,
  paginateListClusters,
  UpdateClusterConfigCommand,
} from '@aws-sdk/client-eks';
import { isAwsError } from './errors.ts';

export interface EksCluster {
  name: string;
  arn: string;
  status: string;
  version: string | undefined;
  createdAt: Date | undefined;
  tags: Readonly<Record<string, string>>;
  /** Registered from elsewhere: it has no EKS control plane and so no control plane logs. */
  connected: boolean;
  auditEnabled: boolean;
}

export type UpdateState =
  | { state: 'running' }
  | { state: 'done' }
  | { state: 'failed'; errors: { code: string; message: string }[] };

/** Names of all clusters, connected ones too, so that they can be reported instead of missed. */
export async function listClusterNames(eks: EKSClient): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListClusters({ client: eks }, { include: ['all'] }))
    names.push(...(page.clusters ?? []));
  return names;
}

/** One cluster, or undefined when there is none of that name. */
export async function describeCluster(eks: EKSClient, name: string): Promise<EksCluster | undefined> {
  try {
    const { cluster } = await eks.send(new DescribeClusterCommand({ name }));
    return cluster ? toCluster(cluster) : undefined;
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

export type LoggingChange =
  | { outcome: 'started'; updateId: string }
  | { outcome: 'already-so' }
  /** Another update of the cluster is running; EKS takes one at a time. */
  | { outcome: 'busy'; updateId: string | undefined };

/**
 * Switches the audit log type and no other: types that are not named keep their state. `token` makes a repeated
 * request the same request, so a lost answer never starts a second update.
 */
export async function setAuditLogging(
  eks: EKSClient,
  name: string,
  enabled: boolean,
  token: string,
): Promise<LoggingChange> {
  try {
    const { update } = await eks.send(
      new UpdateClusterConfigCommand({
        name,
        clientRequestToken: token,
        logging: { clusterLogging: [{ types: ['audit'], enabled }] },
      }),
    );
    return { outcome: 'started', updateId: update?.id ?? '' };
  } catch (error) {
    const message = (error as Error).message;
    if (isAwsError(error, 'InvalidParameterException') && message.includes('No changes needed'))
      return { outcome: 'already-so' };
    if (isAwsError(error, 'ResourceInUseException'))
      return { outcome: 'busy', updateId: /update ([0-9a-f-]{36})/.exec(message)?.[1] };
    throw error;
  }
}

export async function describeUpdate(eks: EKSClient, name: string, updateId: string): Promise<UpdateState> {
  const { update } = await eks.send(new DescribeUpdateCommand({ name, updateId }));
  if (update?.status === 'Successful') return { state: 'done' };
  if (update?.status === 'InProgress') return { state: 'running' };
  const errors = (update?.errors ?? []).map((e) => ({ code: e.errorCode ?? 'Unknown', message: e.errorMessage ?? '' }));
  return { state: 'failed', errors };
}

function toCluster(cluster: Cluster): EksCluster {
  return {
    name: cluster.name ?? '',
    arn: cluster.arn ?? '',
    status: cluster.status ?? 'UNKNOWN',
    version: cluster.version,
    createdAt: cluster.createdAt,
    tags: cluster.tags ?? {},
    connected: cluster.status === 'PENDING' || cluster.connectorConfig !== undefined,
    // The service answers with one entry or two, in any order: look at them all.
    auditEnabled: (cluster.logging?.clusterLogging ?? []).some(
      (setup) => setup.enabled === true && setup.types?.includes('audit'),
    ),
  };
}
