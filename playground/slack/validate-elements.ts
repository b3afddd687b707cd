/** The interactive elements of Block Kit with their limits (docs.slack.dev/reference/block-kit). */
import type { JsonObject } from './json.ts';
import { isObject, objects, text as textIn } from './json.ts';
import { confirm, imageElement, mrkdwn, option, optionGroup, plainText, richOption } from './validate-composition.ts';
import { richText } from './validate-rich-text.ts';
import {
  all,
  bool,
  byType,
  type Check,
  listOf,
  number,
  oneOf,
  type Rule,
  report,
  type Shape,
  type Surface,
  shape,
  string,
  url,
  when,
} from './validate-schema.ts';

const ACTION_ID_MAX = 255;

const actionId = string(ACTION_ID_MAX);
const placeholder = plainText(150);

function element(type: string, { required = {}, optional = {} }: Shape): Rule {
  return all(
    shape({ required: { type: oneOf(type), ...required }, optional: { action_id: actionId, ...optional } }),
    oncePerView,
  );
}

/** focus_on_load may be set on one element only; counted over the whole view. */
function oncePerView(value: unknown, pointer: string, check: Check): void {
  if (!isObject(value) || value.focus_on_load !== true) return;
  if (check.focused) report(check, `${pointer}/focus_on_load`, 'only one element may set `focus_on_load`');
  check.focused = true;
}

