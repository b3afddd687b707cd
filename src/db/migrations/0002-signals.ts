/** Signals, the groups that share a message, storms, receipts, dead letters. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signals')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('via', 'text', (c) => c.notNull())
    .addColumn('doorbell', 'jsonb')
    .addColumn('doorbells', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('received_at', 'timestamptz', (c) => c.notNull())
    .addColumn('facts', 'jsonb')
    .addColumn('read_at', 'timestamptz')
    .addColumn('severity', 'text')
    .addColumn('state', 'text', (c) => c.notNull().defaultTo('open'))
    .addColumn('raised_at', 'timestamptz', (c) => c.notNull())
    .addColumn('first_seen', 'timestamptz', (c) => c.notNull())
    .addColumn('last_seen', 'timestamptz', (c) => c.notNull())
    .addColumn('events', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('rule', 'text')
    .addColumn('actor', 'text')
    .addColumn('cluster', 'text')
    .addColumn('group_id', 'text')
    .addColumn('work', 'text')
    .addColumn('next_at', 'timestamptz', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('triaged_at', 'timestamptz')
    .execute();
  await sql`create index signals_to_read on signals (next_at) where work = 'read'`.execute(db);
  await sql`create index signals_to_group on signals (next_at) where work = 'group'`.execute(db);
  await sql`create index signals_unshown on signals (received_at) where work = 'read' and group_id is null`.execute(db);
  await sql`create index signals_group on signals (group_id) where group_id is not null`.execute(db);
  await sql`create index signals_raised on signals (raised_at)`.execute(db);

  await db.schema
    .createTable('signal_groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('route', 'jsonb', (c) => c.notNull())
    .addColumn('deliver', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'timestamptz', (c) => c.notNull())
    .addColumn('last_at', 'timestamptz', (c) => c.notNull())
    .addColumn('closed_at', 'timestamptz')
    .addColumn('storm_id', 'text')
    .addColumn('taken', 'jsonb')
    .addColumn('mute', 'jsonb')
    .addColumn('suppression', 'jsonb')
    .addColumn('moved_to', 'text')
    .addColumn('escalated_at', 'timestamptz')
    .addColumn('due_at', 'timestamptz')
    .execute();
  await sql`create unique index signal_groups_open on signal_groups (key) where closed_at is null`.execute(db);
  await sql`create index signal_groups_due on signal_groups (due_at) where due_at is not null`.execute(db);
  await sql`create index signal_groups_channel on signal_groups (channel, opened_at)`.execute(db);
  await sql`create index signal_groups_storm on signal_groups (storm_id) where storm_id is not null`.execute(db);

  await db.schema
    .createTable('storms')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('started_at', 'timestamptz', (c) => c.notNull())
    .addColumn('last_at', 'timestamptz', (c) => c.notNull())
    .addColumn('ended_at', 'timestamptz')
    .addColumn('drawn_at', 'timestamptz')
    .addColumn('due_at', 'timestamptz')
    .execute();
  await sql`create unique index storms_one_per_channel on storms (channel) where ended_at is null`.execute(db);

  await db.schema
    .createTable('signal_events')
    .addColumn('id', 'bigserial', (c) => c.primaryKey())
    .addColumn('signal_id', 'text', (c) => c.notNull())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('event', 'jsonb', (c) => c.notNull())
    .execute();
  await sql`create index signal_events_signal on signal_events (signal_id)`.execute(db);

  await db.schema
    .createTable('dead_letters')
    .addColumn('id', 'bigserial', (c) => c.primaryKey())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();

  await db.schema
    .createTable('suppressions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('wanted', 'jsonb', (c) => c.notNull())
    .addColumn('until', 'timestamptz', (c) => c.notNull())
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .addColumn('approval_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('datadog_id', 'text')
    .addColumn('next_at', 'timestamptz')
    .execute();
  await sql`create index suppressions_due on suppressions (next_at) where next_at is not null`.execute(db);

  // Where a message goes when its channel cannot be posted to.
  await db.schema.alterTable('messages').addColumn('fallback', 'text').execute();
  await sql`create index messages_by_channel on messages (coalesce(posted_channel, channel), created_at) where sent_version < version and failure is null`.execute(
    db,
  );

  await db.schema
    .createTable('watermarks')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('next_at', 'timestamptz', (c) => c.notNull())
    .execute();
}
