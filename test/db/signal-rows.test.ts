/** What doorbells leave in the rows of signals, and who takes them from there. */
import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { silentDoorbell } from '../../src/signals/doorbell.ts';
import type { Severity } from '../../src/signals/signal.ts';
import { claimUnread, dueForGrouping, saveSignals, storeDoorbells } from '../../src/signals/store.ts';
import { exec } from '../signals/samples.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-26T08:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const UNTIL = later(15_000);

async function withDatabase(use: (db: Db) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  await use(db);
  await close();
}

async function ring(db: Db, severity: Severity, ...ids: string[]) {
  const doorbells = ids.map((id) => ({ ...silentDoorbell(id), severity }));
  return await storeDoorbells(db, { now: () => NOW }, doorbells);
}

test('a doorbell is due when its signal is new or tells another severity, and a repetition is not', async () => {
  await withDatabase(async (db) => {
    expect(await ring(db, 'medium', 'one')).toEqual([{ fresh: true, due: true }]);
    await db.updateTable('signals').set({ work: null, severity: 'medium' }).execute();
    expect(await ring(db, 'medium', 'one')).toEqual([{ fresh: false, due: false }]);
    expect(await ring(db, 'critical', 'one', 'two')).toEqual([
      { fresh: false, due: true },
      { fresh: true, due: true },
    ]);
  });
});

test('each signal is claimed once, the worst first, and the next one falls due when a claim is given back', async () => {
  await withDatabase(async (db) => {
    await ring(db, 'medium', 'm1', 'm2');
    await ring(db, 'critical', 'c1');
    const claim = async (limit: number, now = NOW) => {
      const { claimed, next } = await claimUnread(db, { now, until: new Date(now.getTime() + 15_000), limit });
      return { ids: claimed.map(({ id }) => id).sort(), next };
    };
    expect(await claimUnread(db, { now: NOW, until: UNTIL, limit: 3, urgentOnly: true })).toMatchObject({
      claimed: [{ id: 'c1', attempts: 1, received_at: NOW, raised_at: NOW }],
      next: undefined,
    });
    expect(await claim(10, later(1))).toEqual({ ids: ['m1', 'm2'], next: UNTIL });
    expect(await claim(10, later(2))).toEqual({ ids: [], next: UNTIL });
    expect(await claim(10, UNTIL)).toEqual({ ids: ['c1'], next: later(15_001) });
  });
});

test('what is urgent is grouped before all that was read earlier', async () => {
  await withDatabase(async (db) => {
    const read = (id: string, severity: Severity, at: Date) =>
      saveSignals(db, [exec({ id, severity })], { via: 'webhook', askedAt: at, now: at });
    for (const id of ['m1', 'm2', 'm3']) await read(id, 'medium', NOW);
    await read('c1', 'critical', later(1_000));
    await db.transaction().execute(async (trx) => {
      const ids = async (limit: number) => (await dueForGrouping(trx, later(1_000), NOW, limit)).map(({ id }) => id);
      expect(await ids(1)).toEqual(['c1']);
      expect((await ids(10)).sort()).toEqual(['c1', 'm1', 'm2', 'm3']);
    });
  });
});
