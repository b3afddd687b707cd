/**
 * For each Datadog operation the bot calls: how its own reader is called for a recorded exchange, and what it must
 * make of the recorded answer. A new call in `src/` needs an entry here as soon as a recording of it exists.
 */
import { expect } from 'vitest';
import { findIntegration } from '../../src/datadog/aws-integration.ts';
import type { Datadog } from '../../src/datadog/client.ts';
import { countLogs, searchLogs } from '../../src/datadog/logs.ts';
import type { RulePayload } from '../../src/datadog/rules.ts';
import {
  createRule,
  deleteRule,
  getRule,
  listOwnRules,
  OWN_TAG,
  terraformOf,
  updateRule,
  validateRule,
} from '../../src/datadog/rules.ts';
import { listSecurityFilters } from '../../src/datadog/siem.ts';
import { setAssignee, setState } from '../../src/datadog/signals.ts';
import {
  createSuppression,
  deleteSuppression,
  type NewSuppression,
  validateSuppression,
} from '../../src/datadog/suppressions.ts';
import {
  createNotificationRule,
  createWebhook,
  deleteNotificationRule,
  deleteVariable,
  deleteWebhook,
  getWebhook,
  listNotificationRules,
  putSecretVariable,
  updateWebhook,
} from '../../src/datadog/webhooks.ts';
import { getSignal } from '../../src/signals/fetch.ts';
import type { Exchange } from './datadog-recordings.ts';

export type Json = Record<string, unknown>;

export interface Reader {
  /** Calls the bot's function; whatever it expects of the result is about answers of success only. */
  read(datadog: Datadog, exchange: Exchange): Promise<void>;
  /** The exchange as it would have been for the bot, where somebody else's answer has nothing of interest. */
  adapt?(exchange: Exchange): Exchange;
  /** Answers to other calls the function makes on its way. */
  others?(exchange: Exchange): Exchange[];
  /** Failures that the function takes for an outcome and does not throw. */
  swallows?: readonly number[];
  /** What is sent and no recording shows: paths that Datadog's documentation has. */
  documented?: readonly string[];
}

const WEBHOOK = { url: 'https://bot.example.com/webhooks/datadog', payload: '{}', headers: '{}' };

/** A new-value rule, the kind with the most fields. */
const RULE: RulePayload = {
  name: 'exec into a pod by somebody new',
  type: 'log_detection',
  isEnabled: true,
  message: 'Ask {{@usr.name}}.',
  hasExtendedTitle: true,
  tags: [OWN_TAG],
  queries: [
    {
      name: '',
      query: 'source:kubernetes.audit @objectRef.subresource:exec',
      dataSource: 'logs',
      aggregation: 'new_value',
      groupByFields: ['@aws.awslogs.logGroup'],
      distinctFields: [],
      metrics: ['@usr.name'],
      metric: '@usr.name',
    },
  ],
  options: {
    detectionMethod: 'new_value',
    keepAlive: 3600,
    maxSignalDuration: 86_400,
    decreaseCriticalityBasedOnEnv: false,
    newValueOptions: {
      forgetAfter: 7,
      learningDuration: 1,
      learningMethod: 'duration',
      learningThreshold: 0,
      instantaneousBaseline: true,
    },
  },
  cases: [{ name: '', status: 'medium', notifications: [] }],
};

const SUPPRESSION: NewSuppression = {
  name: 'eks-audit: ci-bot',
  description: 'Asked for by Olivia, approved by Arjun.',
  ruleQuery: 'type:log_detection source:kubernetes.audit',
  suppressionQuery: '@usr.name:ci-bot',
  expiresAt: new Date('2026-12-01T00:00:00Z'),
  tags: [OWN_TAG],
};

