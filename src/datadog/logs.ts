/** Datadog logs: whether a cluster's audit events arrive, and the last of them. */
import { z } from 'zod';
import type { Datadog } from './client.ts';

export interface LogEntry {
  id: string;
  at: Date;
  message: string;
  tags: string[];
  attributes: Record<string, unknown>;
  host: string | undefined;
  service: string | undefined;
}

const logEntry = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    timestamp: z.coerce.date(),
    message: z.string().default(''),
    tags: z.array(z.string()).default([]),
    attributes: z.record(z.string(), z.unknown()).default({}),
    host: z.string().nullish(),
    service: z.string().nullish(),
  }),
});
/** The last page comes as `{"data":[]}` or without data at all. */
const searchAnswer = z.looseObject({ data: z.array(logEntry).nullish() });

/** Newest first. Searches what this key may see: an empty answer is "none visible", not "none". */
export async function searchLogs(
  datadog: Datadog,
  query: string,
  from: Date,
  to: Date,
  limit: number,
): Promise<LogEntry[]> {
  const answer = await datadog.call('logs', 'listLogs', {
    body: {
      filter: { query, from: from.toISOString(), to: to.toISOString() },
      page: { limit },
      sort: '-timestamp',
    },
  });
  return (searchAnswer.parse(answer).data ?? []).map((entry) => ({
    id: entry.id,
    at: entry.attributes.timestamp,
    message: entry.attributes.message,
    tags: entry.attributes.tags,
    attributes: entry.attributes.attributes,
    host: entry.attributes.host ?? undefined,
    service: entry.attributes.service ?? undefined,
  }));
}

const countAnswer = z.looseObject({
  data: z
    .looseObject({
      buckets: z.array(z.looseObject({ computes: z.record(z.string(), z.unknown()).nullish() })).nullish(),
    })
    .nullish(),
});

/** How many there are in all, as far as this key may see. */
export async function countLogs(datadog: Datadog, query: string, from: Date, to: Date): Promise<number> {
  const answer = await datadog.call('logs', 'aggregateLogs', {
    body: {
      filter: { query, from: from.toISOString(), to: to.toISOString() },
      compute: [{ aggregation: 'count', type: 'total' }],
    },
  });
  const [bucket] = countAnswer.parse(answer).data?.buckets ?? [];
  const [count] = Object.values(bucket?.computes ?? {});
  return typeof count === 'number' ? count : 0;
}
