/** chat.*: posting, editing, whispering, deleting, and where a message can be linked to. */
import { contentFrom, NO_FALLBACK_TEXT, newContent } from './content.ts';
import type { JsonObject } from './json.ts';
import { boolArg, knownChannel, type Method, Refusal, requiredArg, stringArg } from './method.ts';
import type { Channel, Message } from './model.ts';
import type { Slack } from './state.ts';
import { messageOnWire } from './wire.ts';

/** chat.update refuses longer texts, where chat.postMessage cuts them. */
const MAX_UPDATED_TEXT = 4_000;

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': { scopes: ['chat:write'], token: 'bot', writes: true, handle: postMessage },
  'chat.update': { scopes: ['chat:write'], token: 'bot', perMinute: 50, writes: true, handle: update },
  'chat.postEphemeral': { scopes: ['chat:write'], token: 'bot', perMinute: 100, writes: true, handle: postEphemeral },
  'chat.delete': { scopes: ['chat:write'], token: 'bot', perMinute: 50, writes: true, handle: remove },
  'chat.getPermalink': { scopes: [], token: 'bot', writes: false, handle: getPermalink },
};

async function postMessage(slack: Slack, args: JsonObject): Promise<JsonObject> {
  const channel = postableChannel(slack, stringArg(args, 'channel'));
  const content = newContent(args);
  const threadTs = threadOf(channel, stringArg(args, 'thread_ts'));
  const broadcast = threadTs !== undefined && boolArg(args, 'reply_broadcast');
  if (slack.slowPostMs > 0) await slack.pass(slack.slowPostMs, 'a slow chat.postMessage');
  const message = slack.post(channel, content, { threadTs, broadcast });
  return { ok: true, channel: channel.id, ts: message.ts, message: messageOnWire(slack, message, true) };
}

function update(slack: Slack, args: JsonObject): JsonObject {
  const id = stringArg(args, 'channel');
  // Unlike chat.postMessage it takes neither a person nor a channel's name.
  if (!id || !/^[CDG]/.test(id)) throw new Refusal('channel_not_found');
  const channel = knownChannel(slack, id);
  const message = ownMessage(channel, requiredArg(args, 'ts'), 'cant_update_message');
  if (channel.isArchived) throw new Refusal('is_inactive');
  const content = contentFrom(args);
  if ((content.text ?? '').length > MAX_UPDATED_TEXT) throw new Refusal('msg_too_long');
  if (Object.keys(content).length === 0) throw new Refusal('no_text');
  const withBlocks = (content.blocks ?? []).length > 0;
  // A text without blocks takes the blocks away; neither of the two leaves both as they are.
  if (content.text !== undefined && !withBlocks) content.blocks = [];
  if (content.text === undefined && withBlocks) content.text = NO_FALLBACK_TEXT;
  slack.edit(message, content, content.text !== undefined && !withBlocks);
  return {
    ok: true,
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: messageOnWire(slack, message, true),
  };
}

function postEphemeral(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, stringArg(args, 'channel'));
  if (!channel.members.has(slack.bot.userId)) throw new Refusal('not_in_channel');
  if (channel.isArchived) throw new Refusal('is_archived');
  const user = slack.users.get(requiredArg(args, 'user'));
  if (!user) throw new Refusal('user_not_found');
  if (!channel.members.has(user.id)) throw new Refusal('user_not_in_channel');
  const message = slack.whisper(channel, user.id, newContent(args), stringArg(args, 'thread_ts'));
  return { ok: true, message_ts: message.ts };
}

function remove(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, stringArg(args, 'channel'));
  const message = ownMessage(channel, requiredArg(args, 'ts'), 'cant_delete_message');
  slack.remove(message);
  return { ok: true, channel: channel.id, ts: message.ts };
}

function getPermalink(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, stringArg(args, 'channel'));
  const message = channel.messages.find((m) => m.ts === args.message_ts && !m.deleted);
  if (!message) throw new Refusal('message_not_found');
  const thread = message.threadTs ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : '';
  const permalink = `https://${slack.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
  return { ok: true, channel: channel.id, permalink: permalink + thread };
}

/** A channel id or name, or a person, whose direct message it opens. */
export function postableChannel(slack: Slack, wanted: string | undefined): Channel {
  if (!wanted) throw new Refusal('channel_not_found');
  const user = slack.users.get(wanted);
  if (user) {
    if (user.isBot) throw new Refusal('cannot_dm_bot');
    if (user.deleted || user.isStranger) throw new Refusal('channel_not_found');
    if (!slack.messagesTabEnabled) throw new Refusal('messages_tab_disabled');
    return slack.directMessage(user.id);
  }
  const named = [...slack.channels.values()].find((c) => c.kind === 'channel' && `#${c.name}` === wanted);
  const channel = knownChannel(slack, named?.id ?? wanted);
  if (channel.isArchived) throw new Refusal('is_archived');
  if (channel.kind === 'im' && !slack.messagesTabEnabled) throw new Refusal('messages_tab_disabled');
  const mayPost = channel.members.has(slack.bot.userId) || slack.scopes.has('chat:write.public');
  if (!mayPost) throw new Refusal('not_in_channel');
  return channel;
}

/** Replies name the first message of the thread; a reply cannot be replied to. */
function threadOf(channel: Channel, threadTs: string | undefined): string | undefined {
  const parent = channel.messages.find((message) => message.ts === threadTs);
  if (parent?.threadTs) throw new Refusal('cannot_reply_to_message');
  return threadTs;
}

/** Ephemeral messages are not among a channel's messages: no method can change or delete one. */
function ownMessage(channel: Channel, ts: string, refusal: string): Message {
  const message = channel.messages.find((m) => m.ts === ts && !m.deleted);
  if (!message) throw new Refusal('message_not_found');
  if (!message.fromBot) throw new Refusal(refusal);
  return message;
}
