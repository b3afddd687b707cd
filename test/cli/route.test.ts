/** `cli route`: the way a signal would go, for a person who writes routes. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ACCOUNT } from '../../playground/acme.ts';
import { acmeFile } from '../config/acme-file.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const SIGNALS = {
  channel: 'C0SECURITY',
  routes: [
    { match: { severity: 'low', cluster: 'staging' }, deliver: 'off' },
    {
      match: { severity: ['critical', 'high'], rule: '*exec*' },
      channel: 'C0URGENT01',
      mention: 'S0SOC00001',
      escalate: { after: '15m', mention: 'U0ADA00001' },
      mute_times: [{ from: '22:00', to: '07:00', timezone: 'Asia/Tokyo' }],
    },
  ],
};

const OWN = {
  severity: 'high',
  rule: { name: 'Exec into a pod' },
  clusters: [{ name: 'prod-a', accountId: ACCOUNT, region: 'us-east-1' }],
  samples: [{ actor: { name: 'jane', arn: 'arn:aws:iam::111122223333:role/Admin', session: 'jane@acme.example' } }],
};

/** One item of Datadog's list of signals, and the same signal read alone. */
const WORKFLOW = { rule: { id: 'abc', name: 'Exec into a pod' }, triage: { state: 'open' } };
const LOG = { aws: { awslogs: { logGroup: '/aws/eks/prod-a/cluster', owner: ACCOUNT } } };
const SAMPLES = [{ eventId: 'E1', content: { custom: LOG } }];
const BASE = { status: 'high', timestamp: '2026-03-02T10:00:00.000Z', tags: [] };
const ITEM = {
  id: 'AQAA1',
  type: 'signal',
  attributes: { ...BASE, attributes: { title: 'Exec', workflow: WORKFLOW, samples: SAMPLES } },
};
const DETAIL = {
  id: 'AQAA1',
  type: 'signal',
  attributes: { ...BASE, custom: { title: 'Exec', workflow: WORKFLOW }, gated: { samples: SAMPLES } },
};

function configured(terminal: Terminal, change: Record<string, unknown>): void {
  const path = join(terminal.dir, 'eks-audit.yaml');
  writeFileSync(path, stringify({ ...parse(readFileSync(path, 'utf8')), ...change }));
}

