/** `/eks-audit list`, and finding the cluster somebody means for every other command. */
import type { Aws } from '../aws/clients.ts';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { UserError } from '../errors.ts';
import type { Content } from '../slack/blocks.ts';
import type { DiscoveredCluster } from './cluster.ts';
import { discover, type Fleet } from './discover.ts';
import { resolveCluster } from './name.ts';
import { text } from './text.ts';
import { fleetView, whichCluster } from './views.ts';

export interface Clusters {
  /** The fleet as it was at most `maxAgeMs` ago. */
  fleet(maxAgeMs?: number): Promise<Fleet>;
}

/** One discovery serves the questions of a moment: names are looked up for every command. */
const NAMES_FOR_MS = 30_000;

export function createClusters(deps: { aws: Aws; config: Config; clock: Clock }): Clusters {
  let known: { at: number; fleet: Promise<Fleet> } | undefined;
  return {
    fleet(maxAgeMs = NAMES_FOR_MS) {
      const now = deps.clock.now().getTime();
      if (!known || now - known.at > maxAgeMs) {
        const asked = { at: now, fleet: discover(deps) };
        known = asked;
        asked.fleet.catch(() => {
          if (known === asked) known = undefined;
        });
      }
      return known.fleet;
    },
  };
}

export async function list(clusters: Clusters, language: Language): Promise<Content> {
  return fleetView(await clusters.fleet(0), language);
}

/**
 * The cluster that is meant, or the question which one. Throws `UserError` for a name nobody has. `commandFor` gives
 * what a button of the question repeats.
 */
export async function findCluster(
  clusters: Clusters,
  typed: string,
  commandFor: (name: string) => string,
  language: Language,
): Promise<{ cluster: DiscoveredCluster } | { question: Content }> {
  let fleet = await clusters.fleet();
  let resolved = resolveCluster(typed, fleet.clusters);
  if (resolved.found === 'none') {
    // It may have been made a moment ago.
    fleet = await clusters.fleet(0);
    resolved = resolveCluster(typed, fleet.clusters);
  }
  if (resolved.found === 'one') return { cluster: resolved.cluster };
  if (resolved.found === 'several') return { question: whichCluster(typed, resolved.clusters, commandFor, language) };
  const { suggestion } = resolved;
  const [unreadable] = fleet.unreadable;
  throw new UserError((lang) =>
    unreadable && !suggestion
      ? text[lang].unknownWhileUnreadable(typed, `${unreadable.accountName}/${unreadable.region}`)
      : text[lang].unknownCluster(typed, suggestion),
  );
}
