/**
 * Which characters mean something in a query, and how to write a value that nobody vouches for (a cluster's name,
 * a user's name) so that it stays a value. The list is docs.datadoghq.com/logs/explorer/search_syntax,
 * "Escape special characters and spaces"; curly quotes are on it because chat clients type them.
 */
const SPECIAL = new Set('+-=><!(){}[]^"“”~*?:\\#&|');
const KEYWORDS = new Set(['AND', 'OR', 'NOT']);
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Narrower than the syntax allows, on purpose: whatever is unusual gets quotes. */
const PLAIN_WORD = /^[\p{L}\p{N}_./][\p{L}\p{N}\p{M}_./@,%]*$/u;

export function isSpace(char: string): boolean {
  if (char === ' ') return true;
  return (char < '!' || char > '~') && char !== '' && /\s/.test(char);
}

export function isKeyword(word: string): boolean {
  return KEYWORDS.has(word);
}

/** A number as a query writes one. Number() would also take "", " 1" and "0x10". */
export function toNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** The value in quotes: always one exact value, whatever it contains. */
export function quoteValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The text as a term outside quotes, for use beside wildcards: `@usr.id:${escapeTerm(prefix)}*`. */
export function escapeTerm(text: string): string {
  if (text === '') return '""';
  if (isKeyword(text)) return `\\${text}`;
  const escaped = escapeCharacters(text);
  return escaped.startsWith('@') ? `\\${escaped}` : escaped;
}

export function escapeCharacters(text: string): string {
  let escaped = '';
  for (const char of text) escaped += SPECIAL.has(char) || isSpace(char) ? `\\${char}` : char;
  return escaped;
}

/** The shortest way to write an exact value: bare if it is plainly one word, else quoted. */
export function writeValue(text: string): string {
  return isBareWord(text) ? text : quoteValue(text);
}

export function isBareWord(text: string): boolean {
  return PLAIN_WORD.test(text) && !isKeyword(text);
}
