/** The comparison of shapes itself: it finds what differs, else "no deviations" would prove nothing. */
import { expect, test } from 'vitest';
import { deviations, shapeOf } from './json-shape.ts';

function compare(recorded: unknown, actual: unknown, newest?: unknown, free: string[] = []): string[] {
  const shapes = { recorded: shapeOf([recorded]), newest: newest === undefined ? undefined : shapeOf([newest]), free };
  return deviations(shapes, shapeOf([actual]));
}

test.each<[string, unknown, unknown, string[]]>([
  ['equal shapes', { a: 1, b: ['x'] }, { a: 2, b: ['y', 'z'] }, []],
  ['a missing member', { a: 1, b: { c: 1 } }, { a: 1, b: {} }, ['$.b.c: missing']],
  ['an additional member', { a: 1 }, { a: 1, b: 1 }, ['$.b: never recorded']],
  ['another type', { a: 1 }, { a: '1' }, ['$.a: string, recorded as number']],
  ['null for a text', { a: 'x' }, { a: null }, ['$.a: null, recorded as string']],
  ['an empty list', { a: [1] }, { a: [] }, ['$.a: empty, recorded with elements']],
  ['elements nobody recorded', { a: [] }, { a: [1] }, ['$.a: elements, recorded empty']],
  ['a member missing in one element', [{ a: 1 }], [{ a: 1 }, {}], ['$[].a: missing']],
  ['a member that only some elements have', [{ a: 1 }, {}], [{}], []],
  ['an object for a text', 'x', { a: 1 }, ['$: object, recorded as string', '$.a: never recorded']],
])('%s', (_, recorded, actual, expected) => {
  expect(compare(recorded, actual)).toEqual(expected);
});

test('a newer recording allows newer members but does not demand them', () => {
  expect(compare({ a: 1 }, { a: 1, b: 1 }, { a: 1, b: 2 })).toEqual([]);
  expect(compare({ a: 1 }, { a: 1 }, { a: 1, b: 2 })).toEqual([]);
  expect(compare({ a: 1 }, { a: 1, b: '1' }, { a: 1, b: 2 })).toEqual(['$.b: string, recorded as number']);
  expect(compare({ a: [] }, { a: [{ b: 1 }] }, { a: [{ c: 1 }] })).toEqual([
    '$.a[].c: missing',
    '$.a[].b: never recorded',
  ]);
});

test('below a free path anything goes', () => {
  expect(compare({ tags: { a: 'x' } }, { tags: { b: 'y' } }, undefined, ['$.tags'])).toEqual([]);
});
