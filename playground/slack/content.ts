/** Turns what a client or an ack says into the content of a message, with Slack's validation. */
import { isObject, type JsonObject, objects } from './json.ts';
import { nested, Refusal, refuseBlocks, stringArg } from './method.ts';
import type { MessageContent } from './model.ts';
import { validateAttachments, validateMessageBlocks } from './validate-blocks.ts';

/** Stored as the text of a message that came with blocks only. */
export const NO_FALLBACK_TEXT = "This content can't be displayed.";

const MAX_MARKDOWN_TEXT = 12_000;
const MAX_METADATA_BYTES = 16_000;

/** What was given, and nothing for what was not: chat.update treats the two differently. */
export function contentFrom(args: JsonObject): Partial<MessageContent> {
  const content: Partial<MessageContent> = {};
  const text = stringArg(args, 'text');
  if (text !== undefined) content.text = text;
  if (isGiven(args, 'blocks')) content.blocks = blocksFrom(args);
  if (isGiven(args, 'attachments')) content.attachments = attachmentsFrom(args);
  if (isGiven(args, 'metadata')) content.metadata = metadataFrom(args);
  const markdown = stringArg(args, 'markdown_text');
  if (markdown !== undefined) {
    if (content.text !== undefined || content.blocks) throw new Refusal('markdown_text_conflict');
    if (markdown.length > MAX_MARKDOWN_TEXT) throw new Refusal('msg_too_long');
    content.text = markdown;
    content.blocks = [{ type: 'markdown', text: markdown }];
  }
  return content;
}

/** A new message needs something to show. */
export function newContent(args: JsonObject): Partial<MessageContent> {
  const content = contentFrom(args);
  const hasBlocks = (content.blocks ?? []).length > 0;
  if (content.text === undefined && !hasBlocks && (content.attachments ?? []).length === 0)
    throw new Refusal('no_text');
  if (content.text === undefined && hasBlocks) content.text = NO_FALLBACK_TEXT;
  return content;
}

function isGiven(args: JsonObject, name: string): boolean {
  return args[name] !== undefined && args[name] !== null && args[name] !== '';
}

function blocksFrom(args: JsonObject): JsonObject[] {
  const blocks = nested(args.blocks);
  if (!Array.isArray(blocks) || !blocks.every(isObject)) throw new Refusal('invalid_blocks_format');
  const problem = validateMessageBlocks(blocks);
  if (problem) throw refuseBlocks(problem);
  return objects(blocks);
}

function attachmentsFrom(args: JsonObject): JsonObject[] {
  const attachments = nested(args.attachments) ?? null;
  const problem = validateAttachments(attachments);
  if (problem) throw refuseBlocks(problem);
  return objects(attachments);
}

/** `{}` takes the metadata of a message away. */
function metadataFrom(args: JsonObject): JsonObject | undefined {
  const metadata = nested(args.metadata);
  if (!isObject(metadata)) throw new Refusal('invalid_metadata_format');
  if (Object.keys(metadata).length === 0) return undefined;
  if (typeof metadata.event_type !== 'string' || !isObject(metadata.event_payload)) {
    throw new Refusal('invalid_metadata_schema');
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES) throw new Refusal('metadata_too_large');
  return metadata;
}
