/**
 * Sentences as rich_text, whose leaves Slack never parses: whatever an attacker wrote into one stays the text it is,
 * with no link, mention, emoji or formatting. A sentence is a template: rich`${person} archived ${name(title)}`.
 * https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
import type {
  RichTextBlock,
  RichTextElement,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
} from '@slack/types';
import { code, plain, time, truncate, utc, visible } from './mrkdwn.ts';

export type Leaf = RichTextElement;
export type Rich = readonly Leaf[];

/** Long enough for what Kubernetes allows as a name (253), short enough that one of them fills no message. */
const NAME_LIMIT = 256;
/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block names no limit; a section's holds here. */
const LEAF_LIMIT = 3000;

/** Words of ours with leaves between them; a bare string between them is text, too, and nothing more. */
export function rich(words: TemplateStringsArray, ...parts: (string | number | Leaf | Rich)[]): Rich {
  return words.flatMap((word, i) => [...textLeaf(word), ...leavesOf(parts[i] ?? '')]);
}

/** A name somebody else chose, in code style and on one line, as it was typed. */
export function name(text: string, limit = NAME_LIMIT): Leaf {
  return { type: 'text', text: oneLine(text, limit), style: { code: true } };
}

export function bold(text: string, limit = NAME_LIMIT): Leaf {
  return { type: 'text', text: oneLine(text, limit), style: { bold: true } };
}

/** What somebody wrote as prose: a reason, a comment. Several lines become one. */
export function said(text: string, limit = 1000): Leaf {
  return {
    type: 'text',
    text: oneLine(truncate(text, limit * 2).replace(/\s+/g, ' '), limit),
    style: { italic: true },
  };
}

/** By Slack id: a person, or a group of people (`S…`). Notifies when it is posted, never when it is edited in. */
export function who(id: string): Leaf {
  if (/^[UW][A-Z0-9]+$/.test(id)) return { type: 'user', user_id: id };
  return /^S[A-Z0-9]+$/.test(id) ? { type: 'usergroup', usergroup_id: id } : name(id);
}

export function inChannel(id: string): Leaf {
  if (/^[CGD][A-Z0-9]+$/.test(id)) return { type: 'channel', channel_id: id };
  return who(id);
}

/** In the reader's own zone. */
export function when(at: Date): Leaf {
  const timestamp = Math.max(0, Math.floor(at.getTime() / 1000));
  return { type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: utc(at) };
}

export function emoji(named: string): Leaf {
  return { type: 'emoji', name: named };
}

/** The address is ours or the vendor's, never taken from outside. */
export function linked(url: string, label: string): Leaf {
  return { type: 'link', url, text: label };
}

/** Several leaves with the same words between each two. */
export function joined(parts: readonly (Leaf | Rich)[], between: string): Rich {
  return parts.flatMap((part, i) => [...(i > 0 ? textLeaf(between) : []), ...leavesOf(part)]);
}

/** One sentence per line. */
export function lines(sentences: readonly (Rich | undefined)[]): RichTextSection {
  const present = sentences.filter((sentence) => sentence !== undefined && sentence.length > 0);
  return { type: 'rich_text_section', elements: merged(joined(present as Rich[], '\n')) };
}

export function ordered(items: readonly Rich[]): RichTextList {
  return { type: 'rich_text_list', style: 'ordered', elements: items.map((item) => lines([item])) };
}

export function bulleted(items: readonly Rich[]): RichTextList {
  return { ...ordered(items), style: 'bullet' };
}

/** Lines of a terminal; each of them is cut, none breaks. */
export function preformatted(rows: readonly string[], limit: number): RichTextPreformatted {
  const text = rows.map((row) => oneLine(row, limit)).join('\n');
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? '–' : text }], border: 0 };
}

type Element = RichTextSection | RichTextList | RichTextPreformatted | RichTextQuote;

/** Nothing when there is nothing to say. */
export function richBlock(...elements: readonly (Element | undefined)[]): RichTextBlock | undefined {
  const present = elements.filter((element) => element !== undefined && element.elements.length > 0);
  return present.length > 0 ? { type: 'rich_text', elements: present as Element[] } : undefined;
}

/** The same sentence for where only mrkdwn is read: notifications, search, screen readers. */
export function inMrkdwn(sentence: Rich): string {
  return sentence.map(leafInMrkdwn).join('');
}

/** About as many characters as Slack counts. */
export function lengthOf(sentence: Rich): number {
  return inMrkdwn(sentence).length;
}

/** As typed, except that what cannot be seen is spelled out and nothing breaks the line. */
export function oneLine(text: string, limit: number): string {
  // Cut first, roughly: spelling out a hostile megabyte is work for nothing.
  const shown = truncate(visible(truncate(text, limit * 2)), limit);
  return shown.trim() === '' ? '–' : shown;
}

/** Plain words beside each other become one leaf: a section takes so many. */
function merged(leaves: Rich): Leaf[] {
  const kept: Leaf[] = [];
  for (const leaf of leaves) {
    const last = kept.at(-1);
    if (last?.type === 'text' && leaf.type === 'text' && !last.style && !leaf.style)
      kept[kept.length - 1] = { type: 'text', text: last.text + leaf.text };
    else kept.push(leaf);
  }
  return kept;
}

function leafInMrkdwn(leaf: Leaf): string {
  switch (leaf.type) {
    case 'text':
      // Only words of ours are unstyled. Others are set in code: an asterisk or a colon in them must not format.
      return leaf.style ? code(leaf.text) : plain(leaf.text);
    case 'user':
      return `<@${leaf.user_id}>`;
    case 'usergroup':
      return `<!subteam^${leaf.usergroup_id}>`;
    case 'channel':
      return `<#${leaf.channel_id}>`;
    case 'date':
      return time(new Date(leaf.timestamp * 1000));
    case 'emoji':
      return `:${leaf.name}:`;
    case 'link':
      return plain(leaf.text ?? '');
    default:
      return '';
  }
}

function leavesOf(part: string | number | Leaf | Rich): Rich {
  if (typeof part === 'string' || typeof part === 'number') return textLeaf(String(part));
  return 'type' in part ? [part] : part;
}

function textLeaf(words: string): Rich {
  return words === '' ? [] : [{ type: 'text', text: truncate(words, LEAF_LIMIT) }];
}
