/** Which way a signal goes, as tables: the routes as they stand in the file, the signals, and where they end up. */
import { describe, expect, test } from 'vitest';
import { SEVERITIES as SCHEMA_SEVERITIES } from '../../src/config-signals.ts';
import { explainRoute, type Route, route } from '../../src/signals/routing.ts';
import { SEVERITIES, type Signal } from '../../src/signals/signal.ts';
import { PROD_A, routing, STAGING, signal } from './routing-fixture.ts';

type Row = [what: string, change: Partial<Signal>, expected: Partial<Route>];

function table(routes: string, rows: Row[]): void {
  const config = routing(routes);
  for (const [what, change, expected] of rows)
    test(what, () => expect(route(config, signal(change))).toMatchObject(expected));
}

test('the configuration and the signals know the same severities', () => {
  expect(SCHEMA_SEVERITIES).toEqual(SEVERITIES);
});

describe('without routes', () => {
  test('everything goes to the admin channel while the section is missing', () => {
    expect(route(routing(''), signal())).toEqual({
      path: 'signals',
      channel: 'C0ADMIN',
      deliver: 'post',
      groupBy: ['rule', 'cluster'],
      mention: undefined,
      muteTimes: [],
      escalate: undefined,
    });
  });
  table('signals: { channel: C0SEC, group_by: [actor] }', [
    ['critical is posted', { severity: 'critical' }, { channel: 'C0SEC', deliver: 'post', groupBy: ['actor'] }],
    ['high is posted', { severity: 'high' }, { deliver: 'post' }],
    ['medium is posted', { severity: 'medium' }, { deliver: 'post' }],
    ['low waits for the digest', { severity: 'low' }, { deliver: 'digest' }],
    ['info waits for the digest', { severity: 'info' }, { deliver: 'digest' }],
  ]);
});

describe('what a route says about delivery holds for every severity', () => {
  table(
    `
signals:
  routes:
    - { match: { rule: "*noise*" }, deliver: off }
    - { match: { rule: "*weekly*" }, deliver: digest }
    - { match: { rule: "*loud*" }, deliver: post }
`,
    [
      ['off', { severity: 'critical', rule: rule('Some noise') }, { deliver: 'off' }],
      ['digest', { severity: 'high', rule: rule('weekly') }, { deliver: 'digest' }],
      ['post', { severity: 'info', rule: rule('loud') }, { deliver: 'post' }],
    ],
  );
});

function rule(name: string, id?: string): Signal['rule'] {
  return { id, name, shipped: false };
}

describe('the tree', () => {
  table(
    `
signals:
  channel: C0SEC
  routes:
    - match: { severity: [critical, high] }
      channel: C0URGENT
      mention: S0SOC
      group_by: [actor]
      mute_times: [{ days: [sun] }]
      escalate: { after: 15m, mention: S0ONCALL }
      routes:
        - match: { cluster: "staging*" }
          channel: C0STAGING
        - match: { cluster: "prod-*" }
          mention: U0LEAD
          group_by: [signal]
          escalate: { after: 5m, mention: W0BOSS }
          routes:
            - { match: { tag: "team:web" }, mute_times: [] }
            - { match: { tag: "team:*" }, mention: none, escalate: { mention: none } }
    - { match: { severity: high }, channel: C0NEVER }
    - { match: {}, channel: C0REST }
    - { match: { severity: low }, channel: C0NEVER2 }
`,
    [
      [
        'a child inherits everything it does not say',
        { clusters: [STAGING] },
        {
          path: 'signals.routes[0].routes[0]',
          channel: 'C0STAGING',
          mention: 'S0SOC',
          groupBy: ['actor'],
          muteTimes: [{ days: ['sun'], from: '00:00', to: '24:00', timezone: 'UTC' }],
          escalate: { afterMs: 900_000, mention: 'S0ONCALL' },
          deliver: 'post',
        },
      ],
      [
        'a child keeps what it says itself',
        {},
        {
          path: 'signals.routes[0].routes[1]',
          channel: 'C0URGENT',
          mention: 'U0LEAD',
          groupBy: ['signal'],
          escalate: { afterMs: 300_000, mention: 'W0BOSS' },
        },
      ],
      [
        'a grandchild inherits from both and can empty a list',
        { tags: ['team:web'] },
        { path: 'signals.routes[0].routes[1].routes[0]', channel: 'C0URGENT', mention: 'U0LEAD', muteTimes: [] },
      ],
      [
        'none takes an inherited mention and escalation away',
        { tags: ['team:payments'] },
        { path: 'signals.routes[0].routes[1].routes[1]', mention: undefined, escalate: undefined },
      ],
      [
        'a parent takes what none of its children matches',
        { clusters: [{ ...PROD_A, name: 'dev' }] },
        { path: 'signals.routes[0]', channel: 'C0URGENT' },
      ],
      [
        'an empty match catches the rest, and nothing behind it is reached',
        { severity: 'low' },
        { path: 'signals.routes[2]' },
      ],
    ],
  );

  test('a critical signal is never muted', () => {
    const config = routing('signals: { routes: [ { mute_times: [ {} ] } ] }');
    expect(route(config, signal({ severity: 'critical' })).muteTimes).toEqual([]);
    expect(route(config, signal({ severity: 'high' })).muteTimes).toHaveLength(1);
  });

  test('a signal that rises in severity goes another way', () => {
    const config = routing('signals: { routes: [ { match: { severity: critical }, channel: C0URGENT } ] }');
    const channels = (['low', 'critical'] as const).map((severity) => route(config, signal({ severity })).channel);
    expect(channels).toEqual(['C0ADMIN', 'C0URGENT']);
  });
});

