/**
 * Signals in Datadog: reading them as Datadog sends them, and changing their triage. Every change is recorded there
 * under the owner of the application key, whoever asked us for it. All of it may be repeated.
 */
import { z } from 'zod';
import { type Datadog, DatadogError, type DatadogFailureKind } from './client.ts';

/** All signals of Kubernetes audit logs, of shipped rules and of ours. */
export const SIGNAL_QUERY = 'source:kubernetes.audit';

export interface SignalSearch {
  query: string;
  from: Date;
  to: Date;
  /** Ascending, which is Datadog's own default, shows the oldest first. */
  sort?: 'timestamp' | '-timestamp' | undefined;
  cursor?: string | undefined;
  /** 1,000 at most. */
  limit?: number | undefined;
}

export interface StateChange {
  state: 'open' | 'under_review' | 'archived';
  /** One of Datadog's own; only for `archived`. */
  archiveReason?: string | undefined;
  archiveComment?: string | undefined;
}

export interface TriageOutcome {
  changed: string[];
  failed: TriageFailure[];
}

export interface TriageFailure {
  id: string;
  kind: DatadogFailureKind;
  reasons: string[];
}

const DEFAULT_LIMIT = 100;

/** "The maximum number of signals that can be updated in a single request is 199" (API reference). */
const LARGEST_BULK = 199;
const AT_ONCE = 4;
/** So many refusals in a row, and not one success: it is the key, not the signals. */
const ENOUGH_DENIALS = 8;

const one = z.looseObject({ data: z.unknown() });
const page = z.looseObject({
  data: z.array(z.unknown()).nullish(),
  meta: z.looseObject({ page: z.looseObject({ after: z.string().nullish() }).nullish() }).nullish(),
});
const bulkAnswer = z.looseObject({
  result: z.looseObject({ events: z.array(z.looseObject({ id: z.string() })).nullish() }).nullish(),
});

