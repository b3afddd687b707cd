/**
 * Logs: the intake over HTTP, search (POST and GET) and aggregation.
 */
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Query } from '../../src/rules/query.ts';
import { parseQuery } from '../../src/rules/query.ts';
import type { Answer, Call } from '../http.ts';
import { json } from '../http.ts';
import { errors, titledError } from './answers.ts';
import { aggregate } from './log-aggregate.ts';
import type { StoredLog } from './logs.ts';
import { pageOf } from './pages.ts';
import type { KeyedRequest, Route } from './route.ts';
import { list, object } from './rule.ts';
import { timeRange } from './time-range.ts';

const LARGEST_PAGE = 1000;
const LARGEST_PAYLOAD_BYTES = 5_000_000;

export const logRoutes: readonly Route[] = [
  {
    operation: 'SubmitLog',
    method: 'POST',
    path: '/api/v2/logs',
    keys: 'api key only',
    handle: ({ datadog, call }) => {
      const entries = submittedEntries(call);
      if (!Array.isArray(entries)) return entries;
      const tags = call.query.get('ddtags');
      datadog.logs.receive(tags ? entries.map((entry) => ({ ...entry, ddtags: joined(entry.ddtags, tags) })) : entries);
      return json(202, {});
    },
  },
  {
    operation: 'ListLogs',
    method: 'POST',
    path: '/api/v2/logs/events/search',
    writes: false,
    handle: (request) => {
      const sent = object(request.body);
      const filter = object(sent.filter);
      const page = object(sent.page);
      return searched(request, {
        query: filter.query,
        from: filter.from,
        to: filter.to,
        indexes: list(filter.indexes).map(String),
        sort: sent.sort,
        cursor: page.cursor,
        limit: page.limit,
      });
    },
  },
  {
    operation: 'ListLogsGet',
    method: 'GET',
    path: '/api/v2/logs/events',
    handle: (request) => {
      const { query } = request.call;
      const value = (name: string) => query.get(name) ?? undefined;
      return searched(request, {
        query: value('filter[query]'),
        from: value('filter[from]'),
        to: value('filter[to]'),
        indexes: query.getAll('filter[indexes]').flatMap((indexes) => indexes.split(',')),
        sort: value('sort'),
        cursor: value('page[cursor]'),
        limit: value('page[limit]'),
      });
    },
  },
  {
    operation: 'AggregateLogs',
    method: 'POST',
    path: '/api/v2/logs/analytics/aggregate',
    writes: false,
    handle: (request) => {
      const sent = object(request.body);
      const filter = object(sent.filter);
      const indexes = list(filter.indexes).map(String);
      const logs = foundLogs(request, { query: filter.query, from: filter.from, to: filter.to, indexes });
      if (!Array.isArray(logs)) return logs;
      const buckets = aggregate(
        logs.map((log) => log.event),
        sent,
      );
      if (typeof buckets === 'string') return errors(400, buckets);
      return json(200, { meta: meta(request), data: { buckets } });
    },
  },
];

interface Filter {
  query: unknown;
  from: unknown;
  to: unknown;
  indexes: string[];
}

interface Search extends Filter {
  sort: unknown;
  cursor: unknown;
  limit: unknown;
}

/** The error texts of unreadable searches are not recorded anywhere; shape and status are. */
function foundLogs({ datadog, key }: KeyedRequest, filter: Filter): StoredLog[] | Answer {
  const range = timeRange(filter.from, filter.to, datadog.time.now());
  if (typeof range === 'string') return errors(400, `invalid_argument(Invalid value for filter.${range})`);
  let query: Query;
  try {
    query = parseQuery(String(filter.query ?? '*'));
  } catch {
    return errors(400, 'invalid_argument(Invalid query)');
  }
  // The organisation has one index, `main`, with every log.
  const searchesMain = filter.indexes.length === 0 || filter.indexes.some((index) => index === '*' || index === 'main');
  return searchesMain ? datadog.logs.find(query, range, key.restriction) : [];
}

function searched(request: KeyedRequest, search: Search): Answer {
  const limit = Number(search.limit ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    return errors(400, 'invalid_argument(Invalid value for page.limit)');
  }
  const logs = foundLogs(request, search);
  if (!Array.isArray(logs)) return logs;
  const cursor = search.cursor === undefined ? undefined : String(search.cursor);
  const page = pageOf(logs, { descending: search.sort !== 'timestamp', cursor, limit });
  if (!page) return errors(400, 'invalid_argument(Invalid value for page.cursor)');
  if (page.after === undefined) {
    // Without logs the first page has a meta, the page after the last has none.
    return json(200, cursor === undefined ? { data: [], meta: meta(request) } : { data: [] });
  }
  return json(200, {
    meta: { ...meta(request), page: { after: page.after } },
    data: page.items.map(logData),
    links: { next: nextLink(request, search, page.after) },
  });
}

function logData({ id, timestampMs, event }: StoredLog): unknown {
  const { status, tags, host, service, message, attributes } = event;
  const timestamp = new Date(timestampMs).toISOString();
  return {
    attributes: {
      status,
      ...(service && { service }),
      tags,
      timestamp,
      ...(host && { host }),
      attributes,
      message,
    },
    type: 'log',
    id,
  };
}

function meta({ datadog }: KeyedRequest): Record<string, unknown> {
  return { elapsed: 10, request_id: datadog.ids.request(), status: 'done' };
}

function nextLink({ datadog }: KeyedRequest, search: Search, after: string): string {
  const link = new URL(`https://api.${datadog.site}/api/v2/logs/events`);
  const values = {
    sort: search.sort,
    'filter[query]': search.query,
    'filter[from]': search.from,
    'filter[to]': search.to,
    'page[cursor]': after,
    'page[limit]': search.limit,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) link.searchParams.set(name, String(value));
  }
  return link.href;
}

function submittedEntries(call: Call): Record<string, unknown>[] | Answer {
  try {
    const bytes = decoded(call);
    if (bytes.length > LARGEST_PAYLOAD_BYTES) return titledError(413, 'Payload Too Large', 'Payload too large');
    const sent: unknown = JSON.parse(bytes.toString());
    return (Array.isArray(sent) ? sent : [sent]).map(object);
  } catch {
    return titledError(400, 'Bad Request', 'Invalid JSON');
  }
}

function decoded({ headers, body }: Call): Buffer {
  const encoding = headers['content-encoding'];
  if (encoding === 'gzip') return gunzipSync(body);
  return encoding === 'deflate' ? inflateSync(body) : body;
}

function joined(own: unknown, common: string): string {
  return typeof own === 'string' && own !== '' ? `${own},${common}` : common;
}
