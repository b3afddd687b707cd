import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ACCOUNT } from '../../playground/acme.ts';
import { SECRETS, type World } from '../../playground/world.ts';
import { loadConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { lockDirectory } from '../../src/db/lock-file.ts';
import { freshDatabase } from '../db/fresh.ts';
import { openTerminal } from './terminal.ts';

/** Links carry the time of the question. */
function timeless(text: string): string {
  return text.replace(/(from|to)_ts=\d+/g, '$1_ts=…');
}

test('help lists every command and what the exit codes mean', async () => {
  await using terminal = await openTerminal();
  expect(await terminal.run('help')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Usage: npm run -s cli -- <command>

      doctor                                              check every credential, scope, permission, channel and the database
      status <cluster>                                    every step of one cluster: what is so, what is missing, how to mend it
      plan <cluster> [--only audit-logs|forwarder|rules]  what \`enable\` would change, and what it costs
      setup [slack|aws|datadog]                           print the Slack manifest, the CloudFormation template of the AWS roles, the Datadog scopes
      config                                              print the effective configuration without its secrets, or its mistakes
      route <signal.json> [--at <time>]                   where a signal would go and why; \`-\` reads standard input
      rules check [directory]                             the detection rules that are configured, or those of a directory: all of them, and every mistake
      rules test [directory] [--only <id>]                try every rule on its samples; tells which clauses of its query no sample notices
      rules show <id> [directory]                         one rule as Datadog would be sent it, in JSON
      help                                                this

    Looks and prints; never changes anything.
    Exit codes: 0 fine, 1 something is not as it should be, 2 wrong usage or configuration.
    ",
    }
  `);
  expect((await terminal.run('')).out).toBe((await terminal.run('--help')).out);
});

test('help and mistakes are Japanese where the terminal is, as long as no configuration says otherwise', async () => {
  await using terminal = await openTerminal();
  terminal.env = { LANG: 'ja_JP.UTF-8', EKS_AUDIT_CONFIG: join(terminal.dir, 'none.yaml') };
  expect((await terminal.run('help')).out).toContain('終了コード');
  expect((await terminal.run('frobnicate')).err).toMatchInlineSnapshot(`
    "「frobnicate」というコマンドはありません。
    コマンドの一覧は npm run -s cli -- help で表示します。
    "
  `);
});

test('whatever is typed wrongly ends with 2 and the right usage', async () => {
  await using terminal = await openTerminal();
  const typed = [
    'frobnicate',
    'status',
    'status a b',
    'plan',
    'plan prod-a --only nothing',
    'plan prod-a --force',
    'setup azure',
    'config now',
    'doctor --fix',
  ];
  const said = [];
  for (const line of typed) {
    const { code, out, err } = await terminal.run(line);
    expect([code, out]).toEqual([2, '']);
    said.push(`$ ${line}\n${err}`);
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "$ frobnicate
    There is no command "frobnicate".
    npm run -s cli -- help shows all commands.

    $ status
    Usage: npm run -s cli -- status <cluster>

    $ status a b
    Usage: npm run -s cli -- status <cluster>

    $ plan
    Usage: npm run -s cli -- plan <cluster> [--only audit-logs|forwarder|rules]

    $ plan prod-a --only nothing
    Usage: npm run -s cli -- plan <cluster> [--only audit-logs|forwarder|rules]

    $ plan prod-a --force
    Usage: npm run -s cli -- plan <cluster> [--only audit-logs|forwarder|rules]

    $ setup azure
    Usage: npm run -s cli -- setup [slack|aws|datadog]

    $ config now
    Usage: npm run -s cli -- config

    $ doctor --fix
    Usage: npm run -s cli -- doctor
    "
  `);
});

test('status shows every step as the bot does, asks Slack nothing and changes nothing', async () => {
  await using terminal = await openTerminal();
  const { code, out, err } = await terminal.run('status prod-a');
  expect([code, err]).toEqual([1, '']);
  expect(timeless(out)).toMatchInlineSnapshot(`
    "production/us-east-1/prod-a: 4 of 10 steps in sync

    ✓ AWS integration (in sync): Datadog knows the account (role \`DatadogIntegrationRole\`).
    ✓ Datadog Forwarder (in sync): \`arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder\`, version 5.4.11
    ✓ Cloud SIEM (in sync): Cloud SIEM analyses Kubernetes audit logs (\`all ingested logs\`).
    ✗ Audit logs (missing): Audit logs are off.
    ✗ Log group (missing): EKS has not created \`/aws/eks/prod-a/cluster\` yet; it does so after audit logs are on.
    ✓ Invoke permission (in sync): CloudWatch Logs may invoke the Forwarder.
    ✗ Subscription filter (missing): No filter sends this group to the Forwarder.
    ✗ Detection rules (missing): 5 rules are missing.
    ✗ Signal webhook (missing): Missing or different: \`variable\`, \`webhook\`, \`notification-rule\`.
    ✗ Logs arriving (missing): No audit event of the last 15 minutes is visible to our key. Log Explorer: https://app.datadoghq.com/logs?query=source%3Akubernetes.audit+%40aws.awslogs.logGroup%3A%22%2Faws%2Feks%2Fprod-a%2Fcluster%22+%40aws.awslogs.owner%3A111122223333+%40aws.invoked_function_arn%3Aarn%5C%3Aaws%5C%3Alambda%5C%3Aus%5C-east%5C-1%5C%3A*&from_ts=…&to_ts=…&live=false

    \`/eks-audit enable production/us-east-1/prod-a\` plans what is missing.
    "
  `);
  expect(terminal.world.door.writes).toEqual([]);
  expect(terminal.world.door.recorded.filter(({ call }) => call.service === 'slack')).toEqual([]);
});

test('status works without any token of Slack', async () => {
  await using terminal = await openTerminal();
  for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'WEBHOOK_TOKEN']) delete terminal.env[name];
  expect((await terminal.run('status prod-a')).out).toContain('4 of 10 steps in sync');
  expect((await terminal.run('doctor')).code).toBe(2);
});

