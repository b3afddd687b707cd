/**
 * Reads rung-for signals from Datadog: singly while they are few, by one search over their time when they are many, so
 * that a storm of doorbells does not use up Datadog's rate limit. What is not there yet is asked for again.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { SIGNAL_QUERY } from '../datadog/signals.ts';
import type { Db } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { getSignal, searchSignals } from './fetch.ts';
import { claimUnread, giveUpReading, readAgain, recordEvents, saveSignals, type UnreadSignal } from './store.ts';

export interface ReadingDeps {
  db: Db;
  datadog: Datadog;
  clock: Clock;
  config: Config;
  log: Logger;
}

/** More than so many at once are searched for. */
const FEW = 3;
const BATCH = 500;
/** Taken by one statement: a larger one would hold up the embedded database's thread. */
const CLAIM = 100;
/** Of Datadog's 1,000 at most: parsing and storing a page must not hold up the event loop. */
const PAGE = 200;
/** What is wanted is the newest there is, as a rule, so that pages of about that size are enough; the second time not. */
const SMALL_PAGE = 50;
const MOST_PAGES = 25;
const MOST_SEEN = 10_000;
/** A second search would read what the first one is about to find, unless that hangs. */
const ALONE_MS = 2_000;
/** What is urgent does not wait for a search: a few are read beside it, now and then, as Datadog counts these too. */
const BESIDE_EVERY_MS = 500;
/** The same when there was nothing urgent: of a storm's doorbells each would be a look. */
const LOOK_BESIDE_EVERY_MS = 50;
/** Datadog's own clock sets a signal's time, which may be a little before the doorbell's. */
const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 60_000;
/** After an hour of "no such signal" there is none: the id came from somebody who only knows our secret. */
const GIVE_UP_MS = 3_600_000;

/** An id that Datadog will not look up names no signal of its own. */
function isNoSignal(error: unknown): boolean {
  return error instanceof DatadogError && error.kind === 'invalid';
}

interface Claim {
  rows: UnreadSignal[];
  /** As many as one claim takes, so there may be more. */
  more: boolean;
  /** What is due was left, or all of it that is not urgent, for the sake of what is being read. */
  held: boolean;
  /** When another one falls due; unknown while none may be taken. */
  next: Date | undefined;
}

