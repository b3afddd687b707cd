/** rich_text as plain text. Its leaves are never parsed, so what looks like markup in them stays as it is. */
import { isObject, type JsonObject, objects, text } from './json.ts';
import { channelLabel, groupName, renderLink, userName, utcTime } from './render-mrkdwn.ts';
import type { Workspace } from './workspace.ts';

export function renderRichText(slack: Workspace, block: JsonObject): string {
  return objects(block.elements)
    .map((element) => renderContainer(slack, element))
    .join('\n');
}

function renderContainer(slack: Workspace, element: JsonObject): string {
  const leaves = () =>
    objects(element.elements)
      .map((leaf) => renderLeaf(slack, leaf))
      .join('');
  if (element.type === 'rich_text_list') return renderList(slack, element);
  if (element.type === 'rich_text_quote') return leaves().replace(/^/gm, '> ');
  if (element.type === 'rich_text_preformatted') return `\`\`\`\n${leaves()}\n\`\`\``;
  return leaves().replace(/\n$/, '');
}

function renderList(slack: Workspace, element: JsonObject): string {
  const indent = '  '.repeat(Number(element.indent ?? 0));
  const first = Number(element.offset ?? 0) + 1;
  return objects(element.elements)
    .map((item, index) => {
      const mark = element.style === 'ordered' ? `${first + index}.` : '•';
      return `${indent}${mark} ${renderContainer(slack, item)}`;
    })
    .join('\n');
}

function renderLeaf(slack: Workspace, leaf: JsonObject): string {
  const style = isObject(leaf.style) ? leaf.style : {};
  let shown = plainLeaf(slack, leaf);
  if (style.code) shown = `\`${shown}\``;
  if (style.bold) shown = `*${shown}*`;
  if (style.italic) shown = `_${shown}_`;
  if (style.strike) shown = `~${shown}~`;
  return shown;
}

function plainLeaf(slack: Workspace, leaf: JsonObject): string {
  switch (leaf.type) {
    case 'link':
      return renderLink(text(leaf.url), text(leaf.text));
    case 'user':
      return userName(slack, text(leaf.user_id));
    case 'usergroup':
      return groupName(slack, text(leaf.usergroup_id));
    case 'channel':
      return channelLabel(slack, text(leaf.channel_id));
    case 'team':
      return slack.team.name;
    case 'broadcast':
      return `@${text(leaf.range)}`;
    case 'emoji':
      return `:${text(leaf.name)}:`;
    case 'color':
      return text(leaf.value);
    case 'date':
      return text(leaf.fallback) || utcTime(Number(leaf.timestamp));
    default:
      return text(leaf.text);
  }
}
