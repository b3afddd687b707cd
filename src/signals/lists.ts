/** Groups as lines: for `signals`, the digest, and the list behind a storm's card. */
import { type RawBuilder, sql } from 'kysely';
import type { Config } from '../config.ts';
import { signalUrl } from '../datadog/sites.ts';
import { anyOf, type Executor } from '../db/database.ts';
import type { GroupLine } from './card.ts';
import { SEVERITIES, type Severity, type TriageState } from './signal.ts';

export interface Asked {
  ids?: readonly string[];
  stormId?: string;
  /** Only groups with signals raised since. */
  since?: Date;
  severity?: Severity;
  /** Only groups in which something is not archived; a test waits for nobody. */
  openOnly?: boolean;
  limit: number;
  offset?: number;
}

export interface Lines {
  lines: GroupLine[];
  groups: number;
  signals: number;
}

/** The most severe first, then the newest. */
export async function groupLines(
  db: Executor,
  { config, workspaceUrl }: { config: Config; workspaceUrl: () => string },
  asked: Asked,
): Promise<Lines> {
  const { ids, stormId, since, severity, openOnly = false, limit, offset = 0 } = asked;
  if (ids?.length === 0) return { lines: [], groups: 0, signals: 0 };
  const rankOf = (value: RawBuilder<unknown>) => sql`array_position(array[${sql.join(SEVERITIES)}]::text[], ${value})`;
  // Only what is asked for stands in the text: a plan made for any values has to reckon with all of it.
  const which = [
    sql`signals.group_id is not null`,
    ...(openOnly ? [sql`signals.via <> 'test'`] : []),
    ...(since ? [sql`raised_at >= ${since}`] : []),
    ...(ids ? [sql`signals.group_id = ${anyOf(ids)}`] : []),
    ...(stormId ? [sql`signals.group_id in (${ofStorm(stormId)})`] : []),
  ];
  const shown = [
    sql`true`,
    ...(openOnly ? [sql`open + under_review > 0`] : []),
    ...(severity ? [sql`rank = ${rankOf(sql`${severity}::text`)}`] : []),
  ];
  const { rows } = await sql<{
    group_id: string;
    rank: number;
    open: number;
    under_review: number;
    title: string | null;
    clusters: string[] | null;
    actor: string | null;
    signals: number;
    last_seen: Date;
    latest_id: string;
    posted_channel: string | null;
    ts: string | null;
    all_groups: number;
    all_signals: number;
  }>`
    select lines.*, messages.posted_channel, messages.ts,
      (count(*) over ())::int as all_groups, (sum(signals) over ())::int as all_signals
    from (
      select signals.group_id,
        max(${rankOf(sql.ref('severity'))}) as rank,
        (count(*) filter (where state = 'open'))::int as open,
        (count(*) filter (where state = 'under_review'))::int as under_review,
        (array_agg(rule order by raised_at desc) filter (where rule is not null))[1] as title,
        array_agg(distinct cluster) filter (where cluster is not null) as clusters,
        (array_agg(actor order by raised_at desc) filter (where actor is not null))[1] as actor,
        count(*)::int as signals, max(last_seen) as last_seen,
        (array_agg(signals.id order by raised_at desc))[1] as latest_id
      from signals
      where ${allOf(which)} group by signals.group_id
    ) lines left join messages on messages.key = 'signals:' || lines.group_id
    where ${allOf(shown)} order by rank desc nulls last, last_seen desc, group_id
    limit ${limit} offset ${offset}`.execute(db);
  return {
    lines: rows.map((row) => ({
      groupId: row.group_id,
      severity: SEVERITIES[row.rank - 1] ?? 'medium',
      state: stateOf(row),
      title: row.title ?? '',
      clusters: row.clusters ?? [],
      actor: row.actor ?? undefined,
      signals: row.signals,
      lastSeen: row.last_seen,
      permalink: row.posted_channel && row.ts ? permalink(workspaceUrl(), row.posted_channel, row.ts) : undefined,
      link: signalUrl(config, row.latest_id),
    })),
    groups: rows[0]?.all_groups ?? 0,
    signals: rows[0]?.all_signals ?? 0,
  };
}

function stateOf({ open, under_review }: { open: number; under_review: number }): TriageState {
  if (open > 0) return 'open';
  return under_review > 0 ? 'under_review' : 'archived';
}

/** As Slack makes them; asking `chat.getPermalink` would cost a call for each. `workspaceUrl` is that of `auth.test`. */
export function permalink(workspaceUrl: string, channel: string, ts: string): string {
  return `${workspaceUrl.replace(/\/$/, '')}/archives/${channel}/p${ts.replace('.', '')}`;
}

function ofStorm(id: string): RawBuilder<unknown> {
  return sql`select id from signal_groups where storm_id = ${id} union select id from signal_groups where unfolded_from = ${id}`;
}

function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join(conditions, sql` and `);
}
