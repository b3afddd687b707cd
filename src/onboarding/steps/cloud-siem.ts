/** Cloud SIEM is on and analyses Kubernetes audit logs. Datadog has no endpoint that says so: pack state and filters do. */
import { listSecurityFilters, packState } from '../../datadog/siem.ts';
import { matches, parseQuery } from '../../rules/query.ts';
import { LOOKS_ONLY, type Step } from '../step.ts';

export const cloudSiem: Step = {
  id: 'cloud-siem',
  scope: 'organisation',
  async check({ datadog }) {
    const pack = await packState(datadog);
    if (pack?.onboarding) return { step: 'cloud-siem', state: 'missing', finding: { code: 'siem-off' } };
    const filters = await listSecurityFilters(datadog);
    const covering = filters.find((filter) => filter.enabled && coversAuditLogs(filter.query));
    if (covering) return { step: 'cloud-siem', state: 'in-sync', finding: { code: 'siem-covers', by: covering.name } };
    if (pack?.activation === 'activated' && pack.status === 'active') {
      return { step: 'cloud-siem', state: 'in-sync', finding: { code: 'siem-covers', by: 'Kubernetes Audit Logs' } };
    }
    return {
      step: 'cloud-siem',
      state: 'missing',
      finding: { code: 'siem-no-filter', filters: filters.map((f) => f.name) },
    };
  },
  ...LOOKS_ONLY,
};

/** Whether a plain Kubernetes audit log would pass a filter; one we cannot read does not count as covering. */
function coversAuditLogs(query: string): boolean {
  try {
    return matches(parseQuery(query), {
      message: '',
      source: 'kubernetes.audit',
      service: 'cloudwatch',
      tags: ['source:kubernetes.audit'],
      attributes: {},
    });
  } catch {
    return false;
  }
}
