/** The grammar of JSON filter patterns: `{ ($.kind = "Event") && ($.verb != "watch") }` to conditions. */
import { matchesWildcard } from './iam.ts';

/** Property names and array indexes; `*` is every element. */
export type Selector = string[];

export type Condition =
  | { kind: 'and' | 'or'; of: Condition[] }
  | { kind: 'compare'; selector: Selector; test: (value: unknown) => boolean }
  | { kind: 'is'; selector: Selector; value: boolean | null }
  | { kind: 'not exists'; selector: Selector };

export class InvalidPattern extends Error {}

/** Two regular expressions at most in one pattern (FilterAndPatternSyntax.html). */
const MAX_REGEXES = 2;
const TOKEN =
  /\s*(?:(&&|\|\||!=|<=|>=|[(){}=<>])|("(?:[^"\\]|\\.)*")|(%(?:[^%\\]|\\.)+%)|(\$(?:\.\[?'[^']*'\]?|\.[\w@/:*-]+|\[(?:\d+|\*|'[^']*'|"[^"]*")\])+)|([^\s(){}=<>!&|"%]+))/y;

interface Token {
  kind: 'sign' | 'string' | 'regex' | 'selector' | 'word';
  text: string;
}

export function parseJsonPattern(pattern: string): Condition {
  const tokens = tokenize(pattern);
  if (tokens.filter((token) => token.kind === 'regex').length > MAX_REGEXES)
    throw new InvalidPattern('too many regular expressions');
  const reader = new Reader(tokens);
  reader.sign('{');
  const condition = either(reader);
  reader.sign('}');
  if (reader.peek()) throw new InvalidPattern('text after the pattern');
  return condition;
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw new InvalidPattern('unexpected end');
    return token;
  }

  takeSign(text: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'sign' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  sign(text: string): void {
    if (!this.takeSign(text)) throw new InvalidPattern(`expected ${text}`);
  }
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const kinds = ['sign', 'string', 'regex', 'selector', 'word'] as const;
  let at = 0;
  while (pattern.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(pattern);
    if (!match) throw new InvalidPattern(`unexpected text at ${at}`);
    at = TOKEN.lastIndex;
    const index = match.slice(1).findIndex((group) => group !== undefined);
    tokens.push({ kind: kinds[index] ?? 'word', text: match[index + 1] ?? '' });
  }
  return tokens;
}

function either(reader: Reader): Condition {
  const of = [both(reader)];
  while (reader.takeSign('||')) of.push(both(reader));
  return of.length === 1 && of[0] ? of[0] : { kind: 'or', of };
}

function both(reader: Reader): Condition {
  const of = [single(reader)];
  while (reader.takeSign('&&')) of.push(single(reader));
  return of.length === 1 && of[0] ? of[0] : { kind: 'and', of };
}

function single(reader: Reader): Condition {
  if (reader.takeSign('(')) {
    const inner = either(reader);
    reader.sign(')');
    return inner;
  }
  const selected = reader.next();
  if (selected.kind !== 'selector') throw new InvalidPattern(`expected a selector, found ${selected.text}`);
  const selector = selectorSteps(selected.text);
  const operator = reader.next();
  if (operator.kind === 'word') return wordCondition(reader, operator.text.toUpperCase(), selector);
  if (operator.kind !== 'sign' || !['=', '!=', '<', '>', '<=', '>='].includes(operator.text))
    throw new InvalidPattern(`expected an operator, found ${operator.text}`);
  return { kind: 'compare', selector, test: comparison(operator.text, reader.next()) };
}

function wordCondition(reader: Reader, word: string, selector: Selector): Condition {
  const operand = reader.next().text.toUpperCase();
  if (word === 'NOT' && operand === 'EXISTS') return { kind: 'not exists', selector };
  const values: Record<string, boolean | null> = { TRUE: true, FALSE: false, NULL: null };
  const value = values[operand];
  if (word !== 'IS' || value === undefined) throw new InvalidPattern(`unknown condition ${word} ${operand}`);
  return { kind: 'is', selector, value };
}

function comparison(operator: string, operand: Token): (value: unknown) => boolean {
  if (operand.kind === 'sign' || operand.kind === 'selector') throw new InvalidPattern(`expected a value`);
  const ordered = operator !== '=' && operator !== '!=';
  if (ordered) {
    const limit = Number(operand.text);
    if (operand.kind !== 'word' || Number.isNaN(limit)) throw new InvalidPattern(`${operator} needs a number`);
    return (value) => typeof value === 'number' && compareNumbers(operator, value, limit);
  }
  const equals = equality(operand);
  return (value) => isScalar(value) && equals(value) === (operator === '=');
}

function equality(operand: Token): (value: string | number | boolean) => boolean {
  if (operand.kind === 'regex') {
    const regex = new RegExp(operand.text.slice(1, -1));
    return (value) => regex.test(String(value));
  }
  if (operand.kind === 'string') {
    const text = operand.text.slice(1, -1).replace(/\\(["\\])/g, '$1');
    return (value) => typeof value === 'string' && matchesStars(text, value);
  }
  const number = Number(operand.text);
  return (value) =>
    typeof value === 'number' && !Number.isNaN(number) ? value === number : matchesStars(operand.text, String(value));
}

/** Only `*` is a wildcard here; a question mark is itself. */
function matchesStars(pattern: string, value: string): boolean {
  return pattern.includes('?') ? starsOnly(pattern).test(value) : matchesWildcard(pattern, value);
}

function starsOnly(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`, 's');
}

function compareNumbers(operator: string, value: number, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '>') return value > limit;
  return operator === '<=' ? value <= limit : value >= limit;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function selectorSteps(selector: string): Selector {
  return [...selector.matchAll(/\.\[?'([^']*)'\]?|\.([\w@/:*-]+)|\[(?:(\d+|\*)|'([^']*)'|"([^"]*)")\]/g)].map(
    (match) => match.slice(1).find((group) => group !== undefined) ?? '',
  );
}
