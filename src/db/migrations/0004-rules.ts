/** Changes of detection rules asked for in Slack: first a draft in a dialog, then what was approved and done. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_changes')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('draft', 'jsonb')
    .addColumn('wanted', 'jsonb')
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('approval_id', 'text')
    .addColumn('until', 'timestamptz')
    .addColumn('attempted_at', 'timestamptz')
    .addColumn('next_at', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await sql`create index rule_changes_due on rule_changes (next_at) where next_at is not null`.execute(db);
}