function saved(terminal: Terminal, name: string, content: unknown): string {
  const path = join(terminal.dir, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('shows every matcher, the outcome, the group in words and when it is quiet', async () => {
  await using terminal = await openTerminal({ file: { signals: SIGNALS } });
  const path = saved(terminal, 'signal.json', OWN);
  expect(await terminal.run(`route ${path} --at 2026-03-02T23:00:00+09:00`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Signal \`Exec into a pod\`, severity \`high\`

    ✗ signals.routes[0]: does not match
        ✗ severity: asks for \`low\`, but it is \`high\`
        ✗ cluster: asks for \`staging\`, but it is \`production/us-east-1/prod-a\`
    ✓ signals.routes[1]: matches
        ✓ severity: asks for \`critical\` or \`high\`, and it is \`high\`
        ✓ rule: asks for \`*exec*\`, and it is \`Exec into a pod\`

    What happens (by signals.routes[1])
    Channel: #C0URGENT01
    Delivery: posted at once
    Mention: @S0SOC00001
    One message for: rule \`Exec into a pod\` + cluster \`prod-a\`
    Quiet: at 2026-03-02 14:00 UTC, until 2026-03-02 22:00 UTC
    Escalation: to @U0ADA00001 after 15m, while nobody has taken it
    ",
    }
  `);
  expect(terminal.world.door.recorded).toEqual([]);
});

test('says the same in Japanese', async () => {
  await using terminal = await openTerminal({ file: { signals: SIGNALS, language: 'ja' } });
  const path = saved(terminal, 'signal.json', { ...OWN, severity: 'critical' });
  expect((await terminal.run(`route ${path} --at 2026-03-02T23:00:00+09:00`)).out).toMatchInlineSnapshot(`
    "シグナル \`Exec into a pod\`（重大度 \`critical\`）

    ✗ signals.routes[0]：不一致
        ✗ 重大度：条件は \`low\`、シグナルは \`critical\`（不一致）
        ✗ クラスター：条件は \`staging\`、シグナルは \`production/us-east-1/prod-a\`（不一致）
    ✓ signals.routes[1]：一致
        ✓ 重大度：条件は \`critical\` または \`high\`、シグナルは \`critical\`（一致）
        ✓ ルール：条件は \`*exec*\`、シグナルは \`Exec into a pod\`（一致）

    結果（signals.routes[1] による）
    チャンネル：#C0URGENT01
    配信：すぐに投稿
    メンション：@S0SOC00001
    同じメッセージにまとめる単位：ルール \`Exec into a pod\` + クラスター \`prod-a\`
    ミュート：対象外（critical のシグナルは待たせません）
    エスカレーション：担当者がいないまま 15m が経過すると @U0ADA00001 に通知
    "
  `);
});

test('looks at several clusters one by one, and says that the loudest way is taken', async () => {
  await using terminal = await openTerminal({ file: { signals: SIGNALS } });
  const clusters = [{ name: 'staging' }, { name: 'prod-a' }];
  const path = saved(terminal, 'signal.json', { severity: 'low', clusters });
  const { out } = await terminal.run(`route ${path} --at 2026-03-02T08:00:00Z`);
  expect(out).toMatchInlineSnapshot(`
    "Signal (without a name), severity \`low\`

    The signal names several clusters. Each is looked at by itself, and the loudest way is taken, so that a quiet cluster hides nothing.

    Looked at for cluster \`staging\`:
    ✓ signals.routes[0]: matches
        ✓ severity: asks for \`low\`, and it is \`low\`
        ✓ cluster: asks for \`staging\`, and it is \`staging\`
    Looked at for cluster \`prod-a\`:
    ✗ signals.routes[0]: does not match
        ✓ severity: asks for \`low\`, and it is \`low\`
        ✗ cluster: asks for \`staging\`, but it is \`prod-a\`
    ✗ signals.routes[1]: does not match
        ✗ severity: asks for \`critical\` or \`high\`, but it is \`low\`
        ✗ rule: asks for \`*exec*\`, but it is (without a name)
    No route matches, so the defaults hold.

    What happens (by signals)
    Channel: #C0SECURITY
    Delivery: in the digest, the next at 2026-03-02 09:00 UTC
    Mention: nobody
    One message for: rule (without a name) + several clusters
    Quiet: not at 2026-03-02 08:00 UTC
    Escalation: none
    "
  `);
});

test('a name from outside cannot steer the terminal', async () => {
  await using terminal = await openTerminal({ file: { signals: SIGNALS } });
  const hostile = 'exec\u001b[2J\u001b]0;owned\u0007\r\u009b31m `*x*` <!channel>';
  const signal = { ...OWN, rule: { name: hostile }, tags: [hostile], clusters: [{ name: hostile }] };
  const { out } = await terminal.run(`route ${saved(terminal, 'signal.json', signal)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('reads standard input where the file is a dash', () => {
  using disk = acmeFile({ signals: SIGNALS });
  const cli = new URL('../../src/cli.ts', import.meta.url).pathname;
  const env = { PATH: process.env.PATH, EKS_AUDIT_CONFIG: disk.path };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'route', '-'], {
    env,
    input: JSON.stringify(OWN),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('What happens (by signals.routes[1])');
});

test('reads what Datadog answers, in a list or alone, and goes one way for both', async () => {
  await using terminal = await openTerminal({ file: { signals: SIGNALS } });
  const said = [];
  for (const json of [ITEM, { data: [ITEM], meta: {} }, DETAIL, { data: DETAIL }]) {
    const { code, out, err } = await terminal.run(
      `route ${saved(terminal, 'signal.json', json)} --at 2026-03-02T08:00:00Z`,
    );
    expect([code, err]).toEqual([0, '']);
    said.push(out);
  }
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toContain('What happens (by signals.routes[1])');
  expect(said[0]).toContain('rule `Exec into a pod` + cluster `prod-a`');
});

test('needs the configuration file and nothing of the environment', async () => {
  await using terminal = await openTerminal();
  terminal.env = { EKS_AUDIT_CONFIG: join(terminal.dir, 'eks-audit.yaml') };
  const path = saved(terminal, 'signal.json', OWN);
  expect(await terminal.run(`route ${path}`)).toMatchObject({ code: 0, err: '' });
  configured(terminal, { signals: { routes: [{ mention: '@soc' }] } });
  const { code, err } = await terminal.run(`route ${path}`);
  expect([code, err]).toEqual([
    2,
    '<dir>/eks-audit.yaml: signals.routes[0].mention: expected a Slack user group or user id such as S01ABCDEF or U01ABCDEF, or none, got "@soc"\n',
  ]);
});

test('whatever is no signal ends with 2 and one line that says what would be right', async () => {
  await using terminal = await openTerminal();
  const own = saved(terminal, 'own.json', OWN);
  const lines = [
    'route',
    'route a b',
    `route ${join(terminal.dir, 'nowhere.json')}`,
    `route ${saved(terminal, 'text.json', 'severity: high')}`,
    `route ${saved(terminal, 'number.json', '7')}`,
    `route ${saved(terminal, 'null.json', 'null')}`,
    `route ${saved(terminal, 'none.json', { data: [] })}`,
    `route ${saved(terminal, 'two.json', { data: [ITEM, ITEM] })}`,
    `route ${saved(terminal, 'nested.json', [[ITEM]])}`,
    `route ${saved(terminal, 'other.json', { data: { type: 'rule', attributes: {} } })}`,
    `route ${saved(terminal, 'severity.json', { severity: 'urgent' })}`,
    `route ${saved(terminal, 'cluster.json', { severity: 'low', clusters: ['prod-a'] })}`,
    `route ${own} --at yesterday`,
    `route ${own} --at 2026-03-02`,
    `route ${own} --at 2026-03-02T10:00`,
    `route ${own} --at 2026-13-02T10:00:00Z`,
  ];
  const said = [];
  for (const line of lines) {
    const { code, out, err } = await terminal.run(line);
    expect([code, out], line).toEqual([2, '']);
    said.push(`$ ${line.replaceAll(terminal.dir, '<dir>')}\n${err}`);
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "$ route
    Usage: npm run -s cli -- route <signal.json> [--at <time>]

    $ route a b
    Usage: npm run -s cli -- route <signal.json> [--at <time>]

    $ route <dir>/nowhere.json
    <dir>/nowhere.json: cannot be read: ENOENT: no such file or directory, open '<dir>/nowhere.json'. Name a file with one signal as JSON, or - for standard input.

    $ route <dir>/text.json
    <dir>/text.json: not valid JSON: Unexpected token 's', "severity: high" is not valid JSON. Expected one signal as Datadog's API returns it.

    $ route <dir>/number.json
    <dir>/number.json: no signal in it. Expected one as Datadog's API returns it, in a list or alone, or {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]}.

    $ route <dir>/null.json
    <dir>/null.json: no signal in it. Expected one as Datadog's API returns it, in a list or alone, or {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]}.

    $ route <dir>/none.json
    <dir>/none.json: expected one signal, got a list of 0. Save one of them by itself.

    $ route <dir>/two.json
    <dir>/two.json: expected one signal, got a list of 2. Save one of them by itself.

    $ route <dir>/nested.json
    <dir>/nested.json: no signal in it. Expected one as Datadog's API returns it, in a list or alone, or {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]}.

    $ route <dir>/other.json
    <dir>/other.json: no signal in it. Expected one as Datadog's API returns it, in a list or alone, or {"severity": "high", "rule": {"name": "…"}, "clusters": [{"name": "prod-a"}]}.

    $ route <dir>/severity.json
    <dir>/severity.json: severity: expected info, low, medium, high or critical, got "urgent"

    $ route <dir>/cluster.json
    <dir>/cluster.json: clusters[0]: expected settings such as {"name": "prod-a"}, got "prod-a"

    $ route <dir>/own.json --at yesterday
    --at: expected a time with its zone such as 2026-01-31T22:00:00Z, got "yesterday".

    $ route <dir>/own.json --at 2026-03-02
    --at: expected a time with its zone such as 2026-01-31T22:00:00Z, got "2026-03-02".

    $ route <dir>/own.json --at 2026-03-02T10:00
    --at: expected a time with its zone such as 2026-01-31T22:00:00Z, got "2026-03-02T10:00".

    $ route <dir>/own.json --at 2026-13-02T10:00:00Z
    --at: expected a time with its zone such as 2026-01-31T22:00:00Z, got "2026-13-02T10:00:00Z".
    "
  `);
});
