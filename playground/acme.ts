/**
 * Acme, the company the demo and the tests play in: who works there, which clusters they run, what is in place. And the
 * configuration a bot at Acme would have.
 */
import { stringify } from 'yaml';
import { SECRETS, type World } from './world.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const FORWARDER = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:DatadogForwarder`;
export const EXTERNAL_ID = 'acme-external-id-7f3a';
/** Where Acme's bot stands on the internet; `connectBot` says which process that is. */
export const PUBLIC_URL = 'https://eks-audit.acme.example';

export const PEOPLE = {
  /** Operator: asks. */
  olivia: 'U0OLIVIA01',
  /** Approver. */
  arjun: 'U0ARJUN001',
  /** Approver, reads Japanese. */
  aiko: 'U0AIKO0001',
  /** Analyst. */
  ana: 'U0ANA00001',
  /** Admin of the bot. */
  ada: 'U0ADA00001',
  guest: 'U0GUEST001',
  left: 'U0LEFT0001',
} as const;

export const CHANNELS = {
  admin: 'C0ADMIN001',
  approvals: 'C0APPROVE1',
  platform: 'C0PLATFORM',
  /** Signals. */
  security: 'C0SECURITY',
  /** Critical and high signals. */
  urgent: 'C0URGENT01',
} as const;

export const USERGROUPS = {
  analysts: 'S0ANALYST1',
  /** Mentioned by urgent signals. */
  soc: 'S0SOC00001',
  /** Mentioned when nobody of the SOC took one. */
  oncall: 'S0ONCALL01',
} as const;

/** Where a story is not about the rules themselves, five of the pack are enough and quicker made. */
export const STARTER_RULES = [
  'anonymous-access',
  'cluster-admin-binding',
  'exec-into-pod',
  'privileged-pod',
  'secrets-listed-cluster-wide',
];

/** Acme's Forwarder, as Datadog's template installs it. */
export const FORWARDER_SEED = {
  account: ACCOUNT,
  region: REGION,
  name: 'DatadogForwarder',
  policy: 'template',
  apiKey: SECRETS.datadogApiKey,
  site: 'datadoghq.com',
  version: '5.4.11',
} as const;

const READER = [
  'eks:List*',
  'eks:Describe*',
  'logs:Describe*',
  'logs:FilterLogEvents',
  'lambda:List*',
  'lambda:Get*',
  'cloudwatch:GetMetricData',
];
const OPERATOR = [
  ...READER,
  'eks:UpdateClusterConfig',
  'logs:PutSubscriptionFilter',
  'logs:DeleteSubscriptionFilter',
  'logs:PutRetentionPolicy',
  'lambda:AddPermission',
  'lambda:RemovePermission',
];

/** People, channels, account, roles, Datadog with everything in place, and two clusters, of which one is watched. */
export function seedAcme(world: World): void {
  const { slack, aws, datadog } = world;
  slack.addUser({ id: PEOPLE.olivia, name: 'olivia' });
  slack.addUser({ id: PEOPLE.arjun, name: 'arjun' });
  slack.addUser({ id: PEOPLE.aiko, name: 'aiko', locale: 'ja-JP', tz: 'Asia/Tokyo' });
  slack.addUser({ id: PEOPLE.ana, name: 'ana' });
  slack.addUser({ id: PEOPLE.ada, name: 'ada' });
  slack.addUser({ id: PEOPLE.guest, name: 'guest', isRestricted: true });
  slack.addUser({ id: PEOPLE.left, name: 'left', deleted: true });
  slack.addUserGroup({ id: USERGROUPS.analysts, handle: 'analysts', members: [PEOPLE.ana] });
  slack.addUserGroup({ id: USERGROUPS.soc, handle: 'soc', members: [PEOPLE.ana, PEOPLE.aiko] });
  slack.addUserGroup({ id: USERGROUPS.oncall, handle: 'oncall', members: [PEOPLE.olivia] });
  const everyone = Object.values(PEOPLE);
  slack.addChannel({ id: CHANNELS.admin, name: 'eks-audit-admin', members: [PEOPLE.ada] });
  slack.addChannel({ id: CHANNELS.approvals, name: 'audit-approvals', members: everyone });
  slack.addChannel({ id: CHANNELS.platform, name: 'platform', members: everyone, bot: false });
  slack.addChannel({ id: CHANNELS.security, name: 'security', members: everyone });
  slack.addChannel({ id: CHANNELS.urgent, name: 'security-urgent', members: everyone });

  aws.addAccount(ACCOUNT);
  const trust = { trustedBy: ['arn:aws:iam::999988887777:role/eks-audit-bot'], externalId: EXTERNAL_ID };
  aws.addRole({ arn: roleArn('EksAuditReader'), ...trust, allow: READER });
  aws.addRole({ arn: roleArn('EksAuditOperator'), ...trust, allow: OPERATOR });
  aws.addRole({ arn: roleArn('EksAuditOff'), ...trust, allow: OPERATOR });
  aws.addForwarder(FORWARDER_SEED);
  aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-a' });
  aws.addCluster({ account: ACCOUNT, region: REGION, name: 'staging', logging: ['audit'] });

  datadog.addApiKey(SECRETS.datadogApiKey);
  datadog.addApplicationKey({ key: SECRETS.datadogAppKey, owner: 'eks-audit@acme.example', permissions: 'all' });
  datadog.addAwsAccount({ accountId: ACCOUNT, roleName: 'DatadogIntegrationRole' });
  datadog.addSecurityFilter({ name: 'all ingested logs', query: '*', isEnabled: true, isBuiltin: true });
}

