/** How often a request failed, apart from how often it was begun: a process that dies is no refusal by Slack or Datadog. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('inbox')
    .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
}
