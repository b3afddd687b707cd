/** Mistakes in the section `signals`, one line each, and what it means when it is not there. */
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { acmeFile } from './acme-file.ts';

function problems(signals: unknown): string[] {
  using disk = acmeFile({ signals });
  try {
    loadConfig(disk.env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((line) => line.replace(`${disk.path}: `, ''));
  }
}

const route = (...routes: Record<string, unknown>[]) => ({ routes });
const quiet = (window: Record<string, unknown>) => route({ mute_times: [window] });

describe('a mistake is one line', () => {
  const table: [what: string, signals: unknown, line: string][] = [
    ['a channel by name', { channel: '#sec' }, 'channel: expected a Slack channel id such as C01ABCDEF, got "#sec"'],
    ['a key with a typo', { group_bye: [] }, 'group_bye: unknown key; did you mean group_by?'],
    [
      'something signals are not grouped by',
      { group_by: ['clutser'] },
      'group_by[0]: expected rule, cluster, account, severity, actor, namespace or signal, got "clutser"; did you mean cluster?',
    ],
    [
      'nothing to group by',
      { group_by: [] },
      'group_by: expected at least one of rule, cluster, account, severity, actor, namespace or signal, got []',
    ],
    [
      'each signal alone and together',
      { group_by: ['signal', 'rule'] },
      'group_by: expected signal alone, since no two signals share one, or others without it, got ["signal","rule"]',
    ],
    [
      'a digest at a strange time',
      { digest: { at: '9:00' } },
      'digest.at: expected a time of day such as "09:00", got "9:00"',
    ],
    [
      'a digest in a strange zone',
      { digest: { timezone: 'Asia/Tokio' } },
      'digest.timezone: expected a time zone such as Asia/Tokyo, got "Asia/Tokio"; did you mean Asia/Tokyo?',
    ],
    [
      'a zone by its hour',
      { digest: { timezone: 9 } },
      'digest.timezone: expected a time zone such as Asia/Tokyo, got 9',
    ],
    ['a key of a route with a typo', route({ chanel: 'C01' }), 'routes[0].chanel: unknown key; did you mean channel?'],
    [
      'a key deep in the tree with a typo',
      route({}, { routes: [{ match: { severty: 'high' } }] }),
      'routes[1].routes[0].match.severty: unknown key; did you mean severity?',
    ],
    [
      'a severity that is none',
      route({ match: { severity: ['urgent'] } }),
      'routes[0].match.severity: expected info, low, medium, high or critical, or a list of them, got ["urgent"]',
    ],
    [
      'no severity at all',
      route({ match: { severity: [] } }),
      'routes[0].match.severity: expected info, low, medium, high or critical, or a list of them, got []',
    ],
    [
      'a tag without a key',
      route({ match: { tag: 'execution' } }),
      'routes[0].match.tag: expected a tag such as tactic:* or team:payments, got "execution"',
    ],
    [
      'an account that is not there',
      route({ match: { account: 'prodution' } }),
      'routes[0].match.account: expected an account of this file (production or 111122223333), got "prodution"',
    ],
    [
      'an account that is not there, deep in the tree',
      route({ routes: [{}, { match: { account: '999999999999' } }] }),
      'routes[0].routes[1].match.account: expected an account of this file (production or 111122223333), got "999999999999"',
    ],
    [
      'a cluster of an account that is not there',
      route({ match: { cluster: 'staging/*' } }),
      'routes[0].match.cluster: expected an account of this file (production or 111122223333), got "staging/*"',
    ],
    [
      'a cluster of four parts',
      route({ match: { cluster: 'a/b/c/d' } }),
      'routes[0].match.cluster: expected a cluster such as prod-*, production/prod-* or production/us-east-1/prod-*, got "a/b/c/d"',
    ],
    [
      'a mention by name',
      route({ mention: '@soc' }),
      'routes[0].mention: expected a Slack user group or user id such as S01ABCDEF or U01ABCDEF, or none, got "@soc"',
    ],
    [
      'an escalation to a channel',
      route({ escalate: { after: '15m', mention: 'C01' } }),
      'routes[0].escalate.mention: expected a Slack user group or user id such as S01ABCDEF or U01ABCDEF, or none, got "C01"',
    ],
    [
      'an escalation to nobody',
      route({ escalate: { after: '15m' } }),
      'routes[0].escalate.mention: missing; expected a Slack user group or user id such as S01ABCDEF or U01ABCDEF, or none',
    ],
    [
      'an escalation at some time',
      route({ escalate: { after: 'soon', mention: 'S01' } }),
      'routes[0].escalate.after: expected a duration such as 30s, 15m, 24h or 90d, got "soon"',
    ],
    ['a way that is none', route({ deliver: 'drop' }), 'routes[0].deliver: expected post, digest or off, got "drop"'],
    [
      'a day that is none',
      quiet({ days: ['saturday'] }),
      'routes[0].mute_times[0].days[0]: expected mon, tue, wed, thu, fri, sat or sun, got "saturday"',
    ],
    ['no day', quiet({ days: [] }), 'routes[0].mute_times[0].days: expected at least one day such as sat, got []'],
    [
      'an hour that is none',
      quiet({ from: '24:00' }),
      'routes[0].mute_times[0].from: expected a time of day such as "09:00", got "24:00"',
    ],
    [
      'an end that is none',
      quiet({ to: '24:01' }),
      'routes[0].mute_times[0].to: expected a time of day such as "07:00", up to "24:00", got "24:01"',
    ],
    [
      'an end that is the beginning',
      quiet({ from: '22:00', to: '22:00' }),
      'routes[0].mute_times[0].to: expected another time than from; leave both out for whole days',
    ],
    [
      'a list of routes that is none',
      { routes: { match: {} } },
      'routes: expected a list, even of one, got {"match":{}}',
    ],
  ];
  for (const [what, signals, line] of table) test(what, () => expect(problems(signals)).toEqual([`signals.${line}`]));
});

test('a tree that contains itself is refused, not followed for ever', () => {
  using disk = acmeFile(
    'admin_channel: C01\naws: { accounts: [{ id: "111122223333", name: a, regions: [us-east-1] }] }\nroles: { admins: {}, operators: {}, approvers: { users: [U01] } }\napprovals: { channel: C01 }\nsignals:\n  routes: &tree\n    - { routes: *tree }\n',
  );
  expect(() => loadConfig(disk.env)).toThrow(ConfigError);
});

test('an empty match, an empty route and a mention of a user are right', () => {
  expect(problems(route({ match: {} }, {}, { mention: 'W01ABC', escalate: { mention: 'none' } }))).toEqual([]);
});

test('everything has a default, and the default channel is left to the admin channel', () => {
  using disk = acmeFile({});
  const { signals, retention, timing } = loadConfig(disk.env);
  expect(signals).toEqual({
    group_by: ['rule', 'cluster'],
    digest: { at: '09:00', timezone: 'UTC' },
    routes: [],
  });
  expect(retention).toEqual({ signals: 90 * 86_400_000, dead_letters: 30 * 86_400_000, jobs: 7 * 86_400_000 });
  expect(timing).toMatchObject({
    signals_poll: 30_000,
    signal_read_for: 5_000,
    storm_window: 60_000,
    edit_pace: 1_200,
  });
});

test('routes have the defaults of their windows and escalations', () => {
  using disk = acmeFile({ signals: route({ mute_times: [{}], escalate: { mention: 'S01' } }) });
  expect(loadConfig(disk.env).signals.routes).toEqual([
    {
      match: {},
      mute_times: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00', timezone: 'UTC' },
      ],
      escalate: { after: 900_000, mention: 'S01' },
    },
  ]);
});