test('plan shows the changes, their price and what undo will do', async () => {
  await using terminal = await openTerminal();
  const { code, out } = await terminal.run('plan prod-a --only audit-logs');
  expect(code).toBe(1);
  expect(out).toMatchInlineSnapshot(`
    "Bring under audit: production/us-east-1/prod-a (2 changes)

    What will change
    1. Switch on the control-plane log type \`audit\`; other log types stay as they are
    2. Keep events of \`/aws/eks/prod-a/cluster\` for 90 days, once EKS has created the group

    Cost: about $3–150 CloudWatch and $6–285 Datadog a month at list prices, for 0.2–10 GB a day (no history yet; small to busy cluster). Cloud SIEM is billed by your contract.

    Steps that cannot be seen yet stop the run if the log group turns out to be in the Infrequent Access class, has no free filter, or gets a filter from somebody else first.

    Undo: \`/eks-audit disable production/us-east-1/prod-a\` takes these back, except audit logs and retention, which stay.

    Uses \`eks:UpdateClusterConfig\`, \`logs:PutRetentionPolicy\`

    Dry run: nothing was asked and nothing changes.
    "
  `);
  expect(terminal.world.door.writes).toEqual([]);
});

test('plan names what only a person can do first', async () => {
  await using terminal = await openTerminal({
    seed: ({ aws }) => aws.removeFunction(`arn:aws:lambda:us-east-1:${ACCOUNT}:function:DatadogForwarder`),
  });
  const { code, out } = await terminal.run('plan prod-a');
  expect(code).toBe(1);
  expect(out).toContain('Before production/us-east-1/prod-a can be brought under audit, somebody has to do this:');
  expect(out).toContain('✗ Datadog Forwarder (missing)');
});

test('nothing to change and everything in sync ends with 0', async () => {
  await using terminal = await openTerminal();
  const { code, out } = await terminal.run('plan staging --only audit-logs');
  expect(out).toContain('production/us-east-1/staging: 2 of 2 steps in sync');
  expect(code).toBe(0);
});

test('a name that several clusters have is answered with the full names to choose from', async () => {
  await using terminal = await openTerminal({
    seed: ({ aws }) => void aws.addCluster({ account: ACCOUNT, region: 'eu-west-1', name: 'prod-a' }),
    file: {
      aws: {
        accounts: [
          {
            id: ACCOUNT,
            name: 'production',
            regions: ['us-east-1', 'eu-west-1'],
            roles: roles(),
            external_id: 'acme-external-id-7f3a',
          },
        ],
      },
    },
  });
  expect(await terminal.run('status prod-a')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "There are several clusters named \`prod-a\`. Which one?

      production/eu-west-1/prod-a
      production/us-east-1/prod-a
    ",
      "out": "",
    }
  `);
});

test('an unknown cluster is a wrong usage and suggests the nearest', async () => {
  await using terminal = await openTerminal();
  expect(await terminal.run('status prod-b')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "There is no cluster \`prod-b\`. Did you mean \`prod-a\`? \`/eks-audit list\` shows all.
    ",
      "out": "",
    }
  `);
});

