/** The dialogs of triage and the list of a storm. What a submission carries is judged like a click. Pure. */
import type { KnownBlock, ModalView, SectionBlock } from '@slack/types';
import type { Language } from '../config.ts';
import { actions, button, section } from '../slack/blocks.ts';
import { modal, radioInput, selectInput, textInput } from '../slack/inputs.ts';
import { link, time } from '../slack/mrkdwn.ts';
import { bold, joined, lines, name, rich, richBlock } from '../slack/rich-text.ts';
import type { GroupCard, GroupLine, SuppressionPreview } from './card.ts';
import { type ArchiveReason, actorOf, onlyCluster, SEVERITIES, type Severity } from './signal.ts';
import { STORM_ACTIONS } from './storm-views.ts';
import { exampleBlocks } from './suppression-views.ts';
import { text } from './text.ts';
import { stillOpen, titleOf } from './views.ts';
import { named, sign, signInMrkdwn } from './words.ts';

/** Callback ids: the dialogs whose submissions `bot.ts` hears. */
export const SIGNAL_MODALS = {
  archive: 'signal.archive',
  mute: 'signal.mute',
  suppress: 'signal.suppress',
  storm: 'storm.list',
} as const;

export const MUTE_HOURS = [1, 4, 8, 24] as const;
export const SUPPRESSION_DAYS = [1, 7, 30] as const;
/** Two blocks would be one too many for more, of the hundred a view takes; and nobody reads further. */
export const STORM_PAGE = 20;

/** What a dialog says it acts on. */
export type Summary = Pick<GroupCard, 'severity' | 'latest' | 'clusters' | 'counts'>;

export function archiveModal(
  summary: Summary,
  reasons: readonly ArchiveReason[],
  language: Language,
  metadata = '',
): ModalView {
  const t = text[language];
  const { title, submit, reason, comment, hint } = t.modal.archive;
  const choices = reasons.map((value) => ({ value, label: t.reasons[value] }));
  return modal(SIGNAL_MODALS.archive, metadata, { title, submit, close: t.modal.close }, [
    aboutBlock(summary, language, t.modal.about(stillOpen(summary.counts))),
    selectInput('reason', 'value', { label: reason }, choices, reasons[0]),
    textInput('comment', 'text', { label: comment, hint }, { optional: true }),
  ]);
}

export function muteModal(summary: Summary, language: Language, metadata = ''): ModalView {
  const t = text[language].modal;
  const { title, submit, hours, hint, each } = t.mute;
  const choices = MUTE_HOURS.map((n) => ({ value: String(n), label: each(n) }));
  return modal(SIGNAL_MODALS.mute, metadata, { title, submit, close: t.close }, [
    aboutBlock(summary, language),
    selectInput('hours', 'value', { label: hours, hint }, choices, String(MUTE_HOURS[0])),
  ]);
}

/** The scope arrives as `scope`/`value`, the time as `days`/`value`, the reason as `reason`/`text`. */
export function suppressModal(
  previews: readonly SuppressionPreview[],
  summary: Summary,
  language: Language,
  metadata = '',
): ModalView {
  const t = text[language].modal;
  const { title, submit, scope, scopes, counted, days, each, reason, hint, none } = t.suppress;
  const about = aboutBlock(summary, language);
  const [narrowest] = previews;
  if (!narrowest) return modal(SIGNAL_MODALS.suppress, metadata, { title, close: t.close }, [about, section(none)]);
  const choices = previews.map((p) => ({
    value: p.scope,
    label: scopes[p.scope],
    description: counted(p.hidden, p.hidden + p.kept, p.days),
  }));
  const periods = SUPPRESSION_DAYS.map((n) => ({ value: String(n), label: each(n) }));
  return modal(SIGNAL_MODALS.suppress, metadata, { title, submit, close: t.close }, [
    about,
    whoBlock(summary, language),
    radioInput('scope', 'value', { label: scope }, choices),
    ...exampleBlocks(narrowest, language),
    selectInput('days', 'value', { label: days }, periods, String(SUPPRESSION_DAYS[0])),
    textInput('reason', 'text', { label: reason, hint }),
  ]);
}

