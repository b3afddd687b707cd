/** auth.test, users.*, usergroups.* and reactions: who is there. */
import type { JsonObject } from './json.ts';
import { boolArg, knownChannel, type Method, Refusal, requiredArg, stringArg } from './method.ts';
import type { UserGroup } from './model.ts';
import type { Slack } from './state.ts';
import { groupOnWire, userOnWire } from './wire.ts';

export const peopleMethods: Record<string, Method> = {
  'auth.test': { scopes: [], token: 'bot', writes: false, handle: authTest },
  'users.info': { scopes: ['users:read'], token: 'bot', perMinute: 100, writes: false, handle: userInfo },
  'users.lookupByEmail': {
    scopes: ['users:read.email'],
    token: 'bot',
    perMinute: 50,
    writes: false,
    handle: lookupByEmail,
  },
  'usergroups.list': { scopes: ['usergroups:read'], token: 'bot', perMinute: 20, writes: false, handle: listGroups },
  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    token: 'bot',
    perMinute: 20,
    writes: false,
    handle: groupMembers,
  },
  'reactions.add': { scopes: ['reactions:write'], token: 'bot', perMinute: 50, writes: true, handle: addReaction },
};

function authTest(slack: Slack): JsonObject {
  return {
    ok: true,
    url: `https://${slack.team.domain}.slack.com/`,
    team: slack.team.name,
    user: slack.user(slack.bot.userId).name,
    team_id: slack.team.id,
    user_id: slack.bot.userId,
    bot_id: slack.bot.id,
    is_enterprise_install: false,
  };
}

function userInfo(slack: Slack, args: JsonObject): JsonObject {
  const user = slack.users.get(requiredArg(args, 'user'));
  if (!user) throw new Refusal('user_not_found');
  return { ok: true, user: userOnWire(slack, user, boolArg(args, 'include_locale')) };
}

function lookupByEmail(slack: Slack, args: JsonObject): JsonObject {
  const email = requiredArg(args, 'email').toLowerCase();
  const user = [...slack.users.values()].find((u) => u.email.toLowerCase() === email && !u.deleted && !u.isBot);
  if (!user) throw new Refusal('users_not_found');
  return { ok: true, user: userOnWire(slack, user, false) };
}

function listGroups(slack: Slack, args: JsonObject): JsonObject {
  needPaidPlan(slack);
  const groups = [...slack.userGroups.values()].filter((g) => !g.disabled || boolArg(args, 'include_disabled'));
  return { ok: true, usergroups: groups.map((group) => groupOnWire(slack, group, boolArg(args, 'include_users'))) };
}

function groupMembers(slack: Slack, args: JsonObject): JsonObject {
  needPaidPlan(slack);
  const group = slack.userGroups.get(requiredArg(args, 'usergroup'));
  if (!group || hides(group, args)) throw new Refusal('no_such_subteam');
  return { ok: true, users: group.members };
}

function hides(group: UserGroup, args: JsonObject): boolean {
  return group.disabled && !boolArg(args, 'include_disabled');
}

function needPaidPlan(slack: Slack): void {
  if (slack.planUpgradeRequired) throw new Refusal('plan_upgrade_required');
}

function addReaction(slack: Slack, args: JsonObject): JsonObject {
  const channel = knownChannel(slack, requiredArg(args, 'channel'));
  if (!channel.members.has(slack.bot.userId)) throw new Refusal('not_in_channel');
  const message = slack.findMessage(channel.id, requiredArg(args, 'timestamp'));
  if (!message || message.ephemeralFor) throw new Refusal('message_not_found');
  const name = stringArg(args, 'name') ?? '';
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new Refusal('invalid_name');
  if (message.reactions.has(name)) throw new Refusal('already_reacted');
  message.reactions.add(name);
  slack.log.add({ kind: 'reaction', channel: channel.id, message: structuredClone(message), text: name });
  return { ok: true };
}