test('what the bot was told in Slack is read from its database', async () => {
  await using terminal = await openTerminal({ seed: addOtherForwarder });
  expect((await terminal.run('status prod-a')).out).toContain('✗ Datadog Forwarder (missing)');
  await using fresh = await freshDatabase();
  terminal.env.DATA_DIR = fresh.config.DATA_DIR;
  const database = await openDatabase(fresh.config);
  const key = `forwarder:${ACCOUNT}/us-east-1`;
  const choice = { key, value: OTHER, chosen_by: 'U0ADA00001', chosen_at: new Date() };
  await database.db.insertInto('choices').values(choice).execute();
  await database.close();
  expect((await terminal.run('status prod-a')).out).toContain(`✓ Datadog Forwarder (in sync): \`${OTHER}\``);
});

test('while a running bot has the database, a question it may have answered says so', async () => {
  await using terminal = await openTerminal({ seed: addOtherForwarder });
  const data = join(terminal.dir, 'data');
  mkdirSync(join(data, 'db'), { recursive: true });
  const unlock = await lockDirectory(data);
  const { out, err } = await terminal.run('status prod-a');
  expect(out).toContain('✗ Datadog Forwarder (missing)');
  expect(err.replace(/process \d+/, 'process …')).toMatchInlineSnapshot(`
    "What was chosen in Slack could not be read, because <dir>/data is in use by the running bot (process …). Choose there, or name the Forwarder under \`forwarders\`.
    "
  `);
  // Where nothing was to be chosen, nothing is missing.
  terminal.world.aws.removeFunction(OTHER);
  expect((await terminal.run('status prod-a')).err).toBe('');
  unlock();
});

test('a damaged database is said where it matters and hides nothing else', async () => {
  await using terminal = await openTerminal({ seed: addOtherForwarder });
  mkdirSync(join(terminal.dir, 'data', 'db'), { recursive: true });
  writeFileSync(join(terminal.dir, 'data', 'db', 'PG_VERSION'), 'nonsense');
  const { code, out, err } = await terminal.run('status prod-a');
  expect(code).toBe(1);
  expect(out).toContain('✓ AWS integration');
  expect(err).toContain('could not be read');
});

test('config prints what holds, defaults included, and no secret', async () => {
  await using terminal = await openTerminal({
    env: { DATABASE_URL: 'postgres://bot:hunter2@db/audit', METRICS_TOKEN: 'abc' },
  });
  const { code, out } = await terminal.run('config');
  expect(code).toBe(0);
  expect(out).toContain('DD_SITE=datadoghq.com');
  expect(out).toContain('DATABASE_URL=[hidden]');
  expect(out).toContain('METRICS_TOKEN=[hidden]');
  for (const secret of ['xoxb-', 'hunter2', terminal.env.DD_API_KEY ?? '-', terminal.env.WEBHOOK_TOKEN ?? '-'])
    expect(out).not.toContain(secret);
});

test('what config prints of the file means the same when it is read again', async () => {
  await using terminal = await openTerminal({
    file: { onboarding: { check_every: '90m' }, retention: { jobs: '2d' } },
  });
  const { out } = await terminal.run('config');
  const copy = join(terminal.dir, 'copy.yaml');
  writeFileSync(copy, out.slice(out.lastIndexOf('\n# ')));
  expect(loadConfig({ ...terminal.env, EKS_AUDIT_CONFIG: copy })).toEqual(loadConfig(terminal.env));
  expect(parse(readFileSync(copy, 'utf8'))).toMatchObject({
    onboarding: { check_every: '90m' },
    approvals: { expires_after: '24h' },
  });
});

