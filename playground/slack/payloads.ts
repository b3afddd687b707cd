/** The payloads Slack sends to the bot, field by field as recorded from the real one. */
import { collectState } from './inputs.ts';
import { type JsonObject, objects } from './json.ts';
import type { Channel, Message, SlackUser, View } from './model.ts';
import type { ResponseUrl, Trigger } from './permits.ts';
import type { Slack } from './state.ts';
import { messageOnWire, viewOnWire } from './wire.ts';

export function slashPayload(
  slack: Slack,
  said: { user: SlackUser; channel: Channel; command: string; text: string; trigger: Trigger; url: ResponseUrl },
): JsonObject {
  return {
    token: slack.app.verificationToken,
    team_id: said.user.teamId,
    team_domain: slack.team.domain,
    channel_id: said.channel.id,
    channel_name: channelName(said.channel),
    user_id: said.user.id,
    user_name: said.user.name,
    command: said.command,
    text: said.text,
    api_app_id: slack.app.id,
    is_enterprise_install: 'false',
    response_url: slack.publicUrl + said.url.path,
    trigger_id: said.trigger.id,
  };
}

/** In direct messages and private channels the real name is not told. */
function channelName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage';
  return channel.isPrivate ? 'privategroup' : channel.name;
}

export function messageActionPayload(
  slack: Slack,
  pressed: {
    user: SlackUser;
    message: Message;
    /** 1-based, when the element stands in an attachment. */
    attachmentId: number | undefined;
    action: JsonObject;
    trigger: Trigger;
    url: ResponseUrl;
  },
): JsonObject {
  const { message } = pressed;
  const channel = slack.channel(message.channel);
  const ephemeral = message.ephemeralFor !== undefined;
  const inAttachment = pressed.attachmentId !== undefined;
  const blocks = [...message.blocks, ...message.attachments.flatMap((attachment) => objects(attachment.blocks))];
  return {
    ...interactionPayload(slack, 'block_actions', pressed.user),
    container: {
      type: inAttachment ? 'message_attachment' : 'message',
      message_ts: message.ts,
      ...(inAttachment ? { attachment_id: pressed.attachmentId } : {}),
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...(inAttachment ? { is_app_unfurl: false } : {}),
      ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    },
    trigger_id: pressed.trigger.id,
    channel: { id: channel.id, name: channelName(channel) },
    // Slack does not say what an ephemeral message was.
    ...(ephemeral ? {} : { message: messageOnWire(slack, message) }),
    state: { values: collectState(blocks, message.chosen) },
    response_url: slack.publicUrl + pressed.url.path,
    actions: [pressed.action],
  };
}

export function viewActionPayload(
  slack: Slack,
  pressed: { user: SlackUser; view: View; action: JsonObject; trigger: Trigger },
): JsonObject {
  return {
    ...interactionPayload(slack, 'block_actions', pressed.user),
    container: { type: 'view', view_id: pressed.view.id },
    trigger_id: pressed.trigger.id,
    view: viewOnWire(slack, pressed.view),
    actions: [pressed.action],
  };
}

export function viewSubmissionPayload(slack: Slack, user: SlackUser, view: View, trigger: Trigger): JsonObject {
  return {
    ...interactionPayload(slack, 'view_submission', user),
    trigger_id: trigger.id,
    view: viewOnWire(slack, view),
    response_urls: [],
  };
}

export function viewClosedPayload(slack: Slack, user: SlackUser, view: View, isCleared: boolean): JsonObject {
  return {
    ...interactionPayload(slack, 'view_closed', user),
    view: viewOnWire(slack, view),
    is_cleared: isCleared,
  };
}

export function shortcutPayload(slack: Slack, user: SlackUser, callbackId: string, trigger: Trigger): JsonObject {
  const { api_app_id: _, ...common } = interactionPayload(slack, 'shortcut', user);
  return { ...common, callback_id: callbackId, trigger_id: trigger.id, action_ts: slack.newTs() };
}

export function eventPayload(slack: Slack, event: JsonObject, eventId: string): JsonObject {
  const seconds = Math.floor(Date.now() / 1000);
  return {
    token: slack.app.verificationToken,
    team_id: slack.team.id,
    enterprise_id: '',
    api_app_id: slack.app.id,
    event: { event_ts: slack.newTs(), ...event },
    type: 'event_callback',
    event_id: eventId,
    event_time: seconds,
    authorizations: [
      {
        enterprise_id: null,
        team_id: slack.team.id,
        user_id: slack.bot.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${eventId}`,
  };
}

function interactionPayload(slack: Slack, type: string, user: SlackUser): JsonObject {
  return {
    type,
    team: { id: slack.team.id, domain: slack.team.domain },
    // The person's own team: another company's in a shared channel.
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: slack.app.id,
    token: slack.app.verificationToken,
    is_enterprise_install: false,
    enterprise: null,
  };
}