describe('each matcher', () => {
  const cases: [match: string, change: Partial<Signal>, held: boolean][] = [
    ['{ severity: high }', {}, true],
    ['{ severity: high }', { severity: 'critical' }, false],
    ['{ severity: [low, info] }', { severity: 'info' }, true],
    ['{ severity: [low, info] }', { severity: 'medium' }, false],
    ['{ rule: "*EXEC*" }', {}, true],
    ['{ rule: "exec" }', {}, false],
    ['{ rule: "kubernetes exec into pod" }', {}, true],
    ['{ rule: abc-def-ghi }', {}, true],
    ['{ rule: "abc-*" }', {}, false],
    ['{ rule: "a.c" }', { rule: rule('abc') }, false],
    ['{ tag: "tactic:*" }', {}, true],
    ['{ tag: "tactic:ta0002-*" }', {}, true],
    ['{ tag: "source:kubernetes.audit" }', {}, true],
    ['{ tag: "team:*" }', {}, false],
    ['{ tag: "tactic:*" }', { tags: [] }, false],
    ['{ cluster: prod-a }', {}, true],
    ['{ cluster: "prod-*" }', {}, true],
    ['{ cluster: "Prod-*" }', {}, false],
    ['{ cluster: "*" }', {}, true],
    ['{ cluster: "*" }', { clusters: [] }, false],
    ['{ cluster: "production/*" }', {}, true],
    ['{ cluster: "prod*/prod-*" }', {}, true],
    ['{ cluster: "111122223333/prod-a" }', {}, true],
    ['{ cluster: "staging/*" }', {}, false],
    ['{ cluster: "*/*" }', { clusters: [{ ...PROD_A, accountId: undefined }] }, false],
    ['{ cluster: "production/us-*/prod-a" }', {}, true],
    ['{ cluster: "production/eu-*/prod-a" }', {}, false],
    // A star does not reach across a slash, or the account's name would count as the cluster's.
    ['{ cluster: "prod*" }', { clusters: [{ ...PROD_A, name: 'dev' }] }, false],
    ['{ account: production }', {}, true],
    ['{ account: "111122223333" }', {}, true],
    ['{ account: staging }', {}, false],
    ['{ account: production }', { clusters: [] }, false],
    ['{ severity: high, rule: "*exec*", tag: "tactic:*", cluster: "prod-*", account: production }', {}, true],
    ['{ severity: low, rule: "*exec*", tag: "tactic:*", cluster: "prod-*", account: production }', {}, false],
    ['{ severity: high, rule: "*exec*", tag: "tactic:*", cluster: "prod-*", account: staging }', {}, false],
    ['{}', { clusters: [], tags: [], rule: rule('') }, true],
  ];
  for (const [match, change, held] of cases)
    test(`${match} ${held ? 'takes' : 'leaves'} ${JSON.stringify(change)}`, () => {
      const { path } = route(routing(`signals: { routes: [ { match: ${match} } ] }`), signal(change));
      expect(path).toBe(held ? 'signals.routes[0]' : 'signals');
    });
});

