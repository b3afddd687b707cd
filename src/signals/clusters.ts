/** The clusters of a signal, out of all the places that name one: some know the account or the Region, others do not. */
import type { SignalCluster } from './signal.ts';

const MOST_CLUSTERS = 20;

/**
 * Each cluster once, in an order that does not depend on which sample came first. A mention that leaves out account or
 * Region is about a cluster known already, where there is one it fits.
 */
export function readClusters(mentions: readonly SignalCluster[]): SignalCluster[] {
  const clusters: SignalCluster[] = [];
  const fullestFirst = [...mentions].sort((a, b) => known(b) - known(a) || compare(a, b));
  for (const mention of fullestFirst) {
    const same = clusters.find((cluster) => fits(cluster, mention));
    if (!same) clusters.push({ ...mention });
    else Object.assign(same, { accountId: same.accountId ?? mention.accountId, region: same.region ?? mention.region });
  }
  return clusters.sort(compare).slice(0, MOST_CLUSTERS);
}

function known({ accountId, region }: SignalCluster): number {
  return Number(accountId !== undefined) * 2 + Number(region !== undefined);
}

function fits(a: SignalCluster, b: SignalCluster): boolean {
  const agree = (one: string | undefined, other: string | undefined) =>
    one === undefined || other === undefined || one === other;
  return a.name === b.name && agree(a.accountId, b.accountId) && agree(a.region, b.region);
}

function compare(a: SignalCluster, b: SignalCluster): number {
  const [one, other] = [a, b].map(({ name, accountId, region }) => `${name} ${accountId ?? ''} ${region ?? ''}`);
  return (one ?? '') < (other ?? '') ? -1 : one === other ? 0 : 1;
}
