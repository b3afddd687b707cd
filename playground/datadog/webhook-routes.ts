/**
 * The webhooks integration (v1). There is no list: a webhook can only be asked for by its name.
 */
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { spacedErrors } from './answers.ts';
import type { KeyedRequest, Route } from './route.ts';
import { object } from './rule.ts';
import type { CustomVariable, Webhook } from './webhooks.ts';
import { DEFAULT_PAYLOAD, isVariableName, variableShown, webhookShown, withWebhookFields } from './webhooks.ts';

const WEBHOOKS = '/api/v1/integration/webhooks/configuration/webhooks';
const WEBHOOK = `${WEBHOOKS}/{webhook_name}`;
const VARIABLES = '/api/v1/integration/webhooks/configuration/custom-variables';
const VARIABLE = `${VARIABLES}/{custom_variable_name}`;

const BLANK: Webhook = { name: '', url: '', payload: DEFAULT_PAYLOAD, custom_headers: null, encode_as: 'json' };

export const webhookRoutes: readonly Route[] = [
  {
    operation: 'CreateWebhooksIntegration',
    method: 'POST',
    path: WEBHOOKS,
    handle: ({ datadog, body }) => {
      const webhook = withWebhookFields(BLANK, object(body));
      if (!webhook) return invalidWebhook();
      // The answer to a name that is taken is not documented.
      if (datadog.webhooks.has(webhook.name)) return json(400, { errors: ['Webhook already exists'] });
      datadog.webhooks.set(webhook.name, webhook);
      return json(201, webhookShown(webhook));
    },
  },
  {
    operation: 'GetWebhooksIntegration',
    method: 'GET',
    path: WEBHOOK,
    handle: (request) => withWebhook(request, (webhook) => json(200, webhookShown(webhook))),
  },
  {
    operation: 'UpdateWebhooksIntegration',
    method: 'PUT',
    path: WEBHOOK,
    handle: (request) =>
      withWebhook(request, (before) => {
        const { webhooks } = request.datadog;
        const webhook = withWebhookFields(before, object(request.body));
        if (!webhook) return invalidWebhook();
        webhooks.delete(before.name);
        webhooks.set(webhook.name, webhook);
        return json(200, webhookShown(webhook));
      }),
  },
  {
    operation: 'DeleteWebhooksIntegration',
    method: 'DELETE',
    path: WEBHOOK,
    handle: (request) =>
      withWebhook(request, (webhook) => {
        request.datadog.webhooks.delete(webhook.name);
        return json(200, {});
      }),
  },
  {
    operation: 'CreateWebhooksIntegrationCustomVariable',
    method: 'POST',
    path: VARIABLES,
    handle: ({ datadog, body }) => {
      const { name, value, is_secret: isSecret } = object(body);
      if (!isVariableName(name) || typeof value !== 'string') return invalidVariable();
      if (datadog.customVariables.has(name)) return json(400, { errors: ['Custom variable already exists'] });
      const variable: CustomVariable = { name, value, is_secret: isSecret === true };
      datadog.customVariables.set(name, variable);
      return json(201, variableShown(variable));
    },
  },
  {
    operation: 'GetWebhooksIntegrationCustomVariable',
    method: 'GET',
    path: VARIABLE,
    handle: (request) => withVariable(request, (variable) => json(200, variableShown(variable))),
  },
  {
    operation: 'UpdateWebhooksIntegrationCustomVariable',
    method: 'PUT',
    path: VARIABLE,
    handle: (request) =>
      withVariable(request, (before) => {
        const { customVariables } = request.datadog;
        const sent = object(request.body);
        const { name = before.name, value = before.value, is_secret: isSecret = before.is_secret } = sent;
        if (!isVariableName(name) || typeof value !== 'string') return invalidVariable();
        const variable: CustomVariable = { name, value, is_secret: isSecret === true };
        customVariables.delete(before.name);
        customVariables.set(name, variable);
        return json(200, variableShown(variable));
      }),
  },
  {
    operation: 'DeleteWebhooksIntegrationCustomVariable',
    method: 'DELETE',
    path: VARIABLE,
    handle: (request) =>
      withVariable(request, (variable) => {
        request.datadog.customVariables.delete(variable.name);
        return json(200, {});
      }),
  },
];

function withWebhook({ datadog, params }: KeyedRequest, then: (webhook: Webhook) => Answer): Answer {
  const webhook = datadog.webhooks.get(params.webhook_name ?? '');
  return webhook ? then(webhook) : spacedErrors(404, 'Webhook does not exist');
}

function withVariable({ datadog, params }: KeyedRequest, then: (variable: CustomVariable) => Answer): Answer {
  const variable = datadog.customVariables.get(params.custom_variable_name ?? '');
  return variable ? then(variable) : spacedErrors(404, 'Custom variable does not exist');
}

function invalidWebhook(): Answer {
  return json(400, { errors: ['Invalid webhook'] });
}

function invalidVariable(): Answer {
  return json(400, { errors: ['Invalid custom variable'] });
}
