/**
 * Security filters decide which ingested logs Cloud SIEM analyses, and mark every log with the verdict.
 * Described in docs.datadoghq.com/security/cloud_siem/guide/customize-which-logs-cloud-siem-analyzes.
 */
import type { LogEvent } from '../../src/rules/query.ts';
import { matches, parseQuery } from '../../src/rules/query.ts';

export interface ExclusionFilter {
  name: string;
  query: string;
}

export interface SecurityFilter {
  id: string;
  version: number;
  name: string;
  query: string;
  isEnabled: boolean;
  isBuiltin: boolean;
  exclusionFilters: ExclusionFilter[];
}

export type SecurityFilterSeed = Pick<SecurityFilter, 'name' | 'query'> &
  Partial<Pick<SecurityFilter, 'isEnabled' | 'isBuiltin' | 'exclusionFilters'>>;

export function isAnalysed(filters: readonly SecurityFilter[], event: LogEvent): boolean {
  return filters.some(
    (filter) =>
      filter.isEnabled &&
      matches(parseQuery(filter.query), event) &&
      !filter.exclusionFilters.some((exclusion) => matches(parseQuery(exclusion.query), event)),
  );
}

export function securityFilterData(filter: SecurityFilter): unknown {
  return {
    id: filter.id,
    attributes: {
      version: filter.version,
      name: filter.name,
      query: filter.query,
      is_enabled: filter.isEnabled,
      exclusion_filters: filter.exclusionFilters,
      filtered_data_type: 'logs',
      is_builtin: filter.isBuiltin,
    },
    type: 'security_filters',
  };
}
