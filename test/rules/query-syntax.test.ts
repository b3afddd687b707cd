/** How queries are read and written: the tree, the canonical text, and errors that say where and what. */
import { describe, expect, it } from 'vitest';
import {
  escapeTerm,
  type LogEvent,
  matches,
  parseQuery,
  printQuery,
  QuerySyntaxError,
  quoteValue,
} from '../../src/rules/query.ts';

describe('the canonical text', () => {
  it.each([
    ['', '*'],
    ['*:*', '*'],
    ['NOT *', '-*'],
    ['  a:1   AND b:2 ', 'a:1 b:2'],
    ['a:1 || b:2 && c:3', 'a:1 OR b:2 c:3'],
    ['(a:1 OR b:2) c:3', '(a:1 OR b:2) c:3'],
    ['((a:1))', 'a:1'],
    ['a:1 (b:2 (c:3))', 'a:1 b:2 c:3'],
    ['-(a:1 b:2)', '-(a:1 b:2)'],
    ['-(-a:1)', '-(-a:1)'],
    ['+a:1', 'a:1'],
    ['a:1 OR a:2 OR NOT a:3', 'a:(1 OR 2 OR -3)'],
    ['@a:(x OR y) b:z', '@a:(x OR y) b:z'],
    ['@a:(x y)', '@a:x @a:y'],
    ['hello   dolly', 'hello dolly'],
    ['hello AND dolly', 'hello AND dolly'],
    ['hello AND dolly you', 'hello AND dolly you'],
    ['"hello dolly"', '"hello dolly"'],
    ['"hello"', 'hello'],
    ['"AND"', '"AND"'],
    ['foo\\-bar baz', 'foo\\-bar baz'],
    ['@a:hello\\:world', '@a:"hello:world"'],
    ['@a:hello\\:w*', '@a:hello\\:w*'],
    ['@a:x**y', '@a:x*y'],
    ['_exists_:@a', '@a:*'],
    ['_missing_:@a', '-@a:*'],
    ['@a:> 5', '@a:>5'],
    ['@a:>b', '@a:>"b"'],
    ['@a:[ 1 TO * ]', '@a:[1 TO *]'],
    ['@a:{"*" TO b}', '@a:{"*" TO "b"}'],
    ['-CIDR(@a,10.0.0.0/8,11.0.0.0/8)', 'NOT(CIDR(@a, 10.0.0.0/8, 11.0.0.0/8))'],
    ['message:x', 'x'],
    ['message:*', 'message:*'],
    ['*:(a OR b)', '*:(a OR b)'],
    ['@a\\ b.c:d', '@a\\ b.c:d'],
    ['\\@a:b', '\\@a:b'],
    ['#cost:>5', '#cost:>5'],
  ])('writes %s as %s', (query, text) => {
    const tree = parseQuery(query);
    expect(printQuery(tree)).toBe(text);
    expect(parseQuery(text)).toEqual(tree);
  });
});

