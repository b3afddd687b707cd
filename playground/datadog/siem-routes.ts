/**
 * What Cloud SIEM analyses: security filters and content packs.
 */
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { inputValidationError, noContent, notFound, titledError } from './answers.ts';
import { contentPackData } from './content-packs.ts';
import type { KeyedRequest, Route } from './route.ts';
import { attributesOf } from './route.ts';
import { list, object, text } from './rule.ts';
import { isQuery } from './rule-validation.ts';
import type { ExclusionFilter, SecurityFilter } from './security-filters.ts';
import { securityFilterData } from './security-filters.ts';

const FILTERS = '/api/v2/security_monitoring/configuration/security_filters';
const FILTER = `${FILTERS}/{security_filter_id}`;
const PACKS = '/api/v2/security_monitoring/content_packs';

export const siemRoutes: readonly Route[] = [
  {
    operation: 'ListSecurityFilters',
    method: 'GET',
    path: FILTERS,
    handle: ({ datadog }) => json(200, { data: datadog.securityFilters.map(securityFilterData) }),
  },
  {
    operation: 'CreateSecurityFilter',
    method: 'POST',
    path: FILTERS,
    handle: ({ datadog, body }) => {
      const sent = attributesOf(body);
      const problem = filterProblem(sent);
      if (problem) return problem;
      const filter = datadog.addSecurityFilter({
        name: text(sent.name),
        query: text(sent.query),
        isEnabled: sent.is_enabled !== false,
        exclusionFilters: exclusionsOf(sent.exclusion_filters),
      });
      return json(200, { data: securityFilterData(filter) });
    },
  },
  {
    operation: 'GetSecurityFilter',
    method: 'GET',
    path: FILTER,
    handle: (request) => withFilter(request, (filter) => json(200, { data: securityFilterData(filter) })),
  },
  {
    operation: 'UpdateSecurityFilter',
    method: 'PATCH',
    path: FILTER,
    handle: (request) =>
      withFilter(request, (filter) => {
        const sent = attributesOf(request.body);
        const problem = filterProblem({ name: filter.name, query: filter.query, ...sent });
        if (problem) return problem;
        if (sent.name !== undefined) filter.name = text(sent.name);
        if (sent.query !== undefined) filter.query = text(sent.query);
        if (sent.is_enabled !== undefined) filter.isEnabled = sent.is_enabled === true;
        if (sent.exclusion_filters !== undefined) filter.exclusionFilters = exclusionsOf(sent.exclusion_filters);
        filter.version += 1;
        return json(200, { data: securityFilterData(filter) });
      }),
  },
  {
    operation: 'DeleteSecurityFilter',
    method: 'DELETE',
    path: FILTER,
    handle: (request) =>
      withFilter(request, (filter) => {
        const { securityFilters } = request.datadog;
        securityFilters.splice(securityFilters.indexOf(filter), 1);
        return noContent();
      }),
  },
  {
    operation: 'GetContentPacksStates',
    method: 'GET',
    path: `${PACKS}/states`,
    handle: ({ datadog }) => {
      const data = [...datadog.contentPacks.keys()].flatMap((id) => {
        const state = datadog.contentPack(id);
        return state ? [contentPackData(id, state, datadog.cloudSiemActive)] : [];
      });
      return json(200, {
        data,
        meta: { cloud_siem_index_incorrect: false, retention_months: 15, sku: datadog.sku },
      });
    },
  },
  {
    operation: 'ActivateContentPack',
    method: 'PUT',
    path: `${PACKS}/{content_pack_id}/activate`,
    handle: ({ datadog, params }) => {
      const id = params.content_pack_id ?? '';
      if (!datadog.contentPacks.has(id)) return titledError(404, 'Not Found', `content pack ${id} not found`);
      datadog.activateContentPack(id);
      return { status: 202, headers: { 'content-type': 'text/plain' } };
    },
  },
];

function withFilter({ datadog, params }: KeyedRequest, then: (filter: SecurityFilter) => Answer): Answer {
  const filter = datadog.securityFilters.find(({ id }) => id === params.security_filter_id);
  return filter ? then(filter) : notFound();
}

function filterProblem(sent: Record<string, unknown>): Answer | undefined {
  if (text(sent.name) === '') return inputValidationError('data.attributes.name', 'name must not be empty');
  if (text(sent.query) === '') return inputValidationError('data.attributes.query', 'query must not be empty');
  const queries = [sent.query, ...list(sent.exclusion_filters).map((exclusion) => object(exclusion).query)];
  if (!queries.every((query) => isQuery(text(query)))) {
    return inputValidationError('data.attributes.query', 'query is invalid');
  }
  return undefined;
}

function exclusionsOf(sent: unknown): ExclusionFilter[] {
  return list(sent)
    .map(object)
    .map(({ name, query }) => ({ name: text(name), query: text(query) }));
}
