/** The EKS API: list and describe clusters, switch control plane logs, follow the update. */
import { arn, roleArn } from './arn.ts';
import type { Cluster, ClusterUpdate, LogType } from './cluster.ts';
import { LOG_TYPES } from './cluster.ts';
import type { OperationRequest, Operations } from './operation.ts';
import { optionalText, page } from './operation.ts';
import { AwsFault } from './wire.ts';

interface LogSetup {
  types?: string[];
  enabled?: boolean;
}

/** The kinds of change a call may carry, one at a time. */
const UPDATE_KINDS = [
  'logging',
  'resourcesVpcConfig',
  'accessConfig',
  'upgradePolicy',
  'zonalShiftConfig',
  'computeConfig',
  'deletionProtection',
  'controlPlaneScalingConfig',
];

export const eksOperations: Operations = {
  ListClusters: {
    action: 'eks:ListClusters',
    resource: ({ region }) => arn('eks', region.region, region.account, 'cluster/*'),
    run({ region, call }) {
      const all = call.query.get('include') === 'all';
      const names = [...region.clusters.values()].filter((c) => all || !c.connected).map((c) => c.name);
      const { items, next } = page(names, pageSize(call.query), call.query.get('nextToken'), badToken());
      return { clusters: items, nextToken: next ?? null };
    },
  },

  DescribeCluster: {
    action: 'eks:DescribeCluster',
    resource: clusterResource,
    run(request) {
      return { cluster: describe(request, cluster(request)) };
    },
  },

  UpdateClusterConfig: {
    writes: true,
    action: 'eks:UpdateClusterConfig',
    resource: clusterResource,
    conditions(request) {
      const entries = setups(request).flatMap((setup) =>
        (setup.types ?? []).map((type) => [`eks:loggingType/${type}`, String(setup.enabled ?? false)]),
      );
      return Object.fromEntries(entries) as Record<string, string>;
    },
    run(request) {
      return { update: wireUpdate(updateLogging(request)) };
    },
  },

  DescribeUpdate: {
    action: 'eks:DescribeUpdate',
    resource: clusterResource,
    run(request) {
      const { name, updates } = cluster(request);
      const id = optionalText(request.input, 'updateId') ?? '';
      const update = updates.find((candidate) => candidate.id === id);
      if (!update) throw fault('ResourceNotFoundException', `No update found for id: ${id}.`, name);
      return { update: wireUpdate(update) };
    },
  },

  ListUpdates: {
    action: 'eks:ListUpdates',
    resource: clusterResource,
    run(request) {
      const ids = cluster(request).updates.map((update) => update.id);
      const { query } = request.call;
      const { items, next } = page(ids, pageSize(query), query.get('nextToken'), badToken());
      return { updateIds: items, nextToken: next ?? null };
    },
  },
};

function updateLogging(request: OperationRequest): ClusterUpdate {
  const target = cluster(request);
  const { name } = target;
  const kinds = UPDATE_KINDS.filter((kind) => request.input[kind] !== undefined);
  if (kinds.length > 1) throw fault('InvalidParameterException', 'Only one type of update can be allowed.', name);
  const wanted = requestedTypes(setups(request), name);
  if (kinds.length === 0 || (kinds[0] === 'logging' && wanted.size === 0))
    throw fault('InvalidParameterException', 'The type for cluster update was not provided.', name);
  if (kinds[0] !== 'logging')
    throw new AwsFault('ClientException', `the playground changes nothing but logging, not ${kinds[0]}`);

  const token = optionalText(request.input, 'clientRequestToken');
  const same = token === undefined ? undefined : target.updates.find((update) => update.clientRequestToken === token);
  if (same) return same;
  // EKS publishes no text for registered clusters and for logging on a cluster that is not ACTIVE; this is the one it
  // uses for node groups (github.com/eksctl-io/eksctl issue 2244).
  if (target.connected) throw fault('InvalidRequestException', `Cluster '${name}' is not in ACTIVE status`, name);
  const running = target.runningUpdate;
  if (running)
    throw fault(
      'ResourceInUseException',
      `Cannot LoggingUpdate because cluster ${name} currently has update ${running.id} in progress`,
      name,
    );
  if (target.status !== 'ACTIVE')
    throw fault('InvalidRequestException', `Cluster '${name}' is not in ACTIVE status`, name);
  if ([...wanted].every(([type, enabled]) => target.logs(type) === enabled))
    throw fault('InvalidParameterException', 'No changes needed for the logging config provided', name);

  const value = JSON.stringify({ clusterLogging: setups(request) });
  return target.startLoggingUpdate(wanted, [{ type: 'ClusterLogging', value }], token);
}