export interface StormPage {
  stormId: string;
  lines: readonly GroupLine[];
  /** From one. */
  page: number;
  pages: number;
  /** Only groups of this severity; undefined shows all. */
  severity: Severity | undefined;
}

/** What [Next] and the severities carry: the value of `storm.page`, `storm.page.0`, … */
export interface StormPageValue {
  stormId: string;
  page: number;
  severity?: Severity;
}

export function stormModal(shown: StormPage, language: Language, metadata = ''): ModalView {
  const t = text[language].modal;
  const { title, page, none } = t.storm;
  return modal(SIGNAL_MODALS.storm, metadata, { title, close: t.close }, [
    actions('storm-severity', severityButtons(shown, language)),
    ...(shown.lines.length === 0
      ? [section(none)]
      : shown.lines.slice(0, STORM_PAGE).map((l) => stormLine(l, language))),
    section(page(shown.page, shown.pages)),
    actions('storm-pages', pageButtons(shown, language)),
  ]);
}

function aboutBlock(summary: Summary, language: Language, lead?: string): KnownBlock | undefined {
  const t = text[language];
  const where = summary.clusters.length === 1 ? rich` · ${name(summary.clusters[0] ?? '', 120)}` : '';
  return richBlock(
    lines([
      lead ? rich`${lead}` : undefined,
      rich`${sign(summary.severity)} ${bold(t.card.severity(t.severity[summary.severity]))} ${bold(titleOf(summary, t), 250)}${where}`,
    ]),
  );
}

/** Whom "this actor" and "this cluster" mean, as the message may be about several. */
function whoBlock({ latest }: Summary, language: Language): KnownBlock | undefined {
  const actor = actorOf(latest);
  if (actor === undefined) return undefined;
  const cluster = onlyCluster(latest);
  const names = [actor, ...(cluster ? [cluster.name] : [])].map((each) => rich`${name(each, 120)}`);
  return richBlock(lines([rich`${bold(text[language].card.who)} ${joined(names, ' · ')}`]));
}

/** A section, because only that has room for a button beside it; names are in code style. */
function stormLine(line: GroupLine, language: Language): SectionBlock {
  const t = text[language];
  const where = line.clusters.length === 1 ? named(line.clusters[0] ?? '', 80) : severalOf(line, language);
  const parts = [
    `${signInMrkdwn(line.severity)} *${t.severity[line.severity]}* ${named(line.title.trim() || t.unnamed, 150)}`,
    where,
    ...(line.actor === undefined ? [] : [named(line.actor, 80)]),
    `${t.signals(line.signals)}${t.between}${t.state[line.state]}`,
    time(line.lastSeen),
    link(line.permalink ?? line.link, line.permalink ? t.list.message : t.list.open),
  ];
  // What has a message of its own by now needs none.
  if (line.permalink) return section(parts.join(' · '));
  const accessory = button(t.modal.storm.post, STORM_ACTIONS.post, { value: line.groupId });
  return { ...section(parts.join(' · ')), accessory };
}

function severalOf({ clusters }: GroupLine, language: Language): string {
  const t = text[language];
  return clusters.length === 0 ? t.noCluster : t.severalClusters(clusters.length);
}

function severityButtons({ stormId, severity: chosen }: StormPage, language: Language) {
  const t = text[language];
  const choices: (Severity | undefined)[] = [undefined, ...SEVERITIES.toReversed()];
  return choices.map((severity, i) => {
    const value: StormPageValue = { stormId, page: 1, ...(severity ? { severity } : {}) };
    return button(severity ? t.severity[severity] : t.modal.storm.all, `${STORM_ACTIONS.page}.${i}`, {
      value: JSON.stringify(value),
      ...(severity === chosen ? { style: 'primary' as const } : {}),
    });
  });
}

function pageButtons({ stormId, page, pages, severity }: StormPage, language: Language) {
  const t = text[language].modal.storm;
  const to = (label: string, wanted: number, id: string) => {
    const value: StormPageValue = { stormId, page: wanted, ...(severity ? { severity } : {}) };
    return button(label, id, { value: JSON.stringify(value) });
  };
  return [
    page > 1 ? to(t.previous, page - 1, `${STORM_ACTIONS.page}.0`) : undefined,
    page < pages ? to(t.next, page + 1, `${STORM_ACTIONS.page}.1`) : undefined,
  ];
}
