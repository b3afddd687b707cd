/** The card of a group of signals: what happened, the facts, what to do next. Pure. */
import type { Button, KnownBlock } from '@slack/types';
import type { Language } from '../config.ts';
import { actions, button, type Content, content, context } from '../slack/blocks.ts';
import {
  bold,
  emoji,
  lines,
  name,
  oneLine,
  ordered,
  preformatted,
  type Rich,
  rich,
  richBlock,
  who,
} from '../slack/rich-text.ts';
import type { GroupCard } from './card.ts';
import { clustersLine, fromLine, howOftenLine, othersLine, sampleRows, whatLine, whoLine } from './facts.ts';
import { actorOf, type TriageState } from './signal.ts';
import { type SignalsText, text } from './text.ts';
import { COLOR_OF_DONE, COLORS, named, sign } from './words.ts';

/** Ids that `bot.ts` joins to handlers; stored in messages people can press for ever, so never renamed. */
export const SIGNAL_ACTIONS = {
  take: 'signal.take',
  release: 'signal.release',
  archive: 'signal.archive',
  reopen: 'signal.reopen',
  events: 'signal.events',
  mute: 'signal.mute',
  suppress: 'signal.suppress',
} as const;

const TITLE = 250;
const STEP = 400;
const MOST_STEPS = 3;
const SAMPLE_ROW = 240;
/** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const URL_LIMIT = 3000;

export function signalCard(card: GroupCard, language: Language): Content {
  const t = text[language];
  const { latest, triageSteps } = card;
  const samples = sampleRows(latest);
  const drawn = content(fallback(card, t), [
    richBlock(lines([firstLine(card, t)])),
    ...(card.test ? [context(t.card.test)] : []),
    ...(card.provisional ? [context(t.card.provisional)] : []),
    richBlock(lines(factLines(card, t, language))),
    triageSteps.length > 0
      ? richBlock(lines([rich`${bold(t.card.first)}`]), ordered(triageSteps.slice(0, MOST_STEPS).map(step)))
      : undefined,
    samples.length > 0
      ? richBlock(lines([rich`${bold(t.card.sample)}`]), preformatted(samples, SAMPLE_ROW))
      : undefined,
    richBlock(lines(stateLines(card, t))),
    ...buttons(card, t),
  ]);
  return { ...drawn, color: isDone(card.counts) ? COLOR_OF_DONE : COLORS[card.severity] };
}

/** What a list, a modal or a note calls the group. */
export function titleOf({ latest }: Pick<GroupCard, 'latest'>, t: Pick<SignalsText, 'unnamed'>): string {
  return latest.title.trim() || latest.rule.name.trim() || t.unnamed;
}

/** How many signals a button acts on. */
export function stillOpen(counts: Record<TriageState, number>): number {
  return counts.open + counts.under_review;
}

function firstLine(card: GroupCard, t: SignalsText): Rich {
  const mention = card.mention ? rich`${who(card.mention)} ` : '';
  const where =
    card.clusters.length === 1 ? rich` · ${name(card.clusters[0] ?? '', 120)}` : rich` · ${whereOf(card, t)}`;
  const severity = t.card.severity(t.severity[card.severity]);
  return rich`${mention}${sign(card.severity)} ${bold(severity)} ${bold(titleOf(card, t), TITLE)}${where}`;
}

function factLines(card: GroupCard, t: SignalsText, language: Language): (Rich | undefined)[] {
  const { latest, provisional, test } = card;
  const sample = latest.samples[0];
  const labelled = (label: string, said: Rich | undefined) => said && rich`${bold(label)} ${said}`;
  // Of a test there is nothing more to know, of a provisional one nothing yet.
  const unknown = (provisional || test) && actorOf(latest) === undefined && sample === undefined;
  return [
    unknown ? undefined : labelled(t.card.who, whoLine(latest, language)),
    othersLine(card, language),
    labelled(t.card.from, fromLine(sample, language)),
    labelled(t.card.what, whatLine(sample, language)),
    stillOpen(card.counts) + card.counts.archived > 0
      ? labelled(t.card.howOften, howOftenLine(card, language))
      : undefined,
    test ? undefined : labelled(t.card.clusters, clustersLine(card, language)),
  ];
}

