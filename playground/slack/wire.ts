/** How messages, channels, people and views look on the wire: in Web API answers and in payloads to the bot. */

import { collectState } from './inputs.ts';
import type { JsonObject } from './json.ts';
import { objects } from './json.ts';
import type { Channel, Message, SlackUser, UserGroup, View } from './model.ts';
import type { Workspace } from './workspace.ts';

export function messageOnWire(slack: Workspace, message: Message, withMetadata = false): JsonObject {
  const replies = repliesTo(slack, message);
  const parent = message.threadTs && slack.findMessage(message.channel, message.threadTs);
  return {
    ...(message.fromBot ? { bot_id: slack.bot.id, app_id: slack.app.id } : {}),
    type: 'message',
    text: message.text,
    user: message.user,
    ts: message.ts,
    team: slack.team.id,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.files.length > 0 ? { files: message.files } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    ...(parent ? { parent_user_id: parent.user } : {}),
    ...(replies.length > 0 ? { thread_ts: message.ts, reply_count: replies.length } : {}),
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
  };
}

export function repliesTo(slack: Workspace, message: Message): Message[] {
  const messages = slack.channels.get(message.channel)?.messages ?? [];
  return messages.filter((m) => m.threadTs === message.ts && !m.deleted);
}

export function channelOnWire(slack: Workspace, channel: Channel): JsonObject {
  if (channel.kind === 'im') {
    return { id: channel.id, created: 1_700_000_000, is_im: true, is_archived: false, user: channel.user };
  }
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_general: false,
    is_member: channel.members.has(slack.bot.userId),
    is_shared: channel.isExtShared,
    is_ext_shared: channel.isExtShared,
    is_org_shared: false,
    context_team_id: slack.team.id,
    num_members: channel.members.size,
  };
}

export function userOnWire(slack: Workspace, user: SlackUser, withLocale: boolean): JsonObject {
  const foreign = user.teamId !== slack.team.id;
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    real_name: user.realName,
    deleted: user.deleted,
    is_bot: user.isBot,
    is_app_user: false,
    // A deactivated account has no roles and no time zone any more.
    ...(user.deleted
      ? {}
      : {
          tz: user.tz,
          tz_label: user.tz,
          tz_offset: user.tzOffsetSeconds,
          is_admin: user.isAdmin,
          is_owner: false,
          is_primary_owner: false,
          is_restricted: user.isRestricted,
          is_ultra_restricted: user.isUltraRestricted,
        }),
    ...(user.isStranger || foreign ? { is_stranger: user.isStranger } : {}),
    ...(withLocale ? { locale: user.locale } : {}),
    profile: {
      real_name: user.realName,
      display_name: user.name,
      team: user.teamId,
      ...(slack.scopes.has('users:read.email') && !foreign ? { email: user.email } : {}),
    },
  };
}

export function groupOnWire(slack: Workspace, group: UserGroup, withUsers: boolean): JsonObject {
  return {
    id: group.id,
    team_id: slack.team.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    date_delete: group.disabled ? 1_700_000_000 : 0,
    user_count: group.members.length,
    ...(withUsers ? { users: group.members } : {}),
  };
}

export function viewOnWire(slack: Workspace, view: View): JsonObject {
  return {
    id: view.id,
    team_id: slack.team.id,
    type: view.kind,
    close: null,
    submit: null,
    callback_id: '',
    private_metadata: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    ...view.content,
    state: { values: collectState(objects(view.content.blocks), view.chosen) },
    hash: view.hash,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: slack.app.id,
    app_installed_team_id: slack.team.id,
    bot_id: slack.bot.id,
  };
}
