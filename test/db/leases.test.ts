import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { releaseEverything, withLease } from '../../src/db/leases.ts';
import { RetryableError } from '../../src/errors.ts';
import { MovableClock } from '../bot.ts';
import { freshDatabase } from './fresh.ts';

const TTL_MS = 60_000;

async function openFresh(): Promise<{ database: Database; clock: MovableClock } & AsyncDisposable> {
  const fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  return {
    database,
    clock: new MovableClock(),
    async [Symbol.asyncDispose]() {
      await database.close();
      await fresh.remove();
    },
  };
}

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test('a lease is held by one at a time, and free again when its work ends', async () => {
  await using it = await openFresh();
  const deps = { db: it.database.db, clock: it.clock };
  const { opened, open } = gate();
  const begun = gate();
  const first = withLease(deps, 'rule:exec', TTL_MS, async () => {
    begun.open();
    await opened;
    return 'first';
  });
  await begun.opened;
  await expect(withLease(deps, 'rule:exec', TTL_MS, async () => 'second')).rejects.toThrow(RetryableError);
  expect(await withLease(deps, 'rule:other', TTL_MS, async () => 'beside it')).toBe('beside it');
  open();
  expect(await first).toBe('first');
  expect(await withLease(deps, 'rule:exec', TTL_MS, async () => 'second')).toBe('second');
});

test('of many who ask at once one gets the lease', async () => {
  await using it = await openFresh();
  const { opened, open } = gate();
  let refused = 0;
  const tries = Array.from({ length: 10 }, async () => {
    try {
      return await withLease({ db: it.database.db, clock: it.clock }, 'webhook', TTL_MS, async () => {
        await opened;
        return 'held';
      });
    } catch (error) {
      // Only when all others were refused does the holder let go.
      refused += 1;
      if (refused === 9) open();
      return error;
    }
  });
  const ends = await Promise.all(tries);
  expect(ends.filter((end) => end === 'held')).toHaveLength(1);
  expect(ends.filter((end) => end instanceof RetryableError)).toHaveLength(9);
});

test('a lease whose holder died is free after its time', async () => {
  await using it = await openFresh();
  const deps = { db: it.database.db, clock: it.clock };
  const until = new Date(it.clock.now().getTime() + TTL_MS);
  await it.database.db.insertInto('leases').values({ key: 'webhook', token: 'dead', until }).execute();
  await expect(withLease(deps, 'webhook', TTL_MS, async () => {})).rejects.toThrow('webhook is being changed');
  it.clock.forward(TTL_MS + 1);
  expect(await withLease(deps, 'webhook', TTL_MS, async () => 'taken over')).toBe('taken over');
});

test('work that fails gives its lease back, and one that lost it leaves the new holder alone', async () => {
  await using it = await openFresh();
  const deps = { db: it.database.db, clock: it.clock };
  await expect(withLease(deps, 'webhook', TTL_MS, () => Promise.reject(new Error('denied')))).rejects.toThrow('denied');
  await withLease(deps, 'webhook', TTL_MS, async () => {
    it.clock.forward(TTL_MS + 1);
    const until = new Date(it.clock.now().getTime() + TTL_MS);
    await it.database.db.updateTable('leases').set({ token: 'another', until }).execute();
  });
  const held = await it.database.db.selectFrom('leases').select('token').execute();
  expect(held).toEqual([{ token: 'another' }]);
});

test('releasing everything frees leases, requests and runs, and touches nothing else', async () => {
  await using it = await openFresh();
  const { db } = it.database;
  const now = it.clock.now();
  const until = new Date(now.getTime() + TTL_MS);
  const held = { lease_token: 'dead', lease_until: until };
  await db.insertInto('leases').values({ key: 'webhook', token: 'dead', until }).execute();
  const row = { kind: 'command', body: '{}', received_at: now, next_at: now, attempts: 2 } as const;
  await db
    .insertInto('inbox')
    .values({ id: 'held', ...row, ...held })
    .execute();
  await db
    .insertInto('inbox')
    .values({ id: 'done', ...row, done_at: now })
    .execute();
  await releaseEverything(db);
  expect(await db.selectFrom('leases').selectAll().execute()).toEqual([]);
  const inbox = await db
    .selectFrom('inbox')
    .select(['id', 'attempts', 'lease_token', 'lease_until', 'done_at'])
    .orderBy('id')
    .execute();
  expect(inbox).toEqual([
    { id: 'done', attempts: 2, lease_token: null, lease_until: null, done_at: now },
    { id: 'held', attempts: 2, lease_token: null, lease_until: null, done_at: null },
  ]);
});
