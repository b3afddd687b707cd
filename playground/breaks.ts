/**
 * One broken link each: what is broken, and the conversation that must follow instead of a false success. The demo
 * plays them (`--break <link>`), and each is a test.
 */

import { parseQuery } from '../src/rules/query.ts';
import { ACCOUNT, FORWARDER, FORWARDER_SEED, REGION } from './acme.ts';
import { throttled } from './aws/wire.ts';
import type { Conversation } from './conversation.ts';
import { datadogRateLimited } from './datadog/answers.ts';
import { SECRETS, type World } from './world.ts';

export interface Break {
  /** What is broken, in one line. */
  what: string;
  seed?: (world: World) => void;
  tell: (world: World, talk: Conversation) => Promise<void>;
}

const PROD_A = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/prod-a`;
const GROUP = '/aws/eks/prod-a/cluster';
const OPERATOR = `arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`;

export const BREAKS: Record<string, Break> = {
  'no-integration': {
    what: 'Datadog does not know the AWS account',
    seed: ({ datadog }) => datadog.awsAccounts.all.splice(0),
    tell: (world, talk) => refusedBeforehand(world, talk, 'Datadog does not know AWS account'),
  },
  'no-forwarder': {
    what: 'no Datadog Forwarder in the Region',
    seed: ({ aws }) => aws.removeFunction(FORWARDER),
    tell: (world, talk) => refusedBeforehand(world, talk, 'Install it with Datadog’s CloudFormation template'),
  },
  'second-forwarder': {
    what: 'two Datadog Forwarders: a person chooses',
    seed: ({ aws }) => void aws.addForwarder({ ...FORWARDER_SEED, name: 'OldForwarder' }),
    async tell(world, talk) {
      await talk.types('olivia', '/eks-audit enable prod-a');
      await talk.tells('olivia', 'by hand first');
      const question = await talk.tells('olivia', 'There are 2 Datadog Forwarders');
      await talk.clicks('olivia', 'Use this one: DatadogForwarder', question);
      await talk.tells('olivia', 'is used for this account and Region');
      await approveAndEnd(talk, 'is under audit');
      await talk.expects('the filter targets the chosen one', () =>
        filters(world).some((f) => f.destinationArn === FORWARDER),
      );
    },
  },
  'dd-source': {
    what: 'DD_SOURCE is set on the Forwarder',
    seed: (world) => setForwarder(world, { DD_SOURCE: 'eks' }),
    tell: (world, talk) => refusedBeforehand(world, talk, '`DD_SOURCE` is set'),
  },
  'wrong-site': {
    what: 'the Forwarder ships to another Datadog site',
    seed: (world) => setForwarder(world, { DD_SITE: 'datadoghq.eu' }),
    tell: (world, talk) => refusedBeforehand(world, talk, 'DD_SITE=datadoghq.com'),
  },
  'siem-filter': {
    what: 'no Cloud SIEM security filter covers Kubernetes audit logs',
    seed({ datadog }) {
      datadog.securityFilters.splice(0);
      datadog.addSecurityFilter({ name: 'cloudtrail only', query: 'source:cloudtrail', isEnabled: true });
    },
    tell: (world, talk) => refusedBeforehand(world, talk, 'Kubernetes Audit Logs content pack'),
  },
  'missing-scope': {
    what: 'the Datadog application key may not read logs, so nothing could be proven',
    seed({ datadog }) {
      const key = datadog.applicationKeys.get(SECRETS.datadogAppKey);
      if (key) key.permissions = ALL_BUT_LOGS;
    },
    tell: (world, talk) => refusedBeforehand(world, talk, 'Grant `logs_read_data`'),
  },
  'external-id': {
    what: 'the ExternalId in the configuration is not the one the role trusts',
    seed({ aws }) {
      for (const name of ['EksAuditReader', 'EksAuditOperator']) {
        const role = aws.identities.role(`arn:aws:iam::${ACCOUNT}:role/${name}`);
        if (role) role.externalId = 'another-one';
      }
    },
    async tell(_world, talk) {
      await talk.types('olivia', '/eks-audit list');
      await talk.tells('olivia', 'trust policy and ExternalId');
      await talk.types('olivia', '/eks-audit enable prod-a');
      await talk.tells('olivia', 'could not be read');
    },
  },
  'infrequent-access': {
    what: 'the log group was pre-created in the Infrequent Access class',
    seed: ({ aws }) =>
      void aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP, class: 'INFREQUENT_ACCESS' }),
    async tell(world, talk) {
      await talk.types('olivia', '/eks-audit enable prod-a');
      await talk.tells('olivia', 'can never be subscribed');
      await nothingChanged(world, talk);
    },
  },
  'connected-cluster': {
    what: 'the cluster is only connected to EKS',
    seed: ({ aws }) => void aws.addCluster({ account: ACCOUNT, region: REGION, name: 'on-prem', connected: true }),
    async tell(world, talk) {
      await talk.types('olivia', '/eks-audit enable on-prem');
      await talk.tells('olivia', 'connected cluster');
      await nothingChanged(world, talk);
    },
  },
  'subnet-ips': {
    what: 'the EKS update fails minutes later for want of free addresses',
    seed({ aws }) {
      const cluster = aws.cluster(PROD_A);
      if (cluster)
        cluster.failNextUpdate = {
          errorCode: 'IpNotAvailable',
          errorMessage: 'One or more of the provided subnets does not have enough free IP addresses',
          resourceIds: ['subnet-0a'],
        };
    },
    tell: (_world, talk) => stoppedInTheRun(talk, 'five free addresses'),
  },
  'foreign-update': {
    what: 'EKS is busy with somebody else’s update',
    async tell({ aws }, talk) {
      await ask(talk);
      aws.cluster(PROD_A)?.foreignUpdate({ durationMs: 300_000, shownAs: 'ACTIVE' });
      await approveAndEnd(talk, 'another one is running');
      await talk.posts('approvals', 'is under audit');
    },
  },
  'denied-by-iam': {
    what: 'the operator role may not change the cluster',
    seed({ aws }) {
      const role = aws.identities.role(OPERATOR);
      if (role) role.allow = role.allow.filter((statement) => statement.Action !== 'eks:UpdateClusterConfig');
    },
    tell: (_world, talk) => stoppedInTheRun(talk, 'Add `eks:UpdateClusterConfig` to it'),
  },
  'no-invoke-permission': {
    what: 'the Forwarder’s policy does not let CloudWatch Logs in, and new permissions take a while to spread',
    seed({ aws }) {
      aws.removeFunction(FORWARDER);
      aws.addForwarder({ ...FORWARDER_SEED, policy: 'none' });
      aws.permissionPropagationMs = 180_000;
    },
    async tell(_world, talk) {
      await talk.types('olivia', '/eks-audit enable prod-a');
      await talk.tells('olivia', 'waiting for approval');
      const card = await talk.posts('approvals', 'Allow CloudWatch Logs to invoke');
      await talk.clicks('arjun', 'Approve', card);
      await talk.tells('arjun', 'Approved');
      await talk.posts('approvals', 'up to five minutes to spread');
      await talk.posts('approvals', 'is under audit');
    },
  },
  'policy-full': {
    what: 'the Forwarder’s resource policy has no room for a statement',
    seed({ aws }) {
      aws.removeFunction(FORWARDER);
      const policy = Array.from({ length: 200 }, (_, i) =>
        lambdaStatement(`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/service-${i}:*`),
      );
      // The limit is 20 480 bytes for the whole policy; one more statement must not fit.
      while (JSON.stringify(policy).length + policy.length * 'seed-000'.length > 20_200) policy.pop();
      aws.addForwarder({ ...FORWARDER_SEED, policy });
    },
    tell: (_world, talk) => stoppedInTheRun(talk, 'is full'),
  },
  'slots-full': {
    what: 'all subscription filters of the log group are taken',
    seed({ aws }) {
      const group = aws.addLogGroup({ account: ACCOUNT, region: REGION, name: GROUP });
      for (const name of ['archive', 'other-siem']) {
        const { arn } = aws.addFunction({ account: ACCOUNT, region: REGION, name });
        aws.addFilter({ group, name, destinationArn: arn });
      }
    },
    tell: (_world, talk) => stoppedInTheRun(talk, '`archive`, `other-siem` take all slots'),
  },
  'auto-subscription': {
    what: 'Datadog’s automatic subscription covers the group already: ours would deliver twice',
    seed({ aws, datadog }) {
      datadog.awsAccounts.all.splice(0);
      datadog.addAwsAccount({
        accountId: ACCOUNT,
        roleName: 'DatadogIntegrationRole',
        lambdas: [FORWARDER],
        sources: ['eks'],
      });
      aws.autoSubscribe({ account: ACCOUNT, region: REGION, forwarderArn: FORWARDER, delayMs: 60_000 });
    },
    async tell(world, talk) {
      await ask(talk);
      await approveAndEnd(talk, 'is under audit');
      await talk.expects(
        'there is one filter, and it is Datadog’s',
        () =>
          filters(world)
            .map((f) => f.filterName)
            .join() === 'DD_LOG_SUBSCRIPTION_FILTER__aws_eks_prod_a_cluster',
      );
    },
  },
  'wrong-api-key': {
    what: 'the Forwarder’s Datadog API key is not valid, which no setting shows',
    seed({ aws }) {
      aws.removeFunction(FORWARDER);
      aws.addForwarder({ ...FORWARDER_SEED, apiKey: 'revoked-key' });
    },
    tell: (_world, talk) =>
      stoppedInTheRun(talk, 'CloudWatch Logs has the audit events, but they did not reach Datadog'),
  },
  'hidden-logs': {
    what: 'a restriction query hides the logs from our key',
    seed({ datadog }) {
      const key = datadog.applicationKeys.get(SECRETS.datadogAppKey);
      if (key) key.restriction = parseQuery('-*');
    },
    tell: (_world, talk) => stoppedInTheRun(talk, 'did not reach Datadog'),
  },
  'aws-throttling': {
    what: 'AWS throttles half a minute long',
    seed: ({ door }) =>
      void door.fail({ service: 'eks', operation: 'UpdateClusterConfig', times: 6, answer: throttled('eks') }),
    async tell(_world, talk) {
      await ask(talk);
      await approveAndEnd(talk, 'is under audit');
    },
  },
  'datadog-throttling': {
    what: 'Datadog limits our calls',
    seed: ({ door }) =>
      void door.fail({
        service: 'datadog',
        operation: 'CreateSecurityMonitoringRule',
        times: 3,
        answer: datadogRateLimited(1),
      }),
    async tell(world, talk) {
      await ask(talk);
      await approveAndEnd(talk, 'is under audit');
      await talk.expects(
        'each rule exists once',
        () => world.datadog.rules.all.filter((r) => r.tags.includes('managed-by:eks-audit')).length === 5,
      );
    },
  },
  'foreign-webhook': {
    what: 'a webhook of our name belongs to somebody else',
    seed: ({ datadog }) => void datadog.addWebhook({ name: 'eks-audit', url: 'https://elsewhere.example' }),
    async tell(world, talk) {
      await talk.types('olivia', '/eks-audit enable prod-a');
      await talk.tells('olivia', 'is not ours');
      await nothingChanged(world, talk);
    },
  },
};

const ALL_BUT_LOGS = [
  'aws_configuration_read',
  'security_monitoring_filters_read',
  'security_monitoring_rules_read',
  'security_monitoring_rules_write',
  'security_monitoring_notification_profiles_read',
  'security_monitoring_notification_profiles_write',
  'integrations_read',
  'create_webhooks',
  'manage_integrations',
];

/** The request waits for a person, says for what, and nothing is changed meanwhile. */
async function refusedBeforehand(world: World, talk: Conversation, says: string): Promise<void> {
  await talk.types('olivia', '/eks-audit enable prod-a');
  await talk.tells('olivia', 'by hand first');
  await talk.tells('olivia', says);
  await nothingChanged(world, talk);
}

async function nothingChanged({ door }: World, talk: Conversation): Promise<void> {
  await talk.expects(
    'nothing was changed in AWS or Datadog',
    () => !door.writes.some((write) => !write.startsWith('slack')),
  );
}

/** Asks for prod-a, approves, and waits until it is under audit. */
export async function enablesProdA(talk: Conversation): Promise<void> {
  await ask(talk);
  await approveAndEnd(talk, 'is under audit');
}

async function ask(talk: Conversation): Promise<void> {
  await talk.types('olivia', '/eks-audit enable prod-a');
  await talk.tells('olivia', 'waiting for approval');
}

async function approveAndEnd(talk: Conversation, ending: string): Promise<void> {
  const card = await talk.posts('approvals', '[Approve]');
  await talk.clicks('arjun', 'Approve', card);
  await talk.tells('arjun', 'Approved');
  await talk.posts('approvals', ending);
}

async function stoppedInTheRun(talk: Conversation, says: string): Promise<void> {
  await ask(talk);
  await approveAndEnd(talk, 'the run stopped');
  await talk.tells('olivia', says);
}

function setForwarder({ aws }: World, env: Record<string, string>): void {
  const forwarder = aws.functionByArn(FORWARDER);
  if (forwarder) Object.assign(forwarder.env, env);
}

function filters({ aws }: World) {
  return aws.logGroup(ACCOUNT, REGION, GROUP)?.filters ?? [];
}

function lambdaStatement(sourceArn: string) {
  return {
    Effect: 'Allow' as const,
    Principal: { Service: 'logs.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: FORWARDER,
    Condition: { StringEquals: { 'AWS:SourceAccount': ACCOUNT }, ArnLike: { 'AWS:SourceArn': sourceArn } },
  };
}
