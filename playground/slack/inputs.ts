/**
 * The things people press and fill in: finding them in blocks, and what their state looks like in payloads
 * (`state.values[block_id][action_id]`), for messages and modals alike.
 */
import { isObject, type Json, type JsonObject, list, objects, text } from './json.ts';
import type { StateValues } from './model.ts';

export interface Placed {
  block: JsonObject;
  element: JsonObject;
}

/** What a person enters: a text, an option by its text or value, several of them, or nothing. */
export type Entered = string | string[] | number | boolean | null;

/** How each element reports its state: the key, the initial value's key, and what is reported when empty. */
const STATE_KEYS: Record<string, { key: string; initial: string; empty: Json }> = {
  plain_text_input: { key: 'value', initial: 'initial_value', empty: null },
  email_text_input: { key: 'value', initial: 'initial_value', empty: null },
  url_text_input: { key: 'value', initial: 'initial_value', empty: null },
  number_input: { key: 'value', initial: 'initial_value', empty: null },
  rich_text_input: { key: 'rich_text_value', initial: 'initial_value', empty: null },
  static_select: { key: 'selected_option', initial: 'initial_option', empty: null },
  external_select: { key: 'selected_option', initial: 'initial_option', empty: null },
  radio_buttons: { key: 'selected_option', initial: 'initial_option', empty: null },
  multi_static_select: { key: 'selected_options', initial: 'initial_options', empty: [] },
  multi_external_select: { key: 'selected_options', initial: 'initial_options', empty: [] },
  checkboxes: { key: 'selected_options', initial: 'initial_options', empty: [] },
  users_select: { key: 'selected_user', initial: 'initial_user', empty: null },
  multi_users_select: { key: 'selected_users', initial: 'initial_users', empty: [] },
  channels_select: { key: 'selected_channel', initial: 'initial_channel', empty: null },
  multi_channels_select: { key: 'selected_channels', initial: 'initial_channels', empty: [] },
  conversations_select: { key: 'selected_conversation', initial: 'initial_conversation', empty: null },
  multi_conversations_select: { key: 'selected_conversations', initial: 'initial_conversations', empty: [] },
  datepicker: { key: 'selected_date', initial: 'initial_date', empty: null },
  timepicker: { key: 'selected_time', initial: 'initial_time', empty: null },
  datetimepicker: { key: 'selected_date_time', initial: 'initial_date_time', empty: null },
};

/** Every element of these blocks a person can touch, in reading order. */
export function elementsOf(blocks: JsonObject[]): Placed[] {
  return blocks.flatMap((block) => {
    const inside = [...objects(block.elements), ...objects(block.actions)];
    if (isObject(block.accessory)) inside.push(block.accessory);
    if (isObject(block.element)) inside.push(block.element);
    const own = inside
      .filter((element) => element.action_id !== undefined && block.type !== 'carousel')
      .map((element) => ({ block, element }));
    const cards = block.type === 'carousel' ? objects(block.elements) : [];
    return [...own, ...elementsOf([...objects(block.child_blocks), ...cards])];
  });
}

export function collectState(blocks: JsonObject[], chosen: StateValues): StateValues {
  const values: StateValues = {};
  for (const { block, element } of elementsOf(blocks)) {
    const keys = STATE_KEYS[text(element.type)];
    if (!keys) continue;
    const blockId = text(block.block_id);
    const actionId = text(element.action_id);
    const initial = { type: text(element.type), [keys.key]: element[keys.initial] ?? keys.empty };
    values[blockId] = { ...values[blockId], [actionId]: chosen[blockId]?.[actionId] ?? initial };
  }
  return values;
}

export function choose(chosen: StateValues, placed: Placed, state: JsonObject): void {
  const blockId = text(placed.block.block_id);
  chosen[blockId] = { ...chosen[blockId], [text(placed.element.action_id)]: state };
}

/** The state of an element after a person entered this. Throws where the client would not let them. */
export function stateOf(element: JsonObject, entered: Entered): JsonObject {
  const type = text(element.type);
  const keys = STATE_KEYS[type];
  if (!keys) throw new Error(`nobody can fill in a ${type}`);
  if (entered === null || entered === '') return { type, [keys.key]: keys.empty };
  if (keys.key === 'selected_option') return { type, selected_option: optionOf(element, String(entered)) };
  if (keys.key === 'selected_options') {
    return { type, selected_options: [entered].flat().map((one) => optionOf(element, String(one))) };
  }
  if (Array.isArray(keys.empty)) return { type, [keys.key]: [entered].flat().map(String) };
  if (keys.key === 'selected_date_time') return { type, selected_date_time: Number(entered) };
  if (keys.key === 'rich_text_value') return { type, rich_text_value: richText(String(entered)) };
  return { type, [keys.key]: String(entered) };
}

/** Whether nothing was entered: Slack's client refuses to submit a required input like this. */
export function isEmptyState(state: JsonObject): boolean {
  return Object.entries(state).every(
    ([key, value]) => key === 'type' || value === null || (Array.isArray(value) && value.length === 0),
  );
}

export function optionsOf(element: JsonObject): JsonObject[] {
  return [...objects(element.options), ...objects(element.option_groups).flatMap((group) => objects(group.options))];
}

/** By value, or by the text people see. */
export function optionOf(element: JsonObject, wanted: string): JsonObject {
  const options = optionsOf(element);
  const found = options.find((option) => option.value === wanted || labelOf(option) === wanted);
  if (found) return found;
  throw new Error(`no option ${wanted}; there are: ${options.map(labelOf).join(', ')}`);
}

/** The text on a button or option. */
export function labelOf(element: JsonObject): string {
  return isObject(element.text) ? text(element.text.text) : text(element.text);
}

/** All string lists and texts of an element people could name it by. */
export function namesOf({ block, element }: Placed): string[] {
  const label = isObject(block.label) ? text(block.label.text) : '';
  const placeholder = isObject(element.placeholder) ? text(element.placeholder.text) : '';
  return [text(element.action_id), text(block.block_id), labelOf(element), label, placeholder].filter((n) => n !== '');
}

export function hasInput(blocks: Json | undefined): boolean {
  return list(blocks).some((block) => isObject(block) && block.type === 'input');
}

function richText(value: string): JsonObject {
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text: value }] };
  return { type: 'rich_text', elements: [section] };
}
