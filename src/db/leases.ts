/**
 * Short locks on things shared beyond one cluster (a rule, the webhook, the Forwarder's policy), so that two runs,
 * on one replica or two, never make the same thing twice. They end by themselves when their holder dies.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { RetryableError } from '../errors.ts';
import type { Db } from './database.ts';

/** Runs `work` while holding `key`; throws `RetryableError` when somebody else holds it. `ttlMs` outlives any one call. */
export async function withLease<T>(
  deps: { db: Db; clock: Clock },
  key: string,
  ttlMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  const now = deps.clock.now();
  const taken = await deps.db
    .insertInto('leases')
    .values({ key, token, until: new Date(now.getTime() + ttlMs) })
    .onConflict((c) =>
      c
        .column('key')
        .doUpdateSet({ token, until: new Date(now.getTime() + ttlMs) })
        .where('leases.until', '<', now),
    )
    .returning('key')
    .executeTakeFirst();
  if (!taken) throw new RetryableError(`${key} is being changed by another run`);
  try {
    return await work();
  } finally {
    await deps.db.deleteFrom('leases').where('key', '=', key).where('token', '=', token).execute();
  }
}

/** On an embedded database nobody else lives (the lock file proves it): whatever a crash left held is free at once. */
export async function releaseEverything(db: Db): Promise<void> {
  await db.deleteFrom('leases').execute();
  await db
    .updateTable('inbox')
    .set({ lease_token: null, lease_until: null })
    .where('lease_token', 'is not', null)
    .execute();
  await db
    .updateTable('runs')
    .set({ lease_token: null, lease_until: null })
    .where('lease_token', 'is not', null)
    .execute();
}
