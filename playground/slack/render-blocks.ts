/** Blocks as the lines a person would read, buttons and menus in [brackets]. */
import { labelOf, optionsOf } from './inputs.ts';
import { isObject, type Json, type JsonObject, list, objects, text } from './json.ts';
import type { StateValues } from './model.ts';
import { renderMrkdwn } from './render-mrkdwn.ts';
import { renderRichText } from './render-rich-text.ts';
import { type Alignment, renderTable } from './render-table.ts';
import type { Workspace } from './workspace.ts';

const TASK_MARKS: Record<string, string> = { pending: '○', in_progress: '◐', complete: '✓', error: '✗' };

export function renderBlocks(slack: Workspace, blocks: JsonObject[], chosen: StateValues = {}): string {
  return blocks
    .map((block) => renderBlock(slack, block, chosen))
    .filter((shown) => shown !== '')
    .join('\n');
}

/** plain_text, mrkdwn or a bare string. */
export function renderText(slack: Workspace, value: Json | undefined): string {
  if (!isObject(value)) return text(value);
  if (value.type === 'rich_text') return renderRichText(slack, value);
  return value.type === 'mrkdwn' ? renderMrkdwn(slack, text(value.text)) : text(value.text);
}

function renderBlock(slack: Workspace, block: JsonObject, chosen: StateValues): string {
  switch (block.type) {
    case 'header':
      return `# ${renderText(slack, block.text)}`;
    case 'section':
      return renderSection(slack, block);
    case 'context':
      return objects(block.elements)
        .map((element) => renderElement(slack, element))
        .join(' · ');
    case 'actions':
    case 'context_actions':
      return objects(block.elements)
        .map((element) => renderElement(slack, element))
        .join(' ');
    case 'divider':
      return '———';
    case 'image':
    case 'video':
      return renderElement(slack, block);
    case 'input':
      return renderInput(slack, block, chosen);
    case 'rich_text':
      return renderRichText(slack, block);
    case 'markdown':
      return text(block.text);
    case 'table':
      return renderTable(cells(slack, block), alignments(block));
    case 'data_table':
      return `${text(block.caption)}\n${renderTable(cells(slack, block))}`;
    case 'plan':
      return [text(block.title), ...objects(block.tasks).map((task) => renderTask(slack, task))].join('\n');
    case 'task_card':
      return renderTask(slack, block);
    case 'alert':
      return `! ${renderText(slack, block.text)}`;
    case 'card':
      return renderCard(slack, block);
    case 'carousel':
      return objects(block.elements)
        .map((card) => renderCard(slack, card))
        .join('\n');
    case 'container':
      return renderContainer(slack, block, chosen);
    case 'data_visualization':
      return `[chart: ${text(block.title)}]`;
    default:
      return `[${text(block.type)}]`;
  }
}

function renderSection(slack: Workspace, block: JsonObject): string {
  const accessory = isObject(block.accessory) ? ` ${renderElement(slack, block.accessory)}` : '';
  const fields = objects(block.fields).map((field) => renderText(slack, field).replace(/\n/g, ' '));
  return [renderText(slack, block.text) + accessory, ...fields].filter((line) => line !== '').join('\n');
}

function renderElement(slack: Workspace, element: JsonObject): string {
  const type = text(element.type);
  if (type === 'image') return `[image: ${text(element.alt_text)}]`;
  if (type === 'video') return `[video: ${renderText(slack, element.title)}] <${text(element.video_url)}>`;
  if (type === 'mrkdwn' || type === 'plain_text') return renderText(slack, element);
  if (type === 'button' || type === 'workflow_button' || type === 'icon_button') {
    return `[${labelOf(element)}]${element.url ? ` <${text(element.url)}>` : ''}`;
  }
  if (type === 'overflow') return `[⋯ ${optionsOf(element).map(labelOf).join(' | ')}]`;
  if (type === 'feedback_buttons') return '[👍] [👎]';
  if (type === 'checkboxes' || type === 'radio_buttons') return `[${optionsOf(element).map(labelOf).join(' | ')}]`;
  return `[${renderText(slack, element.placeholder) || type} ▾]`;
}

function renderInput(slack: Workspace, block: JsonObject, chosen: StateValues): string {
  const element = isObject(block.element) ? block.element : {};
  const state = chosen[text(block.block_id)]?.[text(element.action_id)];
  const label = renderText(slack, block.label) + (block.optional === true ? ' (optional)' : '');
  const hint = block.hint ? `\n  ${renderText(slack, block.hint)}` : '';
  return `${label}: ${(state && shownState(state)) || initialOf(element) || emptyInput(slack, element)}${hint}`;
}

function emptyInput(slack: Workspace, element: JsonObject): string {
  return optionsOf(element).length > 0 && element.placeholder === undefined
    ? `[${optionsOf(element).map(labelOf).join(' | ')}]`
    : `[${renderText(slack, element.placeholder)}]`;
}

function initialOf(element: JsonObject): string {
  return Object.entries(element).flatMap(([key, value]) => (key.startsWith('initial_') ? [shown(value)] : []))[0] ?? '';
}

function shownState(state: JsonObject): string {
  return Object.entries(state).flatMap(([key, value]) => (key === 'type' ? [] : [shown(value)]))[0] ?? '';
}

function shown(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return isObject(value) ? labelOf(value) : value === null || value === undefined ? '' : String(value);
}

function cells(slack: Workspace, block: JsonObject): string[][] {
  return list(block.rows).map((row) => objects(row).map((cell) => renderText(slack, cell).replace(/\n/g, ' ')));
}

function alignments(block: JsonObject): Alignment[] {
  return list(block.column_settings).map((setting) => (isObject(setting) && (setting.align as Alignment)) || 'left');
}

function renderTask(slack: Workspace, task: JsonObject): string {
  const mark = TASK_MARKS[text(task.status)] ?? '○';
  const details = [task.details, task.output].map((part) => renderText(slack, part)).filter((part) => part !== '');
  const sources = objects(task.sources).map((source) => `${text(source.text)} <${text(source.url)}>`);
  const lines = [...details, ...sources].flatMap((part) => part.split('\n')).map((line) => `    ${line}`);
  return [`  ${mark} ${text(task.title)}`, ...lines].join('\n');
}

function renderCard(slack: Workspace, card: JsonObject): string {
  const lines = [card.title, card.subtitle, card.body].map((part) => renderText(slack, part));
  const buttons = objects(card.actions)
    .map((button) => renderElement(slack, button))
    .join(' ');
  return [...lines, buttons].filter((line) => line !== '').join('\n');
}

function renderContainer(slack: Workspace, block: JsonObject, chosen: StateValues): string {
  const title = renderText(slack, block.title) || renderText(slack, block.rich_text_title);
  const head = [title, renderText(slack, block.subtitle)].filter((line) => line !== '').join(' — ');
  return `${head}\n${renderBlocks(slack, objects(block.child_blocks), chosen).replace(/^/gm, '  ')}`;
}
