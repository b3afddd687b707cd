/** People acting in the client: slash commands, buttons and menus. What they may not do there, they cannot do here. */
import { contentFrom } from './content.ts';
import { type Ack, dispatch } from './dispatch.ts';
import { choose, type Entered, elementsOf, namesOf, optionOf, type Placed, stateOf } from './inputs.ts';
import { isObject, type JsonObject, objects, parseJson, text } from './json.ts';
import { Refusal } from './method.ts';
import type { Channel, Message, SlackUser, TimelineEntry, View } from './model.ts';
import { messageActionPayload, shortcutPayload, slashPayload, viewActionPayload } from './payloads.ts';
import type { Slack } from './state.ts';

/** A message (ephemeral ones too), an entry of the timeline, or a view. */
export type Target = { channel: string; ts: string } | TimelineEntry | View;

export interface ActResult {
  /** Milliseconds until the bot acked. */
  ackMs: number;
  /** 0 when nothing was sent or answered. */
  status: number;
  triggerId: string;
  failure: Ack['failure'] | 'invalid_command_response';
}

export interface ClickResult extends ActResult {
  /** The dialog the person had to answer first. */
  confirm: JsonObject | undefined;
  /** Opened in the browser by a link button. */
  url: string | undefined;
}

export interface ClickOptions {
  /** What the person answers to a confirm dialog; on `deny` nothing is sent. */
  confirm?: 'accept' | 'deny';
  /** Press what stood in the entry, though the message has been edited since: a client that lags behind. */
  stale?: boolean;
}

const NOT_SENT: ActResult = { ackMs: 0, status: 0, triggerId: '', failure: undefined };

