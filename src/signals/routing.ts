/**
 * Where a signal goes: a tree of routes as Alertmanager has them. On each level the first route that matches is taken,
 * and it inherits whatever it does not say itself. Pure, so that `cli route` and a table of cases can show the way.
 */
import { createHash } from 'node:crypto';
import type { AwsAccount, Config } from '../config.ts';
import { clusterGlobs, globMatches } from '../permissions.ts';
import { groupParts } from './group-parts.ts';
import type { MuteTime } from './mute-times.ts';
import type { Severity, Signal, SignalCluster } from './signal.ts';

export type GroupBy = Config['signals']['group_by'][number];
export type Deliver = 'post' | 'digest' | 'off';
type RouteConfig = Config['signals']['routes'][number];
type Match = RouteConfig['match'];
export type Matcher = keyof Match;
export type RoutingConfig = Pick<Config, 'signals' | 'aws' | 'admin_channel'>;

export interface Route {
  /** Where in the configuration: `signals`, or `signals.routes[0].routes[1]`. */
  path: string;
  channel: string;
  deliver: Deliver;
  groupBy: readonly GroupBy[];
  /** A Slack id, `S…` or `U…`. */
  mention: string | undefined;
  /** Always empty for a critical signal: nothing is quiet enough for that to wait. */
  muteTimes: readonly MuteTime[];
  escalate: { afterMs: number; mention: string } | undefined;
}

/** One route that was looked at, with everything it asks for. */
export interface Step {
  path: string;
  /** Which of several clusters the signal was looked at for; undefined where it names one or none. */
  cluster: SignalCluster | undefined;
  /** Empty for a route that catches everything. */
  matchers: { matcher: Matcher; wanted: readonly string[]; seen: readonly string[]; held: boolean }[];
  held: boolean;
}

/** Of a severity no route says anything about. */
const DELIVER: Record<Severity, Deliver> = {
  critical: 'post',
  high: 'post',
  medium: 'post',
  low: 'digest',
  info: 'digest',
};

/** Where signals go that no route sends elsewhere, and whatever cannot go where it should. */
export function defaultChannel(config: Pick<Config, 'signals' | 'admin_channel'>): string {
  return config.signals.channel ?? config.admin_channel;
}

/**
 * A signal that names several clusters goes the loudest of their ways: whoever touches a quiet cluster, too, must not
 * hide what happened to the other.
 */
export function route(config: RoutingConfig, signal: Signal): Route {
  const ways = waysOf(config, signal).sort(
    (a, b) => loudness(b.route) - loudness(a.route) || compare(a.order, b.order),
  );
  const [loudest = follow(config, signal, undefined)] = ways;
  return loudest.route;
}

/** Every route looked at on the way, in order; where several clusters are named, for one after the other. */
export function explainRoute(config: RoutingConfig, signal: Signal): Step[] {
  const ways = waysOf(config, signal);
  return ways.flatMap(({ steps, cluster }) =>
    steps.map((step) => ({ ...step, cluster: ways.length > 1 ? cluster : undefined })),
  );
}

/** An index over it must hold on PostgreSQL, which takes 2,704 bytes. https://www.postgresql.org/docs/current/btree.html */
const KEY_LIMIT = 500;

/** Equal for signals of one message, which is why it does not name the route but its channel. */
export function groupKey({ channel, groupBy }: Route, signal: Signal): string {
  const parts = groupParts(groupBy, signal).map(({ by, is, key }) => (is === 'one' ? [by, ...key] : [by, { is }]));
  const text = JSON.stringify([channel, ...parts]);
  if (text.length <= KEY_LIMIT) return text;
  return JSON.stringify([channel, createHash('sha256').update(text).digest('hex')]);
}

interface Way {
  cluster: SignalCluster | undefined;
  route: Route;
  /** The position of each route taken among its siblings. */
  order: number[];
  steps: Omit<Step, 'cluster'>[];
}

function waysOf(config: RoutingConfig, signal: Signal): Way[] {
  if (signal.clusters.length === 0) return [follow(config, signal, undefined)];
  return signal.clusters.map((cluster) => follow(config, signal, cluster));
}

