/** conversations.*: which channels there are, who is in them, what was said. */
import { type JsonObject, text } from './json.ts';
import {
  boolArg,
  invalidArguments,
  knownChannel,
  type Method,
  needScope,
  page,
  Refusal,
  requiredArg,
  scopeFamily,
  stringArg,
} from './method.ts';
import type { Channel, Message } from './model.ts';
import type { Slack } from './state.ts';
import { channelOnWire, messageOnWire } from './wire.ts';

export const conversationMethods: Record<string, Method> = {
  'conversations.open': { scopes: ['im:write'], token: 'bot', perMinute: 50, writes: true, handle: open },
  'conversations.info': { scopes: [], token: 'bot', perMinute: 50, writes: false, handle: info },
  'conversations.list': { scopes: [], token: 'bot', perMinute: 20, writes: false, handle: listChannels },
  'conversations.members': { scopes: [], token: 'bot', perMinute: 100, writes: false, handle: members },
  'conversations.history': { scopes: [], token: 'bot', perMinute: 50, writes: false, handle: history },
  'conversations.replies': { scopes: [], token: 'bot', perMinute: 50, writes: false, handle: replies },
  'conversations.join': { scopes: ['channels:join'], token: 'bot', perMinute: 50, writes: true, handle: join },
};

function open(slack: Slack, args: JsonObject): JsonObject {
  const wanted = stringArg(args, 'users')?.split(',');
  if (!wanted) throw new Refusal('users_list_not_supplied');
  if (wanted.length > 1) throw invalidArguments('group direct messages are not part of this workspace');
  const user = slack.users.get(text(wanted[0]));
  if (!user) throw new Refusal('user_not_found');
  if (user.deleted) throw new Refusal('user_disabled');
  if (user.isBot) throw new Refusal('cannot_dm_bot');
  if (user.isStranger) throw new Refusal('user_not_visible');
  const channel = slack.directMessage(user.id);
  if (!boolArg(args, 'return_im')) return { ok: true, channel: { id: channel.id } };
  return { ok: true, channel: channelOnWire(slack, channel) };
}

function info(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, requiredArg(args, 'channel'), 'read');
  return { ok: true, channel: channelOnWire(slack, channel) };
}

function listChannels(slack: Slack, args: JsonObject): JsonObject {
  const types = (stringArg(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  const families = { public_channel: 'channels', private_channel: 'groups', im: 'im', mpim: 'mpim' };
  for (const type of types) {
    if (!Object.hasOwn(families, type)) throw new Refusal('invalid_types');
    needScope(slack, `${families[type as keyof typeof families]}:read`);
  }
  const typeOf = { channels: 'public_channel', groups: 'private_channel', im: 'im' };
  const visible = [...slack.channels.values()].filter(
    (channel) =>
      types.includes(typeOf[scopeFamily(channel)]) &&
      (!channel.isPrivate || channel.members.has(slack.bot.userId)) &&
      !(channel.isArchived && boolArg(args, 'exclude_archived')),
  );
  const { items, nextCursor } = page(visible, args, 100);
  return {
    ok: true,
    channels: items.map((channel) => channelOnWire(slack, channel)),
    response_metadata: { next_cursor: nextCursor },
  };
}

function members(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, requiredArg(args, 'channel'), 'read');
  const { items, nextCursor } = page([...channel.members], args, 100);
  return { ok: true, members: items, response_metadata: { next_cursor: nextCursor } };
}

/** Newest first, without replies in threads. A fresh message is missing until the history lag has passed. */
function history(slack: Slack, args: JsonObject): JsonObject {
  const channel = readableChannel(slack, args);
  const found = channel.messages.filter((m) => isVisible(slack, m) && (!m.threadTs || m.broadcast) && inRange(m, args));
  return messagesPage(slack, found.reverse(), args);
}

/** The first message of a thread and its replies, oldest first. */
function replies(slack: Slack, args: JsonObject): JsonObject {
  const channel = readableChannel(slack, args);
  const ts = requiredArg(args, 'ts');
  const first = channel.messages.find((m) => m.ts === ts && isVisible(slack, m));
  if (!first) throw new Refusal('thread_not_found');
  const rest = channel.messages.filter((m) => m.threadTs === ts && isVisible(slack, m) && inRange(m, args));
  return messagesPage(slack, [first, ...rest], args);
}

function join(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, requiredArg(args, 'channel'));
  if (channel.isPrivate) throw new Refusal('method_not_supported_for_channel_type');
  if (channel.isArchived) throw new Refusal('is_archived');
  const already = channel.members.has(slack.bot.userId);
  channel.members.add(slack.bot.userId);
  const warning = already
    ? { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } }
    : {};
  return { ok: true, channel: channelOnWire(slack, channel), ...warning };
}

function readableChannel(slack: Slack, args: JsonObject): Channel {
  const channel = knownChannel(slack, requiredArg(args, 'channel'), 'history');
  if (!channel.members.has(slack.bot.userId)) throw new Refusal('not_in_channel');
  return channel;
}

function messagesPage(slack: Slack, messages: Message[], args: JsonObject): JsonObject {
  const { items, nextCursor } = page(messages, args, 100);
  const withMetadata = boolArg(args, 'include_all_metadata');
  return {
    ok: true,
    messages: items.map((message) => messageOnWire(slack, message, withMetadata)),
    has_more: nextCursor !== '',
    pin_count: 0,
    ...(nextCursor === '' ? {} : { response_metadata: { next_cursor: nextCursor } }),
  };
}

function isVisible(slack: Slack, message: Message): boolean {
  return !message.deleted && message.visibleAt <= slack.time.now();
}

function inRange(message: Message, args: JsonObject): boolean {
  const ts = Number(message.ts);
  const oldest = Number(stringArg(args, 'oldest') ?? 0);
  const latest = Number(stringArg(args, 'latest') ?? Number.POSITIVE_INFINITY);
  if (boolArg(args, 'inclusive')) return ts >= oldest && ts <= latest;
  return ts > oldest && ts < latest;
}
