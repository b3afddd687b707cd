/**
 * Text matching for queries, without regular expressions: a hostile pattern costs pattern × text in the worst case,
 * never more, and the usual forms (whole, prefix*, *suffix, *part*) one call of the string itself.
 */
import type { GlobPart } from './query-tree.ts';

export type TextTest = (text: string) => boolean;

const WORD_CHARACTER = /^[\p{L}\p{N}\p{M}_]/u;

/** Whether the glob covers the whole text, letter case included. */
export function wholeGlob(parts: readonly GlobPart[]): TextTest {
  const [first, second, third] = parts;
  if (parts.length === 1 && typeof first === 'object') return (text) => text === first.literal;
  if (parts.length === 1 && first === '*') return () => true;
  if (parts.length === 2 && typeof first === 'object' && second === '*') {
    return (text) => text.startsWith(first.literal);
  }
  if (parts.length === 2 && first === '*' && typeof second === 'object') {
    return (text) => text.endsWith(second.literal);
  }
  if (parts.length === 3 && first === '*' && typeof second === 'object' && third === '*') {
    return (text) => text.includes(second.literal);
  }
  const steps = globSteps(parts);
  return (text) => globCovers(steps, text);
}

const ANY_RUN = -1;
const ANY_ONE = -2;

/** UTF-16 units, with the two wildcards as negative numbers. */
function globSteps(parts: readonly GlobPart[]): readonly number[] {
  return parts.flatMap((part) => {
    if (part === '*') return [ANY_RUN];
    return part === '?' ? [ANY_ONE] : Array.from({ length: part.literal.length }, (_, i) => part.literal.charCodeAt(i));
  });
}

/**
 * Greedy with one way back: if a literal fails, only the last `*` can take one character more, because whatever an
 * earlier `*` could give the last one can take as well.
 */
function globCovers(steps: readonly number[], text: string): boolean {
  let at = 0;
  let step = 0;
  let lastRun = -1;
  let runEnd = 0;
  while (at < text.length) {
    const wanted = steps[step];
    if (wanted === ANY_RUN) {
      lastRun = step++;
      runEnd = at;
    } else if (wanted === ANY_ONE) {
      at += characterLength(text, at);
      step++;
    } else if (wanted === text.charCodeAt(at)) {
      at++;
      step++;
    } else if (lastRun >= 0) {
      runEnd += characterLength(text, runEnd);
      at = runEnd;
      step = lastRun + 1;
    } else {
      return false;
    }
  }
  while (steps[step] === ANY_RUN) step++;
  return step === steps.length;
}

/**
 * Whether the glob's text occurs in a message, ignoring letter case, without beginning or ending inside a word. A `*`
 * at an end lifts that end's condition; one in the middle also runs over spaces (vectordotdev/vrl,
 * src/datadog/filter/regex.rs).
 */
export function wordGlob(parts: readonly GlobPart[]): TextTest {
  const pieces: Piece[] = [[]];
  for (const part of parts) {
    if (part === '*') pieces.push([]);
    else pieces.at(-1)?.push(part === '?' ? undefined : part.literal.toLowerCase());
  }
  const last = pieces.length - 1;
  return (lowerCase) => {
    let at = 0;
    for (const [index, piece] of pieces.entries()) {
      if (piece.length === 0) continue;
      at = findPiece(lowerCase, at, piece, index === 0, index === last);
      if (at < 0) return false;
    }
    return true;
  };
}

/** What stands between two `*`: literal texts, and undefined for one character of any kind. */
type Piece = (string | undefined)[];

/** Where the first occurrence at or after `from` ends, or -1. */
function findPiece(text: string, from: number, piece: Piece, wholeStart: boolean, wholeEnd: boolean): number {
  const [head] = piece;
  for (let start = from; start <= text.length; start++) {
    if (head !== undefined) {
      start = text.indexOf(head, start);
      if (start < 0) return -1;
    }
    if (wholeStart && insideWord(text, start)) continue;
    const end = pieceEnd(text, start, piece);
    if (end >= 0 && !(wholeEnd && insideWord(text, end))) return end;
  }
  return -1;
}

function pieceEnd(text: string, start: number, piece: Piece): number {
  let at = start;
  for (const part of piece) {
    if (part === undefined) {
      if (at >= text.length) return -1;
      at += characterLength(text, at);
    } else {
      if (!text.startsWith(part, at)) return -1;
      at += part.length;
    }
  }
  return at;
}

/** Whether the characters on both sides of `at` belong to one word. */
function insideWord(text: string, at: number): boolean {
  return at > 0 && at < text.length && isWordCharacter(text, at) && isWordCharacter(text, previous(text, at));
}

function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) {
    return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95 || (code >= 65 && code <= 90);
  }
  return WORD_CHARACTER.test(text.slice(at, at + 2));
}

function previous(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  const high = text.charCodeAt(at - 2);
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? at - 2 : at - 1;
}

/** In UTF-16 units: `?` and `*` take whole characters, so that an emoji is one. */
function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
