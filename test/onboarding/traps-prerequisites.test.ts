/** Steps 1 to 3: the AWS integration, the Forwarder and Cloud SIEM, which only a person can put right. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { PERMISSIONS } from '../../playground/datadog/permissions.ts';
import { SECRETS, type World } from '../../playground/world.ts';
import type { TestBot } from '../bot.ts';
import {
  changed,
  enable,
  ended,
  everythingSaid,
  FORWARDER_SEED,
  forwarderOf,
  lineOf,
  startFast,
  statusOf,
} from './journey.ts';

const EVERY_SCOPE = [...new Set(Object.values(PERMISSIONS).flat())];

function grant({ datadog }: World, permissions: readonly string[]): void {
  const key = datadog.applicationKeys.get(SECRETS.datadogAppKey);
  if (key) key.permissions = permissions;
}

test('a missing Datadog scope is unknown, not missing, and is named', async () => {
  await using bot = await startFast();
  const NEEDED: [string, string][] = [
    ['aws_configuration_read', 'AWS integration'],
    ['security_monitoring_filters_read', 'Cloud SIEM'],
    ['security_monitoring_rules_read', 'Detection rules'],
    ['integrations_read', 'Signal webhook'],
    // Reading a custom variable needs the right to manage them.
    ['manage_integrations', 'Signal webhook'],
    ['security_monitoring_notification_profiles_read', 'Signal webhook'],
    ['logs_read_data', 'Logs arriving'],
  ];
  for (const [scope, step] of NEEDED) {
    grant(
      bot.world,
      EVERY_SCOPE.filter((s) => s !== scope),
    );
    const line = lineOf(step, await statusOf(bot));
    expect(line).toContain(`*${step}* (unknown)`);
    expect(line).toContain(`Grant \`${scope}\` to the key’s owner`);
  }
  // The first version of Datadog's AWS API is deprecated: everything is asked of the second.
  const paths = bot.world.door.recorded.map((r) => r.call.path);
  expect(paths).toContain('/api/v2/integration/aws/accounts');
  expect(paths.filter((path) => path.startsWith('/api/v1/integration/aws'))).toEqual([]);
});

test('a scope missing for a change stops the run with its name, and once granted `enable` continues from there', async () => {
  const WRITES = [
    'security_monitoring_rules_write',
    'create_webhooks',
    'security_monitoring_notification_profiles_write',
  ];
  await using bot = await startFast({
    seed: (world) =>
      grant(
        world,
        EVERY_SCOPE.filter((scope) => !WRITES.includes(scope)),
      ),
  });
  for (const [i, scope] of WRITES.entries()) {
    const end = await enable(bot);
    expect(end).toContain('the run stopped');
    expect(end).toContain(`Grant \`${scope}\``);
    expect(end).not.toContain('_read`');
    grant(
      bot.world,
      EVERY_SCOPE.filter((s) => !WRITES.slice(i + 1).includes(s)),
    );
  }
  expect(await enable(bot)).toContain('is under audit');
  const accepted = bot.world.door.recorded.filter((r) => r.writes && (r.answer?.status ?? 0) < 300);
  const made = accepted.filter((r) => r.call.service !== 'slack').map((r) => r.call.operation);
  expect(made).toEqual([
    'UpdateClusterConfig',
    'PutRetentionPolicy',
    'PutSubscriptionFilter',
    ...Array(5).fill('CreateSecurityMonitoringRule'),
    'CreateWebhooksIntegrationCustomVariable',
    'CreateWebhooksIntegration',
    'CreateSignalNotificationRule',
  ]);
}, 60_000);

test('what spoils events in the settings of a Forwarder is named, one flag at a time', async () => {
  await using bot = await startFast();
  const { env } = forwarderOf(bot.world);
  const FLAGS: [Record<string, string>, string][] = [
    [{ DD_SOURCE: 'eks' }, '`DD_SOURCE` is set'],
    [{ DD_FORWARD_LOG: 'false' }, '`DD_FORWARD_LOG` is `false`'],
    [{ INCLUDE_AT_MATCH: '.*secrets.*' }, '`INCLUDE_AT_MATCH` drops'],
    [{ EXCLUDE_AT_MATCH: '"verb":"get"' }, '`EXCLUDE_AT_MATCH` drops'],
    [{ DD_SITE: 'us5.datadoghq.com' }, 'Set `DD_SITE=datadoghq.com` on the function (it is `us5.datadoghq.com`)'],
  ];
  const before = { ...env };
  for (const [setting, says] of FLAGS) {
    Object.assign(env, setting);
    const said = await statusOf(bot);
    expect(lineOf('Datadog Forwarder', said)).toContain('(drifted)');
    expect(lineOf('Datadog Forwarder', said)).toContain(says);
    expect(lineOf('Subscription filter', said)).toContain('(unknown)');
    for (const name of Object.keys(setting)) delete env[name];
    Object.assign(env, before);
  }
  // Without DD_SITE a Forwarder ships to datadoghq.com; without storing failures it is healthy, with an advice.
  delete env.DD_SITE;
  delete env.DD_STORE_FAILED_EVENTS;
  const line = lineOf('Datadog Forwarder', await statusOf(bot));
  expect(line).toContain('(in sync)');
  expect(line).toContain('set `DD_STORE_FAILED_EVENTS=true`');
});

test('a Forwarder whose settings our role may not decrypt is used, and that they were not checked is said', async () => {
  await using bot = await startFast();
  forwarderOf(bot.world).environmentError = {
    ErrorCode: 'AccessDeniedException',
    Message: 'Lambda was unable to decrypt your environment variables',
  };
  const line = lineOf('Datadog Forwarder', await statusOf(bot));
  expect(line).toContain(`(in sync): \`${FORWARDER}\`, version 5.4.11`);
  expect(line).toContain('encrypted with a key our reader role may not use, so they were not checked');
});

test('a hand-made Forwarder is known by its settings, and nothing of its environment is ever said, logged or stored', async () => {
  const planted = 'planted-api-key-0123456789abcdef';
  await using bot = await startFast({
    seed({ aws }) {
      aws.removeFunction(FORWARDER);
      // No description, layer or tag of the template: a site and a key are what is left to know it by.
      const made = aws.addFunction({
        account: ACCOUNT,
        region: REGION,
        name: 'ship-logs',
        env: { DD_SITE: 'datadoghq.eu', DD_API_KEY: planted, DD_TAGS: 'planted:tag' },
      });
      for (let i = 0; i < 60; i++) aws.addFunction({ account: ACCOUNT, region: REGION, name: `app-${i}` });
      expect(made.arn).toContain('ship-logs');
    },
  });
  expect(lineOf('Datadog Forwarder', await statusOf(bot))).toContain('`DD_SITE` points to another Datadog site');
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'Set `DD_SITE=datadoghq.com`');
  expect(everythingSaid(bot)).not.toContain('planted');
  expect(changed(bot)).toEqual([]);
});

test('the Forwarder of the configuration is not replaced by another one when it is gone', async () => {
  const configured = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:OurForwarder`;
  await using bot = await startFast({
    file: {
      aws: {
        accounts: [
          {
            id: ACCOUNT,
            name: 'production',
            regions: [REGION],
            roles: {
              reader: `arn:aws:iam::${ACCOUNT}:role/EksAuditReader`,
              operator: `arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`,
            },
            external_id: 'acme-external-id-7f3a',
            forwarders: { [REGION]: configured },
          },
        ],
      },
    },
  });
  expect(lineOf('Datadog Forwarder', await statusOf(bot))).toContain(
    `The configured Forwarder \`${configured}\` does not exist.`,
  );
  await bot.slash('/eks-audit enable prod-a');
  await bot.told('olivia', 'by hand first');
  // Once it is there, the request goes on by itself.
  bot.world.aws.addForwarder({ ...FORWARDER_SEED, name: 'OurForwarder' });
  await bot.click('Approve', await bot.posted('approvals', '[Approve]'));
  expect(await ended(bot)).toContain('is under audit');
  const [filter] = bot.world.aws.logGroup(ACCOUNT, REGION, '/aws/eks/prod-a/cluster')?.filters ?? [];
  expect(filter?.destinationArn).toBe(configured);
});

test('prerequisites are asked for with exact links and values, and nothing is switched on before they hold', async () => {
  await using bot = await startFast({
    seed({ aws, datadog }) {
      datadog.awsAccounts.all.splice(0);
      datadog.cloudSiemActive = false;
      aws.removeFunction(FORWARDER);
    },
  });
  await bot.slash('/eks-audit enable prod-a');
  const card = bot.text(await bot.told('olivia', 'somebody has to do this'));
  expect(card).toContain('https://app.datadoghq.com/integrations/amazon-web-services');
  expect(card).toContain(`AWS Account ID: \`${ACCOUNT}\``);
  expect(card).toContain('https://app.datadoghq.com/security/configuration/siem/setup');
  const link = /https:\/\/us-east-1\.console\.aws\.amazon\.com\/cloudformation[^\s>|]+/.exec(card)?.[0] ?? '';
  const parameters = new URLSearchParams(link.split('quickcreate?')[1]?.replaceAll('&amp;', '&'));
  expect(parameters.get('templateURL')).toBe(
    'https://datadog-cloudformation-template.s3.amazonaws.com/aws/forwarder/latest.yaml',
  );
  expect(parameters.get('param_DdSite')).toBe('datadoghq.com');
  // The API key goes into the stack by the ARN of a secret, never through Slack.
  expect([...parameters.keys()].filter((name) => /key/i.test(name))).toEqual([]);
  expect(card).toContain('DdApiKeySecretArn');
  expect(card).not.toContain(SECRETS.datadogApiKey);
  expect(changed(bot)).toEqual([]);

  await doByHand(bot);
  const plan = bot.text(await bot.posted('approvals', '[Approve]'));
  expect(plan).toContain('11 changes');
  expect(changed(bot)).toEqual([]);
});

async function doByHand({ world }: TestBot): Promise<void> {
  world.datadog.addAwsAccount({ accountId: ACCOUNT });
  world.datadog.cloudSiemActive = true;
  world.aws.addForwarder(FORWARDER_SEED);
}

test('Cloud SIEM counts as on when a filter lets the source through or its content pack is active', async () => {
  await using bot = await startFast({
    seed: ({ datadog, aws }) => {
      datadog.securityFilters.splice(0);
      aws.cluster(`arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`)?.setLogging([]);
    },
  });
  const { datadog } = bot.world;
  const line = async () => lineOf('Cloud SIEM', await statusOf(bot));
  expect(await line()).toContain('(missing): Cloud SIEM does not analyse `source:kubernetes.audit`');
  const off = datadog.addSecurityFilter({ name: 'off', query: '*', isEnabled: false });
  const other = datadog.addSecurityFilter({ name: 'cloudtrail', query: 'source:(cloudtrail OR guardduty)' });
  expect(await line()).toContain('(there are: `off`, `cloudtrail`)');
  other.query = 'source:(cloudtrail OR kubernetes.audit)';
  expect(await line()).toContain('(in sync): Cloud SIEM analyses Kubernetes audit logs (`cloudtrail`)');
  other.query = '-source:kubernetes.audit';
  expect(await line()).toContain('(missing)');
  datadog.setContentPack('kubernetes-audit-logs', { cpActivation: 'activated', status: 'active' });
  expect(await line()).toContain('(in sync): Cloud SIEM analyses Kubernetes audit logs (`Kubernetes Audit Logs`)');
  datadog.cloudSiemActive = false;
  expect(await line()).toContain('(missing): Cloud SIEM is not active');
  expect(off.isEnabled).toBe(false);
});
