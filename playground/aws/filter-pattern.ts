/**
 * CloudWatch Logs filter patterns: what a subscription filter or FilterLogEvents lets through
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). JSON patterns and text terms are
 * evaluated; space-delimited patterns (`[ip, user, ...]`) are refused.
 */
import type { Condition, Selector } from './filter-pattern-parser.ts';
import { InvalidPattern, parseJsonPattern } from './filter-pattern-parser.ts';

export type Matcher = (message: string) => boolean;

export function compileFilterPattern(pattern: string): Matcher {
  const text = pattern.trim();
  if (text === '' || text === '""') return () => true;
  if (text.startsWith('{')) {
    const condition = parseJsonPattern(text);
    return (message) => {
      const json = parseObject(message);
      return json !== undefined && holds(condition, json);
    };
  }
  if (text.startsWith('[')) throw new InvalidPattern('space-delimited patterns are not supported here');
  return compileTerms(text);
}

/** All plain terms, none of the `-excluded`, and one of the `?optional` ones if there are only such. */
function compileTerms(text: string): Matcher {
  const terms = text.match(/[-?]?"(?:[^"\\]|\\.)*"|[-?]?%[^%]+%|\S+/g) ?? [];
  const required: Matcher[] = [];
  const excluded: Matcher[] = [];
  const optional: Matcher[] = [];
  for (const term of terms) {
    const sign = term[0] === '-' || term[0] === '?' ? term[0] : '';
    const body = sign ? term.slice(1) : term;
    const list = sign === '-' ? excluded : sign === '?' ? optional : required;
    list.push(compileTerm(body));
  }
  return (message) =>
    required.every((term) => term(message)) &&
    !excluded.some((term) => term(message)) &&
    // Optional terms count only when there is no required one.
    (required.length > 0 || optional.length === 0 || optional.some((term) => term(message)));
}

function compileTerm(term: string): Matcher {
  if (term.startsWith('%') && term.endsWith('%') && term.length > 2) {
    const regex = new RegExp(term.slice(1, -1));
    return (message) => regex.test(message);
  }
  const text = term.startsWith('"') ? term.slice(1, -1).replace(/\\(.)/g, '$1') : term;
  return (message) => message.includes(text);
}

function holds(condition: Condition, json: object): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((inner) => holds(inner, json));
    case 'or':
      return condition.of.some((inner) => holds(inner, json));
    case 'not exists':
      return select(json, condition.selector).length === 0;
    case 'is':
      return select(json, condition.selector).some((value) => value === condition.value);
    case 'compare':
      // A selector that finds nothing matches nothing, whatever the operator.
      return select(json, condition.selector).some((value) => condition.test(value));
  }
}

function select(json: unknown, selector: Selector): unknown[] {
  let found = [json];
  for (const step of selector) {
    found = found.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return [];
      if (step === '*') return Object.values(value);
      return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
    });
  }
  return found;
}

function parseObject(message: string): object | undefined {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(message) as object;
  } catch {
    return undefined; // A truncated event is not JSON, so no JSON pattern can match it.
  }
}
