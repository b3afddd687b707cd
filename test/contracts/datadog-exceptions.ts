/**
 * What the Datadog stand-in does not do although it is recorded, each with its reason. A test fails when an entry is
 * no longer needed.
 */

/** Recorded requests the stand-in has no route for. The path as in the API reference. */
export const NOT_ROUTED: readonly { method: string; path: string; reason: string }[] = [
  {
    method: 'PATCH',
    path: '/api/v1/security_analytics/signals/{signal_id}/state',
    reason: 'the older twin of PATCH /api/v2/security_monitoring/signals/{signal_id}/state, which the bot calls',
  },
  {
    method: 'PATCH',
    path: '/api/v1/security_analytics/signals/{signal_id}/assignee',
    reason: 'the older twin of PATCH /api/v2/security_monitoring/signals/{signal_id}/assignee, which the bot calls',
  },
  { method: 'POST', path: '/api/v1/integration/aws', reason: 'deprecated for /api/v2/integration/aws/accounts' },
  { method: 'DELETE', path: '/api/v1/integration/aws', reason: 'deprecated for /api/v2/integration/aws/accounts' },
  { method: 'POST', path: '/v1/input', reason: 'the older log intake; the Forwarder ships to /api/v2/logs' },
  {
    method: 'POST',
    path: '/api/v2/security_monitoring/rules/bulk_export',
    reason: 'answers a ZIP file, which nothing in the bot reads',
  },
  ...[
    { method: 'POST', path: '/api/v2/siem-historical-detections/jobs' },
    { method: 'GET', path: '/api/v2/siem-historical-detections/jobs' },
    { method: 'GET', path: '/api/v2/siem-historical-detections/jobs/{job_id}' },
    { method: 'POST', path: '/api/v2/siem-historical-detections/jobs/signal_convert' },
  ].map((route) => ({ ...route, reason: 'historical jobs are unstable in the API, and the bot starts none' })),
  ...[
    { method: 'POST', path: '/api/v2/cloud_security_management/custom_frameworks' },
    { method: 'PUT', path: '/api/v2/cloud_security_management/custom_frameworks/{handle}/{version}' },
    { method: 'DELETE', path: '/api/v2/cloud_security_management/custom_frameworks/{handle}/{version}' },
  ].map((route) => ({ ...route, reason: 'compliance frameworks are another product of Datadog' })),
];

/** Where the names of members are data, not structure. */
export const FREE: readonly string[] = [
  // A signal's tags by their keys.
  '$.data.attributes.tag',
  // The attributes of the log behind a signal.
  '$.data.attributes.gated.samples[].content.custom',
];

const INTERNAL = 'a number of Datadog’s own housekeeping, which tells a client nothing';
const COMPLIANCE = 'only the recorded rules of type cloud_configuration have it, which the stand-in does not keep';

/** Deviations in shape that are known and meant. */
export const MEANT: readonly { operation: string; deviation: string; reason: string }[] = [
  ...[
    '$.data.attributes.random_draw: missing',
    '$.data.attributes.tiebreaker: missing',
    '$.data.attributes.gated.samples[].content.ingest_size_in_bytes: missing',
    '$.data.attributes.gated.samples[].content.tiebreaker: missing',
    '$.data.attributes.gated.samples[].content.host_id: missing',
  ].map((deviation) => ({ operation: 'GetSecurityMonitoringSignal', deviation, reason: INTERNAL })),
  {
    operation: 'GetSecurityMonitoringSignal',
    deviation: '$.data.attributes.gated.samples[].content.trace_id: missing',
    reason: 'the recorded log carried a trace, audit events have none',
  },
  {
    operation: 'GetSecurityMonitoringSignal',
    deviation: '$.data.attributes.gated.workflow.high_cardinality.attributes: empty, recorded with elements',
    reason: 'the recorded signal grouped 200 traces, the stand-in has no attribute of so many values',
  },
  ...['$.data[].complianceSignalOptions: missing', '$.data[].options.complianceRuleOptions: missing'].map(
    (deviation) => ({ operation: 'ListSecurityMonitoringRules', deviation, reason: COMPLIANCE }),
  ),
  {
    operation: 'ListSecurityMonitoringRules',
    deviation: '$.data[].queries[].distinctFields: elements, recorded empty',
    reason: 'no recorded rule counts distinct values; the API reference has them as texts',
  },
];
