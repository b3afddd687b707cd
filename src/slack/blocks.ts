/**
 * The handful of Block Kit shapes our messages are made of, with Slack's limits kept here.
 * https://docs.slack.dev/reference/block-kit/blocks
 */
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  SectionBlock,
  View,
} from '@slack/types';
import { truncate } from './mrkdwn.ts';

/** What a message says: blocks for the eye, `text` for notifications, search and screen readers. */
export interface Content {
  text: string;
  blocks: KnownBlock[];
  /**
   * `#rrggbb` of a bar beside everything but the first block; never the only sign of what it stands for. A bar takes
   * classic blocks and rich_text only, no tables.
   */
  color?: string;
}

/** What chat.postMessage and chat.update are given. */
export interface MessageBody {
  text: string;
  blocks: KnownBlock[];
  attachments: { color: string; fallback: string; blocks: KnownBlock[] }[];
}

/**
 * A colour is only to be had around an attachment. The first block stays above it: with a block there, Slack shows
 * `text` in notifications only, not once more over the bar, and a mention in it is one of the message itself.
 * Attachments are always given, because an edit without them keeps the old ones.
 */
export function messageBody({ text, blocks, color }: Content): MessageBody {
  const [first, ...rest] = blocks;
  if (!color || !first || rest.length === 0) return { text, blocks, attachments: [] };
  return { text, blocks: [first], attachments: [{ color, fallback: text, blocks: rest }] };
}

const SECTION_LIMIT = 3000;
/** An element of a context block takes less than a section. */
const CONTEXT_LIMIT = 2000;
const HEADER_LIMIT = 150;
const BUTTON_LIMIT = 75;
const TEXT_LIMIT = 4000;
export const MAX_BLOCKS = 50;

/** A message; more blocks than Slack takes are cut with a last line that says so. */
export function content(text: string, blocks: (KnownBlock | undefined)[]): Content {
  const present = blocks.filter((block) => block !== undefined);
  const kept = present.length > MAX_BLOCKS ? [...present.slice(0, MAX_BLOCKS - 1), context('…')] : present;
  return { text: truncate(text, TEXT_LIMIT), blocks: kept };
}

/** Never parsed; with `emoji` left out, Slack would turn `:x:` in it into a sign. */
export function plainText(text: string, limit: number): PlainTextElement {
  return { type: 'plain_text', text: truncate(text, limit), emoji: false };
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: truncate(text, HEADER_LIMIT), emoji: false } };
}

export function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: truncate(text, SECTION_LIMIT), verbatim: true } };
}

/** Lines as one or more sections, split between lines so that none is cut. */
export function sections(lines: readonly string[]): SectionBlock[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= SECTION_LIMIT)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

export function context(text: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: truncate(text, CONTEXT_LIMIT), verbatim: true }] };
}

export function actions(blockId: string, buttons: (Button | undefined)[]): ActionsBlock | undefined {
  const present = buttons.filter((button) => button !== undefined);
  return present.length > 0 ? { type: 'actions', block_id: truncate(blockId, 255), elements: present } : undefined;
}

export function button(
  label: string,
  actionId: string,
  options: Pick<Button, 'value' | 'url' | 'style' | 'confirm'> = {},
): Button {
  return {
    type: 'button',
    action_id: actionId,
    text: { type: 'plain_text', text: truncate(label, BUTTON_LIMIT), emoji: false },
    ...options,
  };
}

/** A question Slack asks before it sends the click. */
export function confirm(title: string, text: string, yes: string, no: string): NonNullable<Button['confirm']> {
  const plain = (value: string, limit: number) => ({ type: 'plain_text' as const, text: truncate(value, limit) });
  return { title: plain(title, 100), text: plain(text, 300), confirm: plain(yes, 30), deny: plain(no, 30) };
}

/** A modal with one required text field, whose value arrives as `values.reason.text`. */
export function reasonModal(
  callbackId: string,
  metadata: string,
  texts: { title: string; label: string; hint: string; submit: string; close: string },
): View {
  const plain = (value: string, limit: number) => ({ type: 'plain_text' as const, text: truncate(value, limit) });
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: metadata,
    title: plain(texts.title, 24),
    submit: plain(texts.submit, 24),
    close: plain(texts.close, 24),
    blocks: [
      {
        type: 'input',
        block_id: 'reason',
        label: plain(texts.label, 2000),
        hint: plain(texts.hint, 2000),
        element: { type: 'plain_text_input', action_id: 'text', multiline: true, min_length: 3, max_length: 1000 },
      },
    ],
  };
}
