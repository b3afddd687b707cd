/**
 * When a route is quiet and when its digest is due: hours of a wall clock somewhere on earth, turned into instants with
 * the time zones Node brings along. A day there may have 23 or 25 hours, and an hour may be missing or come twice.
 */
import type { Config } from '../config.ts';

type RouteConfig = Config['signals']['routes'][number];
export type MuteTime = NonNullable<RouteConfig['mute_times']>[number];
export type Digest = Config['signals']['digest'];

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** A message held for longer is no longer news; whoever waits looks again then. */
const FURTHEST_DAYS = 7;

/**
 * Until when it is quiet, windows that meet counted as one; undefined when it is not quiet now. Where it would be quiet
 * for ever, seven days ahead.
 */
export function mutedUntil(muteTimes: readonly MuteTime[], now: Date): Date | undefined {
  const furthest = now.getTime() + FURTHEST_DAYS * DAY_MS;
  const zones = muteTimes.map((time) => ({ time, clock: wallClockOf(time.timezone) }));
  let until = now.getTime();
  for (;;) {
    const ends = zones.flatMap(({ time, clock }) => endsOfWindowsAt(until, time, clock));
    if (ends.length === 0) break;
    until = Math.max(...ends);
    if (until >= furthest) return new Date(furthest);
  }
  return until > now.getTime() ? new Date(until) : undefined;
}

/** The first due time after `after`: a day's digest comes once, also where the hour is missing or comes twice. */
export function nextDigest({ at, timezone }: Digest, after: Date): Date {
  const clock = wallClockOf(timezone);
  let day = dayOf(clock, after.getTime());
  for (;;) {
    const due = instantOf(clock, day + minutesOf(at) * MINUTE_MS);
    if (due > after.getTime()) return new Date(due);
    day += DAY_MS;
  }
}

/** A window belongs to the day it begins on, which may be the day before. */
function endsOfWindowsAt(at: number, { days, from, to }: MuteTime, clock: WallClock): number[] {
  const today = dayOf(clock, at);
  const opens = minutesOf(from);
  const closes = minutesOf(to) > opens ? minutesOf(to) : minutesOf(to) + DAY_MS / MINUTE_MS;
  return [today - DAY_MS, today].flatMap((day) => {
    const name = WEEK[new Date(day).getUTCDay()];
    if (name === undefined || !days.includes(name)) return [];
    const end = instantOf(clock, day + closes * MINUTE_MS);
    return end > at && instantOf(clock, day + opens * MINUTE_MS) <= at ? [end] : [];
  });
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** What the clock on the wall shows at an instant, as the instant at which a clock in UTC shows the same. */
type WallClock = (instant: number) => number;

function wallClockOf(timezone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const read = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
  };
}

function dayOf(clock: WallClock, instant: number): number {
  return Math.floor(clock(instant) / DAY_MS) * DAY_MS;
}

/**
 * The instant at which the wall clock shows `wall`: the first one where it comes twice, and where it is skipped as much
 * later as the clock was put forward. The same as `compatible` of https://tc39.es/proposal-temporal/docs/timezone.html
 */
function instantOf(clock: WallClock, wall: number): number {
  const offsetAt = (instant: number) => clock(instant) - instant;
  // The offsets of the day before and the day after: at most one change lies between them.
  const before = wall - offsetAt(wall - DAY_MS);
  const after = wall - offsetAt(wall + DAY_MS);
  return clock(before) !== wall && clock(after) === wall ? after : before;
}
