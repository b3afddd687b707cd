/** The rows of groups and storms, and what SQL adds up about them. Everything is asked for many groups at once. */
import { sql } from 'kysely';
import { type Executor, toJson } from '../db/database.ts';
import type { GroupCard, Taken } from './card.ts';
import type { Doorbell } from './doorbell.ts';
import type { Route } from './routing.ts';
import { SEVERITIES, type Severity, type Signal, TRIAGE_STATES, type TriageState } from './signal.ts';

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
    .where('key', 'in', keys)
    .where('closed_at', 'is', null)
    .execute();
  return rows as unknown as Group[];
}

export async function groupsById(db: Executor, ids: readonly string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  return (await db.selectFrom('signal_groups').selectAll().where('id', 'in', ids).execute()) as unknown as Group[];
}

export async function lockGroup(trx: Executor, id: string): Promise<Group | undefined> {
  const row = await trx.selectFrom('signal_groups').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row as unknown as Group | undefined;
}

/** The mutes that hold now for keys whose earlier groups are closed. */
export async function mutesOf(trx: Executor, keys: readonly string[], now: Date): Promise<Map<string, Mute>> {
  if (keys.length === 0) return new Map();
  const rows = await trx
    .selectFrom('signal_groups')
    .select(['key', 'mute'])
    .where('key', 'in', keys)
    .where('mute', 'is not', null)
    .where(sql<boolean>`(mute ->> 'until')::timestamptz > ${now}`)
    .execute();
  return new Map(rows.map((row) => [row.key, row.mute as unknown as Mute]));
}

export async function insertGroups(trx: Executor, groups: readonly Group[]): Promise<void> {
  if (groups.length === 0) return;
  await trx
    .insertInto('signal_groups')
    .values(
      groups.map((group) => ({
        ...group,
        route: toJson(group.route),
        taken: group.taken && toJson(group.taken),
        mute: group.mute && toJson(group.mute),
        suppression: group.suppression && toJson(group.suppression),
      })),
    )
    .execute();
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

/** Signals came to these groups. */
export async function touchGroups(
  trx: Executor,
  groups: readonly Pick<Group, 'id' | 'severity'>[],
  now: Date,
): Promise<void> {
  if (groups.length === 0) return;
  await sql`
    update signal_groups set last_at = ${now}, severity = touched.severity
    from jsonb_to_recordset(${toJson(groups.map(({ id, severity }) => ({ id, severity })))}::jsonb)
      as touched (id text, severity text)
    where signal_groups.id = touched.id`.execute(trx);
}

/** Own messages shown in these channels since `since`: what a storm is measured by. What is held back does not count. */
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
    .where('channel', 'in', channels)
    .where((e) => e.between(e.fn.coalesce('waiting_since', 'opened_at'), since, now))
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
    .where('channel', 'in', channels)
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

export async function nextGroupWork(db: Executor): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | string | null }>`
    select least((select min(due_at) from signal_groups where due_at is not null),
      (select min(due_at) from storms where due_at is not null)) as at`.execute(db);
  const at = rows[0]?.at;
  return at ? new Date(at) : undefined;
}

/** What a card says about all signals of a group together. */
export type Summary = Pick<GroupCard, 'counts' | 'events' | 'firstSeen' | 'lastSeen' | 'actors' | 'moreActors'> & {
  severity: Severity;
  latest: Signal | undefined;
  /** Somebody here changed its triage since it was read. */
  latestOutdated: boolean;
  /** Of the newest signal, known even while it cannot be read. */
  latestId: string;
  doorbell: Doorbell | undefined;
  /** None of its signals could be read. */
  unread: boolean;
  test: boolean;
  clusters: string[];
};

const ACTORS_SHOWN = 3;
const CLUSTERS_SHOWN = 5;

const rankOf = (column: string) =>
  sql<number>`array_position(array[${sql.join(SEVERITIES)}]::text[], ${sql.ref(column)})`;