describe('errors', () => {
  it.each([
    ['a)', 'Unexpected ")" at 1: expected a term or an operator'],
    ['source:x (a OR )', 'Unexpected ")" at 15: expected a term'],
    ['()', 'Unexpected ")" at 1: expected a term'],
    ['a AND', 'Unexpected end of query at 5: expected a term'],
    ['AND a', 'Unexpected "AND" at 0: expected a term'],
    ['a OR OR b', 'Unexpected "OR" at 5: expected a term'],
    ['a && || b', 'Unexpected "||" at 5: expected a term'],
    ['NOT', 'Unexpected end of query at 3: expected a term'],
    ['--a', 'Unexpected "-" at 1: expected a term'],
    ['NOT AND', 'Unexpected "AND" at 4: expected a term'],
    ['(a', 'Unexpected end of query at 2: expected ")"'],
    ['a:', 'Unexpected end of query at 2: expected a value'],
    ['a:AND b', 'Unexpected "AND" at 2: expected a value'],
    ['a:-5', 'Unexpected "-" at 2: expected a value (write \\- or use quotes for a literal -)'],
    ['a:b:c', 'Unexpected ":" at 3: expected a space or an operator (write \\: or use quotes for a literal :)'],
    ['foo(bar)', 'Unexpected "(" at 3: expected a space or an operator (write \\( or use quotes for a literal ()'],
    ['a*b:c', 'Unexpected ":" at 3: expected a space or an operator (write \\: or use quotes for a literal :)'],
    ['a !b', 'Unexpected "!" at 2: expected a term (write \\! or use quotes for a literal !)'],
    ['@usr.name', 'Unexpected end of query at 9: expected ":" and a value after "@usr.name"'],
    ['@:x', 'Unexpected ":" at 1: expected a field\'s name after "@"'],
    ['"abc', 'Unexpected end of query at 4: expected a closing quote for the one at 0'],
    ['abc\\', 'Unexpected end of query at 4: expected a character after "\\"'],
    ['>5', 'Unexpected ">" at 0: expected a term (a comparison or a range needs a field, as in @a:>5)'],
    ['@a:>', 'Unexpected end of query at 4: expected a value to compare with'],
    ['@a:>5*', 'Unexpected "5" at 4: expected a value to compare with, without wildcards'],
    ['@a:[1 5]', 'Unexpected "5" at 6: expected "TO"'],
    ['@a:[1 TO 5}', 'Unexpected "}" at 10: expected "]"'],
    ['@a:[1 TO ]', 'Unexpected "]" at 9: expected a value of the range up to "]"'],
    ['CIDR(@ip)', 'Unexpected ")" at 8: expected "," and a CIDR block such as 10.0.0.0/8'],
    ['CIDR(@ip,10.0.0.0/33)', 'Unexpected "1" at 9: expected a CIDR block such as 10.0.0.0/8'],
    ['CIDR(@ip,10.0.0.1)', 'Unexpected "1" at 9: expected a CIDR block such as 10.0.0.0/8'],
    ['CIDR(@ip,1:2/8)', 'Unexpected "1" at 9: expected a CIDR block such as 10.0.0.0/8'],
    ['CIDR(', 'Unexpected end of query at 5: expected a field such as @network.client.ip'],
    ['_exists_:a*', 'Unexpected "a" at 9: expected a field\'s name'],
  ])('%s: %s', (query, message) => {
    expect(() => parseQuery(query)).toThrow(message);
    expect(() => parseQuery(query)).toThrow(QuerySyntaxError);
  });

  it('carry the position and what was expected', () => {
    try {
      parseQuery('a OR )');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'QuerySyntaxError', position: 5, expected: 'a term' });
    }
  });

  it('refuse nesting deeper than 100 groups, however deep the text goes', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(printQuery(parseQuery(nested(100)))).toBe('a');
    expect(() => parseQuery(nested(101))).toThrow('Unexpected "(" at 100: expected at most 100 nested groups');
    expect(() => parseQuery('-('.repeat(200_000))).toThrow(QuerySyntaxError);
  });

  it('do not come from the canonical text of a query at the limit of nesting', () => {
    for (const inner of ['CIDR(@a, 10.0.0.0/8)', 'a:1', 'b:1 OR a:1 a:2']) {
      const tree = parseQuery(`${'-('.repeat(100)}-${inner}${')'.repeat(100)}`);
      expect(parseQuery(printQuery(tree))).toEqual(tree);
    }
  });
});

describe('values nobody vouches for', () => {
  const log = (name: string): LogEvent => ({ message: '', tags: [], attributes: { name } });
  const names = ['prod', 'a" OR *', 'x) OR (*', '*', '?', '\\', 'AND', '-x', '@x', '', ' ', 'a\nb', '“q”', '#', 'é😀'];

  it.each(names)('stay values in quotes: %j', (name) => {
    const query = parseQuery(`@name:${quoteValue(name)}`);
    expect(query).toMatchObject({ type: 'match', value: { kind: 'exact', text: name } });
    expect([matches(query, log(name)), matches(query, log(`${name}.`))]).toEqual([true, false]);
  });

  it.each(names)('stay values as escaped terms: %j', (name) => {
    expect(parseQuery(`@name:${escapeTerm(name)}`)).toMatchObject({ value: { kind: 'exact', text: name } });
    expect(parseQuery(escapeTerm(name))).toMatchObject({ value: { kind: 'exact', text: name } });
  });

  it.each(names.filter((name) => name !== ''))('can begin a wildcard: %j', (name) => {
    const query = parseQuery(`@name:${escapeTerm(name)}*`);
    expect([matches(query, log(`${name}tail`)), matches(query, log('something else'))]).toEqual([true, false]);
  });
});