function requestedTypes(requested: LogSetup[], name: string): Map<LogType, boolean> {
  const wanted = new Map<LogType, boolean>();
  for (const { types = [], enabled = false } of requested) {
    for (const type of types) {
      const known = LOG_TYPES.find((candidate) => candidate === type);
      if (!known) throw fault('InvalidParameterException', `Unsupported logging type: ${type}`, name);
      if (wanted.get(known) === !enabled)
        throw fault('InvalidParameterException', `Logging type ${type} is both enabled and disabled`, name);
      wanted.set(known, enabled);
    }
  }
  return wanted;
}

function setups(request: OperationRequest): LogSetup[] {
  const logging = request.input.logging as { clusterLogging?: LogSetup[] } | undefined;
  return Array.isArray(logging?.clusterLogging) ? logging.clusterLogging : [];
}

function describe({ aws }: OperationRequest, target: Cluster): Record<string, unknown> {
  const { status, logging } = target.seen(aws.describeLagMs);
  const created = { name: target.name, arn: target.arn, createdAt: target.createdAtMs / 1000, tags: target.tags };
  if (target.connected)
    return {
      ...created,
      status,
      connectorConfig: {
        activationId: 'a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
        provider: 'OTHER',
        roleArn: roleArn(target.region, target.account, 'eks-connector-agent'),
      },
    };
  const off = LOG_TYPES.filter((type) => !logging.includes(type));
  return {
    ...created,
    version: target.version,
    platformVersion: 'eks.12',
    endpoint: `https://0123456789ABCDEF.gr7.${target.region}.eks.amazonaws.com`,
    roleArn: roleArn(target.region, target.account, 'eks-cluster-role'),
    status,
    logging: {
      clusterLogging: [
        ...(logging.length > 0 ? [{ types: logging, enabled: true }] : []),
        ...(off.length > 0 ? [{ types: off, enabled: false }] : []),
      ],
    },
    health: { issues: [] },
    accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
    deletionProtection: false,
  };
}

function wireUpdate(update: ClusterUpdate): Record<string, unknown> {
  const { id, status, type, params, errors } = update;
  return { id, status, type, params, createdAt: update.createdAtMs / 1000, errors };
}

function cluster(request: OperationRequest): Cluster {
  const name = optionalText(request.input, 'name') ?? '';
  const found = request.region.clusters.get(name);
  if (!found) throw fault('ResourceNotFoundException', `No cluster found for name: ${name}.`, name);
  return found;
}

function clusterResource({ region, input }: OperationRequest): string {
  return arn('eks', region.region, region.account, `cluster/${optionalText(input, 'name') ?? '*'}`);
}

function pageSize(query: URLSearchParams): number {
  const asked = query.get('maxResults');
  if (asked === null) return 100;
  const size = Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > 100)
    throw new AwsFault('InvalidParameterException', 'maxResults needs to be between 1 and 100');
  return size;
}

function badToken(): AwsFault {
  return new AwsFault('InvalidParameterException', 'Invalid parameter: nextToken');
}

function fault(code: string, message: string, clusterName: string): AwsFault {
  return new AwsFault(code, message, { fields: { clusterName } });
}
