/**
 * Modals and what people fill in there. A value arrives as `state.values[block][action]`.
 * https://docs.slack.dev/reference/views/modal-views
 */
import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { plainText } from './blocks.ts';
import { truncate } from './mrkdwn.ts';

/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object: text, description and value alike. */
const OPTION_LIMIT = 75;
const MAX_VIEW_BLOCKS = 100;

export interface ModalTexts {
  title: string;
  /** Without it nothing can be sent, and no input may stand in it. */
  submit?: string;
  close: string;
}

export function modal(
  callbackId: string,
  metadata: string,
  texts: ModalTexts,
  blocks: readonly (KnownBlock | undefined)[],
): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: metadata,
    title: plainText(texts.title, 24),
    ...(texts.submit ? { submit: plainText(texts.submit, 24) } : {}),
    close: plainText(texts.close, 24),
    blocks: blocks.filter((block) => block !== undefined).slice(0, MAX_VIEW_BLOCKS),
  };
}

export interface Choice {
  value: string;
  label: string;
  description?: string;
}

export function selectInput(
  blockId: string,
  actionId: string,
  texts: { label: string; hint?: string },
  choices: readonly Choice[],
  chosen?: string,
): InputBlock {
  const options = choices.map(option);
  const initial = options[choices.findIndex((choice) => choice.value === chosen)];
  return {
    ...labelled(blockId, texts),
    element: { type: 'static_select', action_id: actionId, options, ...(initial ? { initial_option: initial } : {}) },
  };
}

/** For a handful of choices that are to be read side by side. */
export function radioInput(
  blockId: string,
  actionId: string,
  texts: { label: string; hint?: string },
  choices: readonly Choice[],
  chosen?: string,
): InputBlock {
  const options = choices.map(option);
  const first = options[choices.findIndex((choice) => choice.value === chosen)] ?? options[0];
  return {
    ...labelled(blockId, texts),
    element: { type: 'radio_buttons', action_id: actionId, options, ...(first ? { initial_option: first } : {}) },
  };
}

export function textInput(
  blockId: string,
  actionId: string,
  texts: { label: string; hint?: string },
  {
    optional = false,
    max = 1000,
    multiline = true,
    initial,
  }: { optional?: boolean; max?: number; multiline?: boolean; initial?: string } = {},
): InputBlock {
  const length = optional ? { max_length: max } : { min_length: 3, max_length: max };
  const begun = initial ? { initial_value: truncate(initial, max) } : {};
  return {
    ...labelled(blockId, texts),
    ...(optional ? { optional } : {}),
    element: { type: 'plain_text_input', action_id: actionId, multiline, ...length, ...begun },
  };
}

/** Whole numbers; it arrives as text. */
export function numberInput(
  blockId: string,
  actionId: string,
  texts: { label: string; hint?: string },
  { min, max, initial }: { min: number; max: number; initial: number },
): InputBlock {
  return {
    ...labelled(blockId, texts),
    element: {
      type: 'number_input',
      action_id: actionId,
      is_decimal_allowed: false,
      min_value: String(min),
      max_value: String(max),
      initial_value: String(initial),
    },
  };
}

function labelled(blockId: string, { label, hint }: { label: string; hint?: string }) {
  return {
    type: 'input' as const,
    block_id: blockId,
    label: plainText(label, 2000),
    ...(hint ? { hint: plainText(hint, 2000) } : {}),
  };
}

function option({ value, label, description }: Choice): PlainTextOption {
  return {
    text: plainText(label, OPTION_LIMIT),
    value,
    ...(description ? { description: plainText(description, OPTION_LIMIT) } : {}),
  };
}
