/**
 * Notification rules for security signals.
 */
import type { Answer } from '../http.ts';
import { errors, inputValidationError, jsonApi, noContent, notFound } from './answers.ts';
import type { NotificationRule, NotificationRuleAttributes, NotificationRuleSeed } from './notification-rules.ts';
import type { KeyedRequest, Route } from './route.ts';
import { attributesOf } from './route.ts';
import { list, object, text } from './rule.ts';
import { isQuery } from './rule-validation.ts';

const RULES = '/api/v2/security/signals/notification_rules';
const RULE = `${RULES}/{id}`;

export const notificationRuleRoutes: readonly Route[] = [
  {
    operation: 'GetSignalNotificationRules',
    method: 'GET',
    path: RULES,
    handle: ({ datadog }) => jsonApi(200, { data: datadog.notificationRules.listed() }),
  },
  {
    operation: 'CreateSignalNotificationRule',
    method: 'POST',
    path: RULES,
    handle: ({ datadog, body, caller }) => {
      const sent = attributesOf(body);
      const problem = attributesProblem(sent);
      if (problem) return problem;
      const { name = '', selectors = { trigger_source: '' }, targets = [], ...others } = fieldsOf(sent);
      const rule = datadog.notificationRules.create({ name, selectors, targets, ...others }, caller);
      return jsonApi(201, { data: rule });
    },
  },
  {
    operation: 'GetSignalNotificationRule',
    method: 'GET',
    path: RULE,
    handle: (request) => withRule(request, (rule) => jsonApi(200, { data: rule })),
  },
  {
    operation: 'PatchSignalNotificationRule',
    method: 'PATCH',
    path: RULE,
    handle: (request) =>
      withRule(request, (rule) => {
        const sent = attributesOf(request.body);
        if (!sent.version) {
          return inputValidationError(
            'data.attributes.version',
            'Specify the notification rule version to update, it cannot be 0.',
          );
        }
        // The answer to an old version is not recorded anywhere.
        if (sent.version !== rule.attributes.version) {
          return errors(409, `conflict(Notification rule version is ${rule.attributes.version})`);
        }
        const problem = attributesProblem({ ...rule.attributes, ...sent });
        if (problem) return problem;
        request.datadog.notificationRules.update(rule, fieldsOf(sent), request.caller);
        return jsonApi(200, { data: rule });
      }),
  },
  {
    operation: 'DeleteSignalNotificationRule',
    method: 'DELETE',
    path: RULE,
    handle: (request) =>
      withRule(request, (rule) => {
        request.datadog.notificationRules.remove(rule);
        return noContent();
      }),
  },
];

function withRule({ datadog, params }: KeyedRequest, then: (rule: NotificationRule) => Answer): Answer {
  const rule = datadog.notificationRules.get(params.id ?? '');
  return rule ? then(rule) : notFound(`not_found(Notification rule with id '${params.id}' not found)`);
}

/** Only the form of these answers is recorded, not the reasons. */
function attributesProblem(sent: Record<string, unknown>): Answer | undefined {
  const invalid = (field: string, reason: string) => inputValidationError(`data.attributes.${field}`, reason);
  const selectors = object(sent.selectors);
  if (text(sent.name) === '') return invalid('name', 'name cannot be empty');
  if (list(sent.targets).length === 0) return invalid('targets', 'at least one target is needed');
  if (!['security_signals', 'security_findings'].includes(text(selectors.trigger_source))) {
    return invalid('selectors.trigger_source', 'unknown trigger source');
  }
  return isQuery(text(selectors.query)) ? undefined : invalid('selectors.query', 'query is invalid');
}

function fieldsOf(sent: Record<string, unknown>): Partial<NotificationRuleSeed> {
  return {
    ...(typeof sent.name === 'string' && { name: sent.name }),
    ...(typeof sent.enabled === 'boolean' && { enabled: sent.enabled }),
    ...(sent.selectors !== undefined && { selectors: selectorsOf(object(sent.selectors)) }),
    ...(Array.isArray(sent.targets) && { targets: list(sent.targets).map(String) }),
    ...(typeof sent.time_aggregation === 'number' && { time_aggregation: sent.time_aggregation }),
  };
}

function selectorsOf(sent: Record<string, unknown>): NotificationRuleAttributes['selectors'] {
  return {
    ...(Array.isArray(sent.severities) && { severities: sent.severities.map(String) }),
    ...(Array.isArray(sent.rule_types) && { rule_types: sent.rule_types.map(String) }),
    ...(typeof sent.query === 'string' && { query: sent.query }),
    trigger_source: text(sent.trigger_source),
  };
}
