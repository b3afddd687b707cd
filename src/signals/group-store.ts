/** The rows of groups and storms. Everything is asked for many groups at once. */
import { sql } from 'kysely';
import { anyOf, type Executor, toJson } from '../db/database.ts';
import type { Taken } from './card.ts';
import type { Route } from './routing.ts';
import type { Severity, TriageState } from './signal.ts';
import { type Intent, isUnderWay } from './store.ts';

export interface Mute {
  until: string;
  by: string;
}

/** A suppression somebody asked for from this group's card. */
export interface GroupSuppression {
  id: string;
  state: 'asked' | 'active';
  until: string;
}

export interface Group {
  id: string;
  key: string;
  channel: string;
  route: Route;
  deliver: Route['deliver'];
  severity: Severity;
  opened_at: Date;
  last_at: Date;
  closed_at: Date | null;
  storm_id: string | null;
  taken: (Omit<Taken, 'at'> & { at: string | undefined }) | null;
  mute: Mute | null;
  suppression: GroupSuppression | null;
  moved_to: string | null;
  escalated_at: Date | null;
  due_at: Date | null;
  waiting_since: Date | null;
  unfolded_from: string | null;
  drawn_at: Date | null;
  draw_at: Date | null;
}

export interface Storm {
  id: string;
  channel: string;
  started_at: Date;
  last_at: Date;
  ended_at: Date | null;
  drawn_at: Date | null;
  due_at: Date | null;
}

/**
 * Lets one transaction at a time decide which message a signal belongs to, over all replicas; the others wait for the
 * few milliseconds that takes. The number only has to be ours.
 */
