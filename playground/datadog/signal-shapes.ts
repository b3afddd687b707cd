/**
 * The JSON shapes of a signal. List and single answer differ in where they keep the same facts, and clients must
 * read both (recorded in DataDog/datadog-api-client-typescript cassettes v2/Security-Monitoring).
 */
import type { LogEvent } from '../../src/rules/query.ts';
import { labelOf, SEVERITIES } from './rule.ts';
import type { Signal, SignalRule, SignalTriage } from './signal.ts';
import type { DatadogUser } from './users.ts';
import { iconOf } from './users.ts';

/** An item of list and search. */
export function signalListItem(signal: Signal): unknown {
  return {
    attributes: {
      status: signal.severity,
      service: signal.services,
      tags: signal.tags,
      timestamp: iso(signal.timestampMs),
      ...(signal.host && { host: signal.host }),
      message: shownMessage(signal),
      attributes: listAttributes(signal),
    },
    type: 'signal',
    id: signal.id,
  };
}

/** What a search over signals sees. */
export function signalAsEvent(signal: Signal): LogEvent {
  const services = signal.services.map((service) => `service:${service}`);
  return {
    message: `${signal.title}\n${signal.message}`,
    tags: [...signal.tags, ...services],
    attributes: listAttributes(signal),
    status: signal.severity,
    timestamp: signal.timestampMs,
    host: signal.host,
  };
}

function listAttributes(signal: Signal): Record<string, unknown> {
  const { rule, triage } = signal;
  return {
    ...signal.projected,
    title: signal.title,
    status: 'info',
    entities: signal.entities,
    groupByPaths: signal.groupByPaths,
    relatedLogsQueryUrl: relatedLogsUrl(signal),
    internal_id: internalId(signal),
    workflow: {
      events_matched: signal.eventsMatched,
      rule: {
        ...ruleIdentity(rule),
        isDefaultRule: rule.isDefault,
        ...(rule.isDefault && { defaultRuleId: rule.defaultId, defaultRuleVersion: rule.version }),
      },
      high_cardinality: { attributes: [], tags: [] },
      first_seen: iso(signal.firstSeenMs),
      last_seen: iso(signal.lastSeenMs),
      triage: {
        assignee: triage.assignee
          ? { name: triage.assignee.name ?? triage.assignee.handle, id: triage.assignee.number }
          : { name: 'Unassigned', id: -1 },
        state: triage.state,
        incidentIds: triage.incidentIds,
        updater: person(triage.updatedBy ?? triage.stateUpdatedBy),
        creator: person(undefined),
      },
    },
    triggeringRuleCase: {
      status: signal.ruleCase.status,
      name: signal.ruleCase.name,
      condition: signal.ruleCase.condition,
    },
    samples: signal.samples.map(({ eventId, event }) => ({ eventId, content: sampleContent(event) })),
  };
}

