/**
 * Who somebody is, as Slack says it now: never taken from a payload alone. What cannot be read counts as no, with a
 * message that says so.
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { UserError } from '../errors.ts';
import { type Person, usergroupsIn } from '../permissions.ts';
import { text } from './text.ts';

export interface KnownPerson extends Person {
  language: Language;
  /** Only with the optional scope users:read.email. */
  email: string | undefined;
}

/** Membership may be this old for reading; a decision always reads it afresh. */
const MEMBERS_FOR_MS = 60_000;
const PERSON_FOR_MS = 60_000;
/** People remembered, for the language of what is said before they are read again. */
const REMEMBERED = 5_000;

/** Slack knows nobody of this id, or nobody it would show us: no trouble of the moment, so it counts as an answer. */
const NOBODY = new Set(['user_not_found', 'user_not_visible']);
/** The same for groups: gone, disabled, or not a feature of this workspace or app. Then nobody is in it. */
const NO_GROUP = new Set([
  'no_such_subteam',
  'subteam_not_found',
  'plan_upgrade_required',
  'missing_scope',
  'paid_teams_only',
]);

export interface People {
  /** Reads a person; `fresh` bypasses the cache. Throws `UserError` when Slack cannot be asked. */
  read(userId: string, options?: { fresh?: boolean }): Promise<KnownPerson>;
  /** As last known, however long ago; undefined before the first reading. */
  languageOf(userId: string): Language | undefined;
  /** Forgets what is known of user groups, when Slack says that one changed. */
  forgetGroups(): void;
}

export function createPeople(deps: { client: WebClient; config: Config; clock: Clock; log: Logger }): People {
  const { client, config, clock, log } = deps;
  const groupIds = usergroupsIn(config);
  const people = new Map<string, { at: number; person: KnownPerson }>();
  const groups = new Map<string, { at: number; members: readonly string[] }>();
  const asking = new Map<string, Promise<KnownPerson>>();
  const askingMembers = new Map<string, Promise<readonly string[]>>();

  async function membersOf(groupId: string, fresh: boolean): Promise<readonly string[]> {
    const known = groups.get(groupId);
    const now = clock.now().getTime();
    if (known && !fresh && now - known.at < MEMBERS_FOR_MS) return known.members;
    // Several people read at once ask for the same groups; Slack takes twenty such calls a minute.
    const asked = askingMembers.get(groupId) ?? askMembers(groupId).finally(() => askingMembers.delete(groupId));
    askingMembers.set(groupId, asked);
    const members = await asked;
    groups.set(groupId, { at: now, members });
    return members;
  }

  async function askMembers(groupId: string): Promise<readonly string[]> {
    try {
      return (await client.usergroups.users.list({ usergroup: groupId, include_disabled: false })).users ?? [];
    } catch (error) {
      const code = codeOf(error);
      if (!NO_GROUP.has(code)) throw error;
      log.warn({ usergroup: groupId, code }, 'a user group of the configuration cannot be read, so nobody is in it');
      return [];
    }
  }

  async function read(userId: string, options: { fresh?: boolean } = {}): Promise<KnownPerson> {
    const fresh = options.fresh ?? false;
    const now = clock.now().getTime();
    const known = people.get(userId);
    if (known && !fresh && now - known.at < PERSON_FOR_MS) return known.person;
    if (fresh) return ask(userId, true);
    // Somebody who types three commands at once is asked for once.
    const asked = asking.get(userId) ?? ask(userId, false).finally(() => asking.delete(userId));
    asking.set(userId, asked);
    return asked;
  }

  async function ask(userId: string, fresh: boolean): Promise<KnownPerson> {
    const now = clock.now().getTime();
    try {
      const [user, ...members] = await Promise.all([
        askUser(userId),
        ...groupIds.map((groupId) => membersOf(groupId, fresh)),
      ]);
      const person: KnownPerson = {
        id: userId,
        teamId: user.team_id ?? '',
        name: user.profile?.display_name || user.real_name || user.name || userId,
        deleted: user.deleted ?? false,
        bot: (user.is_bot ?? false) || user.is_app_user === true,
        guest: (user.is_restricted ?? false) || (user.is_ultra_restricted ?? false),
        stranger: user.is_stranger ?? false,
        usergroups: groupIds.filter((_, i) => members[i]?.includes(userId)),
        email: user.profile?.email || undefined,
        language: user.locale ? (user.locale.startsWith('ja') ? 'ja' : 'en') : config.language,
      };
      remember(person, now);
      return person;
    } catch (cause) {
      throw new UserError((language) => text[language].cannotReadPerson, { cause });
    }
  }

  async function askUser(userId: string): Promise<SlackUser> {
    try {
      const { user } = await client.users.info({ user: userId, include_locale: true });
      if (!user?.id) throw new Error('users.info named nobody');
      return user;
    } catch (error) {
      if (NOBODY.has(codeOf(error))) return { deleted: true };
      throw error;
    }
  }

  function remember(person: KnownPerson, at: number): void {
    people.delete(person.id);
    people.set(person.id, { at, person });
    const [oldest] = people.keys();
    if (people.size > REMEMBERED && oldest !== undefined) people.delete(oldest);
  }

  return {
    read,
    languageOf: (userId) => people.get(userId)?.person.language,
    forgetGroups() {
      groups.clear();
      for (const known of people.values()) known.at = Number.NEGATIVE_INFINITY;
    },
  };
}

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']> & { is_stranger?: boolean };

function codeOf(error: unknown): string {
  return (error as { data?: { error?: string } })?.data?.error ?? '';
}
