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
const MOST_SHOWN = Math.max(ACTORS_SHOWN, CLUSTERS_SHOWN);

/** A name that signals of a group have in common; `all` is how many names of this kind there are. */
interface Named {
  kind: 'actor' | 'cluster';
  name: string;
  signals: number;
  all: number;
}

/** In one question and one pass over the signals, however many groups: signals that are alike are added up first. */
export async function summarise(db: Executor, groupIds: readonly string[]): Promise<Map<string, Summary>> {
  if (groupIds.length === 0) return new Map();
  const rank = sql`array_position(array[${sql.join(SEVERITIES)}]::text[], severity)`;
  const newest = sql`from signals where group_id = totals.group_id`;
  const inOrder = sql`order by raised_at desc, id limit 1`;
  const totals = await sql<{
    group_id: string;
    open: number;
    under_review: number;
    archived: number;
    events: number;
    first_seen: Date;
    last_seen: Date;
    open_rank: number | null;
    rank: number | null;
    unread: boolean;
    test: boolean;
    named: Named[] | null;
    latest: Signal | null;
    assignee: string | null;
    latest_id: string;
    doorbell: Doorbell | null;
  }>`
    with alike as (
      select group_id, state, severity, actor, clusters, count(*) as signals, sum(events) as events,
        min(first_seen) as first_seen, max(last_seen) as last_seen,
        bool_and(facts is null) as unread, bool_and(via = 'test') as test
      from signals where group_id = ${anyOf(groupIds)} group by group_id, state, severity, actor, clusters
    ), named as (
      select group_id, kind, name, signals,
        row_number() over (partition by group_id, kind order by signals desc, name) as place,
        count(*) over (partition by group_id, kind) as "all"
      from (
        select group_id, kind, name, sum(signals) as signals
        from alike, lateral (
          select 'actor' as kind, actor as name
          union all
          select distinct 'cluster', jsonb_array_elements_text(clusters)
        ) as it
        where name is not null group by group_id, kind, name
      ) as counted
    ), shown as (
      select group_id, jsonb_agg(to_jsonb(named) order by kind, place) as named
      from named where place <= ${MOST_SHOWN} group by group_id
    )
    select totals.*, newest.latest_id, newest.doorbell, latest.facts as latest, held.assignee, shown.named
    from (
      select group_id,
        coalesce(sum(signals) filter (where state = 'open'), 0)::int as open,
        coalesce(sum(signals) filter (where state = 'under_review'), 0)::int as under_review,
        coalesce(sum(signals) filter (where state = 'archived'), 0)::int as archived,
        least(sum(events), 2147483647)::int as events, min(first_seen) as first_seen, max(last_seen) as last_seen,
        max(${rank}) filter (where state <> 'archived') as open_rank, max(${rank}) as rank,
        bool_and(unread) as unread, bool_and(test) as test
      from alike group by group_id
    ) as totals
      left join shown on shown.group_id = totals.group_id
      join lateral (select id as latest_id, doorbell ${newest} ${inOrder}) as newest on true
      left join lateral (select facts ${newest} and facts is not null ${inOrder}) as latest on true
      left join lateral (select assignee ${newest} and assignee is not null and state <> 'archived'
        and (triaged_at > read_at) is not true ${inOrder}) as held on true`.execute(db);
  return new Map(
    totals.rows.map((row) => {
      const of = (kind: Named['kind']) => (row.named ?? []).filter((named) => named.kind === kind);
      const actors = of('actor');
      const shown = actors.slice(0, ACTORS_SHOWN);
      return [
        row.group_id,
        {
          counts: Object.fromEntries(TRIAGE_STATES.map((state) => [state, row[state]])) as Record<TriageState, number>,
          events: row.events,
          firstSeen: row.first_seen,
          lastSeen: row.last_seen,
          severity: SEVERITIES[(row.open_rank ?? row.rank ?? 3) - 1] ?? 'medium',
          latest: row.latest ?? undefined,
          assignee: row.assignee ?? undefined,
          latestId: row.latest_id,
          doorbell: row.doorbell ?? undefined,
          unread: row.unread,
          test: row.test,
          actors: shown.map(({ name, signals }) => ({ name, signals })),
          moreActors: (actors[0]?.all ?? 0) - shown.length,
          clusters: of('cluster')
            .slice(0, CLUSTERS_SHOWN)
            .map(({ name }) => name),
        },
      ];
    }),
  );
}
