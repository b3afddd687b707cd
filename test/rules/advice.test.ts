/** What is advised about a draft, and when: each advice has one case where it is given and some where it is not. */
import { describe, expect, test } from 'vitest';
import type { ExistingRule } from '../../src/datadog/rules.ts';
import { type Advice, adviceFor } from '../../src/rules/advice.ts';
import type { Draft } from '../../src/rules/draft.ts';
import type { Tried } from '../../src/rules/try-out.ts';
import { draft, existingRule, foreign, tried } from './samples.ts';

const S = 'source:kubernetes.audit';
const EXEC = `${S} @objectRef.subresource:exec`;

function advised(change: Partial<Draft>, found: Tried = tried(), rules: readonly ExistingRule[] = []): string[] {
  return adviceFor(draft(change), found, rules).map(({ what }) => what);
}

function only(what: Advice['what'], change: Partial<Draft>, found?: Tried, rules?: readonly ExistingRule[]): boolean {
  return advised(change, found, rules).includes(what);
}

test('nothing, where there is nothing to say', () => {
  expect(advised({})).toEqual([]);
});

test('what was done to the query without being asked', () => {
  const notes = ['misspelled', 'source-added', 'queries-joined', 'cases-left'] as const;
  expect(advised({ notes: [...notes] })).toEqual(notes);
});

test('nothing found, or only the newest looked at', () => {
  expect(advised({}, tried([]))).toEqual(['no-events']);
  expect(adviceFor(draft(), tried(['alice'], 5000), [])).toEqual([{ what: 'newest-only', looked: 1 }]);
});

describe('exec by its old verb alone', () => {
  const table: [query: string, given: boolean][] = [
    [`${EXEC} @http.method:create`, true],
    [`${EXEC} @verb:"create"`, true],
    [`${S} (@objectRef.subresource:(exec OR attach) @http.method:create)`, true],
    [`${S} @objectRef.subresource:portforward @http.method:create @x:1`, true],
    [`${EXEC} @http.method:(create OR get)`, false],
    [EXEC, false],
    [`${S} @http.method:create`, false],
    [`${S} @objectRef.subresource:log @usr.name:exec @http.method:create`, false],
    [`${S} -@objectRef.subresource:exec @http.method:create`, false],
    [`${EXEC} @http.method:created`, false],
  ];
  for (const [query, given] of table) test(query, () => expect(only('exec-verbs', { query })).toBe(given));
});

test('a stream counted twice', () => {
  expect(only('counted-twice', { query: EXEC, moreThan: 3 })).toBe(true);
  expect(only('counted-twice', { query: EXEC, moreThan: 0 })).toBe(false);
  expect(only('counted-twice', { query: `${EXEC} @stage:ResponseStarted`, moreThan: 3 })).toBe(false);
  expect(only('counted-twice', { query: EXEC, moreThan: 3, distinct: ['@usr.name'] })).toBe(false);
  expect(only('counted-twice', { query: EXEC, moreThan: 3, method: 'new_value' })).toBe(false);
  expect(only('counted-twice', { query: S, moreThan: 3 })).toBe(false);
});

describe('a query of which a part looks at every log', () => {
  const table: [query: string, given: boolean][] = [
    [`${S} @verb:get OR @verb:list`, true],
    [`@verb:list OR ${S} @verb:get`, true],
    [`-${S} @verb:get`, true],
    [`${S} (@verb:get OR @verb:list)`, false],
    [`(${S} @verb:get) OR (${S} @verb:list)`, false],
    ['source:(kubernetes.audit OR k3s.audit) @verb:get', false],
    // What cannot be read is told beside its field.
    [`${S} (@verb:get OR`, false],
  ];
  for (const [query, given] of table) test(query, () => expect(only('source-partly', { query })).toBe(given));
});

