/** What the nightly chore forgets, and what it must not: the records of who did what, and whatever is still to be done. */
import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { forgetOldDeliveries } from '../../src/db/housekeeping.ts';
import { forgetOldSignals } from '../../src/signals/housekeeping.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-26T03:17:00Z');
const DAY_MS = 86_400_000;
const KEEP = { signals: 90 * DAY_MS, dead_letters: 30 * DAY_MS };
const KEEP_DELIVERIES_MS = 7 * DAY_MS;
const clock = { now: () => NOW };

function ago(days: number): Date {
  return new Date(NOW.getTime() - days * DAY_MS);
}

async function withDb(work: (db: Db) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  try {
    await work(db);
  } finally {
    await close();
  }
}

async function addSignal(
  db: Db,
  id: string,
  days: number,
  more: { work?: 'group'; group?: string } = {},
): Promise<void> {
  const at = ago(days);
  const times = { received_at: at, raised_at: at, first_seen: at, last_seen: at, next_at: at };
  const row = { id, via: 'poll' as const, ...times, work: more.work ?? null, group_id: more.group ?? null };
  await db.insertInto('signals').values(row).execute();
  await db.insertInto('signal_events').values({ signal_id: id, at, event: '{}' }).execute();
}

async function addGroup(db: Db, id: string, days: number, storm: string | null = null): Promise<void> {
  const at = ago(days);
  const shown = { channel: 'C1', route: '{}', deliver: 'post', severity: 'high' };
  await db
    .insertInto('signal_groups')
    .values({ id, key: id, ...shown, opened_at: at, last_at: at, storm_id: storm })
    .execute();
}

async function addStorm(db: Db, id: string, days: number): Promise<void> {
  const at = ago(days);
  await db.insertInto('storms').values({ id, channel: 'C1', started_at: at, last_at: at, ended_at: at }).execute();
}

interface MessageSeed {
  sent?: boolean;
  failure?: string;
  ts?: string;
}

async function addMessage(db: Db, key: string, days: number, seed: MessageSeed = {}): Promise<void> {
  const { sent = true, failure = null, ts = null } = seed;
  const state = { version: 1, sent_version: sent ? 1 : 0, failure, ts };
  await db
    .insertInto('messages')
    .values({ key, channel: 'C1', content: '{}', next_at: ago(days), created_at: ago(days), ...state })
    .execute();
}

async function idsOf(db: Db, table: 'signals' | 'signal_groups' | 'storms'): Promise<string[]> {
  return (await db.selectFrom(table).select('id').orderBy('id').execute()).map(({ id }) => id);
}

async function keysOf(db: Db): Promise<string[]> {
  return (await db.selectFrom('messages').select('key').orderBy('key').execute()).map(({ key }) => key);
}

test('signals past their retention go with receipts, groups, storms and messages; what is young or unfinished stays', () =>
  withDb(async (db) => {
    await addStorm(db, 'old-storm', 95);
    await addStorm(db, 'storm-of-a-young-group', 95);
    await addGroup(db, 'old', 91, 'old-storm');
    await addGroup(db, 'with-a-young-signal', 91);
    await addGroup(db, 'young', 10, 'storm-of-a-young-group');
    await addSignal(db, 'old', 91, { group: 'old' });
    await addSignal(db, 'old-and-unfinished', 91, { work: 'group' });
    await addSignal(db, 'old-in-a-living-group', 91, { group: 'with-a-young-signal' });
    await addSignal(db, 'young', 89, { group: 'with-a-young-signal' });
    await addMessage(db, 'signals:old', 91);
    await addMessage(db, 'signals:old:thread', 91, { sent: false, failure: 'msg_too_long', ts: '1.1' });
    await addMessage(db, 'signals:with-a-young-signal', 91);
    await addMessage(db, 'storm:old-storm', 91);
    await addMessage(db, 'storm:storm-of-a-young-group', 91);
    await addMessage(db, 'digest:C1:1', 91);
    await addMessage(db, 'digest:C1:2', 89);
    await addMessage(db, 'digest:C1:unsent', 91, { sent: false });
    await addMessage(db, 'card:of a run', 400);

    const forgotten = await forgetOldSignals({ db, clock }, KEEP);
    expect(forgotten).toEqual({ signals: 2, deadLetters: 0 });
    expect(await idsOf(db, 'signals')).toEqual(['old-and-unfinished', 'young']);
    const receipts = await db.selectFrom('signal_events').select('signal_id').orderBy('signal_id').execute();
    expect(receipts.map(({ signal_id }) => signal_id)).toEqual(['old-and-unfinished', 'young']);
    expect(await idsOf(db, 'signal_groups')).toEqual(['with-a-young-signal', 'young']);
    expect(await idsOf(db, 'storms')).toEqual(['storm-of-a-young-group']);
    expect(await keysOf(db)).toEqual([
      'card:of a run',
      'digest:C1:2',
      'digest:C1:unsent',
      'signals:with-a-young-signal',
      'storm:storm-of-a-young-group',
    ]);
  }));

test('more signals than one statement takes are all forgotten, and old dead letters with them', () =>
  withDb(async (db) => {
    const at = ago(91);
    const times = { received_at: at, raised_at: at, first_seen: at, last_seen: at, next_at: at };
    const rows = Array.from({ length: 2_500 }, (_, i) => ({ id: `s${i}`, via: 'poll' as const, ...times }));
    await db.insertInto('signals').values(rows).execute();
    for (const days of [31, 29])
      await db
        .insertInto('dead_letters')
        .values({ at: ago(days), reason: 'no JSON', body: `${days}` })
        .execute();
    expect(await forgetOldSignals({ db, clock }, KEEP)).toEqual({ signals: 2_500, deadLetters: 1 });
    const left = await db.selectFrom('dead_letters').select('body').execute();
    expect(left).toEqual([{ body: '29' }]);
  }));

test('deliveries that were worked on go, and messages nothing refers to; what waits stays, and so do the records', () =>
  withDb(async (db) => {
    const delivery = (id: string, days: number, done: boolean) => {
      const times = { received_at: ago(days), next_at: ago(days), done_at: done ? ago(days) : null };
      return db
        .insertInto('inbox')
        .values({ id, kind: 'command', body: '{}', ...times })
        .execute();
    };
    await delivery('old', 8, true);
    await delivery('old and waiting', 8, false);
    await delivery('young', 6, true);
    await addMessage(db, 'reply:sent', 8);
    await addMessage(db, 'reply:unsent', 8, { sent: false });
    await addMessage(db, 'reply:young', 6);
    await addMessage(db, 'trouble:refused', 8, { sent: false, failure: 'channel_not_found' });
    await addMessage(db, 'card:never posted', 8, { sent: false, failure: 'channel_not_found' });
    await addMessage(db, 'card:posted, its edit refused', 8, { sent: false, failure: 'msg_too_long', ts: '1.1' });
    await addMessage(db, 'card:of a run', 400);

    expect(await forgetOldDeliveries({ db, clock }, KEEP_DELIVERIES_MS)).toBe(1);
    const kept = await db.selectFrom('inbox').select('id').orderBy('id').execute();
    expect(kept.map(({ id }) => id)).toEqual(['old and waiting', 'young']);
    expect(await keysOf(db)).toEqual(['card:of a run', 'card:posted, its edit refused', 'reply:unsent', 'reply:young']);
  }));
