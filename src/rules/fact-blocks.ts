/**
 * A rule's query, detection, severities and tags, and where two versions of it differ. Whatever people wrote stands in
 * leaves of rich text, which Slack never parses, and is cut so that a message holds it all. Pure.
 */
import type { KnownBlock, RichTextPreformatted } from '@slack/types';
import type { Language } from '../config.ts';
import { truncate, visible } from '../slack/mrkdwn.ts';
import { bold, bulleted, joined, type Leaf, lines, name, type Rich, rich, richBlock } from '../slack/rich-text.ts';
import type { Difference } from './owned-fields.ts';
import type { RuleFacts } from './rule-facts.ts';
import { text } from './text.ts';

const QUERIES = 5;
/** Of all queries together. */
const QUERY_LIMIT = 2000;
const CASES = 5;
const FIELDS = 12;
const TAGS = 10;
const WORD = 60;
const DIFFERENCES = 8;
const VALUE = 100;
/** More words in common than this are cut, or two long texts would look alike. */
const COMMON = 40;

export function factBlocks(facts: RuleFacts, language: Language): (KnownBlock | undefined)[] {
  const t = text[language];
  const shown = facts.queries.slice(0, QUERIES);
  const each = Math.floor(QUERY_LIMIT / Math.max(1, shown.length));
  const more = facts.queries.length - shown.length;
  return [
    richBlock(
      shown.length > 0 ? lines([rich`${bold(shown.length > 1 ? t.show.queries : t.show.query)}`]) : undefined,
      ...shown.map(({ name, query }) => verbatim(name ? `${name}: ${query}` : query, each)),
      more > 0 ? lines([rich`${t.more(more)}`]) : undefined,
    ),
    richBlock(
      lines([
        facts.method ? rich`${bold(t.show.detection)} ${methodIn(facts, language)}` : undefined,
        facts.keepAlive !== undefined && facts.maxDuration !== undefined
          ? rich`${t.show.keeps(facts.keepAlive, t.duration(facts.maxDuration))}`
          : undefined,
        listed(
          t.show.cases,
          facts.cases.map((one) => caseIn(one, language)),
          CASES,
          language,
        ),
        listed(t.show.groupBy, facts.groupBy.map(word), FIELDS, language),
        listed(t.show.tags, facts.tags.map(word), TAGS, language),
      ]),
    ) ?? richBlock(lines([rich`${t.show.noDetails}`])),
  ];
}

function caseIn({ severity, condition, name: called }: RuleFacts['cases'][number], language: Language): Rich {
  const parts = [
    rich`${text[language].severity[severity]}`,
    ...[condition, called].flatMap((one) => (one ? [word(one)] : [])),
  ];
  return joined(parts, ' ');
}

function methodIn(facts: RuleFacts, language: Language): Rich {
  const t = text[language];
  const fields = (names: readonly string[]) => joined(names.slice(0, FIELDS).map(word), t.comma);
  const window = facts.window ? t.duration(facts.window) : undefined;
  switch (facts.method) {
    case 'threshold':
      return facts.distinct.length > 0
        ? t.show.distinct(fields(facts.distinct), window)
        : rich`${t.show.threshold(window)}`;
    case 'new_value':
      return t.show.newValue(fields(facts.of), t.day(facts.learnDays ?? 0), t.day(facts.forgetDays ?? 0));
    default:
      return t.show.other(word(facts.method ?? ''));
  }
}

function word(text: string): Rich {
  return [name(text, WORD)];
}

/** The first of many, and how many more there are. */
function listed(label: string, all: readonly Rich[], most: number, language: Language): Rich | undefined {
  if (all.length === 0) return undefined;
  const more = all.length > most ? ` ${text[language].more(all.length - most)}` : '';
  return rich`${bold(label)} ${joined(all.slice(0, most), text[language].comma)}${more}`;
}

/** Several lines as they stand, but for what nobody would see. */
export function verbatim(words: string, limit: number): RichTextPreformatted {
  const whole = truncate(words, limit * 2)
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '  ');
  const shown = truncate(whole.trimEnd().split('\n').map(visible).join('\n'), limit);
  return {
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: shown.trim() === '' ? '–' : shown }],
    border: 0,
  };
}

/** Field by field; `say` gets the two values in words. */
export function differenceBlocks(
  head: string,
  differences: readonly Difference[],
  say: (path: Leaf, ours: Leaf, theirs: Leaf) => Rich,
  language: Language,
): KnownBlock | undefined {
  if (differences.length === 0) return undefined;
  const items = differences.slice(0, DIFFERENCES).map(({ path, ours, theirs }) => {
    const [a, b] = apart(ours, theirs);
    return say(name(path, WORD), name(a, VALUE), name(b, VALUE));
  });
  const more = differences.length - items.length;
  return richBlock(
    lines([rich`${bold(head)}`]),
    bulleted([...items, ...(more > 0 ? [rich`${text[language].more(more)}`] : [])]),
  );
}

/** Both from shortly before where they begin to differ. */
function apart(ours: unknown, theirs: unknown): [string, string] {
  const [a, b] = [wordsOf(ours), wordsOf(theirs)];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  const from = same > COMMON ? same - COMMON / 2 : 0;
  const cut = (value: string) => (from > 0 ? `…${value.slice(from).replace(/^[\uDC00-\uDFFF]/, '')}` : value);
  return [cut(a), cut(b)];
}

function wordsOf(value: unknown): string {
  const said = typeof value === 'string' ? value : (JSON.stringify(value ?? undefined) ?? '');
  return said.replace(/\s+/g, ' ');
}
