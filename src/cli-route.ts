/**
 * `cli route <signal.json>`: which way a signal would go, matcher by matcher, so that routes can be tried before the
 * signal comes. Needs nothing but the configuration file.
 */
import type { ExitCode, Io } from './cli.ts';
import { readOneSignal } from './cli-signal.ts';
import { plainText } from './cli-text.ts';
import type { Language } from './config.ts';
import { UserError } from './errors.ts';
import { duration } from './setup/effective-config.ts';
import { groupParts } from './signals/group-parts.ts';
import { mutedUntil, nextDigest } from './signals/mute-times.ts';
import { explainRoute, type Route, type RoutingConfig, route, type Step } from './signals/routing.ts';
import { routingText } from './signals/routing-text.ts';
import type { Signal, SignalCluster } from './signals/signal.ts';
import { type Content, content, section, sections } from './slack/blocks.ts';
import { code, people, time } from './slack/mrkdwn.ts';

export interface RouteOptions {
  /** A path, or `-` for standard input. */
  source: string;
  /** ISO 8601; undefined for now. */
  at: string | undefined;
}

export async function showRoute(
  config: RoutingConfig,
  { source, at }: RouteOptions,
  io: Io,
  language: Language,
): Promise<ExitCode> {
  const now = at === undefined ? new Date() : timeOf(at);
  const signal = await readOneSignal(source);
  io.out(plainText(wayView(config, signal, now, language)));
  return 0;
}

export function wayView(config: RoutingConfig, signal: Signal, now: Date, language: Language): Content {
  const t = routingText[language];
  const taken = route(config, signal);
  const steps = explainRoute(config, signal);
  const trail = steps.flatMap((step, i) => [
    ...(step.cluster && step.cluster !== steps[i - 1]?.cluster
      ? [t.forCluster(clusterName(step.cluster, config))]
      : []),
    ...stepLines(step, language),
  ]);
  if (config.signals.routes.length === 0) trail.push(t.noRoutes);
  else if (taken.path === 'signals') trail.push(t.noneHeld);
  const subject = code(signal.rule.name || signal.title || signal.id) || t.unnamed;
  return content(signal.title, [
    section(t.title(subject, code(signal.severity))),
    signal.clusters.length > 1 ? section(t.severalClusters) : undefined,
    ...sections(trail),
    section(`*${t.outcome(taken.path)}*\n${outcomeLines(config, taken, signal, now, language).join('\n')}`),
  ]);
}

function stepLines({ path, held, matchers }: Step, language: Language): string[] {
  const t = routingText[language];
  const lines = matchers.map((looked) => {
    const say = looked.held ? t.held : t.notHeld;
    const seen =
      looked.seen.length > 0 ? t.or(looked.seen.map((text) => code(text) || t.unnamed)) : t.nothing[looked.matcher];
    return `    ${sign(looked.held)} ${say(t.matcher[looked.matcher], t.or(looked.wanted.map(code)), seen)}`;
  });
  if (matchers.length === 0) lines.push(`    ${sign(true)} ${t.catchesAll}`);
  return [`${sign(held)} ${t.route(path, held)}`, ...lines];
}

function outcomeLines(config: RoutingConfig, taken: Route, signal: Signal, now: Date, language: Language): string[] {
  const t = routingText[language];
  const parts = groupParts(taken.groupBy, signal).map((part) => t.part(part, code(part.label) || t.unnamed));
  const until = mutedUntil(taken.muteTimes, now);
  const { deliver, escalate } = taken;
  return [
    t.channel(`<#${taken.channel}>`),
    t.deliver[deliver](time(nextDigest(config.signals.digest, now))),
    t.mention(taken.mention && someone(taken.mention)),
    t.group(taken.groupBy.includes('signal') ? t.alone : parts.join(' + ')),
    signal.severity === 'critical' ? t.neverMuted : t.muted(until && time(until), time(now)),
    escalate ? t.escalate(someone(escalate.mention), duration(escalate.afterMs)) : t.noEscalation,
  ];
}

function sign(held: boolean): string {
  return held ? ':white_check_mark:' : ':x:';
}

function someone(id: string): string {
  return people(id.startsWith('S') ? { users: [], usergroups: [id] } : { users: [id], usergroups: [] });
}

function clusterName({ accountId, region, name }: SignalCluster, { aws }: RoutingConfig): string {
  const account = aws.accounts.find(({ id }) => id === accountId)?.name ?? accountId;
  return code([account, region, name].filter((part) => part !== undefined).join('/'));
}

/** Without a zone the same text would mean another time on every machine. */
function timeOf(typed: string): Date {
  const at = new Date(typed);
  if (!/T.*(Z|[+-]\d\d:?\d\d)$/.test(typed) || Number.isNaN(at.getTime()))
    throw new UserError((language) => routingText[language].wrong.time(typed));
  return at;
}
