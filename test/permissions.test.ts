/** Who may do what, as tables: default deny, and the strictest rule wins. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../src/config.ts';
import {
  type ApprovalSubject,
  approvalPolicy,
  audienceOf,
  globMatches,
  hasRole,
  isTrusted,
  type Person,
  type Role,
  tagMatches,
  usergroupsIn,
  whomToAsk,
} from '../src/permissions.ts';

type Rules = Config['approvals']['rules'];

const nobody = { users: [], usergroups: [] };
const users = (...ids: string[]) => ({ users: ids, usergroups: [] });

function config(rules: Rules = []): Pick<Config, 'roles' | 'approvals'> {
  return {
    roles: {
      admins: users('U0ADA'),
      operators: { users: ['U0OLIVIA'], usergroups: ['S0OPS'] },
      approvers: users('U0ARJUN', 'U0AIKO'),
      analysts: { users: [], usergroups: ['S0ANALYSTS'] },
    },
    approvals: { channel: 'C1', expires_after: 1, rules },
  };
}

function person(change: Partial<Person> = {}): Person {
  return {
    id: 'U0ANA',
    teamId: 'T1',
    name: 'ana',
    deleted: false,
    bot: false,
    guest: false,
    stranger: false,
    usergroups: [],
    ...change,
  };
}

function rule(match: Rules[number]['match'], change: Partial<Rules[number]> = {}): Rules[number] {
  return { match, required: 1, requester_may: false, ...change };
}

const prodA: ApprovalSubject = {
  action: 'enable',
  accountId: '111122223333',
  accountName: 'production',
  cluster: 'prod-a',
  tags: { env: 'prod' },
};

describe('trust', () => {
  const table: [what: string, change: Partial<Person>, trusted: boolean][] = [
    ['a member', {}, true],
    ['a deactivated account', { deleted: true }, false],
    ['a bot', { bot: true }, false],
    ['a guest', { guest: true }, false],
    ['a stranger in a shared channel', { stranger: true }, false],
    ['somebody of another workspace', { teamId: 'T2' }, false],
    ['somebody whose workspace Slack did not tell', { teamId: '' }, false],
  ];
  for (const [what, change, trusted] of table)
    test(`${what}: ${trusted}`, () => expect(isTrusted(person(change), 'T1')).toBe(trusted));
});

describe('roles', () => {
  const table: [who: string, change: Partial<Person>, roles: Role[]][] = [
    ['an admin operates and analyses', { id: 'U0ADA' }, ['admin', 'operator', 'analyst']],
    ['an operator analyses', { id: 'U0OLIVIA' }, ['operator', 'analyst']],
    ['an operator by group does too', { usergroups: ['S0OPS'] }, ['operator', 'analyst']],
    ['an approver analyses, and does not operate', { id: 'U0ARJUN' }, ['approver', 'analyst']],
    ['an analyst by group does nothing else', { usergroups: ['S0ANALYSTS'] }, ['analyst']],
    ['anybody else does nothing', {}, []],
    ['a group nobody named gives nothing', { usergroups: ['S0OTHER'] }, []],
  ];
  for (const [who, change, roles] of table)
    test(who, () => {
      const held = (['admin', 'operator', 'approver', 'analyst'] as const).filter((r) =>
        hasRole(config(), person(change), r),
      );
      expect(held).toEqual(roles);
    });

  test('whom to ask is who holds the role by name', () => {
    expect(audienceOf(config(), 'operator')).toEqual({ users: ['U0OLIVIA'], usergroups: ['S0OPS'] });
  });

  test('every group of the configuration is read, once', () => {
    const rules = [rule({}, { approvers: { users: [], usergroups: ['S0LEADS', 'S0OPS'] } })];
    expect(usergroupsIn(config(rules))).toEqual(['S0OPS', 'S0ANALYSTS', 'S0LEADS']);
  });
});

describe('an approval needs', () => {
  const leads = { users: [], usergroups: ['S0LEADS'] };
  const table: [
    what: string,
    rules: Rules,
    subject: Partial<ApprovalSubject>,
    policy: Partial<ReturnType<typeof approvalPolicy>>,
  ][] = [
    [
      'one approver, not the requester, without a rule',
      [],
      {},
      { required: 1, requesterMay: false, approvers: [users('U0ARJUN', 'U0AIKO')] },
    ],
    [
      'the same where no rule matches',
      [rule({ cluster: 'dev-*' }, { required: 2, requester_may: true })],
      {},
      { required: 1, requesterMay: false },
    ],
    ['what a rule for everything says', [rule({}, { required: 2 })], {}, { required: 2 }],
    [
      'the highest quorum of all that match',
      [rule({}, { required: 3 }), rule({ cluster: 'prod-*' }, { required: 2 })],
      {},
      { required: 3 },
    ],
    [
      'the requester only where every match says so',
      [rule({}, { requester_may: true }), rule({ cluster: 'prod-a' })],
      {},
      { requesterMay: false },
    ],
    [
      'the requester where they do',
      [rule({}, { requester_may: true }), rule({ cluster: 'prod-a' }, { requester_may: true })],
      {},
      { requesterMay: true },
    ],
    [
      'the approvers of a rule, instead of the role',
      [rule({ action: 'audit-off' }, { approvers: leads })],
      { action: 'audit-off' },
      { approvers: [leads] },
    ],
    [
      'those of every rule at once',
      [rule({}, { approvers: leads }), rule({ tag: 'env=prod' }, { approvers: users('U0AIKO') })],
      {},
      { approvers: [leads, users('U0AIKO')] },
    ],
    ['more for an account by name', [rule({ account: 'production' }, { required: 2 })], {}, { required: 2 }],
    ['more for an account by id', [rule({ account: '111122223333' }, { required: 2 })], {}, { required: 2 }],
    [
      'more for a cluster of an account',
      [rule({ cluster: 'production/prod-*' }, { required: 2 })],
      {},
      { required: 2 },
    ],
    [
      'more for a cluster of an account and a Region',
      [rule({ cluster: '1111*/us-east-1/prod-a' }, { required: 2 })],
      { region: 'us-east-1' },
      { required: 2 },
    ],
    [
      'no more for a cluster of that name elsewhere',
      [
        rule({ cluster: 'staging/prod-*' }, { required: 2 }),
        rule({ cluster: 'production/eu-*/prod-a' }, { required: 3 }),
      ],
      { region: 'us-east-1' },
      { required: 1 },
    ],
    ['no more for another account', [rule({ account: 'staging' }, { required: 2 })], {}, { required: 1 }],
    [
      'more for one of several actions',
      [rule({ action: ['disable', 'enable'] }, { required: 2 })],
      {},
      { required: 2 },
    ],
    ['no more for another action', [rule({ action: ['disable', 'audit-off'] }, { required: 2 })], {}, { required: 1 }],
    [
      'the strictest rule about any cluster, account or tag where it concerns all of them',
      [
        rule({ cluster: 'staging' }, { requester_may: true }),
        rule({ account: 'elsewhere' }, { required: 3 }),
        rule({ tag: 'env=prod' }, { required: 2, approvers: leads }),
        rule({ action: 'enable' }, { required: 4 }),
      ],
      { action: 'suppress', accountId: undefined, accountName: undefined, cluster: undefined, tags: undefined },
      { required: 3, requesterMay: false, approvers: [leads] },
    ],
    [
      'of a cluster whose tags nobody knows what a rule about any tag asks, and of no other cluster',
      [rule({ tag: 'env=prod' }, { required: 2 }), rule({ cluster: 'staging' }, { required: 3 })],
      { tags: undefined },
      { required: 2 },
    ],
    [
      'more only where everything in the rule matches',
      [rule({ account: 'production', cluster: 'prod-b' }, { required: 2 })],
      {},
      { required: 1 },
    ],
  ];
  for (const [what, rules, subject, policy] of table)
    test(what, () => expect(approvalPolicy(config(rules), { ...prodA, ...subject })).toMatchObject(policy));
});

