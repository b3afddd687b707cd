/**
 * Block Kit validation of whole messages and views, as chat.*, views.* and blocks.validate do it: every block by
 * its own rules, then what must hold between blocks.
 */
import { hasInput } from './inputs.ts';
import { isObject, type Json, type JsonObject, objects, text } from './json.ts';
import { plainText } from './validate-composition.ts';
import { anyBlock } from './validate-layout.ts';
import {
  type anything,
  bool,
  type Check,
  listOf,
  oneOf,
  type Problem,
  report,
  type Surface,
  shape,
  string,
} from './validate-schema.ts';

export const MAX_MESSAGE_BLOCKS = 50;
export const MAX_VIEW_BLOCKS = 100;
/** Undocumented sums over all blocks; the lowest figures that were seen refused, slackapi/bolt-js #2509 and #2867. */
const MAX_CLASSIC_CHARACTERS = 11_340;
const MAX_CHARACTERS = 13_200;
const MAX_MARKDOWN_CHARACTERS = 12_000;
const MAX_VIEW_BYTES = 250_000;

export interface BlocksError {
  error: string;
  problems: Problem[];
}

/** What chat.postMessage and friends say to these blocks; nothing when they are fine. */
export function validateMessageBlocks(blocks: Json, pointer = '/blocks'): BlocksError | undefined {
  const check: Check = { surface: 'message', problems: [] };
  listOf(anyBlock, MAX_MESSAGE_BLOCKS, 0)(blocks, pointer, check);
  betweenBlocks(objects(blocks), pointer, check);
  if (check.problems.length > 0) return { error: 'invalid_blocks', problems: check.problems };
  const tables = withChildren(objects(blocks)).filter((block) => /^(table|data_table)$/.test(text(block.type)));
  if (tables.length > 1) {
    const problem = { pointer, message: 'only_one_table_allowed', code: 'only_one_table_allowed' };
    return { error: 'invalid_attachments', problems: [problem] };
  }
  if (tooLong(objects(blocks))) return { error: 'msg_blocks_too_long', problems: [] };
  return undefined;
}

export function validateAttachments(attachments: Json): BlocksError | undefined {
  if (!Array.isArray(attachments) || !attachments.every(isObject))
    return { error: 'invalid_attachments', problems: [] };
  if (attachments.length > 100) return { error: 'too_many_attachments', problems: [] };
  const check: Check = { surface: 'attachment', problems: [] };
  for (const [index, attachment] of attachments.entries()) {
    if (attachment.blocks === undefined) continue;
    const pointer = `/attachments/${index}/blocks`;
    listOf(anyBlock, MAX_MESSAGE_BLOCKS)(attachment.blocks, pointer, check);
    betweenBlocks(objects(attachment.blocks), pointer, check);
  }
  return check.problems.length > 0 ? { error: 'invalid_attachments', problems: check.problems } : undefined;
}

/** What views.open, push, update and publish say to a view. */
export function validateView(view: Json, pointer = '/view'): BlocksError | undefined {
  const surface: Surface = isObject(view) && view.type === 'home' ? 'home' : 'modal';
  const check: Check = { surface, problems: [] };
  const common = { private_metadata: string(3000, 0), callback_id: string(255, 0), external_id: string(255, 0) };
  const blocks = listOf(anyBlock, MAX_VIEW_BLOCKS, 0);
  if (surface === 'home') shape({ required: { type: oneOf('home'), blocks }, optional: common })(view, pointer, check);
  else {
    const flags = { clear_on_close: bool, notify_on_close: bool, submit_disabled: bool };
    const buttons = { submit: nullable(plainText(24)), close: nullable(plainText(24)) };
    const required = { title: plainText(24), blocks, type: oneOf('modal') };
    shape({ required, optional: { ...common, ...flags, ...buttons } })(view, pointer, check);
  }
  if (isObject(view)) betweenBlocks(objects(view.blocks), `${pointer}/blocks`, check);
  if (isObject(view) && surface === 'modal' && !view.submit && hasInput(view.blocks)) {
    const index = objects(view.blocks).findIndex((block) => block.type === 'input');
    report(check, `${pointer}/blocks/${index}/input`, 'must define `submit` to use an `input` block in modals');
  }
  if (check.problems.length > 0) return { error: 'invalid_arguments', problems: check.problems };
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) return { error: 'view_too_large', problems: [] };
  return undefined;
}

function nullable(rule: typeof anything | ReturnType<typeof string>): ReturnType<typeof string> {
  return (value, pointer, check) => (value === null ? undefined : rule(value, pointer, check));
}

function betweenBlocks(blocks: JsonObject[], pointer: string, check: Check): void {
  const blockIds = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    const id = text(block.block_id);
    if (id !== '' && blockIds.has(id)) {
      report(check, `${pointer}/${index}/block_id`, `\`block_id\` "${id}" already exists`);
    }
    blockIds.add(id);
    uniqueActionIds(block, `${pointer}/${index}`, check);
  }
  if (check.surface !== 'message') return;
  const count = (type: string) => blocks.filter((block) => block.type === type).length;
  if (count('plan') > 1) report(check, pointer, 'no more than 1 plan block allowed');
  if (count('plan') > 0 && count('task_card') > 0) report(check, pointer, 'cannot mix plan and task_card blocks');
  if (count('data_visualization') > 2) report(check, pointer, 'no more than 2 data_visualization blocks allowed');
}

function uniqueActionIds(block: JsonObject, pointer: string, check: Check): void {
  const seen = new Set<string>();
  for (const [index, element] of objects(block.elements).entries()) {
    const id = text(element.action_id);
    if (id !== '' && seen.has(id)) {
      report(check, `${pointer}/elements/${index}/action_id`, `\`action_id\` "${id}" already exists`);
    }
    seen.add(id);
  }
  for (const [index, child] of objects(block.child_blocks).entries()) {
    uniqueActionIds(child, `${pointer}/child_blocks/${index}`, check);
  }
}

function tooLong(blocks: JsonObject[]): boolean {
  const markdown = characters(blocks.filter((block) => block.type === 'markdown'));
  const classic = characters(blocks.filter((block) => block.type !== 'markdown'));
  return markdown > MAX_MARKDOWN_CHARACTERS || classic > MAX_CLASSIC_CHARACTERS || markdown + classic > MAX_CHARACTERS;
}

/** The length of every string under a `text`, the measure the reports above were taken with. */
function characters(value: Json | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, child]) => sum + (key === 'text' && typeof child === 'string' ? child.length : characters(child)),
    0,
  );
}

function withChildren(blocks: JsonObject[]): JsonObject[] {
  return blocks.flatMap((block) => [block, ...objects(block.child_blocks)]);
}
