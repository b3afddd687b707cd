/**
 * Datadog rings our webhook for every Kubernetes audit signal: a secret variable, the webhook that carries it, and one
 * notification rule, which covers present and future rules alike. Without a public URL there is nothing to ring, and
 * signals are polled.
 */
import {
  createNotificationRule,
  createWebhook,
  deleteNotificationRule,
  deleteVariable,
  deleteWebhook,
  getWebhook,
  hasVariable,
  listNotificationRules,
  putSecretVariable,
  updateWebhook,
  type Webhook,
} from '../../datadog/webhooks.ts';
import { withLease } from '../../db/leases.ts';
import type { Change } from '../change.ts';
import { createOnce } from '../create-once.ts';
import type { WebhookPart } from '../finding.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';

const NAME = 'eks-audit';
const VARIABLE = 'EKS_AUDIT_WEBHOOK_TOKEN';
const QUERY = 'source:kubernetes.audit';
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];

/** Only fields whose values cannot break JSON: Datadog substitutes text without escaping, and titles hold what attackers type. */
const PAYLOAD = JSON.stringify({
  v: 1,
  kind: 'dd.security_signal',
  signal_id: '$SECURITY_SIGNAL_ID',
  rule_id: '$SECURITY_RULE_ID',
  rule_type: '$SECURITY_RULE_TYPE',
  severity: '$SECURITY_SIGNAL_SEVERITY',
  org_id: '$ORG_ID',
  date: '$DATE',
});
const HEADERS = JSON.stringify({ Authorization: `Bearer $${VARIABLE}` });

export const signalWebhook: Step = {
  id: 'signal-webhook',
  scope: 'organisation',
  async check({ datadog, config }) {
    const url = webhookUrl(config.PUBLIC_URL);
    if (!url) return { step: 'signal-webhook', state: 'in-sync', finding: { code: 'webhook-polling' } };
    const [variable, webhook, rules] = await Promise.all([
      hasVariable(datadog, VARIABLE),
      getWebhook(datadog, NAME),
      listNotificationRules(datadog),
    ]);
    if (webhook && !isOurs(webhook))
      return {
        step: 'signal-webhook',
        state: 'blocked',
        finding: { code: 'webhook-taken', name: NAME, url: webhook.url },
      };
    const needs: WebhookPart[] = [];
    if (!variable) needs.push('variable');
    if (!webhook || webhook.url !== url || webhook.payload !== PAYLOAD) needs.push('webhook');
    const rings = rules.some((r) => r.enabled && r.query === QUERY && r.targets.includes(`@webhook-${NAME}`));
    // Ours, but not as we made it, is somebody's decision: making a second one beside it would undo that.
    const edited = !rings && rules.some(isOurRule);
    if (!rings && !edited) needs.push('notification-rule');
    if (needs.length === 0) {
      if (edited)
        return { step: 'signal-webhook', state: 'drifted', finding: { code: 'notification-rule-edited', name: NAME } };
      return { step: 'signal-webhook', state: 'in-sync', finding: { code: 'webhook-in-sync', url } };
    }
    return {
      step: 'signal-webhook',
      state: 'missing',
      finding: { code: 'webhook-missing', url, needs, exists: webhook !== undefined },
    };
  },
  plan({ finding }) {
    if (finding.code !== 'webhook-missing') return [];
    const { url, needs, exists } = finding;
    const changes: Record<WebhookPart, Change> = {
      variable: { step: 'signal-webhook', target: VARIABLE, operation: 'put-secret-variable', values: {} },
      webhook: {
        step: 'signal-webhook',
        target: NAME,
        operation: exists ? 'update-webhook' : 'create-webhook',
        values: { url },
      },
      'notification-rule': {
        step: 'signal-webhook',
        target: NAME,
        operation: 'create-notification-rule',
        values: { query: QUERY, severities: SEVERITIES },
      },
    };
    return needs.map((part) => changes[part]);
  },
  apply(context, change) {
    return withLease(context, 'datadog:webhook', context.config.timing.lease * 2, () => applyShared(context, change));
  },
  undo(change) {
    const gone = { step: 'signal-webhook' as const, target: change.target };
    if (change.operation === 'put-secret-variable')
      return [{ ...gone, operation: 'delete-secret-variable', values: {} }];
    if (change.operation === 'create-webhook') return [{ ...gone, operation: 'delete-webhook', values: change.values }];
    if (change.operation === 'create-notification-rule')
      return [{ ...gone, operation: 'delete-notification-rule', values: {} }];
    return [];
  },
};

/** Where Datadog reaches us. */
export function webhookUrl(publicUrl: string | undefined): string | undefined {
  return publicUrl && `${publicUrl}/webhooks/datadog`;
}

/** Inside the lease everything is looked up again: another run may have made it a moment ago. */
async function applyShared(context: ApplyContext, change: Change): Promise<Applied> {
  const { datadog, config } = context;
  switch (change.operation) {
    case 'put-secret-variable':
      await putSecretVariable(datadog, VARIABLE, config.WEBHOOK_TOKEN);
      return { outcome: 'done' };
    case 'create-webhook':
    case 'update-webhook': {
      const value = { url: change.values.url, payload: PAYLOAD, headers: HEADERS };
      const existing = await getWebhook(datadog, NAME);
      if (existing && !isOurs(existing))
        return { outcome: 'stop', finding: { code: 'webhook-taken', name: NAME, url: existing.url } };
      await (existing ? updateWebhook : createWebhook)(datadog, NAME, value);
      return { outcome: 'done' };
    }
    case 'create-notification-rule':
      return notificationRule();
    case 'delete-notification-rule':
      for (const rule of await listNotificationRules(datadog))
        if (isOurRule(rule)) await deleteNotificationRule(datadog, rule.id);
      return { outcome: 'done' };
    case 'delete-webhook': {
      const existing = await getWebhook(datadog, NAME);
      if (existing && isOurs(existing)) await deleteWebhook(datadog, NAME);
      return { outcome: 'done' };
    }
    case 'delete-secret-variable':
      await deleteVariable(datadog, VARIABLE);
      return { outcome: 'done' };
    default:
      return { outcome: 'done' };
  }

  async function notificationRule(): Promise<Applied> {
    return createOnce(context, change, {
      find: async () => (await listNotificationRules(datadog)).find(isOurRule),
      create: () =>
        createNotificationRule(datadog, {
          name: NAME,
          query: QUERY,
          severities: SEVERITIES,
          targets: [`@webhook-${NAME}`],
        }),
    });
  }
}

/** A webhook of our name that carries our secret's name was made by us, whatever its address is now. */
function isOurs(webhook: Webhook): boolean {
  return webhook.headers?.includes(`$${VARIABLE}`) ?? false;
}

function isOurRule(rule: { name: string; targets: string[] }): boolean {
  return rule.name === NAME && rule.targets.length === 1 && rule.targets[0] === `@webhook-${NAME}`;
}
