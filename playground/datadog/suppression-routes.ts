/**
 * Suppressions of signals and of logs before detection.
 */
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { errors, inputValidationError, noContent, notFound } from './answers.ts';
import type { KeyedRequest, Route } from './route.ts';
import { attributesOf, numberedPage } from './route.ts';
import { list, text } from './rule.ts';
import { isQuery } from './rule-validation.ts';
import type { Suppression, SuppressionAttributes } from './suppressions.ts';
import { affectsRule } from './suppressions.ts';

const SUPPRESSIONS = '/api/v2/security_monitoring/configuration/suppressions';
const SUPPRESSION = `${SUPPRESSIONS}/{suppression_id}`;

export const suppressionRoutes: readonly Route[] = [
  {
    operation: 'ListSecurityMonitoringSuppressions',
    method: 'GET',
    path: SUPPRESSIONS,
    handle: ({ datadog, call }) => {
      const all = datadog.suppressions;
      // Unlike other lists this one shows everything unless a page is asked for.
      const paged = call.query.has('page[size]') || call.query.has('page[number]');
      const page = paged ? numberedPage(call.query, 1000) : { size: Math.max(1, all.length), number: 0 };
      if (!page) return errors(400, 'Invalid page parameters');
      const ids = [...(call.query.get('query') ?? '').matchAll(/id:([a-z0-9-]+)/g)].map((match) => match[1]);
      const found = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
      const meta = { page: { pageSize: page.size, pageNumber: page.number, totalCount: found.length } };
      return json(200, { data: found.slice(page.number * page.size, (page.number + 1) * page.size), meta });
    },
  },
  {
    operation: 'CreateSecurityMonitoringSuppression',
    method: 'POST',
    path: SUPPRESSIONS,
    handle: ({ datadog, body, caller }) => {
      const sent = attributesOf(body);
      const problem = suppressionProblem(sent);
      if (problem) return problem;
      const now = datadog.time.now();
      const person = { handle: caller.handle, name: caller.name ?? '' };
      const suppression: Suppression = {
        id: datadog.ids.short(),
        type: 'suppressions',
        attributes: {
          creation_date: now,
          creator: person,
          data_exclusion_query: '',
          editable: true,
          enabled: true,
          name: '',
          rule_query: '',
          suppression_query: '',
          tags: [],
          ...fieldsOf(sent),
          update_date: now,
          updater: person,
          version: 1,
        },
      };
      datadog.suppressions.push(suppression);
      return json(200, { data: suppression });
    },
  },
  {
    operation: 'ValidateSecurityMonitoringSuppression',
    method: 'POST',
    path: `${SUPPRESSIONS}/validation`,
    writes: false,
    handle: ({ body }) => suppressionProblem(attributesOf(body)) ?? noContent(),
  },
  {
    operation: 'GetSuppressionsAffectingRule',
    method: 'GET',
    path: `${SUPPRESSIONS}/rules/{rule_id}`,
    handle: ({ datadog, params }) => {
      const rule = datadog.rules.get(params.rule_id ?? '');
      if (!rule) return notFound();
      return json(200, {
        data: datadog.suppressions.filter((suppression) => affectsRule(suppression.attributes.rule_query, rule)),
      });
    },
  },
  {
    operation: 'GetSecurityMonitoringSuppression',
    method: 'GET',
    path: SUPPRESSION,
    handle: (request) => withSuppression(request, (suppression) => json(200, { data: suppression })),
  },
  {
    operation: 'UpdateSecurityMonitoringSuppression',
    method: 'PATCH',
    path: SUPPRESSION,
    handle: (request) =>
      withSuppression(request, (suppression) => {
        const sent = attributesOf(request.body);
        const { attributes } = suppression;
        if (typeof sent.version === 'number' && sent.version !== attributes.version) {
          return errors(409, `Suppression version mismatch: current version is ${attributes.version}`);
        }
        const problem = suppressionProblem({ ...attributes, ...sent });
        if (problem) return problem;
        Object.assign(attributes, fieldsOf(sent));
        attributes.version += 1;
        attributes.update_date = request.datadog.time.now();
        attributes.updater = { handle: request.caller.handle, name: request.caller.name ?? '' };
        return json(200, { data: suppression });
      }),
  },
  {
    operation: 'DeleteSecurityMonitoringSuppression',
    method: 'DELETE',
    path: SUPPRESSION,
    handle: (request) =>
      withSuppression(request, (suppression) => {
        const { suppressions } = request.datadog;
        suppressions.splice(suppressions.indexOf(suppression), 1);
        return noContent();
      }),
  },
];

function withSuppression({ datadog, params }: KeyedRequest, then: (suppression: Suppression) => Answer): Answer {
  const suppression = datadog.suppressions.find(({ id }) => id === params.suppression_id);
  return suppression
    ? then(suppression)
    : notFound(`not_found(Suppression with ID ${params.suppression_id} not found)`);
}

function suppressionProblem(sent: Record<string, unknown>): Answer | undefined {
  const invalid = (field: string, reason: string) => inputValidationError(`data.attributes.${field}`, reason);
  if (text(sent.name) === '') return invalid('name', 'name must not be empty');
  if (text(sent.rule_query) === '' || !isQuery(text(sent.rule_query)))
    return invalid('rule_query', 'rule query is invalid');
  const suppression = text(sent.suppression_query);
  const exclusion = text(sent.data_exclusion_query);
  if (suppression === '' && exclusion === '') {
    return invalid('suppression_query', 'either a suppression query or a data exclusion query is needed');
  }
  if (!isQuery(suppression)) return invalid('suppression_query', 'suppression query is invalid');
  return isQuery(exclusion) ? undefined : invalid('data_exclusion_query', 'data exclusion query is invalid');
}

function fieldsOf(sent: Record<string, unknown>): Partial<SuppressionAttributes> {
  const { name, description, enabled, rule_query, suppression_query, data_exclusion_query } = sent;
  return {
    ...(typeof data_exclusion_query === 'string' && { data_exclusion_query }),
    ...(typeof description === 'string' && { description }),
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(typeof sent.expiration_date === 'number' && { expiration_date: sent.expiration_date }),
    ...(typeof name === 'string' && { name }),
    ...(typeof rule_query === 'string' && { rule_query }),
    ...(typeof sent.start_date === 'number' && { start_date: sent.start_date }),
    ...(typeof suppression_query === 'string' && { suppression_query }),
    // Recorded: tags come back sorted.
    ...(Array.isArray(sent.tags) && { tags: list(sent.tags).map(String).sort() }),
  };
}
