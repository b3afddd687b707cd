/** The fleet, and the question which of several clusters is meant. */
import type { Language } from '../config.ts';
import { actions, button, type Content, content, context, section, sections } from '../slack/blocks.ts';
import { code } from '../slack/mrkdwn.ts';
import type { Cluster, DiscoveredCluster } from './cluster.ts';
import { fullName } from './cluster.ts';
import type { Fleet } from './discover.ts';
import { text } from './text.ts';

/** Characters of lines; what is beyond is counted. Slack refuses messages whose blocks have more than about 11,300. */
const CLUSTERS_BUDGET = 8_000;
const UNREADABLE_BUDGET = 2_000;
/** Slack's limit of buttons in one row of actions. */
const MAX_CHOICES = 20;

/** `/eks-audit list`: worst first. */
export function fleetView(fleet: Fleet, language: Language): Content {
  const t = text[language];
  if (fleet.clusters.length === 0 && fleet.unreadable.length === 0)
    return content(t.noClusters, [section(t.noClusters)]);
  const covered = fleet.clusters.filter((c) => c.auditEnabled).length;
  const summary = t.fleet(fleet.clusters.length, covered);
  const sorted = [...fleet.clusters].sort((a, b) => badness(b) - badness(a) || fullName(a).localeCompare(fullName(b)));
  const lines = within(
    CLUSTERS_BUDGET,
    sorted.map((c) => clusterLine(c, language)),
  );
  const unreadable = within(
    UNREADABLE_BUDGET,
    fleet.unreadable.map((u) => `:warning: ${t.unreadable(`${u.accountName}/${u.region}`, t.failure(u.failure))}`),
  );
  const example = sorted[0];
  return content(summary, [
    section(`*${summary}*`),
    ...sections(lines),
    ...sections(unreadable),
    example ? context(t.next(example.name)) : undefined,
  ]);
}

/** As many lines as there is room for, and how many more there are. */
function within(budget: number, lines: readonly string[]): string[] {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += line.length + 1;
    return used > budget;
  });
  return end < 0 ? [...lines] : [...lines.slice(0, end), `… +${lines.length - end}`];
}

/** Asks with buttons; each repeats the command with the full name. */
export function whichCluster(
  typed: string,
  clusters: readonly Cluster[],
  commandFor: (name: string) => string,
  language: Language,
): Content {
  const t = text[language];
  const buttons = clusters
    .slice(0, MAX_CHOICES)
    .map((c, i) => button(fullName(c), `command.run.${i}`, { value: commandFor(fullName(c)) }));
  return content(t.ambiguous(typed), [section(t.ambiguous(typed)), actions('which-cluster', buttons)]);
}

function clusterLine(cluster: DiscoveredCluster, language: Language): string {
  const t = text[language];
  const status = cluster.status === 'ACTIVE' ? '' : ` ${t.status(cluster.status)}`;
  const name = code(fullName(cluster));
  if (cluster.connected) return `:heavy_minus_sign: ${name} ${t.connected}`;
  return cluster.auditEnabled
    ? `:white_check_mark: ${name} ${t.auditOn}${status}`
    : `:x: ${name} ${t.auditOff}${status}`;
}

function badness(cluster: DiscoveredCluster): number {
  if (cluster.connected) return 1;
  return cluster.auditEnabled ? 0 : 2;
}
