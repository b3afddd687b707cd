/** A Datadog stand-in that has what the recordings ask for by id: signals with their history, accounts, filters. */

import { attributesOf } from '../../playground/datadog/route.ts';
import type { Signal } from '../../playground/datadog/signal.ts';
import type { DatadogWorld } from '../playground/datadog-world.ts';
import { openDatadog, START } from '../playground/datadog-world.ts';
import { exchangesOf } from './datadog-recordings.ts';

export async function openRecordedWorld(): Promise<DatadogWorld> {
  const world = await openDatadog();
  const { datadog } = world;
  const owner = datadog.users[0];
  // Whoever recorded them had no name in Datadog.
  if (owner) owner.name = null;
  for (const { id, incidentIds } of recordedSignals()) datadog.signals.push(signal(world, id, incidentIds));
  datadog.addSecurityFilter({ name: 'all ingested logs', query: '*', isBuiltin: true });
  const exclusionFilters = [{ name: 'Exclude staging', query: 'source:staging' }];
  datadog.addSecurityFilter({ name: 'Custom security filter', query: 'service:api', exclusionFilters });
  const [account] = exchangesOf('CreateAWSAccount');
  datadog.awsAccounts.create({ ...attributesOf(account?.request.body), aws_account_id: '111122223333' });
  return world;
}

/** By the ids in the recorded paths, with the incidents their recorded answers show. */
function recordedSignals(): { id: string; incidentIds: number[] }[] {
  const operations = [
    'GetSecurityMonitoringSignal',
    'EditSecurityMonitoringSignalState',
    'EditSecurityMonitoringSignalAssignee',
  ];
  const found = operations.flatMap(exchangesOf).map(({ request, response }) => {
    const incidents = attributesOf(response.body).incident_ids;
    const incidentIds = Array.isArray(incidents) ? incidents.map(Number) : [];
    return { id: request.url.split('/')[5] ?? '', incidentIds };
  });
  return [...new Map(found.map((signal) => [signal.id, signal])).values()];
}

function signal({ datadog }: DatadogWorld, id: string, incidentIds: number[]): Signal {
  const seen = START - 60_000;
  const attributes = { network: { ip: { list: ['203.0.113.7'] } } };
  const event = {
    message: '{}',
    tags: ['source:kubernetes.audit'],
    attributes,
    source: 'kubernetes.audit',
    service: 'cloudwatch',
    host: '/aws/eks/prod/cluster',
    status: 'info',
    timestamp: seen,
  };
  const [owner] = datadog.users;
  return {
    id,
    timestampMs: seen + 3_000,
    version: 1,
    severity: 'info',
    title: 'a signal',
    message: 'what to do first',
    rule: {
      id: '0e2-32k-1pb',
      name: 'a rule',
      type: 'Log Detection',
      detectionMethod: 'threshold',
      version: 1,
      isDefault: false,
    },
    ruleCase: { status: 'info', name: '', condition: 'a>0', notifications: [] },
    queries: [{ name: '', query: 'source:kubernetes.audit', aggregation: 'count', groupByFields: [] }],
    firstSeenMs: seen,
    lastSeenMs: seen,
    eventsMatched: 200,
    groupByPaths: [],
    entities: ['@network.ip.list:203.0.113.7'],
    projected: attributes,
    tags: ['source:kubernetes.audit', 'env:test'],
    services: ['cloudwatch'],
    host: '/aws/eks/prod/cluster',
    samples: [{ eventId: datadog.ids.event(seen), event }],
    relatedQuery: '(source:kubernetes.audit)',
    triage: {
      state: 'open',
      archiveReason: 'none',
      incidentIds,
      stateUpdatedAtMs: seen,
      ...(owner && { stateUpdatedBy: owner }),
    },
  };
}
