/**
 * What a card adds up over its signals, in columns: reading it out of each signal's JSON took most of a long card's time.
 * Generated, so that they are right whichever version wrote the row. When a card was drawn, and when a growing one is to
 * be drawn again.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table signals
      add column assignee text generated always as (facts -> 'triage' ->> 'assignee') stored,
      add column clusters jsonb not null generated always as
        (coalesce(jsonb_path_query_array(facts, '$.clusters[*].name'), '[]')) stored`.execute(db);
  await db.schema
    .alterTable('signal_groups')
    .addColumn('drawn_at', 'timestamptz')
    .addColumn('draw_at', 'timestamptz')
    .execute();
  await sql`create index signal_groups_to_draw on signal_groups (draw_at) where draw_at is not null`.execute(db);
  // The newest signal of a group, and the newest that somebody has, are found without sorting all of it.
  await sql`drop index signals_group`.execute(db);
  await sql`create index signals_group on signals (group_id, raised_at desc, id) where group_id is not null`.execute(
    db,
  );
  await sql`
    create index signals_assigned on signals (group_id, raised_at desc, id)
    where group_id is not null and assignee is not null`.execute(db);
}