const focusable = { focus_on_load: bool };
const picked = { confirm, placeholder, ...focusable };
const typed = {
  placeholder,
  initial_value: string(3000, 0),
  dispatch_action_config: shape({
    optional: { trigger_actions_on: listOf(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
  }),
  ...focusable,
};
const id = string(255);
const filter = shape({
  optional: {
    include: listOf(oneOf('im', 'mpim', 'private', 'public'), 4),
    exclude_external_shared_channels: bool,
    exclude_bot_users: bool,
  },
});

const optionsOrGroups = all(
  when(
    (select) => (select.options === undefined) === (select.option_groups === undefined),
    'must define either `options` or `option_groups`',
  ),
  initialIsAnOption,
);

function initialIsAnOption(value: unknown, pointer: string, check: Check): void {
  if (!isObject(value)) return;
  const groups = objects(value.option_groups).flatMap((group) => objects(group.options));
  const offered = [...objects(value.options), ...groups].map(optionKey);
  for (const initial of [
    ...objects(value.initial_options),
    ...(isObject(value.initial_option) ? [value.initial_option] : []),
  ]) {
    if (offered.includes(optionKey(initial))) continue;
    const field = value.initial_option === undefined ? 'initial_options' : 'initial_option';
    report(check, `${pointer}/${field}`, 'must be one of the provided options');
  }
}

function optionKey(value: JsonObject): string {
  return `${textIn(value.value)}\n${isObject(value.text) ? textIn(value.text.text) : ''}`;
}

function staticSelect(type: string, initial: Record<string, Rule>): Rule {
  const lists = { options: listOf(option(), 100), option_groups: listOf(optionGroup, 100) };
  return all(element(type, { optional: { ...lists, ...picked, ...initial } }), optionsOrGroups);
}

const maxSelected = { max_selected_items: number(1) };

const button = element('button', {
  required: { text: plainText(75) },
  optional: {
    value: string(2000),
    url: url(3000),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: string(75),
  },
});

const everywhere: Record<string, Rule> = {
  static_select: staticSelect('static_select', { initial_option: option() }),
  multi_static_select: staticSelect('multi_static_select', { initial_options: listOf(option(), 100), ...maxSelected }),
  external_select: element('external_select', {
    optional: { ...picked, initial_option: option(), min_query_length: number(0) },
  }),
  multi_external_select: element('multi_external_select', {
    optional: { ...picked, initial_options: listOf(option(), 100), min_query_length: number(0), ...maxSelected },
  }),
  users_select: element('users_select', { optional: { ...picked, initial_user: id } }),
  multi_users_select: element('multi_users_select', {
    optional: { ...picked, initial_users: listOf(id, 100), ...maxSelected },
  }),
  channels_select: element('channels_select', {
    optional: { ...picked, initial_channel: id, response_url_enabled: bool },
  }),
  multi_channels_select: element('multi_channels_select', {
    optional: { ...picked, initial_channels: listOf(id, 100), ...maxSelected },
  }),
  conversations_select: element('conversations_select', {
    optional: {
      ...picked,
      initial_conversation: id,
      default_to_current_conversation: bool,
      response_url_enabled: bool,
      filter,
    },
  }),
  multi_conversations_select: element('multi_conversations_select', {
    optional: {
      ...picked,
      initial_conversations: listOf(id, 100),
      default_to_current_conversation: bool,
      filter,
      ...maxSelected,
    },
  }),
  checkboxes: all(
    element('checkboxes', {
      required: { options: listOf(richOption, 10) },
      optional: { initial_options: listOf(richOption, 10), confirm, ...focusable },
    }),
    initialIsAnOption,
  ),
  radio_buttons: all(
    element('radio_buttons', {
      required: { options: listOf(richOption, 10) },
      optional: { initial_option: richOption, confirm, ...focusable },
    }),
    initialIsAnOption,
  ),
  datepicker: element('datepicker', { optional: { ...picked, initial_date: string(10, 10) } }),
  timepicker: element('timepicker', { optional: { ...picked, initial_time: string(5, 5), timezone: string(255) } }),
};

const datetimepicker: Rule = element('datetimepicker', {
  optional: { confirm, ...focusable, initial_date_time: number(1_000_000_000, 9_999_999_999) },
});

const pressed: Record<string, Rule> = {
  button,
  overflow: element('overflow', {
    required: { options: listOf(option({ url: url(3000) }), 5) },
    optional: { confirm },
  }),
};

const workflowButton: Rule = element('workflow_button', {
  required: { text: plainText(75), workflow: shape({ required: { trigger: isAnObject } }) },
  optional: { style: oneOf('primary', 'danger'), accessibility_label: string(75) },
});

function isAnObject(value: unknown, pointer: string, check: Check): void {
  if (!isObject(value)) report(check, pointer, 'must provide an object');
}

const richTextInput: Rule = element('rich_text_input', { optional: { ...typed, initial_value: richText } });

const textInputs: Record<string, Rule> = {
  plain_text_input: element('plain_text_input', {
    optional: { ...typed, multiline: bool, min_length: number(0, 3000), max_length: number(1, 3000) },
  }),
  number_input: element('number_input', {
    required: { is_decimal_allowed: bool },
    optional: { ...typed, min_value: string(255), max_value: string(255) },
  }),
  email_text_input: element('email_text_input', { optional: typed }),
  url_text_input: element('url_text_input', { optional: typed }),
  file_input: element('file_input', { optional: { filetypes: listOf(string(255), 100), max_files: number(1, 10) } }),
};

/** docs.slack.dev marks which surface takes which element; `surface` is where the block stands. */
function here(surface: Surface): Record<string, Rule> {
  return {
    ...everywhere,
    ...(surface === 'home' ? {} : { datetimepicker }),
    ...(surface === 'modal' || surface === 'home' ? { rich_text_input: richTextInput } : {}),
  };
}

function placed(table: (surface: Surface) => Record<string, Rule>): Rule {
  return (value, pointer, check) => byType(() => table(check.surface))(value, pointer, check);
}

const workflowHere = (surface: Surface): Record<string, Rule> =>
  surface === 'modal' || surface === 'home' ? {} : { workflow_button: workflowButton };

export const actionsElement = placed((surface) => ({ ...here(surface), ...pressed, ...workflowHere(surface) }));

export const sectionAccessory = placed((surface) => {
  const { datetimepicker: _, rich_text_input: __, ...rest } = here(surface);
  return { ...rest, ...pressed, ...workflowHere(surface), image: imageElement };
});

export const inputElement = placed((surface) => ({ ...here(surface), ...(surface === 'modal' ? textInputs : {}) }));

export const contextElement = byType(() => ({
  image: imageElement,
  plain_text: plainText(2000),
  mrkdwn: mrkdwn(2000),
}));

export const cardButton = button;

const feedbackButton = shape({
  required: { text: plainText(75), value: string(2000) },
  optional: { accessibility_label: string(75) },
});

export const contextActionsElement = byType(() => ({
  feedback_buttons: element('feedback_buttons', {
    required: { positive_button: feedbackButton, negative_button: feedbackButton },
  }),
  icon_button: element('icon_button', {
    required: { icon: oneOf('trash'), text: plainText(75) },
    optional: { value: string(2000), confirm, accessibility_label: string(75), visible_to_user_ids: listOf(id, 10) },
  }),
}));
