/**
 * Forgets signals past their retention, once a night, with their receipts, groups, storms and messages; and dead letters
 * past theirs. Suppressions stay: they are the record of who hid what.
 */
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';

/** Deleted in one statement: others wait for it on the embedded database. */
const BATCH = 2_000;

export async function forgetOldSignals(
  { db, clock }: { db: Db; clock: Clock },
  retention: Pick<Config['retention'], 'signals' | 'dead_letters'>,
): Promise<{ signals: number; deadLetters: number }> {
  const now = clock.now().getTime();
  const before = new Date(now - retention.signals);
  let signals = 0;
  for (;;) {
    // In one statement, so that a crash leaves no receipts whose signal is gone.
    const { rows } = await sql`
      with old as (
        delete from signals where id in
          (select id from signals where received_at < ${before} and work is null limit ${BATCH})
        returning id
      ), receipts as (delete from signal_events where signal_id in (select id from old))
      select id from old`.execute(db);
    if (rows.length === 0) break;
    signals += rows.length;
  }
  await sql`
    delete from signal_groups where last_at < ${before}
      and not exists (select from signals where signals.group_id = signal_groups.id)`.execute(db);
  await sql`
    delete from storms where last_at < ${before}
      and not exists (select from signal_groups where storms.id in (storm_id, unfolded_from))`.execute(db);
  await sql`
    delete from messages where created_at < ${before} and (failure is not null or sent_version >= version) and (
      key like 'digest:%' or key like 'webhook-test:%'
      or (key like 'signals:%' and not exists
        (select from signal_groups where signal_groups.id = split_part(messages.key, ':', 2)))
      or (key like 'storm:%' and not exists (select from storms where storms.id = split_part(messages.key, ':', 2))))
  `.execute(db);
  const letters = await db
    .deleteFrom('dead_letters')
    .where('at', '<', new Date(now - retention.dead_letters))
    .executeTakeFirst();
  return { signals, deadLetters: Number(letters.numDeletedRows) };
}
