/**
 * Our preview of a rule raises what the detection of the world raises: for every rule of the pack, and where windows
 * and durations end. Both read queries and conditions with the same code, which has tests of its own; counting,
 * remembering, opening and closing are written twice.
 */
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../src/rules/compile.ts';
import { loadTestedRules } from '../../src/rules/samples.ts';
import { type Draft, detected, type Happening, momentsOf, previewed, ruleOf } from './detection.ts';

const DAY_S = 86_400;

/** Who, at each of these seconds. */
function at(...seconds: number[]): Happening[] {
  return seconds.map((atS) => [atS, 'jane']);
}

function onPath(path: string): Record<string, unknown> {
  return { requestURI: path };
}

const DISTINCT_PATHS: Draft = {
  queries: [{ distinctFields: ['@http.url_details.path'] }],
  cases: [['a > 1', 'low']],
};
const RISING: Draft = {
  cases: [
    ['a > 2', 'critical'],
    ['a > 0', 'low'],
  ],
};

describe('a threshold', () => {
  it.each<[string, Draft, Happening[], string[]]>([
    ['no longer counts what is as old as its window', { cases: [['a > 1', 'low']] }, at(0, 300, 600), []],
    [
      'counts what is a moment younger',
      { cases: [['a > 1', 'low']] },
      at(0, 299.999),
      ['low at 299.999 s of 2 events'],
    ],
    ['counts each group by itself', { cases: [['a > 1', 'low']] }, [...at(0), [1, 'john'], [2, 'paul']], []],
    [
      'with a window of 0 judges each event by itself',
      { options: { evaluationWindow: 0, keepAlive: 0, maxSignalDuration: 0 } },
      at(0, 0),
      ['medium at 0 s of 1 event', 'medium at 0 s of 1 event'],
    ],
    ['counts a value once', DISTINCT_PATHS, [0, 1, 2].map((s) => [s, 'jane', onPath('/a')]), []],
    [
      'counts different values',
      DISTINCT_PATHS,
      ['/a', '/a', '/b'].map((path, s) => [s, 'jane', onPath(path)]),
      ['low at 2 s of 3 events'],
    ],
    [
      'lets values leave with the window',
      DISTINCT_PATHS,
      ['/a', '/b'].map((path, i) => [i * 300, 'jane', onPath(path)]),
      [],
    ],
    [
      'counts nothing of an event without the field, which still belongs to the signal',
      DISTINCT_PATHS,
      [undefined, '/a', undefined, '/b'].map((path, s) => [s, 'jane', { requestURI: path }]),
      ['low at 3 s of 4 events'],
    ],
    [
      'counts combinations of which one field is missing',
      { queries: [{ distinctFields: ['@objectRef.namespace', '@objectRef.name'] }], cases: [['a > 1', 'low']] },
      ['node-1', 'node-2'].map((name, s) => [s, 'jane', { objectRef: { resource: 'nodes', name } }]),
      ['low at 1 s of 2 events'],
    ],
    [
      'counts each element of a list',
      { queries: [{ distinctFields: ['@sourceIPs'] }], cases: [['a > 2', 'low']] },
      [[0, 'jane', { sourceIPs: ['203.0.113.7', '203.0.113.8', '203.0.113.9'] }]],
      ['low at 0 s of 1 event'],
    ],
    ['rises while the signal is open', RISING, at(0, 1, 2), ['critical at 0 s of 3 events']],
    ['never falls', RISING, at(0, 1, 2, 500), ['critical at 0 s of 4 events']],
    [
      'rises for nobody once the signal is closed',
      { ...RISING, options: { evaluationWindow: 300, keepAlive: 300, maxSignalDuration: 300 } },
      at(0, 1, 300, 300),
      ['low at 0 s of 2 events', 'critical at 300 s of 3 events'],
    ],
    [
      'takes the first case that holds, whatever its severity',
      {
        cases: [
          ['a > 0', 'low'],
          ['a > 1', 'critical'],
        ],
      },
      at(0, 1),
      ['low at 0 s of 2 events'],
    ],
    ['stays open until it was idle for so long', {}, at(0, 599.999, 1199.998), ['medium at 0 s of 3 events']],
    ['closes once it was', {}, at(0, 600), ['medium at 0 s of 1 event', 'medium at 600 s of 1 event']],
    [
      'closes when it is old enough, counted from the first event that led to it',
      { cases: [['a > 1', 'low']], options: { keepAlive: 300, maxSignalDuration: 600 } },
      at(0, 200, 450, 600),
      ['low at 200 s of 3 events', 'low at 600 s of 2 events'],
    ],
    [
      'of several queries takes an event that two of them match for one',
      { queries: [{}, { query: '@http.status_code:101' }], cases: [['a > 0 && b > 0', 'high']] },
      at(0, 1),
      ['high at 0 s of 2 events'],
    ],
    [
      'of several queries counts each',
      {
        queries: [{ query: '@http.status_code:403' }, { query: '@http.status_code:101' }],
        cases: [['a > 1 && b > 0', 'high']],
      },
      [403, 101, 403].map((code, s) => [s, 'jane', { responseStatus: { code } }]),
      ['high at 2 s of 3 events'],
    ],
    ['passes over an event without the field of its groups', {}, [[0, 'jane', { user: {} }]], []],
  ])('%s', (_what, draft, happenings, expected) => {
    const [rule, moments] = [ruleOf(draft), momentsOf(happenings)];
    expect(previewed(rule, moments)).toEqual(expected);
    expect(detected(rule, moments)).toEqual(expected);
  });
});