export function createReading(deps: ReadingDeps) {
  const { db, datadog, clock, config, log } = deps;
  /** Datadog said when the next question may come. */
  let heldUntil = 0;
  /** When the searches under way began. */
  const searching = new Set<number>();
  /** When the next few may be read beside one. */
  let besideAt = 0;
  /** What searches found a moment ago need not be saved by the next one, unless it is what that one looks for. */
  const seen = new Set<string>();

  /** Takes what is due, for `read`; whoever dies with it in hand gives it back after a while. */
  async function claim(): Promise<Claim> {
    const now = clock.now();
    if (freeAt()) return { rows: [], more: false, held: true, next: undefined };
    const until = new Date(now.getTime() + config.timing.http_timeout + 5_000);
    if (aloneUntil() > now.getTime()) {
      const { claimed, next } = await claimUnread(db, { now, until, limit: FEW, urgentOnly: true });
      besideAt = now.getTime() + (claimed.length > 0 ? BESIDE_EVERY_MS : LOOK_BESIDE_EVERY_MS);
      return { rows: claimed, more: false, held: true, next };
    }
    const rows: UnreadSignal[] = [];
    for (;;) {
      const { claimed, next } = await claimUnread(db, { now, until, limit: CLAIM });
      rows.push(...claimed);
      const more = claimed.length === CLAIM;
      if (!more || rows.length >= BATCH) return { rows, more, held: false, next };
    }
  }

  /** Reads and saves them; false when some are to be asked for again. */
  async function read(rows: readonly UnreadSignal[]): Promise<boolean> {
    const found = new Set<string>();
    const missing = () => rows.filter((row) => !found.has(row.id));
    try {
      await (rows.length <= FEW ? singly(rows, found) : together(rows, found));
      if (missing().length > 0) await notThere(missing());
    } catch (error) {
      await pause(missing(), error);
    }
    return missing().length === 0;
  }

  /** Adds the ids of those there are to `found`. */
  async function singly(rows: readonly UnreadSignal[], found: Set<string>): Promise<void> {
    const askedAt = clock.now();
    const read = await Promise.allSettled(rows.map((row) => getSignal(datadog, row.id)));
    const signals = read.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
    await saveSignals(db, signals, { via: 'webhook', askedAt, now: clock.now() });
    for (const { id } of signals) found.add(id);
    const failed = read.find((answer) => answer.status === 'rejected' && !isNoSignal(answer.reason));
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** The same with as few questions as possible. Whatever else is found is saved, too: it may be rung for any moment. */
  async function together(rows: readonly UnreadSignal[], found: Set<string>): Promise<void> {
    const wanted = new Set(rows.map((row) => row.id));
    const times = rows.map((row) => Math.min(row.raised_at.getTime(), row.received_at.getTime()));
    const from = new Date(Math.min(...times) - BEFORE_MS);
    const to = new Date(clock.now().getTime() + AFTER_MS);
    const begunAt = clock.now().getTime();
    searching.add(begunAt);
    try {
      let cursor: string | undefined;
      const again = rows.some(({ attempts }) => attempts > 1);
      const limit = again ? PAGE : Math.min(PAGE, Math.max(SMALL_PAGE, 2 * wanted.size));
      for (let page = 0; page < MOST_PAGES && found.size < wanted.size; page++) {
        const askedAt = clock.now();
        const search = { query: SIGNAL_QUERY, from, to, sort: '-timestamp', cursor, limit } as const;
        const answer = await searchSignals(datadog, search, (id) => seen.has(id) && !wanted.has(id));
        const rung = answer.signals.filter(({ id }) => wanted.has(id));
        const others = answer.signals.filter(({ id }) => !wanted.has(id));
        await saveSignals(db, rung, { via: 'webhook', askedAt, now: clock.now() });
        await saveSignals(db, others, { via: 'poll', askedAt, now: clock.now() });
        for (const { id } of rung) found.add(id);
        if (seen.size > MOST_SEEN) seen.clear();
        for (const { id } of answer.signals) seen.add(id);
        cursor = answer.cursor;
        if (!cursor) break;
      }
    } finally {
      searching.delete(begunAt);
    }
  }

  /** Indexing takes Datadog a while, so soon and then ever less often. */
  async function notThere(rows: readonly UnreadSignal[]): Promise<void> {
    const now = clock.now();
    const lost = rows.filter((row) => now.getTime() - row.received_at.getTime() > GIVE_UP_MS);
    if (lost.length > 0) {
      log.warn({ signals: lost.map((row) => row.id) }, 'Datadog knows no such signals; their cards stay as they are');
      const event = { at: now, what: 'not-readable' as const, reason: 'Datadog: 404' };
      await db.transaction().execute(async (trx) => {
        await giveUpReading(
          trx,
          lost.map((row) => row.id),
          now,
        );
        await recordEvents(
          trx,
          lost.map((row) => ({ signalId: row.id, event })),
        );
      });
    }
    for (const [attempts, waiting] of Map.groupBy(rows, (row) => row.attempts)) {
      // Asking for many takes its time, so many wait longer.
      const pauseMs = Math.max(250 * 2 ** Math.min(attempts, 8), rows.length * 10);
      const at = new Date(now.getTime() + Math.min(60_000, pauseMs));
      await readAgain(
        db,
        waiting.filter((row) => !lost.includes(row)).map((row) => row.id),
        at,
      );
    }
  }

  async function pause(rows: readonly UnreadSignal[], error: unknown): Promise<void> {
    const throttled = error instanceof DatadogError && error.kind === 'throttled';
    const forMs = throttled ? (error.retryAfterMs ?? 5_000) : 2_000;
    if (throttled) heldUntil = clock.now().getTime() + forMs;
    log.warn({ signals: rows.length, error: messageOf(error), forMs }, 'signals could not be read; trying again');
    await readAgain(
      db,
      rows.map((row) => row.id),
      new Date(clock.now().getTime() + forMs),
    );
  }

  /** When more may be claimed; undefined when at once. */
  function freeAt(): Date | undefined {
    const at = Math.max(heldUntil, Math.min(aloneUntil(), besideAt));
    return at > clock.now().getTime() ? new Date(at) : undefined;
  }

  /** Until when a search has the rest to itself. */
  function aloneUntil(): number {
    return Math.max(0, ...[...searching].map((begunAt) => begunAt + ALONE_MS));
  }

  return { claim, read, freeAt };
}
