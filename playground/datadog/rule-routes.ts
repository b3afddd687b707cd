/**
 * Detection rules: list, create, read, change, delete, and the calls that only judge or convert one.
 */
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { errors, noContent, notFound } from './answers.ts';
import type { KeyedRequest, Route } from './route.ts';
import { numberedPage } from './route.ts';
import type { Rule } from './rule.ts';
import { configurationOf, object } from './rule.ts';
import { defaultRuleChanges, ruleChanges } from './rule-changes.ts';
import { terraformOf } from './rule-terraform.ts';
import { testResults } from './rule-test.ts';
import { isQuery, ruleProblem } from './rule-validation.ts';

const RULES = '/api/v2/security_monitoring/rules';
const RULE = `${RULES}/{rule_id}`;
const LARGEST_PAGE = 100;

export const ruleRoutes: readonly Route[] = [
  {
    operation: 'ListSecurityMonitoringRules',
    method: 'GET',
    path: RULES,
    handle: ({ datadog, call }) => {
      const page = numberedPage(call.query, LARGEST_PAGE);
      const query = call.query.get('query') ?? '';
      if (!page) return errors(400, 'Invalid page parameters');
      if (!isQuery(query)) return errors(400, 'Invalid query');
      const listed = datadog.rules.listed(query, call.query.get('sort') ?? 'name');
      const data = listed.slice(page.number * page.size, (page.number + 1) * page.size);
      // Recorded: the "filtered count" is the size of this page, so only a short page tells the end.
      const counts = { total_count: datadog.rules.all.length, total_filtered_count: data.length };
      return json(200, { data, meta: { page: counts } });
    },
  },
  {
    operation: 'CreateSecurityMonitoringRule',
    method: 'POST',
    path: RULES,
    handle: ({ datadog, body, caller }) => {
      const configuration = configurationOf(object(body));
      return ruleProblem(configuration) ?? json(200, datadog.rules.create(configuration, caller));
    },
  },
  {
    operation: 'ValidateSecurityMonitoringRule',
    method: 'POST',
    path: `${RULES}/validation`,
    writes: false,
    handle: ({ body }) => ruleProblem(configurationOf(object(body))) ?? noContent(),
  },
  {
    operation: 'TestSecurityMonitoringRule',
    method: 'POST',
    path: `${RULES}/test`,
    writes: false,
    handle: ({ body }) => {
      const { rule, ruleQueryPayloads } = object(body);
      const configuration = configurationOf(object(rule));
      return ruleProblem(configuration) ?? json(200, { results: testResults(configuration, ruleQueryPayloads) });
    },
  },
  {
    operation: 'ConvertSecurityMonitoringRuleFromJSONToTerraform',
    method: 'POST',
    path: `${RULES}/convert`,
    writes: false,
    handle: ({ body }) => {
      const configuration = configurationOf(object(body));
      return ruleProblem(configuration) ?? json(200, { terraformContent: terraformOf(configuration) });
    },
  },
  {
    operation: 'GetSecurityMonitoringRule',
    method: 'GET',
    path: RULE,
    handle: (request) => withRule(request, (rule) => json(200, rule)),
  },
  {
    operation: 'UpdateSecurityMonitoringRule',
    method: 'PUT',
    path: RULE,
    handle: (request) =>
      withRule(request, (rule) => {
        const sent = object(request.body);
        // The optional lock; the answer to an old version is not recorded anywhere.
        if (typeof sent.version === 'number' && sent.version !== rule.version) {
          return errors(409, `Rule version mismatch: current version is ${rule.version}`);
        }
        const changes = rule.isDefault ? defaultRuleChanges(rule, sent) : ruleChanges(rule, sent);
        if ('status' in changes) return changes;
        request.datadog.rules.update(rule, changes.changes, request.caller);
        return json(200, rule);
      }),
  },
  {
    operation: 'DeleteSecurityMonitoringRule',
    method: 'DELETE',
    path: RULE,
    handle: ({ datadog, params }) => {
      const rule = datadog.rules.get(params.rule_id ?? '');
      if (!rule) return notFound(`Threat detection rule not found: ${params.rule_id}`);
      // "Default rules cannot be deleted" (API reference); status and text are inferred.
      if (rule.isDefault) return errors(403, 'Default rules cannot be deleted');
      datadog.rules.remove(rule);
      return noContent();
    },
  },
  {
    operation: 'ConvertExistingSecurityMonitoringRule',
    method: 'GET',
    path: `${RULE}/convert`,
    handle: (request) => withRule(request, (rule) => json(200, { terraformContent: terraformOf(rule) })),
  },
  {
    operation: 'TestExistingSecurityMonitoringRule',
    method: 'POST',
    path: `${RULE}/test`,
    writes: false,
    handle: (request) =>
      withRule(request, (rule) => json(200, { results: testResults(rule, object(request.body).ruleQueryPayloads) })),
  },
];

function withRule({ datadog, params }: KeyedRequest, then: (rule: Rule) => Answer): Answer {
  const rule = datadog.rules.get(params.rule_id ?? '');
  return rule ? then(rule) : notFound();
}