/** The answer for a single signal: identity under `custom`, counts and samples under `gated`. */
export function signalDetail(signal: Signal): unknown {
  const { rule, triage } = signal;
  const assigned = triage.assignee;
  return {
    attributes: {
      discovery_timestamp: signal.timestampMs,
      searchable: { title: signal.title },
      triggering_log_timestamp: iso(signal.firstSeenMs),
      groupByValuesHash: internalId(signal),
      reducer_signal_id: internalId(signal),
      tag: Object.fromEntries(
        signal.tags.map((tag) => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)]),
      ),
      discovery_hour: Math.floor(signal.timestampMs / 3_600_000),
      gated: {
        ...signal.projected,
        workflow: {
          events_matched: signal.eventsMatched,
          rule: {
            isDefaultRule: rule.isDefault,
            defaultRuleVersion: rule.isDefault ? rule.version : 0,
            defaultRuleId: rule.defaultId ?? null,
          },
          high_cardinality: { attributes: [], tags: [] },
          first_seen: iso(signal.firstSeenMs),
          triage: { assignee: { id: assigned?.number ?? -1 }, incidentIds: triage.incidentIds },
          last_seen: iso(signal.lastSeenMs),
        },
        triggeringRuleCase: signal.ruleCase,
        relatedQuery: {
          from: relatedFrom(signal),
          track: 'logs',
          viewParameters: { integration_id: 'security_monitoring', integration_short_name: 'security_investigation' },
          to: relatedTo(signal),
          queries: Object.fromEntries(signal.queries.map((query, i) => [labelOf(query, i), query.query])),
          query: signal.relatedQuery,
        },
        samples: signal.samples.map(({ eventId, event }) => ({
          eventId,
          content: sampleContent(event),
          queryIndex: 0,
          trackKey: { orgId: 1, type: 'logs' },
          id: innerId(eventId),
        })),
        queries: signal.queries.map(({ name, query, aggregation, groupByFields, metric }) => ({
          distinctFields: [],
          aggregationDetails: { eventsCount: signal.eventsMatched, distinctValues: [], value: signal.eventsMatched },
          name,
          metric: metric ?? null,
          aggregation,
          query,
          groupByPaths: groupByFields,
        })),
      },
      message: shownMessage(signal),
      event_tracker_id: signal.id,
      severity: SEVERITIES.indexOf(signal.severity),
      service: signal.services,
      event_id: innerId(signal.id),
      custom: {
        entities: signal.entities,
        title: signal.title,
        workflow: {
          triage: {
            assignee: { name: assigned ? (assigned.name ?? assigned.handle) : 'Unassigned' },
            state: triage.state,
          },
          rule: ruleIdentity(rule),
        },
      },
      version: signal.version,
      size_in_bytes: 0,
      status: signal.severity,
      tags: signal.tags,
      timestamp: iso(signal.timestampMs),
      'datadog.index': 'signal',
      ...(signal.host && { host: signal.host }),
    },
    type: 'signal',
    id: signal.id,
  };
}

/** The answer of every triage call. */
export function triageAttributes(triage: SignalTriage): Record<string, unknown> {
  const { archiveComment: comment, archiveCommentAtMs: commentAt, archiveCommentUser: commentUser } = triage;
  return {
    incident_ids: triage.incidentIds,
    ...(triage.stateUpdatedBy && { state_update_user: triageUser(triage.stateUpdatedBy) }),
    assignee: triage.assignee ? triageUser(triage.assignee) : { id: -1, name: 'Unassigned', uuid: '' },
    state: triage.state,
    archive_reason: triage.archiveReason,
    ...(comment && { archive_comment: comment }),
    ...(commentAt !== undefined && { archive_comment_timestamp: commentAt }),
    ...(commentUser && { archive_comment_user: triageUser(commentUser) }),
    ...(triage.stateUpdatedAtMs !== undefined && { state_update_timestamp: triage.stateUpdatedAtMs }),
  };
}

function triageUser(user: DatadogUser): unknown {
  return { handle: user.handle, uuid: user.id, name: user.name, id: user.number, icon: iconOf(user) };
}

function ruleIdentity({ id, name, type, detectionMethod, version }: SignalRule): Record<string, unknown> {
  return { detectionMethod, version, type, name, id };
}

function person(user: DatadogUser | undefined): unknown {
  return { handle: user?.handle ?? '', name: user?.name ?? '' };
}

function sampleContent(event: LogEvent): unknown {
  return {
    status: event.status,
    service: event.service ?? '',
    tags: event.tags,
    timestamp: iso(event.timestamp ?? 0),
    custom: event.attributes,
    source: event.source ?? '',
    host: event.host ?? '',
    message: event.message,
  };
}

function shownMessage(signal: Signal): string {
  return `%%%\n${signal.message}\n%%%`;
}

/** Five minutes around what was seen, as Datadog's own links have it. */
function relatedFrom(signal: Signal): number {
  return signal.firstSeenMs - 300_000;
}

function relatedTo(signal: Signal): number {
  return signal.lastSeenMs + 300_000;
}

function relatedLogsUrl(signal: Signal): string {
  const query = new URLSearchParams({
    query: signal.relatedQuery,
    from_ts: String(relatedFrom(signal)),
    to_ts: String(relatedTo(signal)),
    live: 'false',
    integration_id: 'security_monitoring',
    integration_short_name: 'security_investigation',
  });
  return `/logs?${query}`;
}

function internalId(signal: Signal): string {
  return `${signal.rule.id}-${signal.rule.version}-${innerId(signal.id)}`;
}

/** The 24 characters inside an `AQAAA…` id. */
function innerId(id: string): string {
  return Buffer.from(id, 'base64url').subarray(17).toString();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