/** In two questions, however many groups. */
export async function summarise(db: Executor, groupIds: readonly string[]): Promise<Map<string, Summary>> {
  if (groupIds.length === 0) return new Map();
  const totals = await sql<{
    group_id: string;
    open: number;
    under_review: number;
    archived: number;
    events: number;
    first_seen: Date | string;
    last_seen: Date | string;
    open_rank: number | null;
    rank: number | null;
    unread: boolean;
    test: boolean;
    latest: Signal | null;
    outdated: boolean | null;
    latest_id: string;
    doorbell: Doorbell | null;
  }>`
    select group_id,
      (count(*) filter (where state = 'open'))::int as open,
      (count(*) filter (where state = 'under_review'))::int as under_review,
      (count(*) filter (where state = 'archived'))::int as archived,
      least(sum(events), 2147483647)::int as events, min(first_seen) as first_seen, max(last_seen) as last_seen,
      max(${rankOf('severity')}) filter (where state <> 'archived') as open_rank,
      max(${rankOf('severity')}) as rank,
      bool_and(facts is null) as unread, bool_and(via = 'test') as test,
      (array_agg(facts order by raised_at desc, id) filter (where facts is not null))[1] as latest,
      (array_agg(triaged_at > read_at order by raised_at desc, id) filter (where facts is not null))[1] as outdated,
      (array_agg(id order by raised_at desc, id))[1] as latest_id,
      (array_agg(doorbell order by raised_at desc, id))[1] as doorbell
    from signals where group_id in (${sql.join(groupIds)}) group by group_id`.execute(db);
  const named = await sql<{ group_id: string; kind: 'actor' | 'cluster'; name: string; signals: number; all: number }>`
    select group_id, kind, name, signals, "all" from (
      select group_id, kind, name, signals,
        row_number() over (partition by group_id, kind order by signals desc, name) as place,
        (count(*) over (partition by group_id, kind))::int as "all"
      from (
        select group_id, kind, name, count(*)::int as signals
        from signals, lateral (
          select 'actor' as kind, actor as name
          union all
          select distinct 'cluster', named ->> 'name'
          from jsonb_array_elements(coalesce(facts -> 'clusters', '[]'::jsonb)) as named
        ) as it (kind, name)
        where group_id in (${sql.join(groupIds)}) and name is not null group by group_id, kind, name
      ) counted
    ) placed where place <= ${CLUSTERS_SHOWN}`.execute(db);
  return new Map(
    totals.rows.map((row) => {
      const of = (kind: 'actor' | 'cluster') =>
        named.rows.filter((other) => other.group_id === row.group_id && other.kind === kind);
      const actors = of('actor');
      const shown = actors.slice(0, ACTORS_SHOWN);
      return [
        row.group_id,
        {
          counts: Object.fromEntries(TRIAGE_STATES.map((state) => [state, row[state]])) as Record<TriageState, number>,
          events: row.events,
          firstSeen: new Date(row.first_seen),
          lastSeen: new Date(row.last_seen),
          severity: SEVERITIES[(row.open_rank ?? row.rank ?? 3) - 1] ?? 'medium',
          latest: row.latest ?? undefined,
          latestOutdated: row.outdated ?? false,
          latestId: row.latest_id,
          doorbell: row.doorbell ?? undefined,
          unread: row.unread,
          test: row.test,
          actors: shown.map(({ name, signals }) => ({ name, signals })),
          moreActors: (actors[0]?.all ?? 0) - shown.length,
          clusters: of('cluster').map(({ name }) => name),
        },
      ];
    }),
  );
}

export interface ActedOn {
  id: string;
  state: TriageState;
  raised_at: Date;
  /** This very request was at it before a crash. */
  begun: boolean;
}

/** Signals of a group that are in one of these states, or that this request was about to change. */
export async function signalsToActOn(
  db: Executor,
  groupId: string,
  states: readonly TriageState[],
  requestId: string,
): Promise<ActedOn[]> {
  const { rows } = await sql<ActedOn & { raised_at: Date | string }>`
    select id, state, raised_at, coalesce(intent ->> 'request' = ${requestId}, false) as begun from signals
    where group_id = ${groupId} and (state in (${sql.join(states)}) or intent ->> 'request' = ${requestId})
    order by raised_at`.execute(db);
  return rows.map((row) => ({ ...row, raised_at: new Date(row.raised_at) }));
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
