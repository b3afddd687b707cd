/** What the rows know of clicks that are not finished, and of who has a group's signals. */
import { expect, test } from 'vitest';
import { type Db, openDatabase, toJson } from '../../src/db/database.ts';
import { signalsToActOn, withoutOpenSignals } from '../../src/signals/group-store.ts';
import type { TriageState } from '../../src/signals/signal.ts';
import { changedAfter, changedSince, forgetIntents, intend, recordEvents } from '../../src/signals/store.ts';
import { summarise } from '../../src/signals/summaries.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const MINUTE_MS = 60_000;

interface Seed {
  id: string;
  state: TriageState;
  group?: string;
  assignee?: string;
  /** When somebody here changed it, after it was read or before. */
  triagedAt?: Date;
}

async function withSignals(seeds: Seed[], use: (db: Db) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  const times = { received_at: NOW, first_seen: NOW, last_seen: NOW, next_at: NOW, read_at: NOW };
  await db
    .insertInto('signals')
    .values(
      seeds.map(({ id, state, group = 'g', assignee, triagedAt }, i) => ({
        ...times,
        ...{ id, via: 'poll' as const, state, group_id: group, raised_at: later(i), triaged_at: triagedAt ?? null },
        facts: toJson({ id, triage: { state, ...(assignee && { assignee }) } }),
      })),
    )
    .execute();
  await use(db);
  await close();
}

const click = (id: string, by: string, state: TriageState, at = NOW) => ({
  request: id,
  by,
  state,
  at: at.toISOString(),
});

test('a click goes on with what it had begun, or the same person’s click before it; never with somebody else’s', async () => {
  const seeds: Seed[] = [
    { id: 'open', state: 'open' },
    { id: 'mine', state: 'archived' },
    { id: 'mine-before', state: 'archived' },
    { id: 'mine-long-ago', state: 'archived' },
    { id: 'mine-otherwise', state: 'archived' },
    { id: 'theirs', state: 'archived' },
  ];
  await withSignals(seeds, async (db) => {
    await intend(db, ['mine'], click('r1', 'U1', 'archived', later(-60 * MINUTE_MS)));
    await intend(db, ['mine-before'], click('r0', 'U1', 'archived', later(-MINUTE_MS)));
    await intend(db, ['mine-long-ago'], click('r0', 'U1', 'archived', later(-11 * MINUTE_MS)));
    await intend(db, ['mine-otherwise'], click('r0', 'U1', 'under_review'));
    await intend(db, ['theirs'], click('r2', 'U2', 'archived'));
    const request = { id: 'r1', userId: 'U1' };
    const found = await signalsToActOn(db, { id: 'g', moved_to: null }, ['open', 'under_review'], {
      request,
      wanted: 'archived',
      now: NOW,
    });
    expect(found.map(({ id, begun, raised_at }) => [id, begun, raised_at])).toEqual([
      ['open', false, later(0)],
      ['mine', true, later(1)],
      ['mine-before', true, later(2)],
    ]);
    await forgetIntents(db, 'r1', ['mine', 'theirs']);
    const left = await db
      .selectFrom('signals')
      .select('id')
      .where('intent', 'is not', null)
      .orderBy('raised_at')
      .execute();
    expect(left.map(({ id }) => id)).toEqual(['mine-before', 'mine-long-ago', 'mine-otherwise', 'theirs']);
  });
});

test('what a click has told is not told again, and what somebody changed after it stays', async () => {
  const ids = ['a', 'b', 'c'];
  await withSignals(
    ids.map((id) => ({ id, state: 'open' })),
    async (db) => {
      const by = (userId: string) => ({ by: { userId }, in: 'slack' as const });
      await recordEvents(db, [
        { signalId: 'a', event: { at: later(-1), what: 'taken', ...by('U1') } },
        { signalId: 'b', event: { at: later(1), what: 'taken', ...by('U1') } },
        { signalId: 'b', event: { at: later(1), what: 'muted', by: 'U1', until: NOW } },
        { signalId: 'c', event: { at: later(2), what: 'triaged', state: 'archived', ...by('U2') } },
      ]);
      const since = { since: NOW, state: 'under_review' as const };
      expect([...(await changedSince(db, ids, { by: 'U1', ...since }))]).toEqual(['b']);
      expect([...(await changedSince(db, ids, { by: 'U2', since: NOW, state: 'archived' }))]).toEqual(['c']);
      expect([...(await changedAfter(db, ids, { requestId: 'r1', ...since }))]).toEqual(['c']);
      // This click went to Datadog after that one had come to its end.
      await intend(db, ['c'], click('r1', 'U1', 'under_review'));
      expect([...(await changedAfter(db, ids, { requestId: 'r1', ...since }))]).toEqual([]);
    },
  );
});

test('who has a message in Datadog is who has the latest of its signals that somebody has', async () => {
  const seeds: Seed[] = [
    { id: '1', state: 'under_review', assignee: 'Dana' },
    { id: '2', state: 'open' },
    { id: '3', state: 'archived', assignee: 'Eve' },
    { id: '4', state: 'open', assignee: 'Ana', triagedAt: later(1) },
    { id: '5', group: 'h', state: 'under_review', assignee: 'Ana', triagedAt: NOW },
    { id: '6', group: 'h', state: 'under_review', assignee: 'Dana' },
    { id: '7', group: 'i', state: 'open' },
  ];
  await withSignals(seeds, async (db) => {
    const summaries = await summarise(db, ['g', 'h', 'i']);
    expect(['g', 'h', 'i'].map((id) => summaries.get(id)?.assignee)).toEqual(['Dana', 'Dana', undefined]);
    expect([...(await withoutOpenSignals(db, ['g', 'h', 'i'], []))]).toEqual(['h']);
    expect([...(await withoutOpenSignals(db, ['g', 'h', 'i'], ['7']))].sort()).toEqual(['h', 'i']);
  });
});
