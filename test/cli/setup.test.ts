import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PERMISSIONS } from '../../playground/datadog/permissions.ts';
import { methods as slackMethods } from '../../playground/slack/routes.ts';
import { COMMANDS } from '../../src/commands.ts';
import { type AwsAccount, readConfig } from '../../src/config.ts';
import { PROBED_ACTIONS } from '../../src/doctor/aws-probes.ts';
import { chosenRules } from '../../src/rules/chosen.ts';
import { operate, READ, type Statement, switchOff } from '../../src/setup/aws-permissions.ts';
import { botPolicy, rolesTemplate, rolesYaml } from '../../src/setup/aws-template.ts';
import { DATADOG_SCOPES } from '../../src/setup/datadog-scopes.ts';
import { type SetupInput, setup } from '../../src/setup/setup.ts';
import { slackManifest, usageHint } from '../../src/setup/slack-manifest.ts';
import { SLACK_SCOPES } from '../../src/setup/slack-scopes.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const NOTHING: SetupInput = {
  PUBLIC_URL: undefined,
  SLACK_APP_TOKEN: undefined,
  DD_SITE: undefined,
  DD_APP_URL: undefined,
  file: undefined,
  language: 'en',
};

/** The text of all of `src`, without what `skip` names. */
function source(skip: RegExp = /^$/): string {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const wanted = files.filter((name) => name.endsWith('.ts') && !skip.test(name));
  return wanted.map((name) => readFileSync(join(ROOT, 'src', name), 'utf8')).join('\n');
}

function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

