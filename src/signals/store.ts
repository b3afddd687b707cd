/**
 * The rows of signals. A doorbell and the poller both only say "there is something to do" (`work`); reading and grouping
 * take what is due, on whatever replica, and nothing is done twice that must not be.
 */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import { anyOf, type Db, type Executor, toJson } from '../db/database.ts';
import type { ReceiptEntry } from './card.ts';
import type { Doorbell } from './doorbell.ts';
import type { Severity, Signal, TriageState } from './signal.ts';

export interface SignalRow {
  id: string;
  via: 'webhook' | 'poll' | 'test';
  doorbell: Doorbell | null;
  doorbells: number;
  received_at: Date;
  facts: Signal | null;
  read_at: Date | null;
  severity: Severity | null;
  state: TriageState;
  raised_at: Date;
  group_id: string | null;
  work: 'read' | 'group' | null;
  attempts: number;
  triaged_at: Date | null;
  intent: Intent | null;
}

/** What a click is about to do in Datadog: seen there before the click is finished, it is nobody else's doing. */
export interface Intent {
  state: TriageState;
  /** The click. */
  request: string;
  /** Whose it is; the version before did not write it down. */
  by?: string;
  at: string;
}

/** So long a click takes that Datadog answers; whoever else clicks meanwhile has read what was before. */
const AT_ONCE_MS = 15_000;
/** A click that did not come to its end within this time is not going to. */
const INTENT_MS = 10 * 60_000;

export function isUnderWay(intent: Intent | null | undefined, now: Date): intent is Intent {
  return !!intent && now.getTime() - new Date(intent.at).getTime() < INTENT_MS;
}

/** What must be known of a signal to ask Datadog for it. */
export type UnreadSignal = Pick<SignalRow, 'id' | 'attempts' | 'received_at' | 'raised_at'>;

export interface StoredDoorbell {
  /** Its signal was not known. */
  fresh: boolean;
  /** Its signal is to be read now. */
  due: boolean;
}

/**
 * Stores a batch of doorbells in one statement. A signal that was rung for before is read again only when the doorbell
 * tells another severity: Datadog rings again for a rise, and repeats.
 */
export async function storeDoorbells(
  front: Db,
  clock: Clock,
  doorbells: readonly Doorbell[],
): Promise<StoredDoorbell[]> {
  const now = clock.now();
  const last = new Map(doorbells.map((doorbell) => [doorbell.signalId, doorbell]));
  const rows = [...last.values()]
    .map((doorbell) => ({ id: doorbell.signalId, doorbell, at: new Date(doorbell.dateMs ?? now.getTime()) }))
    // Two batches at once that share signals would otherwise wait for each other.
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const stored = await sql<StoredDoorbell & { id: string }>`
    insert into signals (id, via, doorbell, doorbells, received_at, raised_at, first_seen, last_seen, work, next_at)
    select id, 'webhook', doorbell, 1, ${now}, at, at, at, 'read', ${now}
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as rung (id text, doorbell jsonb, at timestamptz)
    on conflict (id) do update set
      doorbells = signals.doorbells + 1,
      work = case
        when signals.work is null and signals.severity is distinct from excluded.doorbell ->> 'severity'
        then 'read' else signals.work end,
      next_at = case when signals.work is null then excluded.next_at else signals.next_at end
    returning id, doorbells = 1 as fresh, work is not distinct from 'read' and next_at <= ${now} as due`.execute(front);
  const byId = new Map(stored.rows.map(({ id, fresh, due }) => [id, { fresh, due }]));
  return doorbells.map(({ signalId }) => byId.get(signalId) ?? { fresh: false, due: false });
}

/**
 * Saves what Datadog said of signals, known or not, and makes those due that changed. `askedAt` is when the question
 * left: an answer that is older than what is stored changes nothing.
 */
