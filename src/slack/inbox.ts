/**
 * Everything people send us is a row before it is acknowledged, and is worked from the row: a crash between the two
 * loses nothing, and the same delivery twice is one row.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Db, toJson } from '../db/database.ts';
import { groupCommit } from '../db/group-commit.ts';
import { messageOf, RetryableError } from '../errors.ts';
import type { Delivery } from './deliveries.ts';

/** A delivery whose handling failed so often, each time for a passing reason, is given up. */
const MAX_FAILURES = 5;
/** A delivery begun this often without an end brings the process down each time; then it is given up. */
const MAX_ATTEMPTS = 20;
/** Deliveries worked on at once; each mostly waits for AWS or Datadog. */
const PARALLEL = 10;

export type Handle = (delivery: Delivery) => Promise<void>;

export interface Inbox {
  /** Stores the delivery; false when it was there already. Resolves after the commit. */
  store(delivery: Delivery): Promise<boolean>;
  /** Works on all due rows; see `Queue.define`. */
  work(): Promise<Date | undefined>;
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
}

export function createInbox(deps: {
  db: Db;
  front: Db;
  clock: Clock;
  log: Logger;
  leaseMs: number;
  handle: Handle;
  /** Why nothing may be written now. */
  full?: () => string | undefined;
}): Inbox {
  const { db, clock, log, leaseMs } = deps;
  const active = new Set<Promise<void>>();

  const store = groupCommit(async (deliveries: Delivery[]) => {
    const full = deps.full?.();
    if (full) throw new Error(full);
    const now = clock.now();
    const rows = deliveries.map((d) => ({ id: d.id, kind: d.kind, body: toJson(d), received_at: now, next_at: now }));
    const stored = await deps.front
      .insertInto('inbox')
      .values([...new Map(rows.map((row) => [row.id, row])).values()])
      .onConflict((c) => c.column('id').doNothing())
      .returning('id')
      .execute();
    const fresh = new Set(stored.map((row) => row.id));
    return deliveries.map((d) => fresh.has(d.id));
  });

  async function work(): Promise<Date | undefined> {
    for (;;) {
      if (active.size >= PARALLEL) {
        await Promise.race(active);
        continue;
      }
      const claimed = await claim(PARALLEL - active.size);
      if (claimed.length === 0) break;
      for (const row of claimed) {
        const job = workOn(row).finally(() => active.delete(job));
        active.add(job);
      }
    }
    const next = await db
      .selectFrom('inbox')
      .select((e) => e.fn.min('next_at').as('at'))
      .where('done_at', 'is', null)
      .where('lease_until', 'is', null)
      .executeTakeFirst();
    return next?.at ?? undefined;
  }

  async function claim(limit: number) {
    const now = clock.now();
    const token = randomUUID();
    return await db
      .updateTable('inbox')
      .set({ lease_token: token, lease_until: new Date(now.getTime() + leaseMs), attempts: sql`attempts + 1` })
      .where('id', 'in', (e) =>
        e
          .selectFrom('inbox')
          .select('id')
          .where('done_at', 'is', null)
          .where('next_at', '<=', now)
          .where((w) => w.or([w('lease_until', 'is', null), w('lease_until', '<', now)]))
          .orderBy('received_at')
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .returning(['id', 'body', 'attempts', 'failures', 'lease_token'])
      .execute();
  }

  async function workOn(row: {
    id: string;
    body: unknown;
    attempts: number;
    failures: number;
    lease_token: string | null;
  }): Promise<void> {
    const renewal = setInterval(() => void renew(row.id, row.lease_token), leaseMs / 3);
    const failures = row.failures + 1;
    try {
      if (row.attempts > MAX_ATTEMPTS) throw new Error(`begun ${row.attempts - 1} times and never finished`);
      const last = failures >= MAX_FAILURES;
      await deps.handle({ ...(row.body as Delivery), resumed: row.attempts > 1 && !last, last });
      await settle(row, { done_at: clock.now() });
    } catch (error) {
      const again = error instanceof RetryableError && failures < MAX_FAILURES;
      if (!again) log.error({ error, inbox: row.id }, 'a request could not be worked on');
      const pause = again ? (error.retryAfterMs ?? 1000 * 2 ** failures) : 0;
      await settle(
        row,
        again
          ? { next_at: new Date(clock.now().getTime() + pause), failures }
          : { done_at: clock.now(), failure: messageOf(error) },
      );
    } finally {
      clearInterval(renewal);
    }
  }

  async function settle(
    row: { id: string; lease_token: string | null },
    change: { done_at?: Date; next_at?: Date; failures?: number; failure?: string },
  ) {
    await db
      .updateTable('inbox')
      .set({ ...change, lease_token: null, lease_until: null })
      .where('id', '=', row.id)
      .where('lease_token', '=', row.lease_token)
      .execute()
      .catch((error) => log.error({ error, inbox: row.id }, 'a request was worked on but could not be marked as done'));
  }

  async function renew(id: string, token: string | null): Promise<void> {
    await db
      .updateTable('inbox')
      .set({ lease_until: new Date(clock.now().getTime() + leaseMs) })
      .where('id', '=', id)
      .where('lease_token', '=', token)
      .execute()
      .catch(() => {});
  }

  async function idle(): Promise<void> {
    while (active.size > 0) await Promise.allSettled(active);
  }

  return { store, work, idle };
}
