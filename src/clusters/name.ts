/** Which cluster somebody means: `name`, `account/name` or `account/region/name`, with a suggestion when none fits. */

import { closest } from '../closest.ts';
import type { Cluster } from './cluster.ts';

export type Resolved<C extends Cluster> =
  | { found: 'one'; cluster: C }
  | { found: 'several'; clusters: C[] }
  | { found: 'none'; suggestion: string | undefined };

/** Pure. The account part may be its configured name or its id. */
export function resolveCluster<C extends Cluster>(typed: string, clusters: readonly C[]): Resolved<C> {
  const parts = typed.split('/');
  const name = parts.at(-1) ?? '';
  const [account, region] = parts.length > 1 ? [parts[0], parts.length > 2 ? parts[1] : undefined] : [];
  const matching = clusters.filter(
    (c) =>
      c.arn === typed ||
      (c.name === name &&
        (account === undefined || c.accountName === account || c.accountId === account) &&
        (region === undefined || c.region === region)),
  );
  const [only] = matching;
  if (only && matching.length === 1) return { found: 'one', cluster: only };
  if (matching.length > 1) return { found: 'several', clusters: matching };
  return {
    found: 'none',
    suggestion: closest(
      name,
      clusters.map((c) => c.name),
    ),
  };
}