export async function slash(
  slack: Slack,
  userId: string,
  channelId: string,
  line: string,
  options: { inThread?: string } = {},
): Promise<ActResult> {
  const user = actor(slack, userId);
  const channel = slack.channel(channelId);
  if (!sees(channel, user)) throw new Error(`${user.name} is not in ${channel.name}`);
  const [, command = '', rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  if (options.inThread) {
    // The client refuses it by itself: nothing reaches the bot.
    slack.fail(`${command} is not supported in threads. Sorry!`, user.id, channel.id);
    return NOT_SENT;
  }
  const trigger = slack.permits.newTrigger(user.id);
  const url = slack.permits.newResponseUrl('commands', user.id, channel.id);
  const escaped = slack.shouldEscape ? escapeMentions(slack, escapeText(rest.trim())) : escapeText(rest.trim());
  const payload = slashPayload(slack, { user, channel, command, text: escaped, trigger, url });
  const ack = await dispatch(slack, 'slash_commands', payload);
  const failure = ack.failure ?? showCommandResponse(slack, user, channel, ack.body);
  if (failure) slack.fail(failure, user.id, channel.id);
  return { ackMs: ack.ackMs, status: ack.status, triggerId: trigger.id, failure };
}

export async function click(
  slack: Slack,
  userId: string,
  target: Target,
  button: string,
  options: ClickOptions = {},
): Promise<ClickResult> {
  return press(slack, userId, target, button, options, ({ element }) => ({
    text: element.text,
    ...(element.value === undefined ? {} : { value: element.value }),
    ...(element.style === undefined ? {} : { style: element.style }),
    ...(element.url === undefined ? {} : { url: element.url }),
  }));
}

/** Chooses in a menu that acts at once: static and people selects, overflow, radio buttons, checkboxes, dates. */
export async function select(
  slack: Slack,
  userId: string,
  target: Target,
  menu: string,
  entered: Entered,
  options: ClickOptions = {},
): Promise<ClickResult> {
  return press(slack, userId, target, menu, options, (placed, holder) => {
    const { element } = placed;
    if (element.type === 'overflow') return { selected_option: optionOf(element, String(entered)) };
    const state = stateOf(element, entered);
    choose(holder.chosen, placed, state);
    return { ...state, ...(element.placeholder === undefined ? {} : { placeholder: element.placeholder }) };
  });
}

export async function shortcut(slack: Slack, userId: string, callbackId: string): Promise<ActResult> {
  const user = actor(slack, userId);
  const trigger = slack.permits.newTrigger(user.id);
  const ack = await dispatch(slack, 'interactive', shortcutPayload(slack, user, callbackId, trigger));
  if (ack.failure) slack.fail(ack.failure, user.id, undefined);
  return { ackMs: ack.ackMs, status: ack.status, triggerId: trigger.id, failure: ack.failure };
}

/** A person who can use the client. Slack lets nobody act with a deactivated account. */
export function actor(slack: Slack, userId: string): SlackUser {
  const user = slack.user(userId);
  if (user.deleted) throw new Error(`${user.name} is deactivated and cannot act`);
  if (user.isBot) throw new Error(`${user.name} is a bot and has no hands`);
  return user;
}

async function press(
  slack: Slack,
  userId: string,
  target: Target,
  name: string,
  options: ClickOptions,
  chosenIn: (placed: Placed, holder: Message | View) => JsonObject,
): Promise<ClickResult> {
  const user = actor(slack, userId);
  const holder = visibleTarget(slack, user, target, options.stale ?? false);
  const { placed, attachmentId } = findElement(holder, name);
  const { block, element } = placed;
  const confirm = isObject(element.confirm) ? element.confirm : undefined;
  const url = text(element.url) || undefined;
  if (confirm && options.confirm === 'deny') return { ...NOT_SENT, confirm, url: undefined };
  const action = {
    action_id: element.action_id,
    block_id: block.block_id,
    ...chosenIn(placed, holder),
    type: element.type,
    action_ts: slack.newTs(),
  };
  const trigger = slack.permits.newTrigger(user.id, 'kind' in holder ? holder.id : undefined);
  const payload =
    'kind' in holder
      ? viewActionPayload(slack, { user, view: holder, action, trigger })
      : messageActionPayload(slack, {
          user,
          message: holder,
          attachmentId,
          action,
          trigger,
          url: slack.permits.newResponseUrl('actions', user.id, holder.channel, holder),
        });
  const ack = await dispatch(slack, 'interactive', payload);
  if (ack.failure) slack.fail(ack.failure, user.id, 'kind' in holder ? undefined : holder.channel);
  return { ackMs: ack.ackMs, status: ack.status, triggerId: trigger.id, failure: ack.failure, confirm, url };
}

function visibleTarget(slack: Slack, user: SlackUser, target: Target, stale: boolean): Message | View {
  if ('hash' in target) return visibleView(slack, user, target.id);
  if ('kind' in target && target.view) return visibleView(slack, user, target.view.id);
  const wanted = 'kind' in target ? target.message : target;
  if (!wanted) throw new Error('there is nothing to click on in this entry');
  const message = slack.findMessage(wanted.channel, wanted.ts);
  if (!message) throw new Error(`the message ${wanted.ts} is gone`);
  const channel = slack.channel(message.channel);
  const visible = message.ephemeralFor ? message.ephemeralFor === user.id : sees(channel, user);
  if (!visible) throw new Error(`${user.name} does not see this message`);
  return stale && 'kind' in target && target.message ? target.message : message;
}

function visibleView(slack: Slack, user: SlackUser, id: string): View {
  const view = slack.views.get(id);
  if (!view?.open) throw new Error(`the view ${id} is closed`);
  if (view.user !== user.id) throw new Error(`${user.name} does not see the view of somebody else`);
  return view;
}

function findElement(holder: Message | View, name: string): { placed: Placed; attachmentId: number | undefined } {
  const places =
    'kind' in holder
      ? [{ blocks: objects(holder.content.blocks), attachmentId: undefined }]
      : [
          { blocks: holder.blocks, attachmentId: undefined },
          ...holder.attachments.map((a, index) => ({ blocks: objects(a.blocks), attachmentId: index + 1 })),
        ];
  const all = places.flatMap(({ blocks, attachmentId }) =>
    elementsOf(blocks).map((placed) => ({ placed, attachmentId })),
  );
  const found = all.find(({ placed }) => namesOf(placed).includes(name));
  if (found) return found;
  const there = all.map(({ placed }) => namesOf(placed).join(' / ')).join('; ');
  throw new Error(`nothing called ${name} to press; there is: ${there || 'nothing'}`);
}

/** Public channels are open to everybody but guests, all others to their members. */
function sees(channel: Channel, user: SlackUser): boolean {
  const guest = user.isRestricted || user.isUltraRestricted || user.isStranger;
  return channel.members.has(user.id) || (!channel.isPrivate && !guest);
}

/** An ack may already be the answer: a text, or a message. */
function showCommandResponse(
  slack: Slack,
  user: SlackUser,
  channel: Channel,
  body: string,
): 'invalid_command_response' | undefined {
  if (body.trim() === '') return undefined;
  const parsed = parseJson(body);
  const message = isObject(parsed) ? parsed : { text: body };
  try {
    const content = contentFrom(message);
    if (Object.keys(content).length === 0) return undefined;
    if (message.response_type === 'in_channel') slack.post(channel, content);
    else slack.whisper(channel, user.id, content);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return 'invalid_command_response';
    throw error;
  }
}

function escapeText(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** With `should_escape` in the manifest, people, channels, groups and links arrive as references. */
function escapeMentions(slack: Slack, value: string): string {
  const users = [...slack.users.values()];
  const groups = [...slack.userGroups.values()];
  const channels = [...slack.channels.values()].filter((channel) => channel.kind === 'channel');
  return value
    .replace(/https?:\/\/[^\s<>]+/g, (url) => `<${url}>`)
    .replace(/(^|\s)@([\w.-]+)/g, (whole, before: string, name: string) => {
      const user = users.find((u) => u.name === name && !u.deleted);
      if (user) return `${before}<@${user.id}|${user.name}>`;
      const group = groups.find((g) => g.handle === name && !g.disabled);
      return group ? `${before}<!subteam^${group.id}|@${group.handle}>` : whole;
    })
    .replace(/(^|\s)#([\w.-]+)/g, (whole, before: string, name: string) => {
      const channel = channels.find((c) => c.name === name);
      return channel ? `${before}<#${channel.id}|${channel.isPrivate ? '' : channel.name}>` : whole;
    });
}
