/**
 * Datadog rings our webhook for every Kubernetes audit signal: a secret variable, the webhook that carries it, and one
 * notification rule, which covers present and future rules alike. Without a public URL there is nothing to ring, and
 * signals are polled.
 */
import type { Config } from '../../config.ts';
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
import type { Change, SecretMark } from '../change.ts';
import { createOnce } from '../create-once.ts';
import type { WebhookPart } from '../finding.ts';
import type { Tried } from '../journal.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';
import { isMarkOf, markOf, tokenInDatadog } from '../webhook-secret.ts';

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
  async check({ datadog, config, db }) {
    const url = webhookUrl(config.PUBLIC_URL);
    if (!url) return { step: 'signal-webhook', state: 'in-sync', finding: { code: 'webhook-polling' } };
    const [variable, token, webhook, rules] = await Promise.all([
      hasVariable(datadog, VARIABLE),
      tokenInDatadog(db, VARIABLE, config.WEBHOOK_TOKEN),
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
    else if (token === 'other') needs.push('secret');
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
      state: needs.every((part) => part === 'secret') ? 'drifted' : 'missing',
      finding: { code: 'webhook-missing', url, needs, exists: webhook !== undefined },
    };
  },
  plan({ finding }, _cluster, config) {
    if (finding.code !== 'webhook-missing') return [];
    const { url, needs, exists } = finding;
    return needs.map((part) => changeFor(part, url, exists, config));
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

function changeFor(part: WebhookPart, url: string, exists: boolean, config: Config): Change {
  const step = 'signal-webhook';
  switch (part) {
    case 'variable':
    case 'secret':
      return { step, target: VARIABLE, operation: 'put-secret-variable', values: markOf(config.WEBHOOK_TOKEN, url) };
    case 'webhook':
      return { step, target: NAME, operation: exists ? 'update-webhook' : 'create-webhook', values: { url } };
    case 'notification-rule':
      return {
        step,
        target: NAME,
        operation: 'create-notification-rule',
        values: { query: QUERY, severities: SEVERITIES },
      };
  }
}

/** Where Datadog reaches us. */
function webhookUrl(publicUrl: string | undefined): string | undefined {
  return publicUrl && `${publicUrl}/webhooks/datadog`;
}

/** Inside the lease everything is looked up again: another run may have made it a moment ago. */
async function applyShared(context: ApplyContext, change: Change): Promise<Applied> {
  const { datadog } = context;
  switch (change.operation) {
    case 'put-secret-variable':
      return storeToken(context, change.values);
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

/** Stores the token that was approved and no other: while a new one is rolled out, replicas differ. */
async function storeToken({ datadog, config, db, clock, remember }: ApplyContext, mark: SecretMark): Promise<Applied> {
  if (!isMarkOf(mark, config.WEBHOOK_TOKEN)) return { outcome: 'wait', finding: { code: 'secret-differs' } };
  const isThere = await hasVariable(datadog, VARIABLE);
  if (isThere && (await tokenInDatadog(db, VARIABLE, config.WEBHOOK_TOKEN)) === 'stored')
    return { outcome: 'done', left: true };
  // Before the call: if its answer is lost, nobody takes the older secret for the one Datadog holds.
  const tried: Tried = { triedAt: clock.now().toISOString() };
  await remember(tried);
  await putSecretVariable(datadog, VARIABLE, config.WEBHOOK_TOKEN);
  return { outcome: 'done', result: tried };
}

/** A webhook of our name that carries our secret's name was made by us, whatever its address is now. */
function isOurs(webhook: Webhook): boolean {
  return webhook.headers?.includes(`$${VARIABLE}`) ?? false;
}

function isOurRule(rule: { name: string; targets: string[] }): boolean {
  return rule.name === NAME && rule.targets.length === 1 && rule.targets[0] === `@webhook-${NAME}`;
}
