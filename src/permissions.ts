/**
 * Who may do what: pure decisions over the configuration and what Slack says of a person. Default deny.
 */
import type { Config } from './config.ts';

export type Role = 'admin' | 'operator' | 'approver' | 'analyst';
export type Action = 'enable' | 'repair' | 'disable' | 'audit-off' | 'suppress' | 'rule-change' | 'accept-drift';

export interface Audience {
  users: readonly string[];
  usergroups: readonly string[];
}

/** What must be known of a person before anything is decided; read from Slack, never from a payload alone. */
export interface Person {
  id: string;
  teamId: string;
  name: string;
  deleted: boolean;
  bot: boolean;
  guest: boolean;
  /** From another company, seen through a shared channel. */
  stranger: boolean;
  /** Ids of the user groups the configuration names and the person is in. */
  usergroups: readonly string[];
}

/** A role is held by its own audience, and by those whose work includes it. */
const HELD_BY: Record<Role, readonly (keyof Config['roles'])[]> = {
  admin: ['admins'],
  operator: ['operators', 'admins'],
  approver: ['approvers'],
  analyst: ['analysts', 'operators', 'approvers', 'admins'],
};

export function isIn(audience: Audience, person: Person): boolean {
  return audience.users.includes(person.id) || audience.usergroups.some((group) => person.usergroups.includes(group));
}

/** Whether Slack itself vouches for this person: a full member of our workspace, present and human. */
export function isTrusted(person: Person, teamId: string): boolean {
  return !person.deleted && !person.bot && !person.guest && !person.stranger && person.teamId === teamId;
}

export function hasRole(config: Pick<Config, 'roles'>, person: Person, role: Role): boolean {
  return HELD_BY[role].some((held) => isIn(config.roles[held], person));
}

/** The audience to name when somebody lacks a role. */
export function audienceOf(config: Pick<Config, 'roles'>, role: Role): Audience {
  const own = HELD_BY[role][0];
  return own ? config.roles[own] : { users: [], usergroups: [] };
}

/** All user groups the configuration mentions, so that membership is asked for these only. */
export function usergroupsIn(config: Pick<Config, 'roles' | 'approvals'>): string[] {
  const audiences = [...Object.values(config.roles), ...config.approvals.rules.map((rule) => rule.approvers)];
  return [...new Set(audiences.flatMap((audience) => audience?.usergroups ?? []))];
}

/** What is to be approved. Where something is left out it is about all of them, or nobody knows which one. */
export interface ApprovalSubject {
  action: Action;
  accountId?: string | undefined;
  accountName?: string | undefined;
  cluster?: string | undefined;
  region?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  /** What lists of approvals call it, where it is no cluster: the rule that is changed or suppressed. */
  about?: string | undefined;
}

/** What an approval must satisfy. A person counts only when they are in every one of `approvers`. */
export interface ApprovalPolicy {
  required: number;
  requesterMay: boolean;
  approvers: Audience[];
}

/**
 * Combines all matching rules so that none can loosen another: the highest quorum, the requester only if every rule
 * says so, and approvers who satisfy each rule. What concerns every cluster matches the rules about any of them, or
 * asking for more would take fewer approvals. Without a match: one approver, not the requester.
 */
export function approvalPolicy(config: Pick<Config, 'roles' | 'approvals'>, subject: ApprovalSubject): ApprovalPolicy {
  const rules = config.approvals.rules.filter((rule) => {
    const { account, cluster, tag, action } = rule.match;
    return (
      (account === undefined ||
        subject.accountId === undefined ||
        account === subject.accountName ||
        account === subject.accountId) &&
      (cluster === undefined || clusterConcerned(cluster, subject)) &&
      (tag === undefined || subject.tags === undefined || tagMatches(tag, subject.tags)) &&
      (action === undefined || [action].flat().includes(subject.action))
    );
  });
  const own = rules.flatMap((rule) => rule.approvers ?? []);
  return {
    required: Math.max(1, ...rules.map((rule) => rule.required)),
    requesterMay: rules.length > 0 && rules.every((rule) => rule.requester_may),
    approvers: own.length > 0 ? own : [config.roles.approvers],
  };
}

/** What is left out is about all of them, or nobody knows which one. */
function clusterConcerned(glob: string, { cluster, region, accountId, accountName }: ApprovalSubject): boolean {
  const owner = [accountName, accountId].filter((name) => name !== undefined);
  const { name, account = '*', region: where = '*' } = clusterGlobs(glob);
  return (
    (cluster === undefined || globMatches(name, cluster)) &&
    (owner.length === 0 || owner.some((known) => globMatches(account, known))) &&
    (region === undefined || globMatches(where, region))
  );
}

/** `name`, `account/name` or `account/region/name`, as people write clusters; a `*` does not reach across a slash. */
export function clusterGlobs(glob: string): {
  name: string;
  account: string | undefined;
  region: string | undefined;
} {
  const [name = '', ...before] = glob.split('/').reverse();
  const [account, region] = before.reverse();
  return { name, account, region };
}

/** `prod-*` style globs; `*` is any run of characters. No regular expression: several stars would backtrack for minutes. */
export function globMatches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return glob === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** `env=prod`; the value may be a glob. */
export function tagMatches(expression: string, tags: Readonly<Record<string, string>>): boolean {
  const [key = '', value = ''] = splitOnce(expression, '=');
  const actual = Object.hasOwn(tags, key) ? tags[key] : undefined;
  return actual !== undefined && globMatches(value, actual);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Whom to ask for an approval: the approvers, without the requester where they may not approve their own request. */
export function whomToAsk(approval: { policy: ApprovalPolicy; requestedBy: string }): Audience[] {
  const { policy, requestedBy } = approval;
  if (policy.requesterMay) return policy.approvers;
  return policy.approvers.map((audience) => ({
    ...audience,
    users: audience.users.filter((id) => id !== requestedBy),
  }));
}
