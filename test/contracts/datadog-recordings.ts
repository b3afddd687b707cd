/** The recorded exchanges with Datadog, and which operation of the stand-in each of them is. */
import { DATADOG_ROUTES } from '../../playground/datadog/routes.ts';
import { contractsIn, readContract } from './contracts-dir.ts';

export interface Exchange {
  request: { method: string; url: string; body?: unknown };
  response: { status: number; body: unknown };
}

/** With the name of the recording it stands in. */
export interface RecordedExchange extends Exchange {
  recording: string;
}

export interface Recording {
  file: string;
  exchanges: RecordedExchange[];
}

export const recordings: readonly Recording[] = contractsIn('datadog').map((file) => {
  const { name, exchanges } = readContract<{ name: string; exchanges: Exchange[] }>(`datadog/${file}`);
  return { file, exchanges: exchanges.map((exchange) => ({ ...withoutMark(exchange), recording: name })) };
});

/** `_trimmed` was put there when long lists were shortened, it is not Datadog's. */
function withoutMark({ request, response }: Exchange): Exchange {
  const { status, body } = response;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { request, response };
  const { _trimmed, ...others } = body as Record<string, unknown>;
  return { request, response: { status, body: others } };
}

/** The operation the stand-in routes this request to, or undefined where it has none. */
export function operationOf({ request }: Exchange): string | undefined {
  const path = request.url.split('?')[0] ?? '';
  return DATADOG_ROUTES.find((route) => {
    const source = route.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+');
    return route.method === request.method && new RegExp(`^${source}$`).test(path);
  })?.operation;
}

/** The recorded exchanges of an operation, oldest first; those that carry no date count as the oldest. */
export function exchangesOf(operation: string): RecordedExchange[] {
  return recordings
    .flatMap((recording) => recording.exchanges.map((exchange) => ({ exchange, atMs: recordedAtMs(recording) })))
    .filter(({ exchange }) => operationOf(exchange) === operation)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ exchange }) => exchange);
}

/** The latest of the dates Datadog put into the answers: milliseconds, or ISO 8601 in newer families. */
function recordedAtMs({ exchanges }: Recording): number {
  const text = JSON.stringify(exchanges.map(({ response }) => response.body));
  const ms = [...text.matchAll(/(?<![\d.])1[4-9]\d{11}(?!\d)/g)].map(([digits]) => Number(digits));
  const iso = [...text.matchAll(/\b20[12]\d-\d\d-\d\dT[\d:.]+Z/g)].map(([date]) => Date.parse(date));
  return Math.max(0, ...ms, ...iso);
}
