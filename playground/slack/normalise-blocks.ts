/**
 * What Slack does to blocks on their way into storage, seen in recorded payloads: plain_text gains `emoji: true`,
 * mrkdwn gains `verbatim: false`, a missing block_id or action_id becomes five random characters.
 */
import { newBlockId } from './identifiers.ts';
import { isObject, type Json, type JsonObject, objects, text } from './json.ts';

const ACTION_ELEMENT =
  /^(button|workflow_button|overflow|checkboxes|radio_buttons|icon_button|feedback_buttons|.*select|.*picker|.*_input)$/;

export function normaliseBlocks(blocks: JsonObject[]): JsonObject[] {
  return blocks.map((block) => {
    const stored = normalise(block) as JsonObject;
    // A block_id on a markdown block is ignored, docs.slack.dev/reference/block-kit/blocks/markdown-block.
    if (block.type === 'markdown') return { ...stored, block_id: newBlockId() };
    return { block_id: newBlockId(), ...stored };
  });
}

export function normaliseAttachments(attachments: JsonObject[]): JsonObject[] {
  return attachments.map((attachment, index) => ({
    id: index + 1,
    fallback: '[no preview available]',
    ...attachment,
    ...(attachment.blocks ? { blocks: normaliseBlocks(objects(attachment.blocks)) } : {}),
    ...(attachment.color ? { color: text(attachment.color).replace(/^#/, '') } : {}),
  }));
}

/** Slack stores a lone `&` as `&amp;`; `<` and `>` are left, they may be markup. */
export function normaliseText(value: string): string {
  return value.replace(/&(?!amp;|lt;|gt;)/g, '&amp;');
}

function normalise(value: Json): Json {
  if (Array.isArray(value)) return value.map(normalise);
  if (!isObject(value)) return value;
  const type = text(value.type);
  // Leaves of rich text and raw table cells are stored as they come.
  if (type === 'rich_text') return structuredClone(value);
  const copy: JsonObject = {};
  for (const [key, child] of Object.entries(value)) if (child !== undefined) copy[key] = normalise(child);
  if (type === 'plain_text') return { ...copy, emoji: value.emoji ?? true };
  if (type === 'mrkdwn') return { ...copy, verbatim: value.verbatim ?? false };
  if (ACTION_ELEMENT.test(type) && copy.action_id === undefined) return { ...copy, action_id: newBlockId() };
  return copy;
}