export async function lockGrouping(trx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock(7304210)`.execute(trx);
}

export async function openGroups(trx: Executor, keys: readonly string[]): Promise<Group[]> {
  if (keys.length === 0) return [];
  const rows = await trx
    .selectFrom('signal_groups')
    .selectAll()
    .where('key', '=', anyOf(keys))
    .where('closed_at', 'is', null)
    .execute();
  return rows as unknown as Group[];
}

export async function groupsById(db: Executor, ids: readonly string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  return (await db
    .selectFrom('signal_groups')
    .selectAll()
    .where('id', '=', anyOf(ids))
    .execute()) as unknown as Group[];
}

export async function lockGroup(trx: Executor, id: string): Promise<Group | undefined> {
  const row = await trx.selectFrom('signal_groups').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row as unknown as Group | undefined;
}

/** The groups these signals are in now, which is not always where somebody clicked. */
export async function groupIdsOf(trx: Executor, signalIds: readonly string[]): Promise<string[]> {
  const rows = await trx
    .selectFrom('signals')
    .select('group_id')
    .distinct()
    .where('id', '=', anyOf(signalIds))
    .execute();
  return rows.flatMap(({ group_id }) => group_id ?? []);
}

/** Whether these are all the signals of a group. */
export async function holdsNothingBut(trx: Executor, groupId: string, signalIds: readonly string[]): Promise<boolean> {
  const other = await trx
    .selectFrom('signals')
    .select('id')
    .where('group_id', '=', groupId)
    .where(sql<boolean>`id <> all (${signalIds}::text[])`)
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}

/** The mutes that hold now for keys whose earlier groups are closed. */
export async function mutesOf(trx: Executor, keys: readonly string[], now: Date): Promise<Map<string, Mute>> {
  if (keys.length === 0) return new Map();
  const rows = await trx
    .selectFrom('signal_groups')
    .select(['key', 'mute'])
    .where('key', '=', anyOf(keys))
    .where('mute', 'is not', null)
    .where(sql<boolean>`(mute ->> 'until')::timestamptz > ${now}`)
    .execute();
  return new Map(rows.map((row) => [row.key, row.mute as unknown as Mute]));
}

/** By name: a column that a later version adds keeps its default. */
const COLUMNS = [
  ...['id', 'key', 'channel', 'route', 'deliver', 'severity', 'opened_at', 'last_at', 'closed_at', 'storm_id'],
  ...['taken', 'mute', 'suppression', 'moved_to', 'escalated_at', 'due_at', 'waiting_since', 'unfolded_from'],
  ...['drawn_at', 'draw_at'],
] as const satisfies readonly (keyof Group)[];

export async function insertGroups(trx: Executor, groups: readonly Group[]): Promise<void> {
  if (groups.length === 0) return;
  const columns = sql.join(COLUMNS.map((name) => sql.ref(name)));
  await sql`
    insert into signal_groups (${columns})
    select ${columns} from jsonb_populate_recordset(null::signal_groups, ${toJson(groups)}::jsonb)`.execute(trx);
}

type GroupChange = Partial<
  Pick<
    Group,
    | 'key'
    | 'channel'
    | 'route'
    | 'deliver'
    | 'severity'
    | 'last_at'
    | 'closed_at'
    | 'storm_id'
    | 'taken'
    | 'mute'
    | 'suppression'
    | 'moved_to'
    | 'escalated_at'
    | 'due_at'
    | 'waiting_since'
    | 'unfolded_from'
  >
>;

export async function updateGroup(trx: Executor, id: string, change: GroupChange): Promise<void> {
  const { route, taken, mute, suppression, ...plain } = change;
  await trx
    .updateTable('signal_groups')
    .set({
      ...plain,
      ...(route === undefined ? {} : { route: toJson(route) }),
      ...(taken === undefined ? {} : { taken: taken && toJson(taken) }),
      ...(mute === undefined ? {} : { mute: mute && toJson(mute) }),
      ...(suppression === undefined ? {} : { suppression: suppression && toJson(suppression) }),
    })
    .where('id', '=', id)
    .execute();
}

/** Signals came to these groups, which are drawn now or are to be drawn later. */
export async function touchGroups(
  trx: Executor,
  groups: readonly Pick<Group, 'id' | 'severity' | 'drawn_at' | 'draw_at'>[],
  now: Date,
): Promise<void> {
  if (groups.length === 0) return;
  const rows = groups.map(({ id, severity, drawn_at, draw_at }) => ({ id, severity, drawn_at, draw_at }));
  await sql`
    update signal_groups set
      last_at = ${now}, severity = touched.severity, drawn_at = touched.drawn_at, draw_at = touched.draw_at
    from jsonb_to_recordset(${toJson(rows)}::jsonb)
      as touched (id text, severity text, drawn_at timestamptz, draw_at timestamptz)
    where signal_groups.id = touched.id`.execute(trx);
}

/** Takes the cards that are to be drawn now. */
export async function takeToDraw(trx: Executor, now: Date, limit: number): Promise<Group[]> {
  const rows = await trx
    .updateTable('signal_groups')
    .set({ draw_at: null, drawn_at: now })
    .where('id', 'in', (e) =>
      e.selectFrom('signal_groups').select('id').where('draw_at', '<=', now).orderBy('draw_at').limit(limit),
    )
    .returningAll()
    .execute();
  return rows as unknown as Group[];
}

/**
 * Own messages shown in these channels since `since`: what a storm is measured by. What is held back does not count yet,
 * and what stood there before does not count again when somebody hands it back.
 */
export async function postsSince(
  trx: Executor,
  channels: readonly string[],
  since: Date,
  now: Date,
): Promise<Map<string, number>> {
  if (channels.length === 0) return new Map();
  const rows = await trx
    .selectFrom('signal_groups')
    .select(['channel', (e) => e.fn.countAll().as('posts')])
    .where('channel', '=', anyOf(channels))
    .where((e) => e.between(e.fn.coalesce('waiting_since', 'opened_at'), since, now))
    .where(
      sql<boolean>`not exists (select from messages where messages.key = 'signals:' || signal_groups.id
        and nullif(messages.ts, '')::float8 < ${since.getTime() / 1000})`,
    )
    .where('storm_id', 'is', null)
    .where('deliver', '=', 'post')
    .groupBy('channel')
    .execute();
  return new Map(rows.map((row) => [row.channel, Number(row.posts)]));
}

export async function ragingStorms(trx: Executor, channels: readonly string[]): Promise<Map<string, Storm>> {
  if (channels.length === 0) return new Map();
  const rows = await trx
    .selectFrom('storms')
    .selectAll()
    .where('channel', '=', anyOf(channels))
    .where('ended_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.channel, row]));
}

export async function insertStorm(trx: Executor, storm: Storm): Promise<void> {
  await trx.insertInto('storms').values(storm).execute();
}

export async function updateStorm(
  trx: Executor,
  id: string,
  change: Partial<Pick<Storm, 'last_at' | 'ended_at' | 'drawn_at' | 'due_at'>>,
): Promise<void> {
  await trx.updateTable('storms').set(change).where('id', '=', id).execute();
}

/** Of these the ones that are over. */
export async function endedStorms(db: Executor, ids: readonly string[]): Promise<Storm[]> {
  if (ids.length === 0) return [];
  return await db
    .selectFrom('storms')
    .selectAll()
    .where('id', '=', anyOf(ids))
    .where('ended_at', 'is not', null)
    .execute();
}

export async function dueStorms(db: Executor, now: Date): Promise<Storm[]> {
  return await db.selectFrom('storms').selectAll().where('due_at', '<=', now).execute();
}

/** Groups whose messages are to be looked at. */
export async function dueGroups(db: Executor, now: Date, limit: number): Promise<Group[]> {
  const rows = await db
    .selectFrom('signal_groups')
    .selectAll()
    .where('due_at', '<=', now)
    .where('deliver', '=', 'post')
    .orderBy('due_at')
    .limit(limit)
    .execute();
  return rows as unknown as Group[];
}

/** All groups that are to be told in a digest now: one that is due is told whole. */
export async function dueForDigest(db: Executor, now: Date): Promise<Group[]> {
  const rows = await db
    .selectFrom('signal_groups')
    .selectAll()
    .where('due_at', '<=', now)
    .where('deliver', '=', 'digest')
    .execute();
  return rows as unknown as Group[];
}

export interface ActedOn {
  id: string;
  state: TriageState;
  raised_at: Date;
  intent: Intent | null;
  /** This person's click was at it: this very one before a crash, or one before it that Datadog did not answer. */
  begun: boolean;
}

/**
 * Signals of a group that are in one of these states, or that this person was about to change to what is wanted; with
 * `asOf`, only those that had joined by then or that this request has begun to change. What it had begun to change is
 * still its own after it has moved to another group.
 */
export async function signalsToActOn(
  db: Executor,
  group: Pick<Group, 'id' | 'moved_to'>,
  states: readonly TriageState[],
  asked: { request: { id: string; userId: string; asOf?: Date | undefined }; wanted: TriageState; now: Date },
): Promise<ActedOn[]> {
  const { request, wanted, now } = asked;
  const joined = sql`(
    select max(at) from signal_events where signal_id = signals.id and event ->> 'what' = 'grouped')`;
  const { rows } = await sql<Omit<ActedOn, 'begun'>>`
    select id, state, raised_at, intent from signals
    where (group_id = ${group.id} and (state in (${sql.join(states)}) or intent ->> 'state' = ${wanted})
      ${request.asOf ? sql`and (${joined} <= ${request.asOf} or intent ->> 'request' = ${request.id})` : sql``})
      ${group.moved_to ? sql`or (group_id <> ${group.id} and intent ->> 'request' = ${request.id})` : sql``}
    order by raised_at`.execute(db);
  const isBegun = (intent: Intent | null) =>
    intent?.state === wanted &&
    (intent.request === request.id || (intent.by === request.userId && isUnderWay(intent, now)));
  return rows
    .map((row) => ({ ...row, raised_at: new Date(row.raised_at), begun: isBegun(row.intent) }))
    .filter(({ state, begun }) => begun || states.includes(state));
}

/** Of these groups those in which no signal is open; `away` are signals that are about to be something else. */
export async function withoutOpenSignals(
  trx: Executor,
  groupIds: readonly string[],
  away: readonly string[],
): Promise<Set<string>> {
  if (groupIds.length === 0) return new Set();
  const { rows } = await sql<{ group_id: string }>`
    select group_id from signals where group_id = ${anyOf(groupIds)}
    group by group_id
    having count(*) filter (where state = 'open' and id <> all (${away}::text[])) = 0`.execute(trx);
  return new Set(rows.map((row) => row.group_id));
}

/** Signals of a group that are in one of these states. */
export async function signalIdsOf(db: Executor, groupId: string, states: readonly TriageState[]): Promise<string[]> {
  const rows = await db
    .selectFrom('signals')
    .select('id')
    .where('group_id', '=', groupId)
    .where('state', 'in', states)
    .orderBy('raised_at')
    .execute();
  return rows.map(({ id }) => id);
}
