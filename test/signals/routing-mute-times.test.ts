/**
 * Quiet hours and digests on a wall clock. In Europe/Berlin the clock goes from 02:00 to 03:00 on 29 March 2026 and from
 * 03:00 back to 02:00 on 25 October 2026, both at 01:00 UTC.
 */
import { describe, expect, test } from 'vitest';
import { type MuteTime, mutedUntil, nextDigest } from '../../src/signals/mute-times.ts';

const ALL: MuteTime['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const window = (change: Partial<MuteTime>): MuteTime => ({
  days: ALL,
  from: '00:00',
  to: '24:00',
  timezone: 'UTC',
  ...change,
});
const DAY_MS = 86_400_000;

type Row = [what: string, now: string, until: string | undefined];

function table(muteTimes: MuteTime[], rows: Row[]): void {
  for (const [what, now, until] of rows)
    test(what, () =>
      expect(mutedUntil(muteTimes, new Date(now))?.toISOString()).toBe(until && new Date(until).toISOString()),
    );
}

describe('hours of a day', () => {
  table(
    [window({ from: '12:00', to: '13:30' })],
    [
      ['a minute before', '2026-03-02T11:59:59Z', undefined],
      ['from the first moment', '2026-03-02T12:00:00Z', '2026-03-02T13:30:00Z'],
      ['to the last', '2026-03-02T13:29:59.999Z', '2026-03-02T13:30:00Z'],
      ['no longer', '2026-03-02T13:30:00Z', undefined],
    ],
  );
});

describe('hours over midnight belong to the day they begin on', () => {
  // 2026-03-07 is a Saturday.
  table(
    [window({ days: ['sat', 'sun'], from: '22:00', to: '07:00', timezone: 'Asia/Tokyo' })],
    [
      ['Friday night is not quiet', '2026-03-07T00:00:00+09:00', undefined],
      ['Saturday evening, until Sunday morning', '2026-03-07T22:00:00+09:00', '2026-03-08T07:00:00+09:00'],
      ['Sunday morning, still', '2026-03-08T06:59:00+09:00', '2026-03-08T07:00:00+09:00'],
      ['Sunday by day', '2026-03-08T12:00:00+09:00', undefined],
      ['Monday morning, since it began on Sunday', '2026-03-09T06:00:00+09:00', '2026-03-09T07:00:00+09:00'],
      ['Monday evening', '2026-03-09T23:00:00+09:00', undefined],
      ['Saturday 22:00 in UTC is Sunday morning in Tokyo', '2026-03-07T22:00:00Z', undefined],
    ],
  );
});

describe('whole days', () => {
  table(
    [window({ days: ['sat', 'sun'], timezone: 'Asia/Tokyo' })],
    [
      ['a weekend ends on Monday, the two days being one', '2026-03-07T08:00:00+09:00', '2026-03-09T00:00:00+09:00'],
      ['it begins with Saturday', '2026-03-06T23:59:00+09:00', undefined],
    ],
  );
  table(
    [window({ days: ['sun'], timezone: 'Europe/Berlin' })],
    [
      ['a day of 23 hours', '2026-03-29T00:00:00+01:00', '2026-03-29T23:00:00+01:00'],
      ['a day of 25 hours', '2026-10-25T00:00:00+02:00', '2026-10-26T01:00:00+02:00'],
    ],
  );
});

describe('only one end said', () => {
  table([window({ from: '22:00' })], [['until midnight', '2026-03-02T22:30:00Z', '2026-03-03T00:00:00Z']]);
  table([window({ to: '06:00' })], [['from midnight', '2026-03-02T05:30:00Z', '2026-03-02T06:00:00Z']]);
  table(
    [window({ from: '22:00', to: '00:00' })],
    [['to 00:00 is the next', '2026-03-02T22:30:00Z', '2026-03-03T00:00:00Z']],
  );
});

describe('several windows', () => {
  table(
    [window({ from: '22:00', to: '07:00' }), window({ from: '07:00', to: '08:00' }), window({ days: ['wed'] })],
    [
      ['that meet are one', '2026-03-02T23:00:00Z', '2026-03-03T08:00:00Z'],
      ['that overlap are one', '2026-03-03T23:00:00Z', '2026-03-05T08:00:00Z'],
      ['that lie apart are not', '2026-03-03T07:30:00Z', '2026-03-03T08:00:00Z'],
    ],
  );
  test('of none, nothing is quiet', () => expect(mutedUntil([], new Date())).toBeUndefined());
  test('that leave no gap are looked at again after seven days', () => {
    const now = new Date('2026-03-02T10:00:00Z');
    const forever = [window({ timezone: 'Pacific/Kiritimati' })];
    expect(mutedUntil(forever, now)).toEqual(new Date(now.getTime() + 7 * DAY_MS));
    const halves = [window({ from: '08:00', to: '20:00' }), window({ from: '20:00', to: '08:00' })];
    expect(mutedUntil(halves, now)).toEqual(new Date(now.getTime() + 7 * DAY_MS));
  });
});