function follow(config: RoutingConfig, signal: Signal, cluster: SignalCluster | undefined): Way {
  const { signals, aws } = config;
  const taken: RouteConfig[] = [];
  const order: number[] = [];
  const steps: Way['steps'] = [];
  let path = 'signals';
  let level: readonly RouteConfig[] = signals.routes;
  while (level.length > 0) {
    const at = level.findIndex(({ match }, i) => {
      const matchers = lookAt(match, signal, cluster, aws.accounts);
      const held = matchers.every((matcher) => matcher.held);
      steps.push({ path: `${path}.routes[${i}]`, matchers, held });
      return held;
    });
    const next = level[at];
    if (!next) break;
    taken.push(next);
    order.push(at);
    path = `${path}.routes[${at}]`;
    level = next.routes ?? [];
  }
  return { cluster, route: outcome(config, signal, path, taken), order, steps };
}

function outcome(config: RoutingConfig, signal: Signal, path: string, taken: readonly RouteConfig[]): Route {
  const said = <Key extends keyof RouteConfig>(key: Key) => taken.findLast((node) => node[key] !== undefined)?.[key];
  const escalate = said('escalate');
  const second = someone(escalate?.mention);
  return {
    path,
    channel: said('channel') ?? defaultChannel(config),
    deliver: said('deliver') ?? DELIVER[signal.severity],
    groupBy: said('group_by') ?? config.signals.group_by,
    mention: someone(said('mention')),
    muteTimes: signal.severity === 'critical' ? [] : (said('mute_times') ?? []),
    escalate: escalate && second !== undefined ? { afterMs: escalate.after, mention: second } : undefined,
  };
}

function someone(mention: string | undefined): string | undefined {
  return mention === 'none' ? undefined : mention;
}

function loudness({ deliver, mention, escalate, muteTimes }: Route): number {
  const delivered = { off: 0, digest: 1, post: 2 }[deliver];
  return delivered * 8 + (mention ? 4 : 0) + (escalate ? 2 : 0) + (muteTimes.length === 0 ? 1 : 0);
}

/** The route further up in the file first; what no route matched comes last. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? Number.MAX_SAFE_INTEGER) - (b[i] ?? Number.MAX_SAFE_INTEGER);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Looks at every matcher, also after one that does not hold: an explanation that stops half-way explains half. */
function lookAt(
  match: Match,
  signal: Signal,
  cluster: SignalCluster | undefined,
  accounts: readonly AwsAccount[],
): Step['matchers'] {
  const { rule, tags, severity } = signal;
  const account = accounts.find(({ id }) => id === cluster?.accountId);
  const owner = [account?.name, cluster?.accountId].filter((name) => name !== undefined);
  const looked: Step['matchers'] = [];
  const look = (
    matcher: Matcher,
    wanted: string | readonly string[] | undefined,
    seen: readonly string[],
    held: boolean,
  ) => wanted !== undefined && looked.push({ matcher, wanted: [wanted].flat(), seen, held });

  look('severity', match.severity, [severity], [match.severity].flat().includes(severity));
  const ruleHolds = match.rule === rule.id || foldedGlob(match.rule, rule.name);
  look('rule', match.rule, [rule.name, ...(rule.id === undefined ? [] : [rule.id])], ruleHolds);
  const tagged = tags.filter((tag) => foldedGlob(match.tag, tag));
  look('tag', match.tag, tagged.length > 0 ? tagged : tags, tagged.length > 0);
  const named = cluster
    ? [[owner[0], cluster.region, cluster.name].filter((part) => part !== undefined).join('/')]
    : [];
  look('cluster', match.cluster, named, cluster !== undefined && clusterHolds(match.cluster, cluster, owner));
  look('account', match.account, owner.slice(0, 1), match.account !== undefined && owner.includes(match.account));
  return looked;
}

/** People write `tactic:ta0002*` and `*Exec*`; nobody means another rule or tag by another case. */
function foldedGlob(glob: string | undefined, text: string): boolean {
  return glob !== undefined && globMatches(glob.toLowerCase(), text.toLowerCase());
}

/** An account or Region that a signal does not name is none that was asked for. */
function clusterHolds(glob: string | undefined, cluster: SignalCluster, owner: readonly string[]): boolean {
  if (glob === undefined) return false;
  const { name, account, region } = clusterGlobs(glob);
  return (
    globMatches(name, cluster.name) &&
    (account === undefined || owner.some((known) => globMatches(account, known))) &&
    (region === undefined || (cluster.region !== undefined && globMatches(region, cluster.region)))
  );
}
