/** Slack: the people and user groups the configuration names, and whether enough of them are left to approve. */
import type { WebClient } from '@slack/web-api';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { type Audience, usergroupsIn } from '../permissions.ts';
import { not, type Result, yes } from './result.ts';

interface Seen {
  /** Those who can act: full members, present, human, of our workspace. */
  trusted: ReadonlySet<string>;
  members: ReadonlyMap<string, readonly string[]>;
  /** Something could not be read, so counting proves nothing. */
  blind: boolean;
}

const GROUP_UNKNOWN = new Set(['no_such_subteam', 'subteam_not_found', 'plan_upgrade_required', 'paid_teams_only']);

export async function examineSlackPeople(client: WebClient, config: Config, teamId: string): Promise<Result[]> {
  const groups = await Promise.all(usergroupsIn(config).map((id) => readGroup(client, id)));
  const members = new Map(groups.map(({ id, users }) => [id, users ?? []]));
  const named = namedUsers(config);
  const ids = [...new Set([...named, ...[...members.values()].flat()])];
  const people = await Promise.all(ids.map((id) => readUser(client, id, teamId)));
  const trusted = new Set(people.filter(({ problem }) => problem === undefined).map(({ id }) => id));
  const wrong = people.filter(({ id, problem }) => problem && named.has(id)).map(({ problem }) => problem as Result);
  const blind = [...groups, ...people].some(({ problem }) => problem?.ok === 'unverified');
  const fine = [...named].filter((id) => trusted.has(id)).length;
  return [
    ...(fine > 0 ? [yes('slack.people', (t) => t.peopleKnown(fine, named.size))] : []),
    ...wrong,
    ...groups.map(
      ({ id, problem, users }) => problem ?? yes('slack.usergroup', (t) => t.groupRead(id, users?.length ?? 0)),
    ),
    ...quorums(config, { trusted, members, blind }),
    ...emptyRoles(config),
  ];
}

async function readUser(client: WebClient, id: string, teamId: string): Promise<{ id: string; problem?: Result }> {
  const check = 'slack.people';
  const refuse = (why: 'deleted' | 'guest' | 'bot' | 'stranger' | 'unknown') => ({
    id,
    problem: not(
      check,
      'no',
      (t) => t.personUnfit(id, why),
      (t) => t.fixPerson(id),
    ),
  });
  try {
    const { user } = await client.users.info({ user: id });
    if (user?.deleted) return refuse('deleted');
    if (user?.is_bot) return refuse('bot');
    if (user?.is_restricted || user?.is_ultra_restricted) return refuse('guest');
    if (user?.team_id !== teamId) return refuse('stranger');
    return { id };
  } catch (error) {
    const code = slackCode(error);
    if (code === 'user_not_found' || code === 'user_not_visible') return refuse('unknown');
    return {
      id,
      problem: not(
        check,
        'unverified',
        (t) => t.slackFailed(id, code ?? messageOf(error)),
        (t) => t.fixLater,
      ),
    };
  }
}

async function readGroup(
  client: WebClient,
  id: string,
): Promise<{ id: string; users?: readonly string[]; problem?: Result }> {
  const check = 'slack.usergroup';
  try {
    const { users = [] } = await client.usergroups.users.list({ usergroup: id, include_disabled: false });
    if (users.length === 0)
      return {
        id,
        users,
        problem: not(
          check,
          'warning',
          (t) => t.groupEmpty(id),
          (t) => t.fixGroup(id),
        ),
      };
    return { id, users };
  } catch (error) {
    const code = slackCode(error);
    if (code === 'missing_scope')
      return {
        id,
        problem: not(
          check,
          'no',
          (t) => t.groupUnreadable(id),
          (t) => t.fixScope('usergroups:read'),
        ),
      };
    if (code && GROUP_UNKNOWN.has(code))
      return {
        id,
        problem: not(
          check,
          'no',
          (t) => t.groupUnknown(id, code),
          (t) => t.fixGroup(id),
        ),
      };
    return {
      id,
      problem: not(
        check,
        'unverified',
        (t) => t.slackFailed(id, code ?? messageOf(error)),
        (t) => t.fixLater,
      ),
    };
  }
}

function namedUsers({ roles, approvals }: Config): Set<string> {
  const audiences: (Audience | undefined)[] = [
    ...Object.values(roles),
    ...approvals.rules.map((rule) => rule.approvers),
  ];
  return new Set(audiences.flatMap((audience) => audience?.users ?? []));
}

/** A rule that asks for more approvals than there are approvers can never be satisfied. */
function quorums({ roles, approvals }: Config, { trusted, members, blind }: Seen): Result[] {
  const counted = (audience: Audience) => {
    const ids = [...audience.users, ...audience.usergroups.flatMap((group) => members.get(group) ?? [])];
    return new Set(ids.filter((id) => trusted.has(id))).size;
  };
  const asked = [
    { where: 'roles.approvers', audience: roles.approvers as Audience, required: 1 },
    ...approvals.rules.map((rule, i) => ({
      where: `approvals.rules[${i}]`,
      audience: (rule.approvers ?? roles.approvers) as Audience,
      required: rule.required,
    })),
  ];
  const short = asked.filter(({ audience, required }) => counted(audience) < required);
  if (short.length === 0) return [yes('slack.approvers', (t) => t.enoughApprovers)];
  return short.map(({ where, audience, required }) =>
    not(
      'slack.approvers',
      blind ? 'unverified' : 'no',
      (t) => t.tooFewApprovers(where, required, counted(audience)),
      (t) => t.fixApprovers(where),
    ),
  );
}

function emptyRoles({ roles }: Config): Result[] {
  const isEmpty = ({ users, usergroups }: Audience) => users.length + usergroups.length === 0;
  const nobody = (['admins', 'operators'] as const).filter((role) => isEmpty(roles[role]));
  return nobody.map((role) =>
    not(
      'slack.roles',
      'warning',
      (t) => t.roleEmpty(role),
      (t) => t.fixRole(role),
    ),
  );
}

/** The error Slack names, such as `missing_scope`; undefined when it did not answer. */
export function slackCode(error: unknown): string | undefined {
  return (error as { data?: { error?: string } } | undefined)?.data?.error;
}
