/**
 * Datadog's log search syntax, read, written and run over single logs: what a person types into "query" of
 * `/eks-audit rules create`, what the rule pack's files say and are tested with, and what a preview counts.
 *
 *     query     = { [modifier] clause [operator] }       an empty query is every log, `-*` is none
 *     operator  = "AND" | "&&" | "OR" | "||"             AND by default; AND binds tighter than OR
 *     modifier  = "-" | "NOT" | "+"                      of the next clause only
 *     clause    = "*" | "*:*" | [field ":"] value | [field ":"] "(" query ")" | "CIDR(" field "," block … ")"
 *     field     = "@" path | "#" calculated | "host" | "source" | … | tag key | "*" | "_exists_" | "_missing_"
 *     value     = word, with "*" and "?" | "quoted" | (">" | ">=" | "<" | "<=") word
 *               | "[" low "TO" high "]" | "{" low "TO" high "}"                      inclusive, exclusive
 *
 * Free text looks in the message, for whole words, whatever their case; `*:` does so in the message, the attributes
 * and the log's own fields. Values of attributes (`@`), of tags (bare keys) and of the log's own fields match whole and
 * exactly. `*` is any run of characters, `?` one, neither inside quotes nor after a backslash. A field with several
 * values (arrays, repeated tags) matches by any of them; one without values matches nothing, so that its negation is
 * true. Numbers compare as numbers, texts as texts.
 *
 * Sources: docs.datadoghq.com/logs/explorer/search_syntax, and vectordotdev/vrl (src/datadog/search/grammar.pest,
 * src/stdlib/match_datadog_query.rs) for what the page leaves open.
 */
import { escapeTerm, quoteValue, writeValue } from './query-escape.ts';
import { compileQuery } from './query-match.ts';
import { QueryParser } from './query-parser.ts';
import { print } from './query-printer.ts';
import { type EventTest, type LogEvent, type Query, QuerySyntaxError } from './query-tree.ts';

export { type EventTest, escapeTerm, type LogEvent, type Query, QuerySyntaxError, quoteValue, writeValue };

/** Throws QuerySyntaxError, and nothing else whatever the text. */
export function parseQuery(text: string): Query {
  return new QueryParser(text).parse();
}

/** `parseQuery(printQuery(query))` is `query` again. */
export function printQuery(query: Query): string {
  return print(query);
}

/** For one query over many logs. */
export function compile(query: Query): EventTest {
  return compileQuery(query);
}

const compiled = new WeakMap<Query, EventTest>();

export function matches(query: Query, event: LogEvent): boolean {
  let test = compiled.get(query);
  if (!test) {
    test = compileQuery(query);
    compiled.set(query, test);
  }
  return test(event);
}
