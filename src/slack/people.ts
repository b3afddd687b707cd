/**
 * Who somebody is, as Slack says it now: never taken from a payload alone. What cannot be read counts as no, with a
 * message that says so.
 */
import type { WebClient } from '@slack/web-api';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { UserError } from '../errors.ts';
import { type Person, usergroupsIn } from '../permissions.ts';
import { text } from './text.ts';

export interface KnownPerson extends Person {
  language: Language;
}

/** Membership may be this old for reading; a decision always reads it afresh. */
const MEMBERS_FOR_MS = 60_000;
const PERSON_FOR_MS = 60_000;

export interface People {
  /** Reads a person; `fresh` bypasses the cache. Throws `UserError` when Slack cannot be asked. */
  read(userId: string, options?: { fresh?: boolean }): Promise<KnownPerson>;
  /** Forgets what is known of user groups, when Slack says that one changed. */
  forgetGroups(): void;
}

export function createPeople(deps: { client: WebClient; config: Config; clock: Clock }): People {
  const { client, config, clock } = deps;
  const groupIds = usergroupsIn(config);
  const people = new Map<string, { at: number; person: KnownPerson }>();
  const groups = new Map<string, { at: number; members: readonly string[] }>();

  async function membersOf(groupId: string, fresh: boolean): Promise<readonly string[]> {
    const known = groups.get(groupId);
    const now = clock.now().getTime();
    if (known && !fresh && now - known.at < MEMBERS_FOR_MS) return known.members;
    const answer = await client.usergroups.users.list({ usergroup: groupId, include_disabled: false });
    const members = answer.users ?? [];
    groups.set(groupId, { at: now, members });
    return members;
  }

  async function read(userId: string, options: { fresh?: boolean } = {}): Promise<KnownPerson> {
    const fresh = options.fresh ?? false;
    const now = clock.now().getTime();
    const known = people.get(userId);
    if (known && !fresh && now - known.at < PERSON_FOR_MS) return known.person;
    try {
      const [{ user }, ...members] = await Promise.all([
        client.users.info({ user: userId, include_locale: true }),
        ...groupIds.map((id) => membersOf(id, fresh)),
      ]);
      if (!user?.id) throw new Error('users.info named nobody');
      const person: KnownPerson = {
        id: user.id,
        teamId: user.team_id ?? '',
        name: user.profile?.display_name || user.real_name || user.name || user.id,
        deleted: user.deleted ?? false,
        bot: (user.is_bot ?? false) || user.is_app_user === true,
        guest: (user.is_restricted ?? false) || (user.is_ultra_restricted ?? false),
        stranger: (user as { is_stranger?: boolean }).is_stranger ?? false,
        usergroups: groupIds.filter((_, i) => members[i]?.includes(userId)),
        language: user.locale ? (user.locale.startsWith('ja') ? 'ja' : 'en') : config.language,
      };
      people.set(userId, { at: now, person });
      return person;
    } catch (cause) {
      throw new UserError((language) => text[language].cannotReadPerson, { cause });
    }
  }

  return { read, forgetGroups: () => groups.clear() };
}