function stateLines(card: GroupCard, t: SignalsText): (Rich | undefined)[] {
  const { taken, mute, escalated, movedTo, suppression, counts } = card;
  const done = isDone(counts);
  return [
    done ? rich`${emoji('file_cabinet')} ${t.card.archived(counts.archived)}` : undefined,
    taken && !done ? rich`${emoji('eyes')} ${t.card.taken(taken)}` : undefined,
    mute && !done ? rich`${emoji('mute')} ${t.card.muted(mute.until, mute.by)}` : undefined,
    escalated && !done ? rich`${emoji('mega')} ${t.card.escalated(escalated.at, escalated.mention)}` : undefined,
    movedTo ? rich`${emoji('arrow_right')} ${t.card.moved(movedTo)}` : undefined,
    suppression?.state === 'asked'
      ? rich`${emoji('hourglass_flowing_sand')} ${t.card.suppressionAsked(suppression.until)}`
      : undefined,
    suppression?.state === 'active' ? rich`${emoji('no_bell')} ${t.card.suppressed(suppression.until)}` : undefined,
  ];
}

function buttons(card: GroupCard, t: SignalsText): (KnownBlock | undefined)[] {
  const { groupId, links } = card;
  return [
    actions(`signal-links:${groupId}`, [
      linkButton(t.card.openLogs, 'link.logs', links.logs),
      linkButton(t.card.openSignal, 'link.signal', links.signal),
      card.test ? undefined : button(t.card.events, SIGNAL_ACTIONS.events, { value: groupId }),
    ]),
    card.test ? undefined : actions(`signal-triage:${groupId}`, triageButtons(card, t)),
  ];
}

/** None on a card whose signals have all moved on: they are triaged where they went. */
function triageButtons({ groupId, counts, taken, severity, suppression }: GroupCard, t: SignalsText): Button[] {
  const press = (label: string, id: string, style: Pick<Button, 'style'> = {}) =>
    button(label, id, { value: groupId, ...style });
  if (stillOpen(counts) + counts.archived === 0) return [];
  if (isDone(counts)) return [press(t.card.reopen(counts.archived), SIGNAL_ACTIONS.reopen)];
  const n = stillOpen(counts);
  return [
    ...(taken && counts.open > 0 && counts.under_review > 0
      ? [press(t.card.takeNew(counts.open), SIGNAL_ACTIONS.take, { style: 'primary' })]
      : []),
    taken
      ? press(t.card.release(n), SIGNAL_ACTIONS.release)
      : press(t.card.take(n), SIGNAL_ACTIONS.take, { style: 'primary' }),
    press(t.card.archive(n), SIGNAL_ACTIONS.archive),
    // What is critical is never kept quiet, and a button that only refuses would be in the way.
    ...(severity === 'critical' ? [] : [press(t.card.mute, SIGNAL_ACTIONS.mute)]),
    ...(suppression ? [] : [press(t.card.suppress, SIGNAL_ACTIONS.suppress)]),
  ];
}

/** A name of 3,000 characters makes an address Slack refuses together with the whole message. */
export function linkButton(label: string, actionId: string, url: string): Button | undefined {
  return url.length <= URL_LIMIT && URL.canParse(url) ? button(label, actionId, { url }) : undefined;
}

function fallback(card: GroupCard, t: SignalsText): string {
  return t.card.fallback({
    severity: t.severity[card.severity],
    title: titleOf(card, t),
    where: card.clusters.length === 1 ? named(card.clusters[0] ?? '') : whereOf(card, t),
    actor: actorOf(card.latest),
    signals: card.counts.open + card.counts.under_review + card.counts.archived,
  });
}

function whereOf({ clusters, provisional }: GroupCard, t: SignalsText): string {
  if (clusters.length > 0) return t.severalClusters(clusters.length);
  return provisional ? t.clusterNotYet : t.noCluster;
}

function step(words: string): Rich {
  return rich`${oneLine(words, STEP)}`;
}

function isDone(counts: Record<TriageState, number>): boolean {
  return counts.archived > 0 && stillOpen(counts) === 0;
}
