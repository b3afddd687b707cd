/** What holds for every query: it survives printing, obeys logic, and no text whatever breaks the reader. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, type LogEvent, matches, parseQuery, printQuery, QuerySyntaxError } from '../../src/rules/query.ts';

const word = fc.constantFrom(
  'a',
  'b',
  'foo',
  'bar',
  '"a b"',
  'a\\:b',
  'a\\*',
  '"*"',
  '\\AND',
  '@',
  '1',
  '10',
  '\\-5',
  'é',
);
const glob = fc.constantFrom('a*', '*a', '*a*', '?', 'f?o', 'a\\**', '*');
const special = fc.constantFrom('>5', '>=a', '<"x y"', '[1 TO 10]', '{* TO b}', '[-5 TO *]');
const field = fc.constantFrom('@a', '@a.b', '@x', 'env', 'host', 'tags', 'message', '#n', '\\#t', '@k.e/y', '*');

const fieldValue = fc.tuple(field, fc.oneof(word, glob, special)).filter(([name, value]) => {
  return value !== '@' && !(name === '*' && /^[<>[{]/.test(value));
});
const leaf = fc.oneof(
  { weight: 3, arbitrary: fieldValue.map(([name, value]) => `${name}:${value}`) },
  word.filter((text) => text !== '@'),
  glob,
  fc.constantFrom('CIDR(@ip, 10.0.0.0/8, ::/0)', '_exists_:@a', '_missing_:env', '@a:(a OR -b OR >5)', 'env:(a b)'),
);
const queryText = fc.letrec<{ query: string; clause: string }>((tie) => ({
  query: fc
    .tuple(
      tie('clause'),
      fc.array(fc.tuple(fc.constantFrom(' ', ' AND ', ' OR ', ' && ', '||'), tie('clause')), { maxLength: 3 }),
    )
    .map(([first, rest]) => first + rest.map(([operator, clause]) => operator + clause).join('')),
  clause: fc
    .tuple(
      fc.constantFrom('', '', '', '-', 'NOT ', '+'),
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        tie('query').map((query) => `(${query})`),
      ),
    )
    .map(([modifier, clause]) => modifier + clause),
})).query;

const scalar = fc.oneof(
  fc.constantFrom('a', 'b', 'foo', 'a b', 'a:b', 'a*', '*', '-5', '10.1.2.3', 'é'),
  fc.integer({ min: -10, max: 12 }),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.record({ b: scalar }));
const event: fc.Arbitrary<LogEvent> = fc.record({
  message: fc.constantFrom('', 'foo bar', 'a b', 'A', 'foo and a:b', 'x'),
  tags: fc.array(fc.constantFrom('env:a', 'env:b', 'env', 'a', '#t:a', 'host:foo', 'env:10'), { maxLength: 3 }),
  attributes: fc.record(
    { a: value, 'a.b': value, x: value, '#n': value, k: fc.record({ 'e/y': value }), ip: value },
    { requiredKeys: [] },
  ),
  host: fc.option(fc.constantFrom('a', 'foo'), { nil: undefined }),
});

describe('every query', () => {
  it('is read back from its canonical text as the same tree, and that text is stable', () => {
    fc.assert(
      fc.property(queryText, (text) => {
        const tree = parseQuery(text);
        const printed = printQuery(tree);
        expect(parseQuery(printed)).toEqual(tree);
        expect(printQuery(parseQuery(printed))).toBe(printed);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the same logs by its canonical text', () => {
    fc.assert(
      fc.property(queryText, event, (text, log) => {
        const tree = parseQuery(text);
        expect(matches(parseQuery(printQuery(tree)), log)).toBe(matches(tree, log));
      }),
      { numRuns: 1_000 },
    );
  });

  it('obeys De Morgan, double negation and the excluded middle', () => {
    fc.assert(
      fc.property(queryText, queryText, event, (a, b, log) => {
        const found = (text: string): boolean => matches(parseQuery(text), log);
        expect(found(`-((${a}) (${b}))`)).toBe(found(`-(${a}) OR -(${b})`));
        expect(found(`-((${a}) OR (${b}))`)).toBe(found(`-(${a}) -(${b})`));
        expect(found(`-(-(${a}))`)).toBe(found(a));
        expect(found(`(${a}) OR -(${a})`)).toBe(true);
        expect(found(`(${a}) OR (${b})`)).toBe(found(a) || found(b));
        expect(found(`(${a}) (${b})`)).toBe(found(a) && found(b));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('wildcards', () => {
  // Short texts only: the regular expressions stand in as a second opinion, and they backtrack.
  const parts = fc.array(fc.constantFrom('a', 'b', ' ', '😀', '*', '?'), { minLength: 1, maxLength: 6 });
  const text = fc.array(fc.constantFrom('a', 'b', ' ', '.', '😀', '\n'), { maxLength: 8 }).map((all) => all.join(''));
  const queryOf = (all: readonly string[]): string => all.join('').replaceAll(' ', '\\ ');
  const pattern = (all: readonly string[]): string =>
    all.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part)).join('');

  it('cover a whole value as the same regular expression does', () => {
    fc.assert(
      fc.property(parts, text, (all, value) => {
        const expected = new RegExp(`^(?:${pattern(all)})$`, 'su').test(value);
        const log = { message: '', tags: [], attributes: { a: value } };
        expect(matches(parseQuery(`@a:${queryOf(all)}`), log)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('find free text as the same regular expression between word boundaries does', () => {
    fc.assert(
      fc.property(parts, text, (all, message) => {
        fc.pre(message !== '' && all.some((part) => part !== '*'));
        const start = all[0] === '*' ? '' : '(?<![a-z](?=[a-z]))';
        const end = all.at(-1) === '*' ? '' : '(?!(?<=[a-z])[a-z])';
        const expected = new RegExp(`${start}(?:${pattern(all)})${end}`, 'su').test(message);
        const log = { message, tags: [], attributes: {} };
        expect(matches(parseQuery(queryOf(all)), log)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('any text at all', () => {
  const token = fc.constantFrom(
    ...'()[]{}"“”:><=!^~*?\\#@-+&| \n',
    'AND',
    'OR',
    'NOT',
    'TO',
    'CIDR(',
    '10.0.0.0/8',
    'a',
    '5',
    ',',
    '😀',
    '\ud800',
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(token, { maxLength: 25 }).map((parts) => parts.join('')),
  );

  it('is either a query or a QuerySyntaxError that points into it', () => {
    fc.assert(
      fc.property(anyText, event, (text, log) => {
        try {
          const tree = parseQuery(text);
          expect(typeof matches(tree, log)).toBe('boolean');
          expect(parseQuery(printQuery(tree))).toEqual(tree);
        } catch (error) {
          expect(error).toBeInstanceOf(QuerySyntaxError);
          const { position } = error as QuerySyntaxError;
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('meets any JSON as attributes without an exception', () => {
    fc.assert(
      fc.property(queryText, fc.dictionary(fc.string(), fc.jsonValue()), (text, attributes) => {
        const log = { message: 'x', tags: [], attributes: attributes as Record<string, unknown> };
        expect(typeof matches(parseQuery(text), log)).toBe('boolean');
      }),
    );
  });
});

describe('hostile input', () => {
  const log = (text: string): LogEvent => ({ message: text, tags: [text], attributes: { a: text } });

  /** The best of three, so that a busy machine does not decide. */
  function milliseconds(work: () => void): number {
    return Math.min(
      ...[1, 2, 3].map(() => {
        const start = performance.now();
        work();
        return performance.now() - start;
      }),
    );
  }

  it.each([
    ['@a:*a*a*a*a*a*a*a*a*a*a*b'],
    ['@a:?*?*?*?*?*?*?*?*?*?b'],
    ['*a*a*a*a*a*a*a*a*a*a*b'],
    ['a?a?a?a?a?a?a?a?b'],
    ['*:*a*a*a*a*a*a*a*a*a*b'],
    ['tags:*a*a*a*a*a*a*a*b'],
    ['"a a a a a a a b"'],
  ])('takes time in proportion to the text for %s', (query) => {
    const test = compile(parseQuery(query));
    const event = log('a'.repeat(200_000));
    expect(test(event)).toBe(false);
    // An exponential or quadratic matcher needs minutes here.
    expect(milliseconds(() => test(event))).toBeLessThan(500);
  });

  it.each([
    ['clauses', 'a:1 '],
    ['alternatives', 'x OR '],
    ['words', 'word '],
    ['negations', '-x '],
    ['escapes', '\\('],
    ['dots', '@a.b.c.d:x '],
    ['quotes', '"x" '],
    ['ampersands', 'a&&'],
  ])('reads and writes a long row of %s in time in proportion to it', (_, piece) => {
    const text = `${piece.repeat(20_000)}x`;
    expect(milliseconds(() => printQuery(parseQuery(text)))).toBeLessThan(1_500);
  });

  it('refuses a path of thousands of segments no slower than any other', () => {
    const query = parseQuery(`@${'a.'.repeat(20_000)}a:x`);
    expect(milliseconds(() => compile(query)(log('x')))).toBeLessThan(1_500);
  });
});
