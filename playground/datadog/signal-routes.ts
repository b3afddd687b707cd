/**
 * Security signals: list, search, read and triage. Every change is attributed to the owner of the application key.
 */
import { matches, parseQuery } from '../../src/rules/query.ts';
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { errors, notFound } from './answers.ts';
import { pageOf } from './pages.ts';
import type { KeyedRequest, Route } from './route.ts';
import { attributesOf } from './route.ts';
import { list, object, text } from './rule.ts';
import { isQuery } from './rule-validation.ts';
import type { Signal } from './signal.ts';
import { signalAsEvent, signalDetail, signalListItem, triageAttributes } from './signal-shapes.ts';
import { triaged, triageProblem } from './signal-triage.ts';
import type { Datadog } from './state.ts';
import type { TimeRange } from './time-range.ts';
import { timeRange } from './time-range.ts';

const SIGNALS = '/api/v2/security_monitoring/signals';
const SIGNAL = `${SIGNALS}/{signal_id}`;
const LARGEST_PAGE = 1000;

export const signalRoutes: readonly Route[] = [
  {
    operation: 'ListSecurityMonitoringSignals',
    method: 'GET',
    path: SIGNALS,
    handle: (request) => {
      const value = (name: string) => request.call.query.get(name) ?? undefined;
      return searched(request, {
        query: value('filter[query]'),
        from: value('filter[from]'),
        to: value('filter[to]'),
        sort: value('sort'),
        cursor: value('page[cursor]'),
        limit: value('page[limit]'),
      });
    },
  },
  {
    operation: 'SearchSecurityMonitoringSignals',
    method: 'POST',
    path: `${SIGNALS}/search`,
    writes: false,
    handle: (request) => {
      const sent = object(request.body);
      const { query, from, to } = object(sent.filter);
      const { cursor, limit } = object(sent.page);
      return searched(request, { query, from, to, sort: sent.sort, cursor, limit });
    },
  },
  bulk('BulkEditSecurityMonitoringSignals', 'update', (attributes) => attributes),
  bulk('BulkEditSecurityMonitoringSignalsState', 'state', (attributes) => attributes),
  // Here the assignee is the UUID itself, elsewhere an object with it.
  bulk('BulkEditSecurityMonitoringSignalsAssignee', 'assignee', ({ assignee, ...others }) => ({
    ...others,
    assignee: { uuid: assignee },
  })),
  {
    operation: 'GetSecurityMonitoringSignal',
    method: 'GET',
    path: SIGNAL,
    handle: (request) => withSignal(request, (signal) => json(200, { data: signalDetail(signal) })),
  },
  single('EditSecurityMonitoringSignal', 'update'),
  single('EditSecurityMonitoringSignalState', 'state'),
  single('EditSecurityMonitoringSignalAssignee', 'assignee'),
  single('EditSecurityMonitoringSignalIncidents', 'incidents'),
];

interface Search {
  query: unknown;
  from: unknown;
  to: unknown;
  sort: unknown;
  cursor: unknown;
  limit: unknown;
}

function searched(request: KeyedRequest, search: Search): Answer {
  const { datadog } = request;
  const range = signalRange(search, datadog.time.now());
  const limit = Number(search.limit ?? 10);
  const queryText = search.query === undefined ? '*' : String(search.query);
  if (typeof range === 'string') return errors(400, `invalid_argument(Invalid value for filter.${range})`);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    return errors(400, 'invalid_argument(Invalid value for page.limit)');
  }
  if (!isQuery(queryText)) return errors(400, 'invalid_argument(Invalid query)');
  const query = parseQuery(queryText);
  const found = datadog.signals.filter(
    (signal) => signal.timestampMs >= range.fromMs && signal.timestampMs <= range.toMs && isReadable(datadog, signal),
  );
  const cursor = search.cursor === undefined ? undefined : String(search.cursor);
  const page = pageOf(
    found.filter((signal) => matches(query, signalAsEvent(signal))),
    { descending: search.sort === '-timestamp', cursor, limit },
  );
  if (!page) return errors(400, 'invalid_argument(Invalid value for page.cursor)');
  if (page.after === undefined) return json(200, { data: [] });
  return json(200, {
    meta: { page: { after: page.after } },
    data: page.items.map(signalListItem),
    links: { next: nextLink(request, search, page.after) },
  });
}

/** Unlike logs, signals take date-times only, no date math. */
function signalRange({ from, to }: Search, nowMs: number): TimeRange | 'from' | 'to' {
  const range = timeRange(from, to, nowMs);
  if (from !== undefined && !String(from).includes('T')) return 'from';
  if (to !== undefined && !String(to).includes('T')) return 'to';
  return range;
}

function nextLink({ datadog }: KeyedRequest, search: Search, after: string): string {
  const link = new URL(`https://api.${datadog.site}${SIGNALS}`);
  const values = {
    'filter[query]': search.query,
    'filter[from]': search.from,
    'filter[to]': search.to,
    sort: search.sort,
    'page[cursor]': after,
    'page[limit]': search.limit,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) link.searchParams.set(name, String(value));
  }
  return link.href;
}

/** Neither found nor searchable for as long as `signalReadLagMs` says, though its webhook may have rung [inferred]. */
function isReadable({ signalReadLagMs, time }: Datadog, { timestampMs }: Signal): boolean {
  return timestampMs + signalReadLagMs / time.speed <= time.now();
}

function withSignal({ datadog, params }: KeyedRequest, then: (signal: Signal) => Answer): Answer {
  const signal = datadog.signals.find(({ id }) => id === params.signal_id);
  return signal && isReadable(datadog, signal) ? then(signal) : notFound('Signal not found');
}

function single(operation: string, verb: string): Route {
  return {
    operation,
    method: 'PATCH',
    path: `${SIGNAL}/${verb}`,
    handle: (request) =>
      withSignal(request, (signal) => {
        const sent = attributesOf(request.body);
        const problem = triageProblem(request.datadog, signal, sent);
        if (problem) return problem;
        triaged(request.datadog, signal, sent, request.caller);
        const attributes = triageAttributes(signal.triage);
        return json(200, { data: { attributes, type: 'signal_metadata', id: signal.id } });
      }),
  };
}

/** No exchange of these is recorded; the answer follows the client's models. */
function bulk(
  operation: string,
  verb: string,
  attributesFrom: (sent: Record<string, unknown>) => Record<string, unknown>,
): Route {
  return {
    operation,
    method: 'PATCH',
    path: `${SIGNALS}/bulk/${verb}`,
    handle: ({ datadog, body, caller }) => {
      const wanted = list(object(body).data).map((item) => ({
        signal: datadog.signals.find((one) => one.id === text(object(item).id) && isReadable(datadog, one)),
        sent: attributesFrom(object(object(item).attributes)),
      }));
      const events: unknown[] = [];
      for (const { signal, sent } of wanted) {
        if (!signal || triageProblem(datadog, signal, sent)) continue;
        triaged(datadog, signal, sent, caller);
        events.push({ id: signal.id, event: { id: signal.id, ...triageAttributes(signal.triage) } });
      }
      return json(200, { result: { count: events.length, events }, status: 'done', type: 'status' });
    },
  };
}
