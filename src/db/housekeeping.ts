/**
 * Forgets what nobody needs any more, once a night: deliveries that were worked on, and messages that nothing refers to.
 * Runs, journal, approvals and their attempts stay for good: they are the record of who allowed and changed what. Their
 * messages stay too, because a click is believed only from where its message is known to stand.
 */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Db } from './database.ts';

/** `keepMs` is how long a finished delivery is kept, for looking into what somebody typed. */
export async function forgetOldDeliveries({ db, clock }: { db: Db; clock: Clock }, keepMs: number): Promise<number> {
  const before = new Date(clock.now().getTime() - keepMs);
  const result = await db.deleteFrom('inbox').where('done_at', '<', before).executeTakeFirst();
  // What still waits to be posted stays, however long that takes.
  await sql`
    delete from messages where created_at < ${before} and (
      (failure is not null and ts is null)
      or ((key like 'reply:%' or key like 'trouble:%') and (failure is not null or sent_version >= version)))
  `.execute(db);
  return Number(result.numDeletedRows);
}
