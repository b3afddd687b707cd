import { describe, expect, test } from 'vitest';
import { ACCOUNT, EXTERNAL_ID } from '../../playground/acme.ts';
import { datadogRateLimited } from '../../playground/datadog/answers.ts';
import { SECRETS } from '../../playground/world.ts';
import { DATADOG_SCOPES } from '../../src/setup/datadog-scopes.ts';
import { awsOf, complaints, datadogOf } from './examined.ts';
import { openTerminal, type TerminalOptions } from './terminal.ts';

describe('AWS', () => {
  const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
  const accounts = (...list: object[]): TerminalOptions => ({ file: { aws: { accounts: list } } });
  const roles = { reader: role('EksAuditReader'), operator: role('EksAuditOperator') };

  test('a missing action is named with the statement it belongs into', async () => {
    await using terminal = await openTerminal({
      seed: ({ aws }) =>
        aws.addRole({
          arn: role('EksAuditReader'),
          externalId: EXTERNAL_ID,
          allow: [
            'eks:*',
            'lambda:ListFunctions',
            'lambda:Get*',
            'logs:DescribeLogGroups',
            'cloudwatch:*',
            'logs:Filter*',
          ],
        }),
    });
    expect(complaints(await awsOf(terminal))).toMatchInlineSnapshot(`
      "no aws.reader: \`production/us-east-1\`: the reader may not \`logs:DescribeAccountPolicies\`.
         Add \`logs:DescribeAccountPolicies\` to the statement \`Discover\` of the reader’s policy, as in \`npm run -s cli -- setup aws\`.
      no aws.reader: \`production/us-east-1\`: the reader may not \`logs:DescribeSubscriptionFilters\`.
         Add \`logs:DescribeSubscriptionFilters\` to the statement \`AuditLogs\` of the reader’s policy, as in \`npm run -s cli -- setup aws\`.
      no aws.reader: \`production/us-east-1\`: the reader may not \`lambda:ListTags\`.
         Add \`lambda:ListTags\` to the statement \`Forwarder\` of the reader’s policy, as in \`npm run -s cli -- setup aws\`."
    `);
  });

  test('a role that cannot be assumed is said once, with all it needs', async () => {
    await using terminal = await openTerminal(
      accounts({ id: ACCOUNT, name: 'production', regions: ['us-east-1'], roles, external_id: 'another' }),
    );
    const results = await awsOf(terminal);
    expect(results.filter(({ ok }) => ok === 'no')).toHaveLength(2);
    expect(complaints(results)).toMatchInlineSnapshot(`
      "no aws.role: \`production/us-east-1\`: the reader role cannot be assumed: User: arn:aws:sts::999988887777:assumed-role/eks-audit-bot/eks-audit-bot is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/EksAuditReader
         Check that \`arn:aws:iam::111122223333:role/EksAuditReader\` exists, that its trust policy names the bot’s role with \`sts:AssumeRole\` and \`sts:TagSession\`, and that its \`sts:ExternalId\` is the account’s \`external_id\`. The bot’s own role needs \`sts:AssumeRole\` on it. \`npm run -s cli -- setup aws\` prints both.
      no aws.role: \`production/us-east-1\`: the operator role cannot be assumed: User: arn:aws:sts::999988887777:assumed-role/eks-audit-bot/eks-audit-bot is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/EksAuditOperator
         Check that \`arn:aws:iam::111122223333:role/EksAuditOperator\` exists, that its trust policy names the bot’s role with \`sts:AssumeRole\` and \`sts:TagSession\`, and that its \`sts:ExternalId\` is the account’s \`external_id\`. The bot’s own role needs \`sts:AssumeRole\` on it. \`npm run -s cli -- setup aws\` prints both.
      warning aws.role: \`production\` has no \`roles.audit_off\`, so \`disable --audit-logs\` tries the operator role, which may not.
         Set \`roles.audit_off\` for \`production\`, or leave it so that audit logs stay on."
    `);
  });

  test('without roles the own credentials must belong to the account', async () => {
    await using terminal = await openTerminal(accounts({ id: ACCOUNT, name: 'production', regions: ['us-east-1'] }));
    expect(complaints(await awsOf(terminal))).toMatchInlineSnapshot(`
      "no aws.role: \`production\`: the credentials belong to account \`999988887777\` instead of \`111122223333\`.
         Configure \`roles\` for \`production\`; \`npm run -s cli -- setup aws\` prints the template."
    `);
  });

  test('a Region that is not enabled is named once', async () => {
    await using terminal = await openTerminal({
      ...accounts({
        id: ACCOUNT,
        name: 'production',
        regions: ['us-east-1', 'eu-south-2'],
        roles: { ...roles, audit_off: role('EksAuditOff') },
        external_id: EXTERNAL_ID,
      }),
      seed: ({ aws }) => void aws.disabledRegions.add('eu-south-2'),
    });
    const results = await awsOf(terminal);
    expect(results.filter(({ ok }) => ok === 'no')).toHaveLength(1);
    expect(complaints(results)).toContain('eu-south-2');
  });

  test('AWS out of reach is no denial', async () => {
    await using terminal = await openTerminal();
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
    expect(complaints(await awsOf(terminal))).toContain('`production/us-east-1`: AWS could not be asked');
  });
});

