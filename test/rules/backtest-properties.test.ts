/** What holds for every rule and all events: our preview raises what the detection of the world raises. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleSeverity } from '../../src/datadog/rules.ts';
import { execBy } from '../playground/datadog-world.ts';
import { type Draft, detected, type Moment, previewed, ruleOf } from './detection.ts';

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

const path = fc.constantFrom<string | undefined>('/a', '/b', '/c', undefined);
const code = fc.constantFrom<number | undefined>(101, 101, 403, undefined);
const username = fc.constantFrom<string | undefined>('jane', 'jane', 'john', undefined);
const event = fc.record({ path, code, username }).map((drawn) =>
  execBy('', {
    requestURI: drawn.path,
    responseStatus: { code: drawn.code },
    user: { username: drawn.username },
  }),
);

/** The gaps are whole units as often as not, so that many end where a window or a duration does. */
function moments(unitS: number): fc.Arbitrary<Moment[]> {
  const gap = fc.oneof(fc.constantFrom(0, 1, 2, 5), fc.double({ min: 0, max: 3, noNaN: true }));
  return fc.array(fc.tuple(gap, event), { minLength: 1, maxLength: 40 }).map((drawn) => {
    let at = 0;
    return drawn.map(([units, event]) => {
      at += Math.round(units * unitS * 1000);
      return { at, event };
    });
  });
}

const windows = fc
  .tuple(fc.constantFrom(0, 60, 300), fc.constantFrom(0, 60, 300), fc.constantFrom(0, 300, 600))
  .map(([evaluationWindow, idle, rest]) => ({
    evaluationWindow,
    keepAlive: evaluationWindow + idle,
    maxSignalDuration: evaluationWindow + idle + rest,
  }));
const counted = fc.constantFrom<{ distinctFields?: string[] }>(
  {},
  { distinctFields: ['@http.url_details.path'] },
  { distinctFields: ['@http.url_details.path', '@http.status_code'] },
);
const query = fc
  .tuple(fc.constantFrom('*', '@http.status_code:403', '-@http.url_details.path:"/a"'), counted)
  .map(([query, counted]) => ({ query, ...counted }));
const condition = fc
  .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 4 }), fc.constantFrom('', ' && a > 1', ' || b > 3'))
  .map(([label, number, more]) => `${label} > ${number}${more}`);
const severity = fc.constantFrom<RuleSeverity>('info', 'low', 'high', 'critical');

const thresholds: fc.Arbitrary<Draft> = fc.record({
  options: windows,
  queries: fc.array(query, { minLength: 1, maxLength: 2 }),
  cases: fc.array(fc.tuple(condition, severity), { minLength: 1, maxLength: 3 }),
});

const newValues: fc.Arbitrary<Draft> = fc.record({
  of: fc.constantFrom(['@usr.name'], ['@http.url_details.path', '@usr.name']).map((fields) => [...fields]),
  learn: fc.constantFrom(0, 1, 2),
  forget: fc.constantFrom(1, 2, 7),
  options: fc.constantFrom(
    { keepAlive: 0, maxSignalDuration: 600 },
    { keepAlive: HOUR_S, maxSignalDuration: DAY_S },
    { keepAlive: DAY_S, maxSignalDuration: DAY_S },
  ),
  queries: fc.constantFrom([], ['@http.status_code']).map((groupByFields) => [{ groupByFields: [...groupByFields] }]),
});

test.each([
  ['thresholds', thresholds, MINUTE_S],
  ['new values', newValues, 6 * HOUR_S],
])('preview and world raise the same, whatever happens: %s', (_what, drafts, unitS) => {
  fc.assert(
    fc.property(drafts, moments(unitS), (draft, happened) => {
      const rule = ruleOf(draft);
      expect(previewed(rule, happened)).toEqual(detected(rule, happened));
    }),
    { numRuns: 500 },
  );
});