test('config names every mistake at once and ends with 2', async () => {
  await using terminal = await openTerminal({
    file: { langauge: 'en', admin_channel: '#admin' },
    env: { DD_SITE: 'datadog.com', PORT: '70000' },
  });
  expect(await terminal.run('config')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "environment: DD_SITE: expected datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, datadoghq.eu, ap1.datadoghq.com, ap2.datadoghq.com, uk1.datadoghq.com, ddog-gov.com or us2.ddog-gov.com, got "datadog.com"; did you mean datadoghq.com?
    environment: PORT: expected a port number up to 65535, got "70000"
    <dir>/eks-audit.yaml: admin_channel: expected a Slack channel id such as C01ABCDEF, got "#admin"
    <dir>/eks-audit.yaml: langauge: unknown key; did you mean language?
    ",
      "out": "",
    }
  `);
});

test('setup prints each part alone, as a file to use', async () => {
  await using terminal = await openTerminal();
  const slack = parse((await terminal.run('setup slack')).out);
  expect(slack.features.slash_commands[0].url).toBe('https://eks-audit.acme.example/slack/events');
  // Acme names a user group, so that scope is not one to decline.
  expect(slack.oauth_config.scopes.bot).toContain('usergroups:read');
  const aws = (await terminal.run('setup aws')).out;
  expect(Object.keys(parse(aws).Resources)).toEqual(['ReadPolicy', 'ReaderRole', 'OperatorRole', 'AuditOffRole']);
  expect(aws).toContain('ExternalId=acme-external-id-7f3a');
  expect((await terminal.run('setup datadog')).out).toMatchInlineSnapshot(`
    "Datadog application key: scopes by feature
    Create a service account at https://app.datadoghq.com/organization-settings/service-accounts and an application key of it with these scopes:

    Checking a cluster
      logs_read_data                                   prove that audit events arrive, show them (\`logs\`, Show events), and try the query of a rule on them (\`rules create\`)
      aws_configuration_read                           see whether Datadog knows the AWS account and subscribes log groups by itself, so that nothing is delivered twice
      security_monitoring_filters_read                 see whether Cloud SIEM analyses Kubernetes audit logs (optional)

    Detection rules (the pack, and \`rules\` in Slack)
      security_monitoring_rules_read                   list and show every rule over audit logs, and find our own by their tags before any is made
      security_monitoring_rules_write                  create, change and delete the rules of the pack and those asked for in Slack, have Datadog validate them, and switch rules on and off, Datadog’s own included

    Signals by webhook (\`PUBLIC_URL\`)
      integrations_read                                read the webhook named eks-audit
      create_webhooks                                  create that webhook
      manage_integrations                              read and set the variable that holds its secret, and change or remove the webhook
      security_monitoring_notification_profiles_read   find the notification rule that rings the webhook
      security_monitoring_notification_profiles_write  create and remove that notification rule

    Reading and triaging signals
      security_monitoring_signals_read                 read signals, and find those whose webhook was lost
      security_monitoring_signals_write                take, archive and reopen signals from Slack (optional)
      user_access_read                                 assign a signal to the person who takes it, found by e-mail address (optional)
      security_monitoring_suppressions_read            find suppressions before any is made (optional)
      security_monitoring_suppressions_write           create approved suppressions, and remove them again (optional)

    All of them, to paste:
      logs_read_data,aws_configuration_read,security_monitoring_filters_read,security_monitoring_rules_read,security_monitoring_rules_write,integrations_read,create_webhooks,manage_integrations,security_monitoring_notification_profiles_read,security_monitoring_notification_profiles_write,security_monitoring_signals_read,security_monitoring_signals_write,user_access_read,security_monitoring_suppressions_read,security_monitoring_suppressions_write
    "
  `);
  const all = (await terminal.run('setup')).out;
  for (const title of ['# Slack app manifest', '# AWS roles', 'Datadog application key']) expect(all).toContain(title);
});

test('setup needs neither tokens nor a configuration', async () => {
  await using terminal = await openTerminal();
  terminal.env = { EKS_AUDIT_CONFIG: join(terminal.dir, 'none.yaml') };
  const { code, out, err } = await terminal.run('setup');
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('PUBLIC_URL is not set');
});

function roles() {
  const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return { reader: arn('EksAuditReader'), operator: arn('EksAuditOperator'), audit_off: arn('EksAuditOff') };
}

const OTHER = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:OtherForwarder`;

/** Beside Acme's own, so that somebody has to choose. */
function addOtherForwarder({ aws }: World): void {
  const seed = { account: ACCOUNT, region: 'us-east-1', name: 'OtherForwarder', policy: 'template' } as const;
  aws.addForwarder({ ...seed, apiKey: SECRETS.datadogApiKey, site: 'datadoghq.com' });
}
