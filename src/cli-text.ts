/**
 * Messages for Slack as plain text for a terminal, so that `cli` says what the bot says in the same words. Whatever
 * came from outside loses its control characters: a name must not move the cursor.
 */
import type { KnownBlock } from '@slack/types';
import type { Content } from './slack/blocks.ts';

/** Of the emoji the views use; an unknown one is left as it is. */
const SIGNS: Record<string, string> = {
  white_check_mark: '✓',
  x: '✗',
  warning: '!',
  no_entry: '⊘',
  grey_question: '?',
  hourglass_flowing_sand: '…',
  arrow_forward: '▸',
  white_circle: '○',
  heavy_minus_sign: '–',
};

export function plainText({ blocks }: Content): string {
  const shown = blocks.map(blockText).filter((text) => text !== '');
  return `${withoutControls(shown.join('\n\n'))}\n`;
}

function blockText(block: KnownBlock): string {
  switch (block.type) {
    case 'header':
      return block.text.text;
    case 'section': {
      const parts = [...(block.text ? [block.text] : []), ...(block.fields ?? [])];
      return parts.map(objectText).join('\n');
    }
    case 'context':
      return block.elements.map((element) => ('text' in element ? objectText(element) : '')).join(' ');
    case 'actions':
      // Buttons of a question repeat a command with a full name: what they would send is what to type.
      return block.elements
        .flatMap((element) => (element.type === 'button' ? [`  ${element.text.text}`] : []))
        .join('\n');
    default:
      return '';
  }
}

function objectText({ type, text }: { type: string; text?: string }): string {
  return type === 'mrkdwn' ? mrkdwnText(text ?? '') : (text ?? '');
}

/** https://docs.slack.dev/messaging/formatting-message-text */
export function mrkdwnText(source: string): string {
  // What is set in code is literal: a `*` in an ARN is no markup. Every other part stands between two of them.
  const parts = source.split(/(```[\s\S]*?```|`[^`\n]*`)/);
  return parts.map((part, i) => (i % 2 === 1 ? codeText(part) : proseText(part))).join('');
}

function codeText(part: string): string {
  return entities(part.startsWith('```') ? part.slice(3, -3) : part);
}

function proseText(part: string): string {
  const unmarked = part
    .replace(/:([a-z_]+):/g, (whole, name: string) => SIGNS[name] ?? whole)
    .replace(/(^|[\s(（：])\*(?=\S)([^*\n]*[^\s*])\*/g, '$1$2')
    .replace(/<([^<>\n]+)>/g, (_, inside: string) => reference(inside));
  return entities(unmarked);
}

function reference(inside: string): string {
  const bar = inside.indexOf('|');
  const [target, label] = bar < 0 ? [inside, ''] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (target.startsWith('!date^')) return label;
  if (target.startsWith('!subteam^')) return `@${label || target.slice('!subteam^'.length)}`;
  if (target.startsWith('@') || target.startsWith('#')) return label ? `${target[0]}${label}` : target;
  return label ? `${label}: ${target}` : target;
}

function entities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed.
  return text.replace(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, '');
}
