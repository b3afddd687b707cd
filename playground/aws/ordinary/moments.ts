/** When things happen within the hour: again and again, one after the other, or as a watch that ends and is renewed. */
import type { AuditEventDraft } from '../audit-event.ts';
import { pick } from './naming.ts';
import { type Actor, request } from './request.ts';

export interface Moment {
  /** Milliseconds since the hour began. */
  at: number;
  draft: AuditEventDraft;
}

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** When the API servers of the next version take over; every connection breaks and is made again. */
export const UPGRADE = 20 * MINUTE;
/** Watches end by themselves after five to ten minutes; the longer half is told here. */
const SHORTEST_WATCH = 8 * MINUTE;
const LONGEST_WATCH = 10 * MINUTE;

export interface Span {
  from?: number;
  until?: number;
}

export interface Watching extends Span {
  /** How it lists before it watches; informers ask for what the API server has cached. */
  list?: string;
}

/** The label spreads series of the same period over it. */
export function every(
  label: string,
  period: number,
  make: (at: number, turn: number) => AuditEventDraft | AuditEventDraft[],
  { from = 0, until = HOUR }: Span = {},
): Moment[] {
  const moments: Moment[] = [];
  const first = from + pick(label, Math.min(period, until - from));
  for (let at = first, turn = 0; at < until; at += period, turn++) moments.push(...inTurn(at, [make(at, turn)].flat()));
  return moments;
}

/** One after the other, some milliseconds apart. */
export function inTurn(at: number, drafts: readonly AuditEventDraft[], apart = 30): Moment[] {
  return drafts.map((draft, index) => ({ at: at + index * apart, draft }));
}

/** Watches of these paths through the hour; a client lists what it watches when it starts and when the server does. */
export function watches(
  label: string,
  actor: (at: number) => Actor,
  paths: readonly string[],
  { from = 0, until = HOUR, list = 'limit=500&resourceVersion=0' }: Watching = {},
): Moment[] {
  const starts = from < UPGRADE && UPGRADE < until ? [from, UPGRADE] : [from];
  return paths.flatMap((path) =>
    starts.flatMap((start, index) => {
      const end = starts[index + 1] ?? until;
      const reconnects = start + pick(`${label} ${path} ${start}`, 20 * SECOND);
      const draft = request(actor(reconnects), 'list', withParameters(path, list));
      const lists = from > 0 || start === UPGRADE ? [{ at: reconnects, draft }] : [];
      return [...lists, ...watchUntil(label, actor, path, reconnects + 50, end)];
    }),
  );
}

function watchUntil(label: string, actor: (at: number) => Actor, path: string, from: number, end: number): Moment[] {
  const moments: Moment[] = [];
  let at = from;
  while (at < end) {
    const seconds = Math.round(
      (SHORTEST_WATCH + pick(`${label} ${path} ${at}`, LONGEST_WATCH - SHORTEST_WATCH)) / SECOND,
    );
    const timeout = `timeout=${Math.floor(seconds / 60)}m${seconds % 60}s&timeoutSeconds=${seconds}&watch=true`;
    const uri = withParameters(
      path,
      `allowWatchBookmarks=true&resourceVersion=${8_812_001 + Math.floor(at / SECOND)}&${timeout}`,
    );
    const ends = at + seconds * SECOND;
    moments.push({ at, draft: request(actor(at), 'watch', uri, { stage: 'ResponseStarted' }) });
    // A watch that outlives the hour ends in the next one.
    if (ends < HOUR) moments.push({ at: Math.min(ends, end), draft: request(actor(at), 'watch', uri) });
    at = ends + 20;
  }
  return moments;
}

/** Sorted, as client-go sends them. */
function withParameters(path: string, parameters: string): string {
  const [plain = '', own] = path.split('?');
  return `${plain}?${[...(own?.split('&') ?? []), ...parameters.split('&')].sort().join('&')}`;
}