export const READERS: Readonly<Record<string, Reader>> = {
  ListAWSAccounts: {
    async read(datadog, exchange) {
      for (const { id, attributes } of list(exchange)) {
        const { aws_account_id: accountId, auth_config: auth, logs_config: logs } = attributes;
        const forwarder = object(object(logs).lambda_forwarder);
        expect(await findIntegration(datadog, String(accountId))).toEqual({
          configId: id,
          roleName: object(auth).role_name,
          autoSubscribes: { forwarders: forwarder.lambdas, services: forwarder.sources },
        });
      }
      expect(await findIntegration(datadog, '000000000000')).toBeUndefined();
    },
  },
  ListLogs: {
    async read(datadog, exchange) {
      const found = await searchLogs(datadog, '*', new Date(0), new Date(), 5);
      expect(found.map(({ id }) => id)).toEqual(list(exchange).map(({ id }) => id));
    },
  },
  ListSecurityFilters: {
    async read(datadog, exchange) {
      const filters = list(exchange).map(({ attributes: { name, query, is_enabled: enabled } }) => ({
        name,
        query,
        enabled,
      }));
      expect(await listSecurityFilters(datadog)).toEqual(filters);
    },
  },
  GetWebhooksIntegration: {
    swallows: [404],
    async read(datadog, exchange) {
      const { url, payload, custom_headers: headers } = body(exchange);
      const found = await getWebhook(datadog, lastOf(exchange));
      expect(found).toEqual({ url, payload, headers: headers ?? undefined });
    },
  },
  CreateWebhooksIntegration: { read: (datadog) => createWebhook(datadog, 'eks-audit', WEBHOOK) },
  UpdateWebhooksIntegration: { read: (datadog, exchange) => updateWebhook(datadog, lastOf(exchange), WEBHOOK) },
  DeleteWebhooksIntegration: {
    swallows: [404],
    read: (datadog, exchange) => deleteWebhook(datadog, lastOf(exchange)),
  },
  CreateWebhooksIntegrationCustomVariable: {
    others: () => [variable('EKS_AUDIT', 404, { errors: ['Custom variable does not exist'] })],
    read: (datadog) => putSecretVariable(datadog, 'EKS_AUDIT', 'secret'),
  },
  UpdateWebhooksIntegrationCustomVariable: {
    others: (exchange) => [variable(lastOf(exchange), 200, exchange.response.body)],
    read: (datadog, exchange) => putSecretVariable(datadog, lastOf(exchange), 'secret'),
  },
  DeleteWebhooksIntegrationCustomVariable: {
    swallows: [404],
    read: (datadog, exchange) => deleteVariable(datadog, lastOf(exchange)),
  },
  GetSignalNotificationRules: {
    async read(datadog, exchange) {
      expect(await listNotificationRules(datadog)).toEqual(list(exchange).map(notificationRule));
    },
  },
  CreateSignalNotificationRule: {
    async read(datadog, exchange) {
      const wanted = {
        name: 'eks-audit',
        query: 'source:kubernetes.audit',
        severities: ['high'],
        targets: ['@webhook-a'],
      };
      const { data } = body(exchange);
      expect(await createNotificationRule(datadog, wanted)).toEqual(notificationRule(data as Item));
    },
  },
  DeleteSignalNotificationRule: {
    swallows: [404],
    read: (datadog, exchange) => deleteNotificationRule(datadog, lastOf(exchange)),
  },
  ListSecurityMonitoringRules: {
    // The first rule stays somebody else's.
    adapt(exchange) {
      const data = list(exchange).map((rule, i) => (i === 0 ? rule : { ...rule, tags: [OWN_TAG] }));
      return { ...exchange, response: { status: exchange.response.status, body: { ...body(exchange), data } } };
    },
    async read(datadog, exchange) {
      const [, ...own] = list(exchange);
      expect((await listOwnRules(datadog)).map(({ wire }) => wire)).toEqual(own);
    },
  },
  GetSecurityMonitoringRule: {
    swallows: [404],
    async read(datadog, exchange) {
      expect(await getRule(datadog, lastOf(exchange))).toEqual(existingRule(exchange));
    },
  },
  CreateSecurityMonitoringRule: {
    async read(datadog, exchange) {
      expect(await createRule(datadog, RULE)).toEqual(existingRule(exchange));
    },
  },
  ValidateSecurityMonitoringRule: {
    read: (datadog) => validateRule(datadog, RULE),
  },
  UpdateSecurityMonitoringRule: {
    async read(datadog, exchange) {
      expect(await updateRule(datadog, lastOf(exchange), RULE)).toEqual(existingRule(exchange));
    },
  },
  ConvertExistingSecurityMonitoringRule: {
    async read(datadog, exchange) {
      expect(await terraformOf(datadog, 'abc-def-ghi')).toBe(body(exchange).terraformContent);
    },
  },
  AggregateLogs: {
    // https://docs.datadoghq.com/api/latest/logs/#aggregate-events
    documented: ['compute', 'compute[].aggregation', 'compute[].type'],
    async read(datadog, exchange) {
      const [bucket] = object(body(exchange).data).buckets as Json[];
      const [count] = Object.values(object(bucket?.computes));
      expect(await countLogs(datadog, '*', new Date(0), new Date())).toBe(typeof count === 'number' ? count : 0);
    },
  },
  DeleteSecurityMonitoringRule: {
    swallows: [404],
    read: (datadog, exchange) => deleteRule(datadog, lastOf(exchange)),
  },
  GetSecurityMonitoringSignal: {
    async read(datadog, exchange) {
      const { id, attributes } = body(exchange).data as Item;
      const { custom, gated } = attributes;
      const { workflow, title } = object(custom);
      const { events_matched: events, first_seen: first, last_seen: last } = object(object(gated).workflow);
      const rule = object(object(workflow).rule);
      const samples = object(gated).samples as Json[];
      const signal = await getSignal(datadog, id);
      expect(signal).toMatchObject({
        id,
        title,
        severity: attributes.status,
        rule: { id: rule.id, name: rule.name, shipped: false },
        at: attributes.timestamp,
        firstSeen: first,
        lastSeen: last,
        events,
        tags: attributes.tags,
        triage: { state: 'open', assignee: undefined },
        clusters: [],
      });
      expect(signal?.message).toBe(String(attributes.message).replaceAll('%%%', '').trim());
      expect(samples.map(({ eventId }) => eventId)).toEqual(
        expect.arrayContaining(signal?.samples.map(({ eventId }) => eventId) ?? []),
      );
      expect(signal?.samples.length).toBe(Math.min(5, samples.length));
    },
  },
  EditSecurityMonitoringSignalState: {
    async read(datadog, exchange) {
      const id = signalOf(exchange);
      expect(await setState(datadog, [id], { state: 'open' })).toEqual({ changed: [id], failed: [] });
    },
  },
  EditSecurityMonitoringSignalAssignee: {
    async read(datadog, exchange) {
      const id = signalOf(exchange);
      expect(await setAssignee(datadog, [id], undefined)).toEqual({ changed: [id], failed: [] });
    },
  },
  CreateSecurityMonitoringSuppression: {
    async read(datadog, exchange) {
      expect(await createSuppression(datadog, SUPPRESSION)).toBe((body(exchange).data as Item).id);
    },
  },
  ValidateSecurityMonitoringSuppression: { read: (datadog) => validateSuppression(datadog, SUPPRESSION) },
  DeleteSecurityMonitoringSuppression: {
    swallows: [404],
    read: (datadog, exchange) => deleteSuppression(datadog, lastOf(exchange)),
  },
};

interface Item {
  id: string;
  attributes: Json;
}

function body({ response }: Exchange): Json {
  return object(response.body);
}

function list(exchange: Exchange): Item[] {
  return body(exchange).data as Item[];
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function lastOf({ request }: Exchange): string {
  return request.url.split('/').at(-1) ?? '';
}

/** `/signals/{signal_id}/state` */
function signalOf({ request }: Exchange): string {
  return request.url.split('/').at(-2) ?? '';
}

function variable(name: string, status: number, answered: unknown): Exchange {
  const url = `/api/v1/integration/webhooks/configuration/custom-variables/${name}`;
  return { request: { method: 'GET', url }, response: { status, body: answered } };
}

function notificationRule({ id, attributes }: Item): Json {
  const { name, enabled, selectors, targets } = attributes;
  const { query, severities } = object(selectors);
  return { id, name, enabled, query, severities, targets };
}

function existingRule(exchange: Exchange): Json {
  const wire = body(exchange);
  return { id: wire.id, name: wire.name, enabled: wire.isEnabled, shipped: wire.isDefault, packId: undefined, wire };
}