describe('a cluster glob', () => {
  const table: [glob: string, name: string, matches: boolean][] = [
    ['prod-a', 'prod-a', true],
    ['prod-a', 'prod-ab', false],
    ['prod-*', 'prod-', true],
    ['prod-*', 'preprod-a', false],
    ['*-eu-*', 'prod-eu-1', true],
    ['*', '', true],
    ['prod.a', 'prod-a', false],
    ['(a|b)', 'a', false],
    ['[a-z]*', 'prod', false],
    ['', 'prod', false],
    ['*a*', 'line\nand another', true],
  ];
  for (const [glob, name, matches] of table)
    test(`${glob} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () =>
      expect(globMatches(glob, name)).toBe(matches));
});

describe('a tag', () => {
  const tags = { env: 'prod', 'team=x': 'y', empty: '', url: 'a=b' };
  const table: [expression: string, matches: boolean][] = [
    ['env=prod', true],
    ['env=pr*', true],
    ['env=dev', false],
    ['env=', false],
    ['ENV=prod', false],
    ['empty=', true],
    ['url=a=b', true],
    ['missing=*', false],
    ['constructor=*', false],
    ['__proto__=*', false],
  ];
  for (const [expression, matches] of table)
    test(`${expression}: ${matches}`, () => expect(tagMatches(expression, tags)).toBe(matches));
});

describe('whom to ask for an approval', () => {
  const policy = {
    required: 1,
    requesterMay: false,
    approvers: [users('U0ARJUN', 'U0OLIVIA'), { users: [], usergroups: ['S0LEADS'] }],
  };
  test('leaves out who asked', () => {
    expect(whomToAsk({ policy, requestedBy: 'U0OLIVIA' })).toEqual([users('U0ARJUN'), policy.approvers[1]]);
  });
  test('names them where they may', () => {
    expect(whomToAsk({ policy: { ...policy, requesterMay: true }, requestedBy: 'U0OLIVIA' })).toEqual(policy.approvers);
  });
  test('may leave nobody', () => {
    expect(whomToAsk({ policy: { ...policy, approvers: [users('U0OLIVIA')] }, requestedBy: 'U0OLIVIA' })).toEqual([
      nobody,
    ]);
  });
});
