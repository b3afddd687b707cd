/** Datadog logs: whether a cluster's audit events arrive, and the last of them. */
import { z } from 'zod';
import type { Datadog } from './client.ts';

export interface LogEntry {
  id: string;
  at: Date;
  message: string;
  tags: string[];
  attributes: Record<string, unknown>;
}

const logEntry = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    timestamp: z.coerce.date(),
    message: z.string().default(''),
    tags: z.array(z.string()).default([]),
    attributes: z.record(z.string(), z.unknown()).default({}),
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
  }));
}
