/**
 * Reads Datadog's log search syntax into a tree, or says where it stops making sense. One pass, with one word of
 * look-ahead for phrases; the grammar is in query.ts.
 */
import { parseCidrBlock } from './query-cidr.ts';
import { isSpace } from './query-escape.ts';
import { CIDR, escapeHint, isPlain, literalOf, QueryReader, type Word } from './query-reader.ts';
import {
  type Comparison,
  type Field,
  type Query,
  RESERVED_FIELDS,
  type ReservedField,
  type Value,
} from './query-tree.ts';

/** Every nested group costs stack, here, in the printer and in the matcher. People write three. */
const MAX_NESTED_GROUPS = 100;

/** What a value belongs to: a field, or the tests `_exists_:` and `_missing_:`, whose value is a field's name. */
type Scope = Field | { readonly kind: 'exists' } | { readonly kind: 'missing' };

const MESSAGE: Field = { kind: 'message' };
/** The scope outside every field. Its own object, because a bare `*` is every log and `message:*` is not. */
const FREE_TEXT: Field = { kind: 'message' };
const ALL: Query = { type: 'all' };

export class QueryParser {
  readonly #reader: QueryReader;
  #depth = 0;

  constructor(text: string) {
    this.#reader = new QueryReader(text);
  }

  parse(): Query {
    this.#reader.skipSpace();
    if (this.#reader.ended()) return ALL;
    const query = this.#readQuery(FREE_TEXT);
    if (!this.#reader.ended()) throw this.#reader.unexpected('a term or an operator');
    return query;
  }

  /** AND binds tighter than OR, so a query is alternatives of conjunctions. Stops at ")" or at the end. */
  #readQuery(scope: Scope): Query {
    let conjunction: Query[] = [];
    const alternatives: Query[][] = [conjunction];
    let clauseDue = true;
    for (;;) {
      this.#reader.skipSpace();
      if (this.#reader.ended() || this.#reader.peek() === ')') break;
      const operator = this.#reader.operatorHere();
      if (operator) {
        if (clauseDue) throw this.#reader.unexpected('a term');
        this.#reader.at += operator.length;
        if (operator === 'OR' || operator === '||') {
          conjunction = [];
          alternatives.push(conjunction);
        }
        clauseDue = true;
      } else {
        conjunction.push(this.#readClause(scope));
        clauseDue = false;
      }
    }
    if (clauseDue) throw this.#reader.unexpected('a term');
    return combine(
      'or',
      alternatives.map((clauses) => combine('and', clauses)),
    );
  }

  #readClause(scope: Scope): Query {
    const modifier = this.#reader.modifierHere();
    if (!modifier) return this.#readTerm(scope, true);
    this.#reader.at += modifier.length;
    this.#reader.skipSpace();
    // A modifier belongs to the next clause only: in `-a b` the words are not one phrase.
    const clause = this.#readTerm(scope, false);
    return modifier === '+' ? clause : { type: 'not', clause };
  }

  #readTerm(scope: Scope, mayStartPhrase: boolean): Query {
    if (this.#reader.peek() === '(') return this.#readGroup(scope);
    if (this.#reader.isAt(CIDR)) return this.#readCidr();
    if (this.#reader.operatorHere() || this.#reader.modifierHere()) throw this.#reader.unexpected('a term');
    const value = this.#readSpecialValue(scope);
    if (value) return value;
    const word = this.#reader.readWord('a term');
    if (this.#reader.peek() === ':') {
      const field = this.#fieldNamed(word);
      this.#reader.at++;
      this.#reader.skipSpace();
      return this.#readFieldValue(field);
    }
    if (scope.kind !== 'message') return this.#wordMatch(scope, word);
    const sigil = word.raw[0];
    if (sigil === '@' || sigil === '#') throw this.#reader.unexpected(`":" and a value after "${word.raw}"`);
    const first = this.#wordMatch(scope, word);
    return mayStartPhrase && isPlain(word) ? this.#readPhrase(literalOf(word), first) : first;
  }

  #readFieldValue(scope: Scope): Query {
    if (this.#reader.peek() === '(') return this.#readGroup(scope);
    const value = this.#readSpecialValue(scope);
    if (value) return value;
    if (this.#reader.operatorHere() || this.#reader.wordIs('NOT')) throw this.#reader.unexpected('a value');
    return this.#wordMatch(scope, this.#reader.readWord('a value'));
  }

  /** Adjacent bare words are one phrase: `foo bar` looks for "foo bar". */
  #readPhrase(firstText: string, first: Query): Query {
    const words = [firstText];
    for (;;) {
      const before = this.#reader.at;
      this.#reader.skipSpace();
      const next = this.#reader.isAtBareWord() ? this.#reader.readWord('a term') : undefined;
      if (!next || !isPlain(next) || this.#reader.peek() === ':') {
        this.#reader.at = before;
        break;
      }
      this.#reader.endTerm();
      words.push(literalOf(next));
    }
    return words.length === 1 ? first : match(MESSAGE, { kind: 'words', words });
  }

  #readGroup(scope: Scope): Query {
    // The printer writes `-CIDR(…)` with parentheses of its own, so those may go one deeper.
    const limit = this.#reader.isAt(`(${CIDR}`) ? MAX_NESTED_GROUPS + 1 : MAX_NESTED_GROUPS;
    if (this.#depth >= limit) throw this.#reader.unexpected(`at most ${MAX_NESTED_GROUPS} nested groups`);
    this.#depth++;
    this.#reader.at++;
    const query = this.#readQuery(scope);
    if (!this.#reader.accept(')')) throw this.#reader.unexpected('")"');
    this.#depth--;
    return query;
  }

  /** A quoted value, a comparison or a range; undefined if none of them starts here. */
  #readSpecialValue(scope: Scope): Query | undefined {
    const char = this.#reader.peek();
    const start = this.#reader.at;
    if (this.#reader.isAtQuote()) {
      const text = this.#reader.readQuoted();
      this.#reader.endTerm();
      return this.#valueMatch(scope, { kind: 'exact', text }, start);
    }
    if (char !== '>' && char !== '<' && char !== '[' && char !== '{') return undefined;
    if (scope === FREE_TEXT || scope.kind === 'everything') {
      throw this.#reader.unexpected('a term (a comparison or a range needs a field, as in @a:>5)');
    }
    const value = char === '>' || char === '<' ? this.#readComparison() : this.#readRange();
    this.#reader.endTerm();
    return this.#valueMatch(scope, value, start);
  }

  #readComparison(): Value {
    const sign = this.#reader.accept('>') ? '>' : '<';
    if (sign === '<') this.#reader.accept('<');
    const operator: Comparison = this.#reader.accept('=') ? `${sign}=` : sign;
    this.#reader.skipSpace();
    if (this.#reader.isAtQuote()) return { kind: 'compare', operator, bound: this.#reader.readQuoted() };
    const minus = this.#reader.accept('-') ? '-' : '';
    return { kind: 'compare', operator, bound: `${minus}${this.#readBound()}` };
  }

  #readBound(): string {
    const word = this.#reader.readWord('a value to compare with');
    if (isPlain(word)) return literalOf(word);
    this.#reader.at = word.start;
    throw this.#reader.unexpected('a value to compare with, without wildcards');
  }

  #readRange(): Value {
    const inclusive = this.#reader.peek() === '[';
    const closing = inclusive ? ']' : '}';
    this.#reader.at++;
    const low = this.#readRangeEnd(closing);
    if (!this.#reader.wordIs('TO')) throw this.#reader.unexpected('"TO"');
    this.#reader.at += 2;
    const high = this.#readRangeEnd(closing);
    if (!this.#reader.accept(closing)) throw this.#reader.unexpected(`"${closing}"`);
    return { kind: 'range', low, high, inclusive };
  }

  /** Anything up to a space or a bracket, so that dates need no escapes. A lone `*` is an open end. */
  #readRangeEnd(closing: string): string | undefined {
    this.#reader.skipSpace();
    const start = this.#reader.at;
    const open = this.#reader.isAt('*');
    const text = this.#reader.isAtQuote()
      ? this.#reader.readQuoted()
      : this.#reader.readUntil((char) => isSpace(char) || char === ']' || char === '}');
    if (this.#reader.at === start) throw this.#reader.unexpected(`a value of the range up to "${closing}"`);
    this.#reader.skipSpace();
    return open && text === '*' ? undefined : text;
  }

  #readCidr(): Query {
    this.#reader.accept(CIDR);
    const name = this.#readArgument('a field such as @network.client.ip');
    const field = fieldCalled(name.text);
    if (!field) throw this.#reader.unexpectedAt(name.start, 'a field such as @network.client.ip');
    const blocks: string[] = [];
    while (this.#reader.accept(',')) {
      const block = this.#readArgument('a CIDR block such as 10.0.0.0/8');
      if (!parseCidrBlock(block.text)) throw this.#reader.unexpectedAt(block.start, 'a CIDR block such as 10.0.0.0/8');
      blocks.push(block.text);
    }
    if (blocks.length === 0) throw this.#reader.unexpected('"," and a CIDR block such as 10.0.0.0/8');
    if (!this.#reader.accept(')')) throw this.#reader.unexpected('"," or ")"');
    return { type: 'cidr', field, blocks };
  }

  #readArgument(expected: string): { text: string; start: number } {
    this.#reader.skipSpace();
    const start = this.#reader.at;
    const text = this.#reader.readUntil((char) => isSpace(char) || ',()'.includes(char));
    if (this.#reader.at === start) throw this.#reader.unexpected(expected);
    this.#reader.skipSpace();
    return { text, start };
  }

  #wordMatch(scope: Scope, word: Word): Query {
    this.#reader.endTerm();
    const [first] = word.parts;
    if (word.parts.length === 1 && first === '*') {
      return scope === FREE_TEXT ? ALL : this.#valueMatch(scope, { kind: 'present' }, word.start);
    }
    const value: Value = isPlain(word) ? { kind: 'exact', text: literalOf(word) } : { kind: 'glob', parts: word.parts };
    return this.#valueMatch(scope, value, word.start);
  }

  #valueMatch(scope: Scope, value: Value, start: number): Query {
    if (scope.kind !== 'exists' && scope.kind !== 'missing') return match(scope, value);
    const field = value.kind === 'exact' ? fieldCalled(value.text) : undefined;
    if (!field) throw this.#reader.unexpectedAt(start, "a field's name");
    const present = match(field, { kind: 'present' });
    return scope.kind === 'exists' ? present : { type: 'not', clause: present };
  }

  #fieldNamed(word: Word): Scope {
    if (word.raw === '*') return { kind: 'everything' };
    if (!isPlain(word)) throw this.#reader.unexpected(`a space or an operator${escapeHint(':')}`);
    const name = literalOf(word);
    if (name === '_exists_') return { kind: 'exists' };
    if (name === '_missing_') return { kind: 'missing' };
    // An escaped sigil is the first character of a tag's key.
    if (/^\\[@#]/.test(word.raw)) return { kind: 'tag', key: name };
    const field = fieldCalled(name);
    if (!field) throw this.#reader.unexpected(`a field's name after "${name}"`);
    return field;
  }
}

function fieldCalled(name: string): Field | undefined {
  if (name.startsWith('@')) return name.length > 1 ? { kind: 'attribute', path: name.slice(1) } : undefined;
  if (name.startsWith('#')) return name.length > 1 ? { kind: 'calculated', name: name.slice(1) } : undefined;
  if (name === 'message') return MESSAGE;
  if (name === '' || name === '_exists_' || name === '_missing_') return undefined;
  return isReserved(name) ? { kind: 'reserved', name } : { kind: 'tag', key: name };
}

function isReserved(name: string): name is ReservedField {
  return (RESERVED_FIELDS as readonly string[]).includes(name);
}

function combine(type: 'and' | 'or', clauses: readonly Query[]): Query {
  const [only] = clauses;
  if (only && clauses.length === 1) return only;
  return { type, clauses: clauses.flatMap((clause) => (clause.type === type ? clause.clauses : [clause])) };
}

function match(field: Field, value: Value): Query {
  return field.kind === 'everything' && value.kind === 'present' ? ALL : { type: 'match', field, value };
}
