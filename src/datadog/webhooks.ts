/**
 * Datadog's webhook to us, the secret it carries, and the notification rule that rings it. Webhooks and variables
 * cannot be listed, only asked for by name.
 */
import { z } from 'zod';
import { type Datadog, DatadogError } from './client.ts';

export interface Webhook {
  url: string;
  payload: string | undefined;
  /** A JSON text, as Datadog stores it. */
  headers: string | undefined;
}

export interface NotificationRule {
  id: string;
  name: string;
  enabled: boolean;
  query: string;
  severities: string[];
  targets: string[];
}

const webhook = z.looseObject({ url: z.string(), payload: z.string().nullish(), custom_headers: z.string().nullish() });
const notificationRule = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    name: z.string(),
    enabled: z.boolean(),
    selectors: z.looseObject({ query: z.string().nullish(), severities: z.array(z.string()).nullish() }),
    targets: z.array(z.string()).nullish(),
  }),
});
const notificationRules = z.looseObject({ data: z.array(notificationRule).nullish() });

export function getWebhook(datadog: Datadog, name: string): Promise<Webhook | undefined> {
  return unlessMissing(async () => {
    const found = webhook.parse(await datadog.call('webhooks', 'getWebhooksIntegration', { webhookName: name }));
    return { url: found.url, payload: found.payload ?? undefined, headers: found.custom_headers ?? undefined };
  });
}

/** Datadog does not say what a POST of an existing name does, so look first. */
export async function createWebhook(datadog: Datadog, name: string, value: Required<Webhook>): Promise<void> {
  const { url, payload, headers } = value;
  await datadog.call('webhooks', 'createWebhooksIntegration', {
    body: { name, url, payload, customHeaders: headers, encodeAs: 'json' },
  });
}

export async function updateWebhook(datadog: Datadog, name: string, value: Required<Webhook>): Promise<void> {
  const { url, payload, headers } = value;
  await datadog.call('webhooks', 'updateWebhooksIntegration', {
    webhookName: name,
    body: { url, payload, customHeaders: headers, encodeAs: 'json' },
  });
}

export async function deleteWebhook(datadog: Datadog, name: string): Promise<void> {
  await unlessMissing(() => datadog.call('webhooks', 'deleteWebhooksIntegration', { webhookName: name }));
}

/** Whether a custom variable of this name exists; the value of a secret one is never returned. */
export async function hasVariable(datadog: Datadog, name: string): Promise<boolean> {
  const found = await unlessMissing(() =>
    datadog.call('webhooks', 'getWebhooksIntegrationCustomVariable', { customVariableName: name }),
  );
  return found !== undefined;
}

export async function putSecretVariable(datadog: Datadog, name: string, value: string): Promise<void> {
  const body = { name, value, isSecret: true };
  if (await hasVariable(datadog, name)) {
    await datadog.call('webhooks', 'updateWebhooksIntegrationCustomVariable', { customVariableName: name, body });
  } else {
    await datadog.call('webhooks', 'createWebhooksIntegrationCustomVariable', { body });
  }
}

export async function deleteVariable(datadog: Datadog, name: string): Promise<void> {
  await unlessMissing(() =>
    datadog.call('webhooks', 'deleteWebhooksIntegrationCustomVariable', { customVariableName: name }),
  );
}

export async function listNotificationRules(datadog: Datadog): Promise<NotificationRule[]> {
  const answer = notificationRules.parse(await datadog.call('security', 'getSignalNotificationRules'));
  return (answer.data ?? []).map(toRule);
}

export async function createNotificationRule(
  datadog: Datadog,
  rule: Omit<NotificationRule, 'id' | 'enabled'>,
): Promise<NotificationRule> {
  const answer = await datadog.call('security', 'createSignalNotificationRule', {
    body: {
      data: {
        type: 'notification_rules',
        attributes: {
          name: rule.name,
          enabled: true,
          selectors: {
            triggerSource: 'security_signals',
            ruleTypes: ['log_detection'],
            severities: rule.severities,
            query: rule.query,
          },
          targets: rule.targets,
        },
      },
    },
  });
  return toRule(z.looseObject({ data: notificationRule }).parse(answer).data);
}

export async function deleteNotificationRule(datadog: Datadog, id: string): Promise<void> {
  await unlessMissing(() => datadog.call('security', 'deleteSignalNotificationRule', { id }));
}

function toRule({ id, attributes }: z.infer<typeof notificationRule>): NotificationRule {
  const { name, enabled, selectors, targets } = attributes;
  return {
    id,
    name,
    enabled,
    query: selectors.query ?? '',
    severities: selectors.severities ?? [],
    targets: targets ?? [],
  };
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatadogError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