describe('another rule that finds most of it already', () => {
  const rule = (query: string, more: Partial<ExistingRule> = {}) =>
    existingRule({ name: 'Theirs', queries: [{ query }] as never }, { id: 'def-1', ...more });
  const twins = (found: Tried, rules: readonly ExistingRule[], base?: Draft['base']) =>
    adviceFor(draft({ base }), found, rules).filter(({ what }) => what === 'twin');

  test('is named, with what to type', () => {
    expect(twins(tried(), [rule(EXEC, { shipped: true })])).toEqual([
      { what: 'twin', key: 'def-1', name: 'Theirs', enabled: true, shipped: true },
    ]);
    const ours = existingRule({
      name: 'Ours',
      tags: ['eks-audit-id:exec-into-pod'],
      queries: [{ query: EXEC }] as never,
    });
    expect(twins(tried(), [{ ...ours, enabled: false }])).toMatchObject([{ key: 'exec-into-pod', enabled: false }]);
  });

  test('half of the events are most of them; fewer, or none at all, are not', () => {
    const alice = [rule(`${EXEC} @usr.name:alice`)];
    expect(twins(tried(['alice', 'bob']), alice)).toHaveLength(1);
    expect(twins(tried(['alice', 'bob', 'carol']), alice)).toEqual([]);
    expect(twins(tried([]), alice)).toEqual([]);
  });

  test('that knows only the old verb is meant for the same act', () => {
    const found = tried(['alice']);
    const websocket: Tried = {
      ...found,
      events: found.events.map(({ at, event }) => ({
        at,
        event: { ...event, attributes: { ...event.attributes, http: { method: 'get', status_code: 101 } } },
      })),
    };
    expect(twins(websocket, [rule(`${EXEC} @http.method:create`)])).toHaveLength(1);
  });

  test('is not the rule that is edited, but is the original of a copy; two are enough', () => {
    const rules = [rule(EXEC)];
    expect(twins(tried(), rules, { id: 'def-1', name: 'Theirs', edit: true })).toEqual([]);
    expect(twins(tried(), rules, { id: 'def-1', name: 'Theirs', edit: false })).toHaveLength(1);
    expect(
      twins(
        tried(),
        [1, 2, 3].map((i) => rule(EXEC, { id: `r-${i}` })),
      ),
    ).toHaveLength(2);
  });

  test('is no rule whose query is missing, empty or cannot be read', () => {
    const odd = [{}, { queries: 'none' }, { queries: [{}, { query: '' }, { query: '(' }, { query: 7 }] }];
    const rules = odd.map((wire) => ({ ...rule(EXEC), wire }));
    expect(twins(tried(), rules)).toEqual([]);
    expect(twins(tried(), [foreign().existing as ExistingRule])).toEqual([]);
  });
});

test('a name that several people share is new only once', () => {
  const found = tried(['alice', 'kubernetes-admin']);
  expect(adviceFor(draft({ method: 'new_value' }), found, [])).toEqual([
    { what: 'learns', days: 7 },
    { what: 'shared-name', name: 'kubernetes-admin' },
  ]);
  expect(only('shared-name', { method: 'new_value', of: ['@objectRef.namespace'] }, found)).toBe(false);
  expect(only('shared-name', {}, found)).toBe(false);
});

test('names with the session in them are new with every session', () => {
  const sessions = (names: number, arns: number): Tried => {
    const found = tried(
      Array.from({ length: names }, (_, i) => `arn:aws:sts::111122223333:assumed-role/Admin/run-${i}`),
    );
    const events = found.events.map(({ at, event }, i) => {
      const extra = { canonicalArn: [`arn:aws:iam::111122223333:role/Admin-${i % arns}`] };
      return { at, event: { ...event, attributes: { ...event.attributes, user: { extra } } } };
    });
    return { ...found, events };
  };
  const newValue = { method: 'new_value' } as const;
  expect(adviceFor(draft(newValue), sessions(5, 2), [])).toContainEqual({
    what: 'session-names',
    names: 5,
    identities: 2,
  });
  expect(only('session-names', newValue, sessions(2, 1))).toBe(false);
  expect(only('session-names', newValue, sessions(4, 2))).toBe(false);
  expect(only('session-names', newValue, tried(['a', 'b', 'c', 'd']))).toBe(false);
});

test('how long it learns, and that clusters are not told apart', () => {
  expect(adviceFor(draft({ method: 'new_value', learnDays: 0 }), tried(), [])).toEqual([{ what: 'learns', days: 0 }]);
  expect(advised({ groupBy: ['@usr.name', '@aws.awslogs.owner'] })).toEqual(['mixes-clusters']);
  expect(advised({ groupBy: [] })).toEqual(['mixes-clusters']);
});