/** What the bot at Acme is started with: environment and the text of its configuration file. */
export function acmeConfig(world: World, options: AcmeOptions): { env: Record<string, string>; yaml: string } {
  const env = {
    SLACK_BOT_TOKEN: SECRETS.slackBotToken,
    SLACK_SIGNING_SECRET: SECRETS.slackSigningSecret,
    SLACK_API_URL: `${world.urls.slack}/api`,
    DD_API_KEY: SECRETS.datadogApiKey,
    DD_APP_KEY: SECRETS.datadogAppKey,
    DD_API_URL: world.urls.datadog,
    WEBHOOK_TOKEN: SECRETS.webhookToken,
    PUBLIC_URL,
    DATA_DIR: options.dataDir,
    PORT: '0',
    HOST: '127.0.0.1',
    AWS_ENDPOINT_URL: world.urls.aws,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'AKIAPLAYGROUNDBOT0001',
    AWS_SECRET_ACCESS_KEY: SECRETS.awsSecretKey,
    ...options.env,
  };
  const file = {
    language: 'en',
    admin_channel: CHANNELS.admin,
    aws: {
      accounts: [
        {
          id: ACCOUNT,
          name: 'production',
          regions: [REGION],
          roles: {
            reader: roleArn('EksAuditReader'),
            operator: roleArn('EksAuditOperator'),
            audit_off: roleArn('EksAuditOff'),
          },
          external_id: EXTERNAL_ID,
        },
      ],
    },
    roles: {
      admins: { users: [PEOPLE.ada] },
      operators: { users: [PEOPLE.olivia] },
      approvers: { users: [PEOPLE.arjun, PEOPLE.aiko, PEOPLE.olivia] },
      analysts: { usergroups: [USERGROUPS.analysts] },
    },
    approvals: { channel: CHANNELS.approvals },
    signals: {
      channel: CHANNELS.security,
      routes: [
        {
          match: { severity: ['critical', 'high'] },
          channel: CHANNELS.urgent,
          mention: USERGROUPS.soc,
          escalate: { after: scaled(world.time.speed, 900_000, 4_000), mention: USERGROUPS.oncall },
        },
      ],
    },
    rules: { only: STARTER_RULES },
    timing: { ...scaledTiming(world.time.speed), ...options.timing },
    ...options.file,
  };
  return { env, yaml: stringify(file) };
}

export interface AcmeOptions {
  dataDir: string;
  env?: Record<string, string>;
  /** Replaces whole sections of the configuration file. */
  file?: Record<string, unknown>;
  /** Replaces single intervals of `timing`. */
  timing?: Record<string, string>;
}

/** What our webhook sends, as onboarding makes it. */
export const WEBHOOK_PAYLOAD = JSON.stringify({
  v: 1,
  kind: 'dd.security_signal',
  signal_id: '$SECURITY_SIGNAL_ID',
  rule_id: '$SECURITY_RULE_ID',
  rule_type: '$SECURITY_RULE_TYPE',
  severity: '$SECURITY_SIGNAL_SEVERITY',
  org_id: '$ORG_ID',
  date: '$DATE',
});

/** Datadog's side of onboarding's last step, for whoever begins where signals come. */
export function addSignalWebhook({ datadog }: World, { url = PUBLIC_URL, payload = WEBHOOK_PAYLOAD } = {}): void {
  datadog.addCustomVariable({ name: 'EKS_AUDIT_WEBHOOK_TOKEN', value: SECRETS.webhookToken, is_secret: true });
  datadog.addWebhook({
    name: 'eks-audit',
    url: `${url}/webhooks/datadog`,
    payload,
    custom_headers: JSON.stringify({ Authorization: 'Bearer $EKS_AUDIT_WEBHOOK_TOKEN' }),
  });
  datadog.addNotificationRule({
    name: 'eks-audit',
    selectors: { query: 'source:kubernetes.audit', trigger_source: 'security_signals' },
    targets: ['@webhook-eks-audit'],
  });
}

/** Slack's deliveries and Datadog's webhooks reach the bot that listens at this address of the machine. */
export function connectBot({ slack, datadog }: World, url: string): void {
  slack.connect({ eventsUrl: `${url}/slack/events` });
  datadog.sender.names.set(PUBLIC_URL, url);
}

function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

/** The bot waits as much shorter as the world is faster; below a few milliseconds nothing is gained. */
function scaled(speed: number, real: number, least: number): string {
  return `${Math.max(least, Math.round(real / speed))}ms`;
}

function scaledTiming(speed: number): Record<string, string> {
  const ms = (real: number, least: number) => scaled(speed, real, least);
  return {
    poll: ms(12_000, 40),
    sweep: ms(5_000, 500),
    prerequisites: ms(60_000, 300),
    permission_propagation: ms(300_000, 1_500),
    update_deadline: ms(900_000, 10_000),
    group_deadline: ms(900_000, 4_000),
    arrival_deadline: ms(600_000, 4_000),
    lookup_for: ms(60_000, 500),
    adopt_for: ms(10_000, 500),
    lease: '15s',
    http_timeout: '5s',
    message_pace: ms(1_000, 20),
    edit_pace: ms(1_200, 20),
    signals_poll: ms(30_000, 200),
    signal_read_for: ms(5_000, 500),
    storm_window: ms(60_000, 2_000),
  };
}
