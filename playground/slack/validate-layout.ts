/** Each block's own rules and the surfaces it may stand on (docs.slack.dev/reference/block-kit/blocks). */
import { isObject, type Json, list, objects } from './json.ts';
import { anyText, imageElement, imageFields, mrkdwn, needsOneImageSource, plainText } from './validate-composition.ts';
import {
  actionsElement,
  cardButton,
  contextActionsElement,
  contextElement,
  inputElement,
  sectionAccessory,
} from './validate-elements.ts';
import { richText } from './validate-rich-text.ts';
import {
  all,
  anything,
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

function block(type: string, { required = {}, optional = {} }: Shape): Rule {
  return shape({ required: { type: oneOf(type), ...required }, optional: { block_id: string(255), ...optional } });
}

const rawText = shape({ required: { type: oneOf('raw_text'), text: string(10_000) } });
const cell = byType(() => ({
  raw_text: rawText,
  raw_number: shape({ required: { type: oneOf('raw_number'), value: number(), text: string(255) } }),
  rich_text: richText,
}));

const taskCard = block('task_card', {
  required: {
    task_id: string(255),
    title: string(255),
    status: oneOf('pending', 'in_progress', 'complete', 'error'),
  },
  optional: {
    details: richText,
    output: richText,
    sources: listOf(shape({ required: { type: oneOf('url'), url: url(3000), text: string(255) } }), 100),
  },
});

const card = all(
  block('card', {
    optional: {
      title: mrkdwn(150),
      subtitle: mrkdwn(150),
      body: mrkdwn(200),
      actions: listOf(cardButton, 3),
      hero_image: imageElement,
      icon: imageElement,
    },
  }),
  when((c) => !c.title && !c.subtitle && !c.body && !c.hero_image && !c.actions, 'must not be empty'),
);

const MAX_TABLE_ROWS = 100;
const MAX_TABLE_COLUMNS = 20;
const DATA_TABLE_CHARACTERS = 10_000;

const classic: Record<string, Rule> = {
  section: all(
    block('section', {
      optional: {
        text: anyText(3000),
        fields: listOf(anyText(2000), 10),
        accessory: sectionAccessory,
        expand: bool,
      },
    }),
    when((s) => s.text === undefined && s.fields === undefined, 'must define either `text` or `fields`', 'type'),
  ),
  header: block('header', { required: { text: plainText(150) }, optional: { level: number(1, 4) } }),
  context: block('context', { required: { elements: listOf(contextElement, 10) } }),
  actions: block('actions', { required: { elements: listOf(actionsElement, 25) } }),
  divider: block('divider', {}),
  image: all(
    block('image', {
      required: { alt_text: string(2000) },
      optional: { ...imageFields, title: plainText(2000) },
    }),
    needsOneImageSource,
  ),
  input: block('input', {
    required: { label: plainText(2000), element: inputElement },
    optional: { hint: plainText(2000), optional: bool, dispatch_action: bool },
  }),
  rich_text: richText,
  video: block('video', {
    required: { video_url: url(3000), thumbnail_url: url(3000), alt_text: string(2000), title: plainText(200) },
    optional: {
      title_url: url(3000),
      author_name: string(50),
      provider_name: string(255),
      provider_icon_url: url(3000),
      description: plainText(200),
    },
  }),
};

const table = block('table', {
  required: { rows: listOf(listOf(cell, MAX_TABLE_COLUMNS), MAX_TABLE_ROWS) },
  optional: { column_settings: listOf(columnSetting, MAX_TABLE_COLUMNS) },
});

function columnSetting(value: Json | undefined, pointer: string, check: Check): void {
  // A column without settings is written as null.
  if (value === null) return;
  shape({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: bool } })(value, pointer, check);
}

const dataTable = all(
  block('data_table', {
    required: {
      caption: string(255),
      rows: listOf(listOf(cell, MAX_TABLE_COLUMNS), MAX_TABLE_ROWS + 1),
    },
    optional: { page_size: number(1, 100), row_header_column_index: number(0, MAX_TABLE_COLUMNS - 1) },
  }),
  dataTableRows,
);

function dataTableRows(value: Json | undefined, pointer: string, check: Check): void {
  const rows = isObject(value) ? list(value.rows) : [];
  for (const [index, header] of objects(rows[0]).entries()) rawText(header, `${pointer}/rows/0/${index}`, check);
  for (const [index, row] of rows.entries()) {
    if (list(row).length === list(rows[0]).length) continue;
    report(check, `${pointer}/rows/${index}`, `must have ${list(rows[0]).length} items`);
  }
  const characters = rows.flatMap((row) => objects(row)).reduce((sum, c) => sum + String(c.text ?? '').length, 0);
  if (characters > DATA_TABLE_CHARACTERS) {
    report(check, `${pointer}/rows`, `must be less than ${DATA_TABLE_CHARACTERS + 1} characters`);
  }
}

const container: Rule = all(
  block('container', {
    required: { child_blocks: listOf(byType(containerChildren), 10) },
    optional: {
      title: plainText(150),
      rich_text_title: richText,
      subtitle: anyText(150),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: imageElement,
      is_collapsible: bool,
      default_collapsed: bool,
      has_header_divider: bool,
    },
  }),
  when(
    (c) => (c.title === undefined) === (c.rich_text_title === undefined),
    'must define either `title` or `rich_text_title`',
  ),
);

function containerChildren(): Record<string, Rule> {
  return { ...classic, table };
}

const dataVisualization = block('data_visualization', {
  required: { title: string(50), chart: byType(() => ({ pie: chart, bar: chart, line: chart, area: chart })) },
});

/** Its fields are in no public schema yet: only what is documented as a limit is checked. */
function chart(value: Json | undefined, pointer: string, check: Check): void {
  if (!isObject(value)) return;
  if (value.series !== undefined) listOf(anything, 6)(value.series, `${pointer}/series`, check);
}

const inMessages: Record<string, Rule> = {
  markdown: block('markdown', { required: { text: string(12_000) } }),
  table,
  data_table: dataTable,
  data_visualization: dataVisualization,
  plan: block('plan', {
    required: { title: string(255) },
    optional: {
      tasks: listOf(
        byType(() => ({ task_card: taskCard })),
        50,
        0,
      ),
    },
  }),
  task_card: taskCard,
  container,
  context_actions: block('context_actions', { required: { elements: listOf(contextActionsElement, 5) } }),
};

const carousel = block('carousel', { required: { elements: listOf(card, 10) } });

const alert = block('alert', {
  required: { text: anyText(200) },
  optional: { level: oneOf('default', 'info', 'warning', 'error', 'success') },
});

/** Which blocks each surface takes. Where documentation and live tests differ, the stricter answer. */
const surfaces: Record<Surface, Record<string, Rule>> = {
  message: { ...classic, ...inMessages, card, carousel },
  // The colour bar of an attachment goes around classic blocks only.
  attachment: classic,
  modal: { ...classic, alert },
  home: { ...classic, card, carousel },
};

export const anyBlock: Rule = (value, pointer, check) => byType(() => surfaces[check.surface])(value, pointer, check);
