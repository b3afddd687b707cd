/** What a signal says happened, in sentences: who, from where, what, how it ended. Pure. */
import type { Language } from '../config.ts';
import { joined, type Leaf, name, oneLine, type Rich, rich, when } from '../slack/rich-text.ts';
import type { GroupCard } from './card.ts';
import { actorOf, type Sample, type Signal } from './signal.ts';
import { type Outcome, text } from './text.ts';

const MOST_CLUSTERS = 5;
const MOST_ACTORS = 3;
const MOST_SAMPLES = 3;
const CELL = 60;
/** In a list of several. */
const SHORT = 120;

/** A name, and behind it the AWS identity and the session EKS found, when they say more than the name. */
export function whoLine(signal: Signal, language: Language): Rich {
  const t = text[language].card;
  const actor = signal.samples[0]?.actor;
  const first = actor?.name ?? actorOf(signal);
  const behind: Rich[] = [];
  if (actor?.arn !== undefined && actor.arn !== first) behind.push(t.identity(name(actor.arn)));
  if (actor?.session !== undefined && actor.session !== first) behind.push(t.session(name(actor.session)));
  const shown = first === undefined ? rich`${t.unknownActor}` : rich`${name(first)}`;
  return behind.length > 0 ? rich`${shown} · ${joined(behind, ' · ')}` : shown;
}

/** The others of the group; nothing when there is nobody else. */
export function othersLine({ actors, moreActors, latest }: GroupCard, language: Language): Rich | undefined {
  const first = actorOf(latest);
  const others = actors.filter((actor) => actor.name !== first);
  const more = moreActors + Math.max(0, others.length - MOST_ACTORS);
  return others.length + moreActors > 0 ? text[language].card.others(others.slice(0, MOST_ACTORS), more) : undefined;
}

export function fromLine(sample: Sample | undefined, language: Language): Rich | undefined {
  if (sample?.ip === undefined) return undefined;
  const agent = sample.userAgent === undefined ? '' : text[language].card.with(name(sample.userAgent, SHORT));
  return rich`${name(sample.ip, SHORT)}${agent}`;
}

export function whatLine(sample: Sample | undefined, language: Language): Rich | undefined {
  if (sample === undefined || (sample.verb === undefined && sample.object.resource === undefined)) return undefined;
  const t = text[language];
  const { resource, object } = objectWords(sample);
  return t.card.did({
    verb: name(sample.verb ?? '?', SHORT),
    resource: leafOf(resource),
    object: leafOf(object),
    outcome: t.outcome[outcomeOf(sample.status)],
    status: sample.status,
  });
}

/** 101 is an exec or port-forward that was let through: the connection then speaks another protocol. */
export function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return 'unknown';
  if (status === 401 || status === 403) return 'refused';
  return status < 400 ? 'let-through' : 'failed';
}

/** Several clusters or none are said; a single one stands in the first line. */
export function clustersLine({ clusters, provisional }: GroupCard, language: Language): Rich | undefined {
  const t = text[language].card;
  if (clusters.length === 1) return undefined;
  if (clusters.length === 0) return provisional ? undefined : rich`${t.clustersNone}`;
  const names = joined(
    clusters.slice(0, MOST_CLUSTERS).map((cluster) => name(cluster, SHORT)),
    text[language].between,
  );
  return t.clustersNamed(names, Math.max(0, clusters.length - MOST_CLUSTERS));
}

export function howOftenLine(card: GroupCard, language: Language): Rich {
  const t = text[language].card;
  const { firstSeen, lastSeen, counts, events } = card;
  const minute = (at: Date) => Math.floor(at.getTime() / 60_000);
  const once = minute(firstSeen) === minute(lastSeen);
  const seen = once ? t.seenOnce(when(firstSeen)) : t.seen(when(firstSeen), when(lastSeen));
  return rich`${t.often(counts, events)} · ${seen}`;
}

/** At most three, as lines of a terminal. */
export function sampleRows(signal: Signal): string[] {
  return signal.samples.slice(0, MOST_SAMPLES).map((sample) => {
    const { resource, object } = objectWords(sample);
    const cells = [
      clockTime(sample.at),
      sample.actor.name,
      sample.verb,
      resource,
      object,
      sample.status === undefined ? undefined : String(sample.status),
      sample.ip,
    ];
    return cells.flatMap((cell) => (cell === undefined || cell === '' ? [] : [oneLine(cell, CELL)])).join('  ');
  });
}

/** `pods/exec`, and `default/web-1`. */
function objectWords({ object }: Sample): { resource: string; object: string } {
  const words = (...parts: (string | undefined)[]) =>
    parts.filter((part) => part !== undefined && part !== '').join('/');
  return { resource: words(object.resource, object.subresource), object: words(object.namespace, object.name) };
}

function leafOf(words: string): Leaf | undefined {
  return words === '' ? undefined : name(words);
}

function clockTime(at: string | undefined): string | undefined {
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(11, 19);
}