describe('the clock put forward', () => {
  table(
    [window({ from: '22:00', to: '07:00', timezone: 'Europe/Berlin' })],
    [['the night is an hour shorter', '2026-03-28T22:00:00+01:00', '2026-03-29T07:00:00+02:00']],
  );
  table(
    [window({ from: '01:00', to: '02:30', timezone: 'Europe/Berlin' })],
    [
      ['an end that is skipped comes as much later', '2026-03-29T00:59:00Z', '2026-03-29T03:30:00+02:00'],
      ['and is over then', '2026-03-29T03:30:00+02:00', undefined],
    ],
  );
  table(
    [window({ from: '02:30', to: '04:00', timezone: 'Europe/Berlin' })],
    [
      ['a beginning that is skipped, too', '2026-03-29T03:29:00+02:00', undefined],
      ['and then it is quiet', '2026-03-29T03:30:00+02:00', '2026-03-29T04:00:00+02:00'],
    ],
  );
});

describe('the clock put back', () => {
  table(
    [window({ from: '22:00', to: '07:00', timezone: 'Europe/Berlin' })],
    [['the night is an hour longer', '2026-10-24T22:00:00+02:00', '2026-10-25T07:00:00+01:00']],
  );
  table(
    [window({ from: '01:00', to: '02:30', timezone: 'Europe/Berlin' })],
    [
      ['ends when the clock first shows it', '2026-10-25T00:29:00Z', '2026-10-25T00:30:00Z'],
      ['and does not begin again', '2026-10-25T01:15:00Z', undefined],
    ],
  );
  table(
    [window({ from: '02:30', to: '03:30', timezone: 'Europe/Berlin' })],
    [['begins when the clock first shows it, and lasts two hours', '2026-10-25T00:30:00Z', '2026-10-25T02:30:00Z']],
  );
});

test('by its own reading of the clock, minute by minute over both changes', () => {
  const quiet = window({ from: '22:00', to: '07:00', timezone: 'Europe/Berlin' });
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', hourCycle: 'h23' });
  for (const start of ['2026-03-28T00:00:00Z', '2026-10-24T00:00:00Z'])
    for (let minute = 0; minute < 48 * 60; minute += 7) {
      const now = new Date(Date.parse(start) + minute * 60_000);
      const hour = Number(format.format(now));
      expect(mutedUntil([quiet], now) !== undefined, now.toISOString()).toBe(hour >= 22 || hour < 7);
    }
});

describe('the next digest', () => {
  const cases: [what: string, at: string, timezone: string, after: string, due: string][] = [
    ['is today while it is before', '09:00', 'UTC', '2026-03-02T08:59:59Z', '2026-03-02T09:00:00Z'],
    ['is tomorrow from the moment itself', '09:00', 'UTC', '2026-03-02T09:00:00Z', '2026-03-03T09:00:00Z'],
    ['is of the day there', '09:00', 'Asia/Tokyo', '2026-03-02T23:30:00Z', '2026-03-03T00:00:00Z'],
    ['may be yesterday here', '23:30', 'America/Los_Angeles', '2026-03-03T07:00:00Z', '2026-03-03T07:30:00Z'],
    ['before the clock is put forward', '09:00', 'Europe/Berlin', '2026-03-28T07:00:00Z', '2026-03-28T08:00:00Z'],
    ['after it, an hour earlier in UTC', '09:00', 'Europe/Berlin', '2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z'],
    ['comes later where the hour is skipped', '02:30', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T01:30:00Z'],
    ['and the day after as always', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z'],
    ['after the clock is put back', '09:00', 'Europe/Berlin', '2026-10-24T07:00:00Z', '2026-10-25T08:00:00Z'],
    ['comes with the first of two', '02:30', 'Europe/Berlin', '2026-10-24T23:00:00Z', '2026-10-25T00:30:00Z'],
    ['and only once', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['in a zone of half hours', '00:00', 'Asia/Kolkata', '2026-03-02T18:29:00Z', '2026-03-02T18:30:00Z'],
  ];
  for (const [what, at, timezone, after, due] of cases)
    test(what, () =>
      expect(nextDigest({ at, timezone }, new Date(after)).toISOString()).toBe(new Date(due).toISOString()),
    );

  test('of every moment of a year comes later, within a day and an hour', () => {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 5 * 3_600_000 + 13 * 60_000) {
      const wait = nextDigest({ at: '02:30', timezone: 'Europe/Berlin' }, new Date(at)).getTime() - at;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(25 * 3_600_000);
    }
  });
});
