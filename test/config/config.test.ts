/** Every mistake in the configuration is one line: where, what, and what would be right. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { ACCOUNT, acmeFile, FILE } from './acme-file.ts';

type Change = Parameters<typeof acmeFile>;

function problems(...[file, env]: Change): string[] {
  using disk = acmeFile(file, env);
  try {
    loadConfig(disk.env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((line) => line.replaceAll(disk.path, 'eks-audit.yaml'));
  }
}

const account = (change: Record<string, unknown>) => ({ aws: { accounts: [{ ...ACCOUNT, ...change }] } });
const roles = (change: Record<string, unknown>) => ({ roles: { ...FILE.roles, ...change } });
const rule = (...rules: Record<string, unknown>[]) => ({ approvals: { ...FILE.approvals, rules } });

describe('the environment', () => {
  const table: [what: string, env: Record<string, string | undefined>, line: string][] = [
    [
      'a missing token',
      { SLACK_BOT_TOKEN: undefined },
      'SLACK_BOT_TOKEN: missing. Install the app and copy the Bot User OAuth Token (xoxb-…).',
    ],
    [
      'an empty key',
      { DD_API_KEY: '' },
      'DD_API_KEY: missing. Create one in Datadog under Organization Settings, API Keys.',
    ],
    [
      'a token of another kind',
      { SLACK_BOT_TOKEN: 'secret' },
      'SLACK_BOT_TOKEN: expected a token that starts with xoxb-',
    ],
    [
      'an app token of another kind',
      { SLACK_APP_TOKEN: 'xoxb-1' },
      'SLACK_APP_TOKEN: expected an app-level token that starts with xapp-',
    ],
    [
      'a short secret',
      { WEBHOOK_TOKEN: 'short' },
      'WEBHOOK_TOKEN: shorter than 16 characters; use `openssl rand -hex 32`',
    ],
    [
      'an address without https',
      { PUBLIC_URL: 'bot.acme.example' },
      'PUBLIC_URL: expected a URL such as https://eks-audit.example.com, got "bot.acme.example"',
    ],
    [
      'another database',
      { DATABASE_URL: 'mysql://user:hunter2@db/x' },
      'DATABASE_URL: expected postgres://user:password@host:5432/database',
    ],
    [
      'a site with a typo',
      { DD_SITE: 'datadog.eu' },
      'DD_SITE: expected datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, datadoghq.eu, ap1.datadoghq.com, ap2.datadoghq.com, uk1.datadoghq.com, ddog-gov.com or us2.ddog-gov.com, got "datadog.eu"; did you mean datadoghq.eu?',
    ],
    [
      'a log level with a typo',
      { LOG_LEVEL: 'wran' },
      'LOG_LEVEL: expected trace, debug, info, warn, error or silent, got "wran"; did you mean warn?',
    ],
    ['a port in words', { PORT: 'http' }, 'PORT: expected a port number up to 65535, got "http"'],
    ['a port beyond the last', { PORT: '65536' }, 'PORT: expected a port number up to 65535, got "65536"'],
    ['half a port', { PORT: '30.5' }, 'PORT: expected a port number up to 65535, got "30.5"'],
  ];
  for (const [what, env, line] of table) test(what, () => expect(problems({}, env)).toEqual([`environment: ${line}`]));

  test('never repeats a secret', () => {
    const lines = problems(
      {},
      { SLACK_BOT_TOKEN: 'hunter2hunter2', WEBHOOK_TOKEN: 'hunter2', DATABASE_URL: 'hunter2' },
    );
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('the file', () => {
  const table: [what: string, change: Change[0], line: string][] = [
    [
      'an unknown section',
      { alerts: {} },
      'alerts: unknown key; expected language, admin_channel, aws, roles, approvals, onboarding, signals, channels, rules, retention, timing',
    ],
    ['a section with a typo', { singals: {} }, 'singals: unknown key; did you mean signals?'],
    ['a key with a typo', { langauge: 'en' }, 'langauge: unknown key; did you mean language?'],
    [
      'a key with a typo in a list',
      account({ region: ['us-east-1'] }),
      'aws.accounts[0].region: unknown key; did you mean regions?',
    ],
    [
      'a key with a typo in a rule',
      rule({ match: { cluser: 'prod-*' } }),
      'approvals.rules[0].match.cluser: unknown key; did you mean cluster?',
    ],
    [
      'a missing channel',
      { admin_channel: undefined },
      'admin_channel: missing; expected a Slack channel id such as C01ABCDEF',
    ],
    [
      'a channel by its name',
      { approvals: { channel: '#approvals' } },
      'approvals.channel: expected a Slack channel id such as C01ABCDEF, got "#approvals"',
    ],
    ['a missing section', { aws: undefined }, 'aws: missing; expected settings of its own'],
    ['an empty section', { roles: null }, 'roles: expected settings of its own, got null'],
    [
      'an account id without quotes',
      account({ id: 111122223333 }),
      'aws.accounts[0].id: expected a 12-digit AWS account id in quotes, such as "111122223333", got 111122223333',
    ],
    [
      'an ARN of another kind',
      account({ roles: { ...ACCOUNT.roles, reader: 'arn:aws:iam::111122223333:user/Reader' } }),
      'aws.accounts[0].roles.reader: expected a role ARN such as arn:aws:iam::111122223333:role/EksAuditReader, got "arn:aws:iam::111122223333:user/Reader"',
    ],
    [
      'a role of another account',
      account({ roles: { ...ACCOUNT.roles, reader: 'arn:aws:iam::444455556666:role/Reader' } }),
      'aws.accounts[0].roles.reader: expected a role of 111122223333, got one of 444455556666',
    ],
    [
      'a missing role',
      account({ roles: { reader: ACCOUNT.roles.reader } }),
      'aws.accounts[0].roles.operator: missing; expected a role ARN such as arn:aws:iam::111122223333:role/EksAuditReader',
    ],
    [
      'a Region with a typo',
      account({ regions: ['us-esat-1'] }),
      'aws.accounts[0].regions[0]: expected an AWS Region such as us-east-1, got "us-esat-1"',
    ],
    [
      'a Region that is no list',
      account({ regions: 'us-east-1' }),
      'aws.accounts[0].regions: expected a list, even of one, got "us-east-1"',
    ],
    [
      'a Region twice',
      account({ regions: ['us-east-1', 'us-east-1'] }),
      'aws.accounts[0].regions: expected each Region once',
    ],
    [
      'no Region',
      account({ regions: [] }),
      'aws.accounts[0].regions: expected at least one Region such as us-east-1, got []',
    ],
    [
      'a Forwarder that is no ARN',
      account({ forwarders: { 'us-east-1': 'DatadogForwarder' } }),
      'aws.accounts[0].forwarders.us-east-1: expected a function ARN such as arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder, got "DatadogForwarder"',
    ],
    [
      'a Forwarder of another Region',
      account({ forwarders: { 'us-east-1': 'arn:aws:lambda:eu-west-1:111122223333:function:F' } }),
      'aws.accounts[0].forwarders.us-east-1: expected a function of account 111122223333 in us-east-1, since CloudWatch Logs delivers nowhere else, got one of 111122223333 in eu-west-1',
    ],
    [
      'a Forwarder under a Region with a typo',
      account({ forwarders: { 'us-esat-1': 'arn:aws:lambda:us-east-1:111122223333:function:F' } }),
      'aws.accounts[0].forwarders.us-esat-1: expected an AWS Region such as us-east-1, got "us-esat-1"',
    ],
    [
      'a name nobody could type',
      account({ name: 'prod account' }),
      'aws.accounts[0].name: expected a name of letters, digits, - and _ only, since people type it as account/cluster (such as production), got "prod account"',
    ],
    [
      'an account twice',
      { aws: { accounts: [ACCOUNT, { ...ACCOUNT, name: 'again' }] } },
      'aws.accounts[1].id: expected one entry per account, got "111122223333" twice',
    ],
    [
      'nobody to approve',
      roles({ approvers: { users: [] } }),
      'roles.approvers: empty, so nobody could approve anything; expected a user or a user group',
    ],
    [
      'nobody to approve by a rule',
      rule({ approvers: {} }),
      'approvals.rules[0].approvers: empty, so nobody could approve anything; expected a user or a user group',
    ],
    [
      'an approver by name',
      roles({ approvers: { users: ['@arjun'] } }),
      'roles.approvers.users[0]: expected a Slack user id such as U01ABCDEF, got "@arjun"',
    ],
    [
      'a user where groups stand',
      roles({ approvers: { usergroups: ['U0ARJUN001'] } }),
      'roles.approvers.usergroups[0]: expected a Slack user group id such as S01ABCDEF, got "U0ARJUN001"',
    ],
    [
      'more approvals than approvers',
      rule({ required: 2 }),
      'approvals.rules[0].required: expected at most as many as may approve, got 2 of 1',
    ],
    ['no approval at all', rule({ required: 0 }), 'approvals.rules[0].required: expected a number from 1 to 10, got 0'],
    [
      'approvals in words',
      rule({ required: 'two' }),
      'approvals.rules[0].required: expected a number from 1 to 10, got "two"',
    ],
    [
      'yes for true',
      rule({ requester_may: 'yes' }),
      'approvals.rules[0].requester_may: expected true or false, got "yes"',
    ],
    [
      'a rule for a cluster of an account that is not there',
      rule({ match: { cluster: 'prodution/prod-*' } }),
      'approvals.rules[0].match.cluster: expected a cluster of an account of this file (production or 111122223333), got "prodution/prod-*"',
    ],
    [
      'a rule for an account that is not there',
      rule({ match: { account: 'prodution' } }),
      'approvals.rules[0].match.account: expected an account of this file (production or 111122223333), got "prodution"',
    ],
    [
      'a rule for an action that is not there',
      rule({ match: { action: ['enable', 'audit_off'] } }),
      'approvals.rules[0].match.action: expected enable, repair, disable, audit-off, suppress, rule-change or accept-drift, or a list of them, got ["enable","audit_off"]',
    ],
    [
      'a tag without a value',
      rule({ match: { tag: 'env' } }),
      'approvals.rules[0].match.tag: expected a tag such as env=prod, got "env"',
    ],
    [
      'a duration in words',
      { approvals: { ...FILE.approvals, expires_after: '24 hours' } },
      'approvals.expires_after: expected a duration such as 30s, 15m, 24h or 90d, got "24 hours"',
    ],
    [
      'a duration without a unit',
      { approvals: { ...FILE.approvals, expires_after: 24 } },
      'approvals.expires_after: expected a duration such as 30s, 15m, 24h or 90d, got 24',
    ],
    ['a language we do not speak', { language: 'de' }, 'language: expected en or ja, got "de"'],
    [
      'a channel by name among languages',
      { channels: { general: { language: 'ja' } } },
      'channels.general: expected a Slack channel id such as C01ABCDEF, got "general"',
    ],
    [
      'a retention CloudWatch does not offer',
      { onboarding: { retention_days: 45 } },
      'onboarding.retention_days: expected a number of days CloudWatch Logs offers, such as 30, 90 or 365, got 45',
    ],
    ['a list instead of settings', '- a\n- b\n', 'the whole file: expected settings of its own, got ["a","b"]'],
    [
      'a bracket left open',
      'aws: [1, 2\nroles: 3\n',
      'not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1. Expected settings such as `language: en`.',
    ],
    [
      'a key twice',
      'language: en\nlanguage: ja\n',
      'not valid YAML: Map keys must be unique at line 2, column 1. Expected settings such as `language: en`.',
    ],
    [
      'aliases that would fill the memory',
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]\n`,
      'not valid YAML: Excessive alias count indicates a resource exhaustion attack. Expected settings such as `language: en`.',
    ],
  ];
  for (const [what, change, line] of table)
    test(what, () => expect(problems(change)).toEqual([`eks-audit.yaml: ${line}`]));

  test('that is not there names the variable that points to it', () => {
    expect(() => loadConfig({ EKS_AUDIT_CONFIG: '/nowhere/eks-audit.yaml' })).toThrow(
      "/nowhere/eks-audit.yaml: cannot be read: ENOENT: no such file or directory, open '/nowhere/eks-audit.yaml'. Create it, or point EKS_AUDIT_CONFIG at yours.",
    );
  });

  test('that says nothing misses each section once', () => {
    expect(problems('')).toEqual([
      'eks-audit.yaml: admin_channel: missing; expected a Slack channel id such as C01ABCDEF',
      'eks-audit.yaml: aws: missing; expected settings of its own',
      'eks-audit.yaml: roles: missing; expected settings of its own',
      'eks-audit.yaml: approvals: missing; expected settings of its own',
    ]);
  });
});

test('all mistakes are told at once, those of the environment first', () => {
  expect(
    problems({ ...account({ id: 1 }), langauge: 'en', lnaguage: 'ja' }, { DD_APP_KEY: undefined, PORT: 'x' }),
  ).toEqual([
    'environment: DD_APP_KEY: missing. Create one for a service account, with the scopes `npm run -s cli -- setup` prints.',
    'environment: PORT: expected a port number up to 65535, got "x"',
    'eks-audit.yaml: aws.accounts[0].id: expected a 12-digit AWS account id in quotes, such as "111122223333", got 1',
    'eks-audit.yaml: langauge: unknown key; did you mean language?',
    'eks-audit.yaml: lnaguage: unknown key; did you mean language?',
  ]);
});

test('a right configuration has its defaults', () => {
  using disk = acmeFile({});
  const config = loadConfig({ ...disk.env, DATABASE_URL: '', PUBLIC_URL: 'https://bot.acme.example/' });
  expect(config).toMatchObject({
    PORT: 3000,
    DD_SITE: 'datadoghq.com',
    SLACK_API_URL: 'https://slack.com/api',
    PUBLIC_URL: 'https://bot.acme.example',
    language: 'en',
    approvals: { expires_after: 86_400_000, rules: [] },
    onboarding: { filter: 'audit-only', retention_days: 90, check_every: 3_600_000 },
    timing: { http_timeout: 10_000, message_pace: 1_000 },
  });
  expect(config.DATABASE_URL).toBeUndefined();
});

test('the process ends with exit code 2 and the lines, without a stack', () => {
  using disk = acmeFile({ langauge: 'en' }, { SLACK_BOT_TOKEN: undefined });
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...disk.env },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.replaceAll(disk.path, 'eks-audit.yaml')).toBe(
    [
      'environment: SLACK_BOT_TOKEN: missing. Install the app and copy the Bot User OAuth Token (xoxb-…).',
      'eks-audit.yaml: langauge: unknown key; did you mean language?',
      '',
    ].join('\n'),
  );
});