export async function saveSignals(
  db: Executor,
  signals: readonly Signal[],
  { via, askedAt, now }: { via: SignalRow['via']; askedAt: Date; now: Date },
): Promise<number> {
  const rows = [...new Map(signals.map((signal) => [signal.id, { id: signal.id, facts: signal }])).values()];
  let saved = 0;
  for (let at = 0; at < rows.length; at += SAVED_AT_ONCE)
    saved += await saveFacts(db, rows.slice(at, at + SAVED_AT_ONCE), { via, askedAt, now });
  return saved;
}

/** The embedded database answers nobody else during a statement. */
const SAVED_AT_ONCE = 50;
/** Longer than anything waits to be grouped. */
const AHEAD_MS = 3_600_000;

async function saveFacts(
  db: Executor,
  rows: readonly { id: string; facts: Signal }[],
  { via, askedAt, now }: { via: SignalRow['via']; askedAt: Date; now: Date },
): Promise<number> {
  // What is urgent is grouped before all that waits.
  const ahead = new Date(now.getTime() - AHEAD_MS);
  const saved = await sql`
    insert into signals (id, via, received_at, facts, read_at, raised_at, first_seen, last_seen, work, next_at)
    select id, ${via}, ${now}, facts, ${askedAt}, (facts ->> 'at')::timestamptz,
      (facts ->> 'firstSeen')::timestamptz, (facts ->> 'lastSeen')::timestamptz, 'group',
      case when facts ->> 'severity' = any (${URGENT}::text[]) then ${ahead} else ${now}::timestamptz end
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as found (id text, facts jsonb)
    on conflict (id) do update set
      facts = excluded.facts, read_at = excluded.read_at, work = 'group', next_at = excluded.next_at, attempts = 0
    where (signals.read_at is null or signals.read_at <= excluded.read_at)
      and (signals.work is not null or signals.facts is distinct from excluded.facts)`.execute(db);
  return Number(saved.numAffectedRows ?? 0);
}

/** What is read before all else, the worst first. */
const URGENT: readonly Severity[] = ['critical', 'high'];

/**
 * Takes signals that are to be read, by moving their next look past the time a reading may take: whoever dies with one
 * in hand gives it back that way. `next` is when another one falls due; those due now that were not taken do not count.
 */
export async function claimUnread(
  db: Db,
  { now, until, limit, urgentOnly = false }: { now: Date; until: Date; limit: number; urgentOnly?: boolean },
): Promise<{ claimed: UnreadSignal[]; next: Date | undefined }> {
  const urgent = urgentOnly ? sql`and doorbell ->> 'severity' = any (${URGENT}::text[])` : sql``;
  // The worst first. Of a storm the latest: that is where the search begins, and what came last is not told last.
  const { rows } = await sql<(UnreadSignal | { id: null }) & { next: Date | null }>`
    with claimed as (
      update signals set next_at = ${until}, attempts = attempts + 1
      where id in (
        select id from signals where work = 'read' and next_at <= ${now} ${urgent}
        order by array_position(${URGENT}::text[], doorbell ->> 'severity') nulls last, received_at desc
        limit ${limit} for update skip locked)
      returning id, attempts, received_at, raised_at
    )
    select claimed.*, later.next
    from (select min(next_at) as next from signals where work = 'read' and next_at > ${now}) as later
      left join claimed on true`.execute(db);
  const claimed = rows.flatMap(({ next: _, ...row }) => (row.id === null ? [] : [row]));
  return { claimed, next: rows[0]?.next ?? undefined };
}

export async function readAgain(db: Db, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('signals')
    .set({ next_at: at })
    .where('id', '=', anyOf(ids))
    .where('work', '=', 'read')
    .execute();
}

/** Datadog does not know them, and has had long enough to. */
export async function giveUpReading(trx: Executor, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await trx.updateTable('signals').set({ work: 'group', next_at: now }).where('id', '=', anyOf(ids)).execute();
}

/**
 * Signals to be grouped: those read, and those that could not be read in time and have no card yet. Call it inside the
 * grouping transaction.
 */
