/** Where a signal's message leads: its logs, and the signal itself, over windows that do not slide away. */
import { auditQuery } from '../clusters/query.ts';
import type { Config } from '../config.ts';
import { SIGNAL_QUERY } from '../datadog/signals.ts';
import { logExplorerUrl, signalsExplorerUrl } from '../datadog/sites.ts';
import { quoteValue } from '../rules/query.ts';
import { actorOf, onlyCluster, type Signal } from './signal.ts';

type Site = Pick<Config, 'DD_SITE' | 'DD_APP_URL'>;

/** What led there and what came of it is seldom further away. */
const AROUND_MS = 30 * 60_000;

/** The audit events of the signal's cluster and actor: what else they did, half an hour around what was seen. */
export function signalLogsQuery(signal: Signal): string {
  const cluster = onlyCluster(signal);
  const actor = actorOf(signal);
  return [cluster ? auditQuery(cluster) : SIGNAL_QUERY, actor && `@usr.name:${quoteValue(actor)}`]
    .filter(Boolean)
    .join(' ');
}

export function signalLogsUrl(config: Site, signal: Signal, seen: { first: Date; last: Date }): string {
  const { from, to } = around(seen);
  return logExplorerUrl(config, signalLogsQuery(signal), from, to);
}

export function around({ first, last }: { first: Date; last: Date }): { from: Date; to: Date } {
  return { from: new Date(first.getTime() - AROUND_MS), to: new Date(last.getTime() + AROUND_MS) };
}

/** All signals of our source in a window. */
export function signalsUrl(config: Site, from: Date, to: Date): string {
  return signalsExplorerUrl(config, SIGNAL_QUERY, from, to);
}
