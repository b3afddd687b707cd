/**
 * What a click is about to do in Datadog, so that nobody takes it for somebody else's doing; since when a message waits
 * for somebody; where a group was that a storm no longer holds; whether a suppression was begun.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('signals').addColumn('intent', 'jsonb').execute();
  await db.schema.alterTable('signal_groups').addColumn('waiting_since', 'timestamptz').execute();
  await db.schema.alterTable('signal_groups').addColumn('unfolded_from', 'text').execute();
  await db.schema.alterTable('suppressions').addColumn('attempted_at', 'timestamptz').execute();
  await sql`create index signal_groups_muted on signal_groups (key) where mute is not null`.execute(db);
  await sql`create index signal_groups_unfolded on signal_groups (unfolded_from) where unfolded_from is not null`.execute(
    db,
  );
}
