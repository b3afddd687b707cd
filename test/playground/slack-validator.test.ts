/** Block Kit validation: limits, surfaces and the wording of the errors. */
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../playground/slack/json.ts';
import { validateAttachments, validateMessageBlocks, validateView } from '../../playground/slack/validate-blocks.ts';
import { worded } from '../../playground/slack/validate-schema.ts';
import { openSlack } from './slack-world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text: string): JsonObject => ({ type: 'section', text: mrkdwn(text) });
const button = (id: string, more: JsonObject = {}) => ({ type: 'button', action_id: id, text: plain('Go'), ...more });
const actions = (...elements: Json[]): JsonObject => ({ type: 'actions', elements });
const option = (n: number) => ({ text: plain(`o${n}`), value: `v${n}` });
const options = (count: number) => Array.from({ length: count }, (_, n) => option(n));
const rawRow = (columns: number) => Array.from({ length: columns }, () => ({ type: 'raw_text', text: 'x' }));
const rows = (count: number, columns = 2) => Array.from({ length: count }, () => rawRow(columns));
const task = (status = 'pending') => ({ type: 'task_card', task_id: 't', title: 'T', status });
const richText = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});

function said(blocks: JsonObject[]): string {
  const found = validateMessageBlocks(blocks);
  return found ? [found.error, ...found.problems.map(worded)].join('\n') : 'ok';
}

describe('messages take', () => {
  const cases: [string, JsonObject[]][] = [
    ['a section at its limit', [section('x'.repeat(3000))]],
    ['fields without a text', [{ type: 'section', fields: Array.from({ length: 10 }, () => mrkdwn('x')) }]],
    ['25 buttons', [actions(...Array.from({ length: 25 }, (_, n) => button(`b${n}`)))]],
    ['the same action_id in two blocks', [actions(button('a')), actions(button('a'))]],
    ['a plan', [{ type: 'plan', block_id: 'plan', title: 'Fix', tasks: [task('complete'), task('error')] }]],
    ['a table', [{ type: 'table', rows: rows(100, 20), column_settings: [null, { align: 'right' }] }]],
    [
      'a data_table',
      [{ type: 'data_table', caption: 'Fleet', page_size: 10, row_header_column_index: 0, rows: rows(101) }],
    ],
    ['a container', [{ type: 'container', title: plain('More'), child_blocks: [section('x'), { type: 'divider' }] }]],
    ['markdown of 12,000 characters', [{ type: 'markdown', text: 'x'.repeat(12_000) }]],
    ['rich text with mentions', [richText('<@U1> <!channel>')]],
    ['no blocks at all', []],
  ];
  test.each(cases)('%s', (_, blocks) => {
    expect(said(blocks)).toBe('ok');
  });
});

describe('messages are refused for', () => {
  const cases: [string, JsonObject[], string][] = [
    [
      'a section that is too long',
      [section('x'.repeat(3001))],
      'invalid_blocks\nfailed to match all allowed schemas [json-pointer:/blocks/0/text]\nmust be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a section with nothing in it',
      [{ type: 'section' }],
      'invalid_blocks\nmust define either `text` or `fields` [json-pointer:/blocks/0/type]',
    ],
    [
      '51 blocks',
      Array.from({ length: 51 }, () => section('x')),
      'invalid_blocks\nno more than 50 items allowed [json-pointer:/blocks]',
    ],
    [
      '26 buttons',
      [actions(...Array.from({ length: 26 }, (_, n) => button(`b${n}`)))],
      'invalid_blocks\nno more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'an action_id twice in a block',
      [section('x'), actions(button('a'), button('a'))],
      'invalid_blocks\n`action_id` "a" already exists [json-pointer:/blocks/1/elements/1/action_id]',
    ],
    [
      'a block_id twice',
      [
        { ...section('x'), block_id: 'a' },
        { ...section('y'), block_id: 'a' },
      ],
      'invalid_blocks\n`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'an unknown type',
      [{ type: 'sections' }],
      'invalid_blocks\nunsupported type: sections [json-pointer:/blocks/0/type]',
    ],
    [
      'a block for modals only',
      [{ type: 'alert', text: plain('x') }],
      'invalid_blocks\nunsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      'an additional property',
      [{ ...section('x'), colour: 'red' }],
      'invalid_blocks\ninvalid additional property: colour [json-pointer:/blocks/0]',
    ],
    [
      'a missing field',
      [{ type: 'image', image_url: 'https://x.io/a.png' }],
      'invalid_blocks\nmissing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an empty header',
      [{ type: 'header', text: plain('') }],
      'invalid_blocks\nmust be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'mrkdwn in a header',
      [{ type: 'header', text: mrkdwn('x') }],
      'invalid_blocks\nmust be a valid enum value [json-pointer:/blocks/0/text/type]',
    ],
    [
      'a long button',
      [actions(button('a', { text: plain('x'.repeat(76)) }))],
      'invalid_blocks\nmust be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long value',
      [actions(button('a', { value: 'x'.repeat(2001) }))],
      'invalid_blocks\nmust be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a style of its own',
      [actions(button('a', { style: 'warning' }))],
      'invalid_blocks\nmust be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'an incomplete confirm',
      [actions(button('a', { confirm: { title: plain('x'), text: plain('y'), confirm: plain('z') } }))],
      'invalid_blocks\nmissing required field: deny [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      '101 options',
      [actions({ type: 'static_select', action_id: 'a', options: options(101) })],
      'invalid_blocks\nno more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      '11 checkboxes',
      [actions({ type: 'checkboxes', action_id: 'a', options: options(11) })],
      'invalid_blocks\nno more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'an initial option that is none',
      [actions({ type: 'static_select', action_id: 'a', options: options(2), initial_option: option(3) })],
      'invalid_blocks\nmust be one of the provided options [json-pointer:/blocks/0/elements/0/initial_option]',
    ],
    [
      'a task state of its own',
      [{ type: 'plan', title: 'x', tasks: [task('completed')] }],
      'invalid_blocks\nmust be a valid enum value [json-pointer:/blocks/0/tasks/0/status]',
    ],
    [
      'a plan beside a task',
      [{ type: 'plan', title: 'x' }, task()],
      'invalid_blocks\ncannot mix plan and task_card blocks [json-pointer:/blocks]',
    ],
    [
      'two tables',
      [
        { type: 'table', rows: rows(1) },
        { type: 'data_table', caption: 'x', rows: rows(2) },
      ],
      'invalid_attachments\nonly_one_table_allowed [json-pointer:/blocks]',
    ],
    [
      'ragged rows',
      [{ type: 'data_table', caption: 'x', rows: [rawRow(2), rawRow(1)] }],
      'invalid_blocks\nmust have 2 items [json-pointer:/blocks/0/rows/1]',
    ],
    [
      'more text than a message holds',
      Array.from({ length: 4 }, () => section('x'.repeat(3000))),
      'msg_blocks_too_long',
    ],
  ];
  test.each(cases)('%s', (_, blocks, expected) => {
    expect(said(blocks)).toBe(expected);
  });
});

