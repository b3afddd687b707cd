/** Messages, modals and timeline entries as readable text, and whom a message would notify. */
import { isObject, type Json, type JsonObject, objects, text } from './json.ts';
import type { Message, TimelineEntry, View } from './model.ts';
import { renderBlocks, renderText } from './render-blocks.ts';
import { channelLabel, groupName, mentionsIn, renderMrkdwn, userName } from './render-mrkdwn.ts';
import type { Workspace } from './workspace.ts';

export function renderMessage(slack: Workspace, message: Message): string {
  const body =
    message.blocks.length > 0 ? renderBlocks(slack, message.blocks, message.chosen) : renderMrkdwn(slack, message.text);
  const attachments = message.attachments.map((attachment) => renderAttachment(slack, attachment));
  const files = message.files.map((file) => `[file: ${text(file.title)}]`);
  const reactions = [...message.reactions].map((name) => `:${name}:`).join(' ');
  return [body, ...attachments, ...files, reactions].filter((part) => part !== '').join('\n');
}

export function renderView(slack: Workspace, view: View): string {
  const blocks = renderBlocks(slack, objects(view.content.blocks), view.chosen);
  const errors = Object.entries(view.errors).map(([blockId, message]) => `! ${blockId}: ${message}`);
  const buttons = [view.content.close, view.content.submit].filter((label) => isObject(label));
  const shown = buttons.map((label) => `[${renderText(slack, label)}]`).join(' ');
  return [`▣ ${renderText(slack, view.content.title)}`, blocks, ...errors, shown].filter((p) => p !== '').join('\n');
}

/** One line of where and who, then what. */
export function renderEntry(slack: Workspace, entry: TimelineEntry): string {
  const where = entry.channel ? channelLabel(slack, entry.channel) : 'Slack';
  if (entry.kind === 'failure') return `${where}, only ${userName(slack, entry.user ?? '')}: ${entry.text}`;
  if (entry.view) return `modal of ${userName(slack, entry.view.user)}\n${renderView(slack, entry.view)}`;
  if (!entry.message) return where;
  const { message } = entry;
  const remarks = [
    message.ephemeralFor ? `only ${userName(slack, message.ephemeralFor)}` : '',
    message.threadTs ? 'in thread' : '',
    entry.kind === 'edit' ? 'edited' : '',
    entry.kind === 'delete' ? 'deleted' : '',
    entry.kind === 'reaction' ? `reaction :${entry.text}:` : '',
  ].filter((remark) => remark !== '');
  const head = [where, userName(slack, message.user), ...remarks].join(', ');
  return entry.kind === 'delete' ? head : `${head}\n${renderMessage(slack, message)}`;
}

/**
 * Whom this message would notify when it is posted: `@jane`, `@sre`, `@channel`. Only what is shown counts: with
 * blocks the text is a fallback. Edits and ephemeral messages notify nobody; followers of a thread are left out.
 */
export function wouldNotify(slack: Workspace, message: Message): string[] {
  if (message.ephemeralFor) return [];
  const channel = slack.channel(message.channel);
  const shown: Json[] = message.blocks.length > 0 ? message.blocks : [{ type: 'mrkdwn', text: message.text }];
  const mentioned = mentions(slack, [...shown, ...message.attachments.map(mentionable)]);
  const members = [...channel.members].map((id) => userName(slack, id));
  const users = [...slack.users.keys()].map((id) => userName(slack, id));
  const reached = mentioned.filter((name) => !users.includes(name) || members.includes(name));
  return [...new Set(channel.user ? [userName(slack, channel.user), ...reached] : reached)];
}

/** Every mention anywhere in the message that is live markup, shown or not: what injected text must never contain. */
export function liveMentions(slack: Workspace, message: Message): string[] {
  const everything = [
    { type: 'mrkdwn', text: message.text },
    ...message.blocks,
    ...message.attachments.map(mentionable),
  ];
  return [...new Set(mentions(slack, everything))];
}

/** Old-style texts of an attachment are mrkdwn. */
function mentionable(attachment: JsonObject): JsonObject {
  const texts = [attachment.pretext, attachment.text, ...objects(attachment.fields).map((field) => field.value)];
  return { blocks: attachment.blocks, texts: texts.map((value) => ({ type: 'mrkdwn', text: text(value) })) };
}

function mentions(slack: Workspace, value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => mentions(slack, item));
  if (!isObject(value)) return [];
  if (value.type === 'mrkdwn' || value.type === 'markdown') return mentionsIn(slack, text(value.text));
  if (value.type === 'user' && value.user_id) return [userName(slack, text(value.user_id))];
  if (value.type === 'usergroup') return [groupName(slack, text(value.usergroup_id))];
  if (value.type === 'broadcast') return [`@${text(value.range)}`];
  return Object.values(value).flatMap((child) => mentions(slack, child));
}

/** The colour bar stands to the left of everything in an attachment. */
function renderAttachment(slack: Workspace, attachment: JsonObject): string {
  const title = text(attachment.title);
  const link = text(attachment.title_link);
  const fields = objects(attachment.fields).map((f) => `${text(f.title)}: ${renderMrkdwn(slack, text(f.value))}`);
  const inside = [
    title && link ? `${title} <${link}>` : title,
    renderMrkdwn(slack, text(attachment.text)),
    ...fields,
    renderBlocks(slack, objects(attachment.blocks)),
    text(attachment.footer),
  ].filter((part) => part !== '');
  const bar = inside.join('\n').replace(/^/gm, '│ ');
  return [renderMrkdwn(slack, text(attachment.pretext)), bar].filter((part) => part !== '').join('\n');
}