describe('Datadog', () => {
  test('which of the two keys is refused is told apart', async () => {
    await using terminal = await openTerminal({ env: { DD_API_KEY: 'wrong-api-key' } });
    expect(complaints(await datadogOf(terminal))).toContain('Datadog refuses the API key on `datadoghq.com`.');
    terminal.env.DD_API_KEY = SECRETS.datadogApiKey;
    terminal.env.DD_APP_KEY = 'wrong-app-key';
    expect(complaints(await datadogOf(terminal))).toContain('takes the API key and refuses the application key');
  });

  test('each missing permission is named with what it is for, an optional one as a warning', async () => {
    await using terminal = await openTerminal({
      seed: ({ datadog }) =>
        void datadog.addApplicationKey({
          key: SECRETS.datadogAppKey,
          owner: 'a@acme.example',
          permissions: [
            'logs_read_data',
            'integrations_read',
            'manage_integrations',
            'security_monitoring_rules_read',
            'security_monitoring_notification_profiles_read',
          ],
        }),
    });
    expect(complaints(await datadogOf(terminal))).toMatchInlineSnapshot(`
      "no datadog.permissions: The permission \`aws_configuration_read\` is missing: see whether Datadog knows the AWS account and subscribes log groups by itself, so that nothing is delivered twice.
         Add the scope \`aws_configuration_read\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      warning datadog.permissions: The permission \`security_monitoring_filters_read\` is missing: see whether Cloud SIEM analyses Kubernetes audit logs.
         Add the scope \`security_monitoring_filters_read\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      no datadog.permissions: The permission \`security_monitoring_rules_write\` is missing: create, change and delete the rules of the pack and those asked for in Slack, have Datadog validate them, and switch rules on and off, Datadog’s own included.
         Add the scope \`security_monitoring_rules_write\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      no datadog.permissions: The permission \`security_monitoring_signals_read\` is missing: read signals, and find those whose webhook was lost.
         Add the scope \`security_monitoring_signals_read\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      warning datadog.permissions: The permission \`user_access_read\` is missing: assign a signal to the person who takes it, found by e-mail address.
         Add the scope \`user_access_read\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      warning datadog.permissions: The permission \`security_monitoring_suppressions_read\` is missing: find suppressions before any is made.
         Add the scope \`security_monitoring_suppressions_read\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      warning datadog.permissions: The permission \`security_monitoring_suppressions_write\` is missing: create approved suppressions, and remove them again.
         Add the scope \`security_monitoring_suppressions_write\` to the application key (https://app.datadoghq.com/organization-settings/application-keys), and see that the key’s owner has it, too.
      unverified datadog.permissions: What only a change would show: \`create_webhooks\`, \`security_monitoring_notification_profiles_write\`, \`security_monitoring_signals_write\`.
         Compare the scopes of the application key with \`npm run -s cli -- setup datadog\`."
    `);
    expect(terminal.world.door.writes).toEqual([]);
  });

  test('what is not configured needs no permission, and being throttled proves nothing', async () => {
    await using terminal = await openTerminal({
      file: { rules: { pack: 'none' } },
      env: { DD_APP_URL: 'https://acme.datadoghq.eu' },
    });
    delete terminal.env.PUBLIC_URL;
    terminal.world.door.fail({ service: 'datadog', operation: 'ListLogs', answer: datadogRateLimited(60) });
    const results = await datadogOf(terminal);
    expect(complaints(results)).toMatchInlineSnapshot(`
      "warning datadog.site: Links lead to https://acme.datadoghq.eu, which is not of the site \`datadoghq.com\`.
         Set \`DD_APP_URL\` to the address at which you use Datadog, or remove it.
      unverified datadog.permissions: Whether \`logs_read_data\` is there could not be seen: Rate limit of 300 requests in 3600 seconds reached. Please try again later.
         Try again in a minute.
      unverified datadog.permissions: What only a change would show: \`security_monitoring_signals_write\`.
         Compare the scopes of the application key with \`npm run -s cli -- setup datadog\`."
    `);
    expect(results.map(({ what }) => what.en).join('\n')).not.toMatch(/integrations_read|create_webhooks/);
  });

  test('without a rule pack only the command `rules` would miss its permissions', async () => {
    await using terminal = await openTerminal({
      file: { rules: { pack: 'none' } },
      seed: ({ datadog }) =>
        void datadog.addApplicationKey({
          key: SECRETS.datadogAppKey,
          owner: 'a@acme.example',
          permissions: DATADOG_SCOPES.map(({ scope }) => scope).filter((scope) => !scope.includes('_rules_')),
        }),
    });
    const said = complaints(await datadogOf(terminal));
    expect(said).toContain('warning datadog.permissions: The permission `security_monitoring_rules_read` is missing');
    expect(said).toContain('warning datadog.permissions: The permission `security_monitoring_rules_write` is missing');
    expect(said).not.toMatch(/^no /m);
    expect(terminal.world.door.writes).toEqual([]);
  });
});
