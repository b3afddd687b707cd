/** `/eks-audit signals` and `where`, the daily digest, and the audit events behind a signal. Pure. */
import type { KnownBlock } from '@slack/types';
import type { Language } from '../config.ts';
import { actions, type Content, content, context, section } from '../slack/blocks.ts';
import { bold, lines, linked, name, oneLine, type Rich, rich, richBlock, when } from '../slack/rich-text.ts';
import type { Digest, EventRow, GroupLine, Receipt } from './card.ts';
import { fitting, groupLine, LINES_BUDGET } from './lines.ts';
import { receiptLine } from './receipt-lines.ts';
import { text } from './text.ts';
import { linkButton } from './views.ts';
import { sign } from './words.ts';

/** https://docs.slack.dev/reference/block-kit/blocks/table-block */
const MOST_ROWS = 100;
const CELL = 80;
/** A signal that keeps being repeated must not push its beginning and its end out of the message. */
const FIRST = 10;
const LAST = 40;

/** `total` counts those that are not in `lines`, too. */
export function signalsList(
  groups: readonly GroupLine[],
  { sinceHours, total }: { sinceHours: number; total: number },
  language: Language,
): Content {
  const t = text[language].list;
  const title = t.title(total, sinceHours);
  const shown = fitting(groups.map((group) => groupLine(group, language)));
  return content(title, [
    richBlock(lines([rich`${bold(title)}`])),
    groupsBlock(shown, total, language),
    context(groups.length === 0 ? t.none : t.receiptHint),
  ]);
}

export function digestView(digest: Digest, language: Language): Content {
  const t = text[language].list;
  const title = t.digest(digest.signals);
  const shown = fitting(digest.lines.map((line) => groupLine(line, language)));
  return content(`${title}.`, [
    richBlock(lines([rich`${bold(title)}`, t.digestPeriod(digest.from, digest.to)])),
    groupsBlock(shown, digest.lines.length + digest.more, language),
    actions('digest-links', [linkButton(t.allInDatadog, 'link.digest', digest.link)]),
  ]);
}

/** `/eks-audit where <signal id>`: everything that happened to one signal. */
export function receiptView(receipt: Receipt, language: Language): Content {
  const t = text[language];
  const { signalId, title, severity, entries, permalink, link } = receipt;
  const about = title === undefined ? undefined : rich`${bold(title, 250)}`;
  const sentences = entries.map((entry) => rich`${when(entry.at)}  ${receiptLine(entry, language)}`);
  const left = entries.length - FIRST - LAST;
  const shown =
    left > 0 ? [...sentences.slice(0, FIRST), rich`${t.receipt.omitted(left)}`, ...sentences.slice(-LAST)] : sentences;
  return content(t.receipt.fallback(signalId, entries.length), [
    richBlock(
      lines([
        t.receipt.title(name(signalId)),
        severity === undefined ? about : rich`${sign(severity)} ${bold(t.severity[severity])} ${about ?? ''}`,
      ]),
    ),
    entries.length === 0 ? context(t.receipt.none) : richBlock(lines(shown)),
    actions('receipt-links', [
      permalink ? linkButton(t.list.message, 'link.message', permalink) : undefined,
      linkButton(t.card.openSignal, 'link.signal', link),
    ]),
  ]);
}

/** Datadog's test button sends its variables as they are: the webhook works, and no signal is behind it. */
export function testButtonPressed(language: Language): Content {
  const { testButton } = text[language].list;
  return content(testButton, [section(testButton)]);
}

interface EventsOptions {
  /** The Log Explorer over the same events. */
  link: string;
  /** Those Datadog has beyond these. */
  more: number;
}

/** As a table. Not for a message with a colour: a bar takes no tables. */
export function eventsTable(rows: readonly EventRow[], { link, more }: EventsOptions, language: Language): Content {
  const t = text[language].events;
  const cells = fittingRows(rows, t.columns);
  if (cells.length === 0) return eventsAround([], rows.length, { link, more }, language);
  const raw = (cell: string) => ({ type: 'raw_text' as const, text: cell });
  const table: KnownBlock = { type: 'table', rows: [[...t.columns], ...cells].map((row) => row.map(raw)) };
  return eventsAround([table], cells.length, { link, more: more + rows.length - cells.length }, language);
}

function eventsAround(
  blocks: (KnownBlock | undefined)[],
  shown: number,
  { link, more }: EventsOptions,
  language: Language,
): Content {
  const t = text[language].events;
  const rest = more > 0 ? t.more(more) : t.link;
  const url = linkable(link);
  return content(t.title(shown), [
    richBlock(lines([rich`${bold(t.title(shown))}`, shown === 0 ? rich`${t.none}` : undefined])),
    ...blocks,
    richBlock(lines([url ? rich`${linked(url, rest)}` : more > 0 ? rich`${rest}` : undefined])),
  ]);
}

/** The newest that fit; the first row of a table are its headings. */
function fittingRows(rows: readonly EventRow[], columns: readonly string[]): string[][] {
  let used = columns.join('').length;
  const cells = rows.slice(0, MOST_ROWS - 1).map((row) => cellsOf(row));
  const end = cells.findIndex((row) => {
    used += row.join('').length;
    return used > LINES_BUDGET;
  });
  return cells.slice(0, end < 0 ? cells.length : end);
}

function cellsOf({ at, actor, verb, object, status, ip, cluster }: EventRow): string[] {
  const time = at.toISOString().slice(0, 19).replace('T', ' ');
  return [time, ...[actor, verb, object, status, ip, cluster].map((cell) => oneLine(cell, CELL))];
}

function groupsBlock(shown: readonly Rich[], total: number, language: Language) {
  const more = total - shown.length;
  const rest = more > 0 && shown.length > 0 ? rich`${text[language].list.more(more)}` : undefined;
  return richBlock(lines([...shown, rest]));
}

function linkable(url: string): string | undefined {
  return linkButton('x', 'x', url)?.url;
}
