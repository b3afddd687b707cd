/**
 * Writes a query's canonical text: one space, AND only where two words would otherwise join into a phrase, `-` for
 * NOT, alternatives of one field as a group. Reading it again gives the same tree.
 */
import { escapeCharacters, escapeTerm, isBareWord, quoteValue, toNumber, writeValue } from './query-escape.ts';
import type { Field, GlobPart, Match, Query, Value } from './query-tree.ts';

export function print(query: Query): string {
  switch (query.type) {
    case 'all':
      return '*';
    case 'and':
      return printConjunction(query.clauses);
    case 'or':
      return printGroupOfOneField(query.clauses) ?? query.clauses.map(print).join(' OR ');
    case 'not':
      // The only negation of a function that Datadog documents.
      return query.clause.type === 'cidr' ? `NOT(${print(query.clause)})` : `-${printNegated(query.clause)}`;
    case 'match':
      return `${printField(query.field, query.value)}${printValue(query.value)}`;
    case 'cidr':
      return `CIDR(${printFieldName(query.field).replaceAll(',', '\\,')}, ${query.blocks.join(', ')})`;
  }
}

function printConjunction(clauses: readonly Query[]): string {
  let text = '';
  for (const [index, clause] of clauses.entries()) {
    const before = clauses[index - 1];
    if (before) text += isBareText(before) && isBareText(clause) ? ' AND ' : ' ';
    text += clause.type === 'not' ? print(clause) : printInside(clause);
  }
  return text;
}

/** A modifier reaches one clause only: `-a b` would deny the first of two words that stand as one value. */
function printNegated(query: Query): string {
  return query.type === 'match' && query.value.kind === 'words' ? `(${print(query)})` : printInside(query);
}

/** As a part of something that binds tighter. */
function printInside(query: Query): string {
  if (query.type === 'or') {
    return printGroupOfOneField(query.clauses) ?? `(${print(query)})`;
  }
  return query.type === 'and' || query.type === 'not' ? `(${print(query)})` : print(query);
}

/**
 * Only alternatives become a group: they had their own parentheses already or stand outermost, so the canonical text
 * never nests deeper than the text it was read from.
 */
function printGroupOfOneField(clauses: readonly Query[]): string | undefined {
  const matches = clauses.map((clause) => (clause.type === 'not' ? clause.clause : clause));
  const [first] = matches;
  if (!first || !isMatchOfNamedField(first)) return undefined;
  const field = printFieldName(first.field);
  const values: string[] = [];
  for (const [index, match] of matches.entries()) {
    if (!isMatchOfNamedField(match) || printFieldName(match.field) !== field) return undefined;
    const value = printValue(match.value);
    const denied = match.value.kind === 'words' ? `-(${value})` : `-${value}`;
    values.push(clauses[index]?.type === 'not' ? denied : value);
  }
  return `${field}:(${values.join(' OR ')})`;
}

function isMatchOfNamedField(query: Query): query is Match {
  return query.type === 'match' && query.field.kind !== 'message';
}

function isBareText(query: Query): boolean {
  if (query.type !== 'match' || query.field.kind !== 'message') return false;
  return query.value.kind === 'words' || (query.value.kind === 'exact' && isBareWord(query.value.text));
}

function printField(field: Field, value: Value): string {
  const needsName = value.kind === 'present' || value.kind === 'compare' || value.kind === 'range';
  return field.kind === 'message' && !needsName ? '' : `${printFieldName(field)}:`;
}

function printFieldName(field: Field): string {
  switch (field.kind) {
    case 'message':
      return 'message';
    case 'everything':
      return '*';
    case 'attribute':
      return `@${escapeCharacters(field.path)}`;
    case 'calculated':
      return `#${escapeCharacters(field.name)}`;
    case 'reserved':
      return field.name;
    case 'tag':
      return escapeTerm(field.key);
  }
}

function printValue(value: Value): string {
  switch (value.kind) {
    case 'exact':
      return writeValue(value.text);
    case 'words':
      return value.words.map(escapeTerm).join(' ');
    case 'glob':
      return printGlob(value.parts);
    case 'present':
      return '*';
    case 'compare':
      return `${value.operator}${printBound(value.bound)}`;
    case 'range': {
      const [opening, closing] = value.inclusive ? '[]' : '{}';
      return `${opening}${printBound(value.low)} TO ${printBound(value.high)}${closing}`;
    }
  }
}

function printGlob(parts: readonly GlobPart[]): string {
  const text = parts.map((part) => (typeof part === 'string' ? part : escapeCharacters(part.literal))).join('');
  return text.startsWith('@') ? `\\${text}` : text;
}

function printBound(bound: string | undefined): string {
  if (bound === undefined) return '*';
  return toNumber(bound) === undefined ? quoteValue(bound) : bound;
}
