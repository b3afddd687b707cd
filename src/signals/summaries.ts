/** What SQL adds up about the signals of groups, for their cards. */
import { sql } from 'kysely';
import { anyOf, type Executor } from '../db/database.ts';
import type { GroupCard } from './card.ts';
import type { Doorbell } from './doorbell.ts';
import { SEVERITIES, type Severity, type Signal, TRIAGE_STATES, type TriageState } from './signal.ts';

/** What a card says about all signals of a group together. */
export type Summary = Pick<GroupCard, 'counts' | 'events' | 'firstSeen' | 'lastSeen' | 'actors' | 'moreActors'> & {
  severity: Severity;
  latest: Signal | undefined;
  /** Who has one of its signals in Datadog, as far as nobody here changed that since it was read. */
  assignee: string | undefined;
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
    assignee: string | null;
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
      (array_agg(facts -> 'triage' ->> 'assignee' order by raised_at desc, id) filter (where state <> 'archived'
        and facts -> 'triage' ->> 'assignee' is not null
        and (triaged_at > read_at) is not true))[1] as assignee,
      (array_agg(id order by raised_at desc, id))[1] as latest_id,
      (array_agg(doorbell order by raised_at desc, id))[1] as doorbell
    from signals where group_id = ${anyOf(groupIds)} group by group_id`.execute(db);
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
        where group_id = ${anyOf(groupIds)} and name is not null group by group_id, kind, name
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
          assignee: row.assignee ?? undefined,
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