describe('the Slack manifest', () => {
  test('in the repository is what setup prints before anything is configured', () => {
    expect(readFileSync(join(ROOT, 'manifest.yml'), 'utf8')).toBe(setup(NOTHING, ['slack']));
  });

  test('names no address for Socket Mode, where Slack refuses one', () => {
    const yaml = setup({ ...NOTHING, PUBLIC_URL: 'https://unused.example', SLACK_APP_TOKEN: 'xapp-1' }, ['slack']);
    expect(parse(yaml)).toMatchObject({ settings: { socket_mode_enabled: true, interactivity: { is_enabled: true } } });
    expect(yaml).not.toMatch(/\burl:|request_url/);
  });

  test('keeps to the lengths Slack takes, in both languages', () => {
    for (const language of ['en', 'ja'] as const) {
      const manifest = slackManifest({ publicUrl: 'https://a.example', usesUsergroups: false, language }) as {
        display_information: { name: string; description: string };
        features: { slash_commands: [{ usage_hint: string; description: string; should_escape: boolean }] };
      };
      expect(manifest.display_information.name.length).toBeLessThanOrEqual(35);
      expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
      expect(manifest.features.slash_commands[0].usage_hint.length).toBeLessThanOrEqual(1000);
      expect(manifest.features.slash_commands[0].should_escape).toBe(true);
    }
  });

  test('hints at every command, by name alone when there are too many', () => {
    for (const { name } of COMMANDS) expect(usageHint()).toContain(name.split(' ')[0]);
    const many = Array.from({ length: 60 }, (_, i) => ({
      ...COMMANDS[1],
      name: `command${i}`,
      args: '<cluster> [query]',
    }));
    expect(usageHint(many).length).toBeLessThanOrEqual(1000);
  });

  test('asks for exactly the scopes of the methods the source calls', () => {
    const calls = source().matchAll(
      /\bclient\s*\.((?:auth|apps|chat|conversations|files|reactions|usergroups|users|views)[\w.]+)\(/g,
    );
    const called = sorted([...calls].map(([, method = '']) => method));
    const covered = SLACK_SCOPES.flatMap(({ methods }) => methods);
    expect(covered.filter((method) => !called.includes(method))).toEqual([]);
    // The rest asks for no scope; those of conversations.* depend on the kind of channel and are not in that table.
    const rest = called.filter((method) => !covered.includes(method));
    expect(rest.filter((method) => slackMethods[method]?.scopes.length !== 0 || /^conv/.test(method))).toEqual([]);
    const asked = SLACK_SCOPES.map(({ scope }) => scope);
    expect(called.flatMap((method) => slackMethods[method]?.scopes ?? []).filter((s) => !asked.includes(s))).toEqual(
      [],
    );
  });
});

describe('the CloudFormation template', () => {
  test('allows exactly the AWS calls the source makes', () => {
    const operations = [...source(/^doctor/).matchAll(/\b(?:new |paginate)([A-Z]\w+?)(?:Command)?\(/g)].map(
      ([, name = '']) => name,
    );
    const known = sorted([...READ, ...operate([]), ...switchOff([])].flatMap(({ Action }) => Action));
    const inSource = (action: string) => operations.includes(action.split(':')[1] ?? '');
    expect(known.filter((action) => !inSource(action))).toEqual([]);
    const commands = sorted(
      [...source().matchAll(/\b(?:new (\w+)Command\(|paginate([A-Z]\w+)\()/g)].map(([, a, b]) => a ?? b ?? ''),
    );
    const allowed = [...known.map((action) => action.split(':')[1] ?? ''), 'GetCallerIdentity'];
    expect(commands.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('lets the reader do what doctor probes, and doctor probes all of it', () => {
    expect(sorted(PROBED_ACTIONS)).toEqual(sorted(READ.flatMap(({ Action }) => Action)));
  });

  test('never grants more than one action at a time: no wildcard, no administration', () => {
    const statements: Statement[] = [...READ, ...operate(['*orwarder*']), ...switchOff(['*orwarder*'])];
    for (const { Action } of statements)
      for (const action of Action) expect(action).toMatch(/^(cloudwatch|eks|lambda|logs):[A-Z]\w+$/);
    expect(rolesYaml([])).not.toMatch(/NotAction|NotResource/);
  });

  test('takes role names, paths and unusual Forwarders from the configuration', () => {
    const account = {
      id: '111122223333',
      name: 'production',
      regions: ['us-east-1'],
      roles: {
        reader: 'arn:aws:iam::111122223333:role/security/bots/Looker',
        operator: 'arn:aws:iam::111122223333:role/Doer',
      },
      forwarders: { 'us-east-1': 'arn:aws:lambda:us-east-1:111122223333:function:dd-logs' },
    } satisfies AwsAccount;
    const template = rolesTemplate([account]) as {
      Parameters: Record<string, { Default?: string }>;
      Resources: Record<string, { Properties: Record<string, unknown> }>;
    };
    expect(template.Parameters.ReaderRoleName?.Default).toBe('Looker');
    expect(template.Resources.ReaderRole?.Properties.Path).toBe('/security/bots/');
    expect(template.Parameters.AuditOffRoleName?.Default).toBe('EksAuditOff');
    expect(JSON.stringify(template.Resources.OperatorRole)).toContain('function:dd-logs');
    expect(botPolicy([account])).toMatchObject({
      Statement: [{ Resource: [account.roles.reader, account.roles.operator] }],
    });
  });
});

test('the Datadog scopes are exactly those of the calls the source makes', () => {
  const called = [...source().matchAll(/\bcall\(\s*'\w+',\s*'(\w+)'/g)].map(([, method = '']) => method);
  const needed = called.flatMap((method) => PERMISSIONS[method.charAt(0).toUpperCase() + method.slice(1)] ?? []);
  expect(sorted(DATADOG_SCOPES.map(({ scope }) => scope))).toEqual(sorted(needed));
});

test('the example configuration is accepted as it stands', () => {
  const { problems, file } = readConfig({ EKS_AUDIT_CONFIG: join(ROOT, 'eks-audit.example.yaml') });
  expect(problems.filter((problem) => !problem.startsWith('environment:'))).toEqual([]);
  expect(file?.aws.accounts).toHaveLength(2);
});

test('what the example comments out is accepted, too', async () => {
  const text = readFileSync(join(ROOT, 'eks-audit.example.yaml'), 'utf8');
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-example-'));
  const path = join(dir, 'eks-audit.yaml');
  writeFileSync(path, text.replace(/^( *)# ( *[\w-]+:(?: .*)?)$/gm, '$1$2'));
  const { problems, file } = readConfig({ EKS_AUDIT_CONFIG: path });
  rmSync(dir, { recursive: true });
  expect(problems.filter((problem) => !problem.startsWith('environment:'))).toEqual([]);
  expect(file?.channels).toEqual({ C02APPROVE: { language: 'ja' } });
  expect(Object.keys(file?.aws.accounts[0]?.forwarders ?? {})).toEqual(['us-east-1']);
  if (!file) throw new Error('the example is no configuration');
  expect(file.rules.extra).toBe(join(dir, 'my-rules'));
  const { rules } = await chosenRules({ rules: { ...file.rules, extra: undefined } });
  expect(rules.find(({ id }) => id === 'exec-into-pod')?.cases).toEqual([{ condition: 'exec > 0', severity: 'high' }]);
  expect(rules.filter(({ enabled }) => !enabled).map(({ id }) => id)).toEqual(['resource-enumeration']);
});
