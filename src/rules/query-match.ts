/** Turns a query into one function over logs. All that depends on the query alone is done here, once. */
import { contains, parseAddress, parseCidrBlock } from './query-cidr.ts';
import { toNumber } from './query-escape.ts';
import { fieldTest, type ValueTest } from './query-fields.ts';
import { type TextTest, wholeGlob, wordGlob } from './query-glob.ts';
import type { Comparison, EventTest, Field, GlobPart, Match, Query, Value } from './query-tree.ts';

export function compileQuery(query: Query): EventTest {
  switch (query.type) {
    case 'all':
      return () => true;
    case 'and':
      return all(query.clauses.map(compileQuery));
    case 'or':
      return any(compileAlternatives(query.clauses));
    case 'not': {
      const test = compileQuery(query.clause);
      return (event) => !test(event);
    }
    case 'match':
      return compileMatch(query);
    case 'cidr':
      return fieldTest(query.field, cidrTest(query.blocks));
  }
}

function all(tests: readonly EventTest[]): EventTest {
  return (event) => {
    for (const test of tests) if (!test(event)) return false;
    return true;
  };
}

function any(tests: readonly EventTest[]): EventTest {
  return (event) => {
    for (const test of tests) if (test(event)) return true;
    return false;
  };
}

/**
 * Alternatives of one field are looked up once, and their exact values in one set: filters such as
 * `-@usr.id:(… OR … OR …)` list dozens.
 */
function compileAlternatives(clauses: readonly Query[]): EventTest[] {
  const byField = new Map<string, Match[]>();
  const tests: EventTest[] = [];
  for (const clause of clauses) {
    if (clause.type !== 'match' || isText(clause.field)) {
      tests.push(compileQuery(clause));
      continue;
    }
    const key = JSON.stringify(clause.field);
    const matches = byField.get(key);
    if (matches) matches.push(clause);
    else byField.set(key, [clause]);
  }
  for (const matches of byField.values()) {
    const [first] = matches;
    if (first) tests.push(fieldTest(first.field, anyValueTest(matches.map((match) => match.value))));
  }
  return tests;
}

function compileMatch({ field, value }: Match): EventTest {
  const sought = isText(field) ? textSought(value) : undefined;
  if (sought) return fieldTest(field, ignoringCase(wordGlob(sought)));
  return fieldTest(field, anyValueTest([value]));
}

function isText(field: Field): boolean {
  return field.kind === 'message' || field.kind === 'everything';
}

function textSought(value: Value): readonly GlobPart[] | undefined {
  switch (value.kind) {
    case 'exact':
      return [{ literal: value.text }];
    case 'words':
      // One phrase, as in vectordotdev/vrl ("multiterm" of its grammar). Datadog's own page is wider: there
      // `hello world` also finds "hello beautiful world". AND between the words means the same in both.
      return [{ literal: value.words.join(' ') }];
    case 'glob':
      return value.parts;
    default:
      return undefined;
  }
}

function ignoringCase(test: TextTest): ValueTest {
  return (value) => typeof value !== 'object' && test(String(value).toLowerCase());
}

function anyValueTest(values: readonly Value[]): ValueTest {
  const exact = values.flatMap((value) => (value.kind === 'exact' ? [value.text] : []));
  const tests = values.flatMap((value) => (value.kind === 'exact' ? [] : [valueTest(value)]));
  if (exact.length > 0) tests.push(exactTest(exact));
  const [only] = tests;
  if (only && tests.length === 1) return only;
  return (value) => tests.some((test) => test(value));
}

function valueTest(value: Exclude<Value, { kind: 'exact' }>): ValueTest {
  switch (value.kind) {
    case 'present':
      return () => true;
    case 'words':
      return anyValueTest([{ kind: 'exact', text: value.words.join(' ') }]);
    case 'glob': {
      const covers = wholeGlob(value.parts);
      return (stored) => typeof stored !== 'object' && covers(String(stored));
    }
    case 'compare':
      return compareTest(value.operator, value.bound);
    case 'range': {
      const low = value.low === undefined ? () => true : compareTest(value.inclusive ? '>=' : '>', value.low);
      const high = value.high === undefined ? () => true : compareTest(value.inclusive ? '<=' : '<', value.high);
      return (stored) => low(stored) && high(stored);
    }
  }
}

/** `@a:1` equals the number 1 as well as the text "1". */
function exactTest(texts: readonly string[]): ValueTest {
  const numbers = new Set(texts.flatMap((text) => toNumber(text) ?? []));
  const [only] = texts;
  const set = new Set(texts);
  const isOneOf = texts.length === 1 ? (text: string) => text === only : (text: string) => set.has(text);
  return (stored) => {
    if (typeof stored === 'string') return isOneOf(stored);
    if (typeof stored === 'number' && numbers.has(stored)) return true;
    return typeof stored !== 'object' && isOneOf(String(stored));
  };
}

/** Numbers compare as numbers, everything else as text (vectordotdev/vrl, src/stdlib/match_datadog_query.rs). */
function compareTest(operator: Comparison, bound: string): ValueTest {
  const number = toNumber(bound);
  return (stored) => {
    if (typeof stored === 'object') return false;
    if (typeof stored === 'number' && number !== undefined) return holds(stored, operator, number);
    return holds(String(stored), operator, bound);
  };
}

function holds<T extends string | number>(left: T, operator: Comparison, right: T): boolean {
  switch (operator) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
  }
}

function cidrTest(blocks: readonly string[]): ValueTest {
  const parsed = blocks.flatMap((block) => parseCidrBlock(block) ?? []);
  return (stored) => {
    const address = typeof stored === 'string' ? parseAddress(stored) : undefined;
    return address !== undefined && parsed.some((block) => contains(block, address));
  };
}