test('an attachment takes classic blocks, not tables or plans', () => {
  expect(validateAttachments([{ color: '#B00020', blocks: [section('x'), actions(button('a'))] }])).toBeUndefined();
  const found = validateAttachments([{ blocks: [{ type: 'plan', title: 'x' }] }]);
  expect(found?.error).toBe('invalid_attachments');
  expect(found?.problems.map(worded)).toEqual(['unsupported type: plan [json-pointer:/attachments/0/blocks/0/type]']);
});

test('a modal has its own limits and blocks', () => {
  const view = (more: JsonObject): JsonObject => ({ type: 'modal', title: plain('Title'), blocks: [], ...more });
  const problems = (value: Json) => validateView(value)?.problems.map(worded) ?? [];
  expect(problems(view({ blocks: [{ type: 'alert', level: 'warning', text: plain('Careful') }] }))).toEqual([]);
  expect(problems({ type: 'modal' })).toEqual([
    'missing required field: title [json-pointer:/view]',
    'missing required field: blocks [json-pointer:/view]',
  ]);
  expect(problems(view({ title: plain('x'.repeat(25)) }))).toEqual([
    'must be less than 25 characters [json-pointer:/view/title/text]',
  ]);
  expect(problems(view({ private_metadata: 'x'.repeat(3001) }))).toEqual([
    'must be less than 3001 characters [json-pointer:/view/private_metadata]',
  ]);
  expect(problems(view({ blocks: [{ type: 'table', rows: rows(1) }] }))).toEqual([
    'unsupported type: table [json-pointer:/view/blocks/0/type]',
  ]);
  const focus = (id: string) => ({
    type: 'input',
    label: plain('L'),
    element: { type: 'plain_text_input', action_id: id, focus_on_load: true },
  });
  expect(problems(view({ submit: plain('Go'), blocks: [focus('a'), focus('b')] }))).toEqual([
    'only one element may set `focus_on_load` [json-pointer:/view/blocks/1/element/focus_on_load]',
  ]);
});

test('blocks.validate and chat.postMessage say the same, each in its own shape', async () => {
  await using world = await openSlack();
  const blocks = [{ type: 'header', text: { type: 'plain_text' as const, text: 'x'.repeat(151) } }];
  await expect(world.client.apiCall('blocks.validate', { blocks })).rejects.toMatchObject({
    data: {
      error: 'invalid_blocks',
      errors: [
        {
          pointer: '/blocks/0/text/text',
          code: 'failed_constraint',
          message: 'must be less than 151 characters',
          constraint: { type: 'length', expected: ['150'], got: '151' },
        },
      ],
    },
  });
  await expect(world.client.chat.postMessage({ channel: 'C0AUDIT001', text: 'x', blocks })).rejects.toMatchObject({
    data: {
      error: 'invalid_blocks',
      errors: ['must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
      response_metadata: { messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'] },
    },
  });
  expect((await world.client.apiCall('blocks.validate', { blocks: [{ type: 'divider' }] })).ok).toBe(true);
});