/** The `data` of the answer, unread; undefined when Datadog has no such signal (yet). */
export async function getSignalData(datadog: Datadog, signalId: string): Promise<unknown> {
  try {
    return one.parse(await datadog.call('security', 'getSecurityMonitoringSignal', { signalId })).data;
  } catch (error) {
    if (error instanceof DatadogError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** One page, unread. Every page that has items may have a cursor, the last one too. */
export async function searchSignalData(
  datadog: Datadog,
  { query, from, to, sort = 'timestamp', cursor, limit = DEFAULT_LIMIT }: SignalSearch,
): Promise<{ items: unknown[]; cursor: string | undefined }> {
  const body = {
    // The client sends whole seconds; rounded outwards, the window never shrinks.
    filter: { query, from: wholeSecond(from, Math.floor), to: wholeSecond(to, Math.ceil) },
    page: { limit, ...(cursor !== undefined && { cursor }) },
    sort,
  };
  const answer = page.parse(await datadog.call('security', 'searchSecurityMonitoringSignals', { body }));
  const items = answer.data ?? [];
  return { items, cursor: items.length > 0 ? (answer.meta?.page?.after ?? undefined) : undefined };
}

/** Throws only when nothing was changed and trying again later makes sense, or when the mistake is ours. */
export function setState(datadog: Datadog, ids: readonly string[], change: StateChange): Promise<TriageOutcome> {
  const { state, archiveReason, archiveComment } = change;
  const attributes = {
    state,
    // An open signal keeps no reason of an earlier end.
    ...(state !== 'archived' ? { archiveReason: 'none' } : archiveReason !== undefined && { archiveReason }),
    ...(archiveComment !== undefined && { archiveComment }),
  };
  return triage(ids, {
    single: (signalId) =>
      datadog.call('security', 'editSecurityMonitoringSignalState', { signalId, body: { data: { attributes } } }),
    bulk: (some) =>
      datadog.call('security', 'bulkEditSecurityMonitoringSignalsState', {
        body: { data: some.map((id) => ({ id, type: 'signal', attributes })) },
      }),
  });
}

/** Undefined takes the signals away from whoever has them. */
export function setAssignee(
  datadog: Datadog,
  ids: readonly string[],
  userUuid: string | undefined,
): Promise<TriageOutcome> {
  const uuid = userUuid ?? '';
  return triage(ids, {
    single: (signalId) =>
      datadog.call('security', 'editSecurityMonitoringSignalAssignee', {
        signalId,
        body: { data: { attributes: { assignee: { uuid } } } },
      }),
    bulk: (some) =>
      datadog.call('security', 'bulkEditSecurityMonitoringSignalsAssignee', {
        // Here the assignee is the UUID itself.
        body: { data: some.map((id) => ({ id, type: 'signal', attributes: { assignee: uuid } })) },
      }),
  });
}

interface TriageCalls {
  single(id: string): Promise<unknown>;
  bulk(ids: readonly string[]): Promise<unknown>;
}

/**
 * What no bulk call has changed is tried singly: only then Datadog says what is wrong with which signal. What Datadog
 * has no time for is thrown where nothing was changed yet; afterwards it is a failure of those that are left.
 */
async function triage(ids: readonly string[], { single, bulk }: TriageCalls): Promise<TriageOutcome> {
  const wanted = [...new Set(ids)];
  const changed = new Set<string>();
  const failed: TriageFailure[] = [];
  const left = () => wanted.filter((id) => !changed.has(id) && !failed.some((failure) => failure.id === id));
  try {
    if (wanted.length > 1) await inBulk(wanted, bulk, changed);
    await singly(left(), single, changed, failed);
  } catch (error) {
    if (!(error instanceof DatadogError) || changed.size === 0) throw error;
    failed.push(...left().map((id) => ({ id, kind: error.kind, reasons: error.reasons })));
  }
  failed.sort((a, b) => wanted.indexOf(a.id) - wanted.indexOf(b.id));
  return { changed: wanted.filter((id) => changed.has(id)), failed };
}

async function inBulk(ids: readonly string[], bulk: TriageCalls['bulk'], changed: Set<string>): Promise<void> {
  for (let start = 0; start < ids.length; start += LARGEST_BULK) {
    const some = ids.slice(start, start + LARGEST_BULK);
    try {
      const answer = bulkAnswer.safeParse(await bulk(some));
      for (const { id } of answer.data?.result?.events ?? []) changed.add(id);
    } catch (error) {
      if (refusal(error).kind === 'denied') break;
    }
  }
}

async function singly(
  ids: readonly string[],
  single: TriageCalls['single'],
  changed: Set<string>,
  failed: TriageFailure[],
): Promise<void> {
  const waiting = [...ids];
  const before = changed.size;
  async function work(): Promise<void> {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await single(id);
        changed.add(id);
      } catch (error) {
        const { kind, reasons } = orStop(error);
        failed.push({ id, kind, reasons });
        const denials = failed.filter((failure) => failure.kind === 'denied').length;
        if (changed.size > before || denials < ENOUGH_DENIALS || denials < failed.length) continue;
        failed.push(...waiting.splice(0).map((untried) => ({ id: untried, kind, reasons })));
      }
    }
  }
  /** What comes up ends the work of the others, too. */
  function orStop(error: unknown): DatadogError {
    try {
      return refusal(error);
    } catch (stop) {
      waiting.length = 0;
      throw stop;
    }
  }
  // All have ended before anything is thrown, so that nothing is changed behind the caller's back.
  for (const ended of await Promise.allSettled(Array.from({ length: AT_ONCE }, work))) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

/** Datadog's own no. Anything else goes up: too many calls, no answer, a request the client refused to build. */
function refusal(error: unknown): DatadogError {
  if (!(error instanceof DatadogError)) throw error;
  if (error.kind === 'throttled' || error.kind === 'unreachable' || error.status === undefined) throw error;
  return error;
}

function wholeSecond(at: Date, round: (value: number) => number): Date {
  return new Date(round(at.getTime() / 1000) * 1000);
}