test('a glob of many stars does not stop the bot on a long name an attacker chose', () => {
  const config = routing('signals: { routes: [ { match: { tag: "k:*a*a*a*a*a*b" } } ] }');
  const started = performance.now();
  expect(route(config, signal({ tags: [`k:${'a'.repeat(500)}`] })).path).toBe('signals');
  expect(performance.now() - started).toBeLessThan(200);
});

describe('a signal that names several clusters', () => {
  const routes = (...lines: string[]) => routing(`signals: { routes: [ ${lines.join(', ')} ] }`);
  const QUIET = '{ match: { cluster: "staging*" }, deliver: off }';
  const LOUD = '{ match: { cluster: "prod-*" }, channel: C0PROD, mention: S0SOC }';
  const both = signal({ clusters: [STAGING, PROD_A] });

  test('goes the loudest of their ways, whatever stands first', () => {
    expect(route(routes(QUIET, LOUD), both)).toMatchObject({ channel: 'C0PROD', deliver: 'post', mention: 'S0SOC' });
    expect(route(routes(LOUD, QUIET), both)).toMatchObject({ channel: 'C0PROD', deliver: 'post' });
    expect(route(routes(QUIET), both)).toMatchObject({ path: 'signals', deliver: 'post' });
  });

  test('prefers a way that is not quiet at night', () => {
    const night = '{ match: { cluster: "staging*" }, mute_times: [ { to: "07:00" } ] }';
    expect(route(routes(night), both)).toMatchObject({ path: 'signals', muteTimes: [] });
  });

  test('goes the same way in whatever order the clusters were seen', () => {
    const config = routes(
      '{ match: { cluster: "staging*" }, channel: C0A }',
      '{ match: { cluster: "prod-*" }, channel: C0B }',
    );
    expect(route(config, both).channel).toBe('C0A');
    expect(route(config, signal({ clusters: [PROD_A, STAGING] })).channel).toBe('C0A');
  });

  test('matches name and account of one cluster, never a mixture', () => {
    const mixed = routes('{ match: { cluster: "prod-*", account: staging } }');
    expect(route(mixed, both).path).toBe('signals');
  });
});

describe('the explanation', () => {
  const config = routing(`
signals:
  routes:
    - { match: { severity: low, rule: "*exec*", tag: "team:*" } }
    - { match: { account: production }, routes: [ { match: { cluster: dev } } ] }
    - {}
`);

  test('shows every matcher of every route looked at, also behind one that fails', () => {
    expect(explainRoute(config, signal())).toEqual([
      {
        path: 'signals.routes[0]',
        cluster: undefined,
        held: false,
        matchers: [
          { matcher: 'severity', wanted: ['low'], seen: ['high'], held: false },
          { matcher: 'rule', wanted: ['*exec*'], seen: ['Kubernetes exec into pod', 'abc-def-ghi'], held: true },
          {
            matcher: 'tag',
            wanted: ['team:*'],
            seen: ['tactic:TA0002-execution', 'source:kubernetes.audit'],
            held: false,
          },
        ],
      },
      {
        path: 'signals.routes[1]',
        cluster: undefined,
        held: true,
        matchers: [{ matcher: 'account', wanted: ['production'], seen: ['production'], held: true }],
      },
      {
        path: 'signals.routes[1].routes[0]',
        cluster: undefined,
        held: false,
        matchers: [{ matcher: 'cluster', wanted: ['dev'], seen: ['production/us-east-1/prod-a'], held: false }],
      },
    ]);
  });

  test('looks at several clusters one after the other, and says which', () => {
    const steps = explainRoute(config, signal({ clusters: [PROD_A, STAGING] }));
    expect(steps.map(({ cluster, path, held }) => [cluster?.name, path, held])).toEqual([
      ['prod-a', 'signals.routes[0]', false],
      ['prod-a', 'signals.routes[1]', true],
      ['prod-a', 'signals.routes[1].routes[0]', false],
      ['staging', 'signals.routes[0]', false],
      ['staging', 'signals.routes[1]', false],
      ['staging', 'signals.routes[2]', true],
    ]);
  });
});
