/**
 * Asks Datadog for the signals since the last time, so that a lost doorbell costs half a minute and no signal, and what
 * people do in Datadog shows in Slack. Works alone where no webhook can reach us.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { SIGNAL_QUERY, type SignalSearch } from '../datadog/signals.ts';
import type { Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { searchSignals } from './fetch.ts';
import { saveSignals } from './store.ts';

export interface PollerDeps {
  db: Db;
  datadog: Datadog;
  clock: Clock;
  config: Config;
  log: Logger;
  /** Called after a commit that made signals due. */
  nudge: () => void;
}

const KEY = 'signals';
/** Of Datadog's 1,000 at most: parsing and storing a page must not hold up the event loop. */
const PAGE = 200;
const MOST_PAGES = 50;
/** Signals become searchable some time after they were raised. */
const OVERLAP_MS = 5 * 60_000;
/** Datadog's clock may be ahead of ours. */
const AHEAD_MS = 60_000;
/** A new installation does not begin with yesterday's alarms. */
const FIRST_LOOK_MS = 15 * 60_000;
/** Signals that are not archived are watched for so long; Datadog locks them after 30 days. */
const WATCHED_MS = 7 * 24 * 3_600_000;
/** Signals still grow for a day at most (Datadog's longest `maxSignalDuration`); older ones only change by hand. */
const GROWING_MS = 24 * 3_600_000;
/** So many looks pass before what is older, or has no card, is looked at again: it may be a week of signals. */
const LOOKS_PER_DEEP_ONE = 10;
/** What was archived may be opened again by somebody who thinks otherwise. */
const REOPENED_WITHIN_MS = 24 * 3_600_000;

/** Returns the work of the `signals-poll` queue. */
export function createPoller(deps: PollerDeps): { work(): Promise<Date | undefined> } {
  const { db, datadog, clock, config, log } = deps;
  let failing = false;
  let looks = 0;

  async function work(): Promise<Date | undefined> {
    const now = clock.now();
    const since = await claim(now);
    if (!since) return nextAt();
    try {
      const overlapped = new Date(since.getTime() - OVERLAP_MS);
      const changed = (await readNew(overlapped, now)) + (await lookBack(now, overlapped));
      if (changed > 0) deps.nudge();
      if (failing) log.info('signals can be searched again');
      failing = false;
    } catch (error) {
      await again(error);
    }
    return nextAt();
  }

  /** When the last look was, if this replica is the one to look now. */
  async function claim(now: Date): Promise<Date | undefined> {
    const next = new Date(now.getTime() + config.timing.signals_poll);
    const first = new Date(now.getTime() - FIRST_LOOK_MS);
    await db
      .insertInto('watermarks')
      .values({ key: KEY, at: first, next_at: now })
      .onConflict((c) => c.column('key').doNothing())
      .execute();
    const row = await db
      .updateTable('watermarks')
      .set({ next_at: next })
      .where('key', '=', KEY)
      .where('next_at', '<=', now)
      .returning('at')
      .executeTakeFirst();
    return row?.at;
  }

  async function nextAt(): Promise<Date | undefined> {
    const row = await db.selectFrom('watermarks').select('next_at').where('key', '=', KEY).executeTakeFirst();
    return row?.next_at;
  }

  /**
   * The oldest signal on a card that people may still change: cards follow what happens to it in Datadog. What is told
   * in a digest or nowhere has no card, but may grow worse while it grows.
   */
  async function oldestWatched(now: Date): Promise<Date | undefined> {
    const deep = looks++ % LOOKS_PER_DEEP_ONE === 0;
    const ago = (ms: number) => new Date(now.getTime() - ms);
    const row = await db
      .selectFrom('signals')
      .leftJoin('signal_groups', 'signal_groups.id', 'signals.group_id')
      .select((e) => e.fn.min('raised_at').as('at'))
      .where('via', '!=', 'test')
      .where((e) => {
        const posted = e('signal_groups.deliver', '=', 'post');
        const changing = e.or([e('state', '!=', 'archived'), e('triaged_at', '>', ago(REOPENED_WITHIN_MS))]);
        const watched = e.and([posted, changing, e('raised_at', '>', ago(deep ? WATCHED_MS : GROWING_MS))]);
        const growing = e.and([e('state', '!=', 'archived'), e('raised_at', '>', ago(GROWING_MS))]);
        return deep ? e.or([watched, growing]) : watched;
      })
      .executeTakeFirst();
    return row?.at ?? undefined;
  }

  /** Oldest first, and the watermark follows: however many there are, the next look goes on where this one ended. */
  async function readNew(from: Date, now: Date): Promise<number> {
    let changed = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await readPage({ from, to: new Date(now.getTime() + AHEAD_MS), sort: 'timestamp', cursor });
      changed += answer.changed;
      if (!answer.cursor) {
        await advance(now);
        return changed;
      }
      cursor = answer.cursor;
      if (answer.newest) await advance(answer.newest);
    }
    await lookAt(now);
    return changed;
  }

  /** Newest first: of what people may still change, the latest matters most. */
  async function lookBack(now: Date, to: Date): Promise<number> {
    const from = await oldestWatched(now);
    if (!from || from >= to) return 0;
    let changed = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await readPage({ from, to, sort: '-timestamp', cursor });
      changed += answer.changed;
      cursor = answer.cursor;
      if (!cursor) return changed;
    }
    log.warn({ from, pages: MOST_PAGES }, 'more open signals than one look reads; the oldest are not watched');
    return changed;
  }

  async function readPage(search: Pick<SignalSearch, 'from' | 'to' | 'sort' | 'cursor'>) {
    const askedAt = clock.now();
    const { signals, cursor, unread } = await searchSignals(datadog, { ...search, query: SIGNAL_QUERY, limit: PAGE });
    if (unread > 0) log.warn({ items: unread }, 'Datadog answered with signals that cannot be read');
    const changed = await saveSignals(db, signals, { via: 'poll', askedAt, now: clock.now() });
    const last = signals.at(-1);
    return { changed, cursor, newest: last && new Date(last.at) };
  }

  async function advance(to: Date): Promise<void> {
    await db.updateTable('watermarks').set({ at: to }).where('key', '=', KEY).where('at', '<', to).execute();
  }

  async function again(error: unknown): Promise<void> {
    const retryMs = error instanceof DatadogError ? error.retryAfterMs : undefined;
    // Once at the beginning: an outage of an hour is one piece of news.
    if (!failing) log.warn({ error: messageOf(error) }, 'signals could not be searched; trying again at every look');
    failing = true;
    if (retryMs !== undefined)
      await lookAt(new Date(clock.now().getTime() + Math.max(retryMs, config.timing.signals_poll)));
  }

  async function lookAt(at: Date): Promise<void> {
    await db.updateTable('watermarks').set({ next_at: at }).where('key', '=', KEY).execute();
  }

  return { work };
}
