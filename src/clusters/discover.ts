/** All clusters of all configured accounts and Regions; what cannot be read is reported beside what can. */
import { type Aws, type AwsScope, READING } from '../aws/clients.ts';
import { describeCluster, listClusterNames } from '../aws/eks.ts';
import { type AwsFailure, awsFailure } from '../aws/errors.ts';
import type { Config } from '../config.ts';
import type { DiscoveredCluster } from './cluster.ts';

export interface Unreadable {
  accountName: string;
  region: string;
  /** `other-account`: our credentials there are those of `owner`. */
  failure: AwsFailure | { kind: 'other-account'; owner: string };
}

export interface Fleet {
  clusters: DiscoveredCluster[];
  unreadable: Unreadable[];
}

class OtherAccount extends Error {
  readonly owner: string;
  constructor(owner: string) {
    super(`clusters of ${owner} were read`);
    this.owner = owner;
  }
}

/** DescribeCluster calls at once per account and Region; EKS does not publish its limits. */
const PARALLEL = 5;

export async function discover(deps: { aws: Aws; config: Config }): Promise<Fleet> {
  const fleet: Fleet = { clusters: [], unreadable: [] };
  const scopes = deps.config.aws.accounts.flatMap((account) => account.regions.map((region) => ({ account, region })));
  await Promise.all(
    scopes.map(async ({ account, region }) => {
      try {
        const found = await discoverRegion(deps.aws, { accountId: account.id, region });
        fleet.clusters.push(...found.map((c) => ({ ...c, accountName: account.name })));
      } catch (error) {
        fleet.unreadable.push({ accountName: account.name, region, failure: failureOf(error) });
      }
    }),
  );
  fleet.clusters.sort((a, b) => a.arn.localeCompare(b.arn));
  return fleet;
}

async function discoverRegion(aws: Aws, scope: AwsScope): Promise<Omit<DiscoveredCluster, 'accountName'>[]> {
  const { eks } = aws.clients(scope, READING);
  const names = await listClusterNames(eks);
  const found: Omit<DiscoveredCluster, 'accountName'>[] = [];
  for (let at = 0; at < names.length; at += PARALLEL) {
    const described = await Promise.all(names.slice(at, at + PARALLEL).map((name) => describeCluster(eks, name)));
    // A cluster deleted between the two calls is simply gone.
    for (const cluster of described) {
      if (!cluster) continue;
      const { arn, name, status, connected, auditEnabled, tags } = cluster;
      const owner = arn.split(':')[4] ?? '';
      // Without roles the bot's own credentials are used, and they belong to one account only. Its clusters must not be
      // judged by another account's rules.
      if (owner !== scope.accountId) throw new OtherAccount(owner);
      found.push({ ...scope, arn, name, status, connected, auditEnabled, tags });
    }
  }
  return found;
}

function failureOf(error: unknown): Unreadable['failure'] {
  return error instanceof OtherAccount ? { kind: 'other-account', owner: error.owner } : awsFailure(error);
}