export async function dueForGrouping(trx: Executor, now: Date, unreadSince: Date, limit: number): Promise<SignalRow[]> {
  const { rows } = await sql<SignalRow>`
    (select * from signals where work = 'group' and next_at <= ${now} order by next_at limit ${limit})
    union all
    (select * from signals where work = 'read' and group_id is null and received_at <= ${unreadSince}
      order by received_at limit ${limit})
    limit ${limit}`.execute(trx);
  return rows.sort((a, b) => a.received_at.getTime() - b.received_at.getTime());
}

/** What the grouping decided for one signal. */
export interface Grouped {
  id: string;
  /** Of what was looked at. What came in meanwhile, on a connection beside this one, is still to be grouped. */
  read_at: Date | null;
  severity: Severity;
  state: TriageState;
  events: number;
  rule: string | null;
  actor: string | null;
  cluster: string | null;
  first_seen: string;
  last_seen: string;
  raised_at: string;
  group_id: string | null;
  triaged: boolean;
  done: boolean;
}

export async function saveGrouped(trx: Executor, rows: readonly Grouped[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update signals set
      severity = grouped.severity, state = grouped.state, events = grouped.events, rule = grouped.rule,
      actor = grouped.actor, cluster = grouped.cluster, first_seen = grouped.first_seen,
      last_seen = grouped.last_seen, raised_at = grouped.raised_at, group_id = grouped.group_id,
      triaged_at = case when grouped.triaged then coalesce(grouped.read_at, ${now}) else signals.triaged_at end,
      work = case when grouped.done and signals.read_at is not distinct from grouped.read_at
        then null else signals.work end
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as grouped (id text, read_at timestamptz, severity text, state text,
      events integer,
      rule text, actor text, cluster text, first_seen timestamptz, last_seen timestamptz, raised_at timestamptz,
      group_id text, triaged boolean, done boolean)
    where signals.id = grouped.id`.execute(trx);
}

/**
 * When the next signal is to be grouped, and when the next group or storm is to be looked at; `readForMs` is how long a
 * card waits to be readable.
 */
export async function nextGroupWork(
  db: Db,
  readForMs: number,
): Promise<{ signalsAt: Date | undefined; groupsAt: Date | undefined }> {
  const { rows } = await sql<Record<'toGroup' | 'unread' | 'dueGroup' | 'toDraw' | 'dueStorm', Date | null>>`
    select (select min(next_at) from signals where work = 'group') as "toGroup",
      (select min(received_at) from signals where work = 'read' and group_id is null) as unread,
      (select min(due_at) from signal_groups where due_at is not null) as "dueGroup",
      (select min(draw_at) from signal_groups where draw_at is not null) as "toDraw",
      (select min(due_at) from storms where due_at is not null) as "dueStorm"`.execute(db);
  const { toGroup, unread, dueGroup, toDraw, dueStorm } = rows[0] ?? {};
  const shown = unread ? new Date(unread.getTime() + readForMs) : undefined;
  return { signalsAt: earliest(toGroup, shown), groupsAt: earliest(dueGroup, toDraw, dueStorm) };
}

export async function recordEvents(
  trx: Executor,
  events: readonly { signalId: string; event: ReceiptEntry }[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ signalId, event: { at, ...event } }) => ({ signal_id: signalId, at, event }));
  await sql`
    insert into signal_events (signal_id, at, event)
    select signal_id, at, event
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as happened (signal_id text, at timestamptz, event jsonb)
  `.execute(trx);
}

/** How many bodies are kept at most; the oldest make room. */
const MOST_DEAD_LETTERS = 1000;
/** Enough to see what was meant. */
const DEAD_LETTER_LIMIT = 16 * 1024;

export interface DeadLetter {
  reason: string;
  body: string;
}

export async function keepDeadLetters(front: Db, letters: readonly DeadLetter[], now: Date): Promise<undefined[]> {
  await front
    .insertInto('dead_letters')
    .values(
      letters.map(({ reason, body }) => ({
        at: now,
        reason,
        // Text columns take no NUL, and half a surrogate pair cannot be encoded.
        body: body.slice(0, DEAD_LETTER_LIMIT).toWellFormed().replaceAll('\0', '\uFFFD'),
      })),
    )
    .execute();
  await sql`delete from dead_letters where id <= (select max(id) from dead_letters) - ${MOST_DEAD_LETTERS}`.execute(
    front,
  );
  return letters.map(() => undefined);
}

export function earliest(...dates: (Date | null | undefined)[]): Date | undefined {
  const present = dates.flatMap((date) => date ?? []);
  return present.length > 0 ? new Date(Math.min(...present.map(Number))) : undefined;
}

/** Somebody here changed the triage: newer than whatever Datadog was asked before. */
export async function setTriaged(trx: Executor, ids: readonly string[], state: TriageState, now: Date): Promise<void> {
  await trx.updateTable('signals').set({ state, triaged_at: now }).where('id', 'in', ids).execute();
}

/**
 * Before Datadog is asked to change them. Returns the click of somebody else who is changing one of them to the same this
 * very moment, and then nothing is stored.
 */
export async function intend(db: Db, ids: readonly string[], intent: Intent): Promise<Intent | undefined> {
  return await db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('signals')
      .select('intent')
      .where('id', '=', anyOf(ids))
      .orderBy('id')
      .forUpdate()
      .execute();
    const since = new Date(intent.at).getTime() - AT_ONCE_MS;
    const other = (rows as { intent: Intent | null }[]).find(
      ({ intent: theirs }) =>
        theirs?.by && theirs.by !== intent.by && theirs.state === intent.state && new Date(theirs.at).getTime() > since,
    );
    if (other?.intent) return other.intent;
    await trx
      .updateTable('signals')
      .set({ intent: toJson(intent) })
      .where('id', '=', anyOf(ids))
      .execute();
    return undefined;
  });
}

/** Those of these signals whose receipts say that this person changed them to this since then. */
export async function changedSince(
  trx: Executor,
  ids: readonly string[],
  { by, state, since }: { by: string; state: TriageState; since: Date },
): Promise<Set<string>> {
  const { rows } = await sql<{ signal_id: string }>`
    select signal_id from signal_events
    where signal_id in (${sql.join(ids)}) and at >= ${since}
      and event ->> 'in' = 'slack' and event ->> 'what' in ('triaged', 'taken') and event -> 'by' ->> 'userId' = ${by}
      and coalesce(event ->> 'state', 'under_review') = ${state}`.execute(trx);
  return new Set(rows.map((row) => row.signal_id));
}

/** Those of these signals that somebody here changed to something else after this click had. */
export async function changedAfter(
  trx: Executor,
  ids: readonly string[],
  { requestId, state, since }: { requestId: string; state: TriageState; since: Date },
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from signals
    where id in (${sql.join(ids)}) and intent ->> 'request' is distinct from ${requestId}
      and exists (select from signal_events where signal_id = signals.id and at >= ${since}
        and event ->> 'in' = 'slack' and event ->> 'what' in ('triaged', 'taken')
        and coalesce(event ->> 'state', 'under_review') <> ${state})`.execute(trx);
  return new Set(rows.map((row) => row.id));
}

/** The click is finished, or Datadog would not have it. */
export async function forgetIntents(db: Executor, requestId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('signals')
    .set({ intent: null })
    .where('id', 'in', ids)
    .where(sql<boolean>`intent ->> 'request' = ${requestId}`)
    .execute();
}

export async function findSignal(db: Executor, id: string): Promise<SignalRow | undefined> {
  return (await db.selectFrom('signals').selectAll().where('id', '=', id).executeTakeFirst()) as SignalRow | undefined;
}

/** Oldest first. */
export async function signalEvents(db: Executor, signalId: string): Promise<ReceiptEntry[]> {
  const rows = await db
    .selectFrom('signal_events')
    .select(['at', 'event'])
    .where('signal_id', '=', signalId)
    .orderBy('id')
    .execute();
  return rows.map(({ at, event }) => {
    const { until, ...told } = event as { until?: string };
    return { ...told, ...(until === undefined ? {} : { until: new Date(until) }), at } as ReceiptEntry;
  });
}
