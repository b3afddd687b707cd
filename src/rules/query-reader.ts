/**
 * The lexical half of reading a query: words, quotes, escapes and operators at a position in the text, and errors
 * that name that position.
 */
import { isKeyword, isSpace } from './query-escape.ts';
import { type GlobPart, QuerySyntaxError } from './query-tree.ts';

export interface Word {
  readonly start: number;
  /** Wildcards and unescaped text; a word without wildcards has one literal. */
  readonly parts: readonly GlobPart[];
  /** As typed, escapes and all. */
  readonly raw: string;
}

/** How the function's call begins. */
export const CIDR = 'CIDR(';

const ENDS_WORD = new Set('()[]{}"“”:><!^~');
const MUST_BE_ESCAPED_FIRST = new Set('+-=');
const QUOTES = new Set('"“”');

export class QueryReader {
  /** The next character's index. */
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readUntil(endsHere: (char: string) => boolean): string {
    let text = '';
    while (!this.ended() && !endsHere(this.peek())) text += this.readCharacter();
    return text;
  }

  readQuoted(): string {
    const start = this.at;
    const closing = this.peek() === '"' ? '"' : '“”';
    this.at++;
    const text = this.readUntil((char) => closing.includes(char));
    if (this.ended()) throw this.unexpected(`a closing quote for the one at ${start}`);
    this.at++;
    return text;
  }

  readWord(expected: string): Word {
    const start = this.at;
    const parts: GlobPart[] = [];
    let literal = '';
    if (MUST_BE_ESCAPED_FIRST.has(this.peek())) throw this.unexpected(`${expected}${escapeHint(this.peek())}`);
    while (!this.ended() && !this.#wordEndsHere()) {
      const char = this.peek();
      if (char === '*' || char === '?') {
        if (literal !== '') parts.push({ literal });
        literal = '';
        this.at++;
        // Two stars in a row say what one says.
        if (char === '?' || parts.at(-1) !== '*') parts.push(char);
      } else {
        literal += this.readCharacter();
      }
    }
    if (this.at === start) throw this.unexpected(`${expected}${escapeHint(this.peek())}`);
    if (literal !== '') parts.push({ literal });
    return { start, parts, raw: this.#text.slice(start, this.at) };
  }

  /** One character of a value, its escape removed. */
  readCharacter(): string {
    if (this.peek() === '\\') {
      this.at++;
      if (this.ended()) throw this.unexpected('a character after "\\"');
    }
    const char = String.fromCodePoint(this.#text.codePointAt(this.at) ?? 0);
    this.at += char.length;
    return char;
  }

  endTerm(): void {
    const char = this.peek();
    if (this.ended() || isSpace(char) || char === ')' || this.symbolHere()) return;
    throw this.unexpected(`a space or an operator${escapeHint(char)}`);
  }

  #wordEndsHere(): boolean {
    const char = this.peek();
    return isSpace(char) || ENDS_WORD.has(char) || this.symbolHere() !== undefined;
  }

  operatorHere(): string | undefined {
    if (this.wordIs('AND')) return 'AND';
    return this.wordIs('OR') ? 'OR' : this.symbolHere();
  }

  symbolHere(): '&&' | '||' | undefined {
    if (this.isAt('&&')) return '&&';
    return this.isAt('||') ? '||' : undefined;
  }

  modifierHere(): '-' | '+' | 'NOT' | undefined {
    const char = this.peek();
    if (char === '-' || char === '+') return char;
    return this.wordIs('NOT') ? 'NOT' : undefined;
  }

  /** Whether exactly this word stands here; `ORDER` is not `OR`, and `OR:x` asks for a tag. */
  wordIs(word: string): boolean {
    if (!this.isAt(word)) return false;
    const next = this.#text[this.at + word.length] ?? '';
    return next === '' || isSpace(next) || '()[]{}"“”&|'.includes(next);
  }

  peek(): string {
    return this.#text[this.at] ?? '';
  }

  isAt(text: string): boolean {
    return this.#text.startsWith(text, this.at);
  }

  /** Steps over the text if it stands here. */
  accept(text: string): boolean {
    if (!this.isAt(text)) return false;
    this.at += text.length;
    return true;
  }

  isAtQuote(): boolean {
    return QUOTES.has(this.peek());
  }

  /** Whether a word of free text can start here: neither an operator nor a field with a sigil nor a function. */
  isAtBareWord(): boolean {
    if (this.ended() || this.operatorHere() || this.modifierHere() || this.isAt(CIDR)) return false;
    const char = this.peek();
    return !ENDS_WORD.has(char) && !MUST_BE_ESCAPED_FIRST.has(char) && char !== '@' && char !== '#';
  }

  ended(): boolean {
    return this.at >= this.#text.length;
  }

  skipSpace(): void {
    while (isSpace(this.peek())) this.at++;
  }

  unexpected(expected: string): QuerySyntaxError {
    return this.unexpectedAt(this.at, expected);
  }

  unexpectedAt(position: number, expected: string): QuerySyntaxError {
    const rest = this.#text.slice(position, position + 40);
    const found = /^(?:AND|OR|NOT|&&|\|\|)(?![^\s(){}[\]"])|^./su.exec(rest)?.[0];
    return new QuerySyntaxError(found === undefined ? 'end of query' : JSON.stringify(found), position, expected);
  }
}

/** Without wildcards, and not an operator that nobody escaped. */
export function isPlain(word: Word): boolean {
  return word.parts.length === 1 && typeof word.parts[0] === 'object' && !isKeyword(word.raw);
}

export function literalOf(word: Word): string {
  const [part] = word.parts;
  return typeof part === 'object' ? part.literal : '';
}

export function escapeHint(char: string): string {
  return char === '' || isSpace(char) || char === ')' ? '' : ` (write \\${char} or use quotes for a literal ${char})`;
}
