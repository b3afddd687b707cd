/**
 * Forgets what nobody needs any more, once a night: deliveries that were worked on. Runs, journal, approvals and their
 * attempts stay for good: they are the record of who allowed and changed what.
 */
import type { Clock } from '../clock.ts';
import type { Db } from './database.ts';

/** `keepMs` is how long a finished delivery is kept, for looking into what somebody typed. */
export async function forgetOldDeliveries(deps: { db: Db; clock: Clock }, keepMs: number): Promise<number> {
  const before = new Date(deps.clock.now().getTime() - keepMs);
  const result = await deps.db.deleteFrom('inbox').where('done_at', '<', before).executeTakeFirst();
  return Number(result.numDeletedRows);
}
