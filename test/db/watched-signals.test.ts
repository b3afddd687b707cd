/** How far back each look of the poller reads: what people may still change, and what may still grow worse. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Datadog } from '../../src/datadog/client.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { createPoller } from '../../src/signals/poller.ts';
import { freshDatabase } from './fresh.ts';

const START = new Date('2026-11-23T08:00:00Z');
const POLL_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Seed {
  deliver: 'post' | 'digest' | 'off';
  ageMs: number;
  state?: 'open' | 'under_review' | 'archived';
  via?: 'poll' | 'test';
}

async function add(db: Db, { deliver, ageMs, state = 'open', via = 'poll' }: Seed): Promise<void> {
  const at = new Date(START.getTime() - ageMs);
  const id = `${deliver}-${state}-${via}-${ageMs}`;
  const times = { received_at: at, raised_at: at, first_seen: at, last_seen: at, next_at: at };
  await db
    .insertInto('signals')
    .values({ id, via, state, ...times, group_id: deliver === 'off' ? null : id, triaged_at: at })
    .execute();
  if (deliver === 'off') return;
  const group = {
    id,
    key: id,
    channel: 'C1',
    route: '{}',
    deliver,
    severity: 'low' as const,
    opened_at: at,
    last_at: at,
  };
  await db.insertInto('signal_groups').values(group).execute();
}

/** Looks so often; per look the searches for what is older than the overlap, and how far back they read. */
async function looks(times: number, ...seeds: Seed[]): Promise<{ searches: number; back: number[] }[]> {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  for (const seed of seeds) await add(db, seed);
  let now = START;
  let asked: { from: Date; to: Date }[] = [];
  const datadog: Datadog = {
    async call(_api, method, param) {
      expect(method).toBe('searchSecurityMonitoringSignals');
      asked.push((param as { body: { filter: { from: Date; to: Date } } }).body.filter);
      return { data: [] };
    },
    close: async () => {},
  };
  const config = { timing: { signals_poll: POLL_MS } } as Config;
  const log = pino({ level: 'silent' });
  const poller = createPoller({ db, datadog, clock: { now: () => now }, config, log, nudge: () => {} });
  const seen = [];
  for (let i = 0; i < times; i++) {
    asked = [];
    await poller.work();
    const back = asked.filter(({ to }) => to < now).map(({ from }) => now.getTime() - from.getTime());
    seen.push({ searches: asked.length, back: back.map((ms) => Math.round(ms / HOUR_MS)) });
    now = new Date(now.getTime() + POLL_MS);
  }
  await close();
  return seen;
}

const NEW_ONLY = { searches: 1, back: [] };

test('a card of the last day is read at every look, an older one at every tenth, one of last week not at all', async () => {
  const young = { deliver: 'post', ageMs: 3 * HOUR_MS } as const;
  const old = { deliver: 'post', ageMs: 3 * DAY_MS, state: 'under_review' } as const;
  const past = { deliver: 'post', ageMs: 8 * DAY_MS } as const;
  const seen = await looks(21, young, old, past);
  for (const [i, look] of seen.entries()) expect(look).toEqual({ searches: 2, back: [i % 10 === 0 ? 72 : 3] });
  expect(await looks(2, past)).toEqual([NEW_ONLY, NEW_ONLY]);
});

test('what waits for the digest or is told nowhere is read at every tenth look, and only while it may grow', async () => {
  for (const deliver of ['digest', 'off'] as const) {
    const seen = await looks(12, { deliver, ageMs: 20 * HOUR_MS }, { deliver, ageMs: 6 * DAY_MS });
    for (const [i, look] of seen.entries()) expect(look).toEqual(i % 10 === 0 ? { searches: 2, back: [20] } : NEW_ONLY);
    expect(await looks(2, { deliver, ageMs: 6 * DAY_MS })).toEqual([NEW_ONLY, NEW_ONLY]);
  }
});

test('what was archived a while ago and what was only a test are not read again', async () => {
  const archived = { deliver: 'post', ageMs: 2 * DAY_MS, state: 'archived' } as const;
  const made = { deliver: 'post', ageMs: 2 * HOUR_MS, via: 'test' } as const;
  expect(await looks(2, archived, made)).toEqual([NEW_ONLY, NEW_ONLY]);
  expect(await looks(1, { ...archived, ageMs: 5 * HOUR_MS })).toEqual([{ searches: 2, back: [5] }]);
});