describe('a new value', () => {
  const USER = { of: ['@usr.name'] };

  it.each<[string, Draft, Happening[], string[]]>([
    ['is not the first of a group', USER, at(0), []],
    [
      'is a signal of its own with a keepAlive of 0',
      USER,
      [...at(0), [1, 'john'], [1, 'paul']],
      ['medium at 1 s of 1 event', 'medium at 1 s of 1 event'],
    ],
    [
      'joins the signal that is open with another',
      { ...USER, options: { keepAlive: 60 } },
      [...at(0), [1, 'john'], [60.999, 'paul'], [121, 'mary']],
      ['medium at 1 s of 2 events', 'medium at 121 s of 1 event'],
    ],
    ['is not new again', USER, [...at(0), [1, 'john'], [2, 'john']], ['medium at 1 s of 1 event']],
    ['is new again after as many days', { ...USER, forget: 1 }, at(0, DAY_S), [`medium at ${DAY_S} s of 1 event`]],
    ['is remembered from when it was seen last', { ...USER, forget: 1 }, at(0, DAY_S - 1, 2 * DAY_S - 2), []],
    ['is learnt in silence', { ...USER, learn: 1 }, [...at(0), [DAY_S - 1, 'john'], [DAY_S, 'john']], []],
    ['is news once nothing is learnt any more', { ...USER, learn: 1 }, at(DAY_S), [`medium at ${DAY_S} s of 1 event`]],
    [
      'is not taught by an event without the attribute',
      USER,
      [[0, '-', { user: {} }], ...at(1), [2, 'john']],
      ['medium at 2 s of 1 event'],
    ],
    [
      'of two attributes is a new pair',
      { of: ['@usr.name', '@http.method'] },
      [
        [0, 'jane', { verb: 'create' }],
        [1, 'jane', { verb: 'get' }],
        [2, 'john', { verb: 'get' }],
        [3, 'jane', { verb: 'create' }],
      ],
      ['medium at 1 s of 1 event', 'medium at 2 s of 1 event'],
    ],
  ])('%s', (_what, draft, happenings, expected) => {
    const [rule, moments] = [ruleOf(draft), momentsOf(happenings)];
    expect(previewed(rule, moments)).toEqual(expected);
    expect(detected(rule, moments)).toEqual(expected);
  });
});

describe('the pack raises the same in the preview and in the world', () => {
  const played = loadTestedRules().flatMap(({ rule, match, sequences }) => [
    ...match.slice(0, 1).map(({ it, event }) => ({ id: rule.id, what: it, rule, moments: [{ at: 0, event }] })),
    ...sequences.map(({ it, events }) => ({ id: rule.id, what: it, rule, moments: events })),
  ]);

  it.each(played)('$id: $what', ({ rule, moments }) => {
    const payload = compileRule(rule);
    const expected = previewed(payload, moments);
    const { newValueOptions } = payload.options;
    if (!newValueOptions) return expect(detected(payload, moments)).toEqual(expected);
    // It learns by waiting, or from what is in the index when it is made: the same events are known then.
    const waiting = { ...payload.options, newValueOptions: { ...newValueOptions, instantaneousBaseline: false } };
    expect(detected({ ...payload, options: waiting }, moments)).toEqual(expected);
    expect(detected(payload, moments, newValueOptions.learningDuration * DAY_S * 1000)).toEqual(expected);
  });
});
