/** Findings and changes in words, in either language. */
import type { Language } from '../config.ts';
import { people, plain } from '../slack/mrkdwn.ts';
import type { Change, Operation } from './change.ts';
import type { Finding } from './finding.ts';
import type { Said } from './findings-text.ts';
import { ja } from './text.ja.ts';
import { en, type OnboardingText } from './text.ts';

export const text: Record<Language, OnboardingText> = { en, ja };

/** A finding in words. */
export function sayFinding(language: Language, finding: Finding): Said {
  const t = text[language];
  if (finding.code === 'deadline') {
    const last = sayFinding(language, finding.last);
    const fix = t.notWaitedForAnyMore[finding.last.code] ?? last.fix;
    return { what: `${t.givenUp(finding.minutes)} ${last.what}`, ...(fix && { fix }) };
  }
  // The table has one function per code, each taking just its own finding; the lookup keeps the two together.
  const say = t.findings[finding.code] as (finding: Finding) => Said;
  return say(finding);
}

/** A change in one sentence. */
export function sayChange(language: Language, change: Change): string {
  const say = text[language].changes[change.operation] as (change: Change) => string;
  return say(change);
}

/** So many rules are told one by one; more would bury what else a plan does. */
const RULES_ONE_BY_ONE = 3;
const TITLES_LIMIT = 2_400;

/** Changes in sentences: many rules made or deleted in a row are one. */
export function sayChanges(language: Language, changes: readonly Change[]): string[] {
  const t = text[language];
  const said: string[] = [];
  for (let at = 0; at < changes.length; ) {
    const { operation } = changes[at] as Change;
    const end = changes.findIndex((change, i) => i > at && change.operation !== operation);
    const run = changes.slice(at, end < 0 ? changes.length : end);
    const inOne = (operation === 'create-rule' || operation === 'delete-rule') && run.length > RULES_ONE_BY_ONE;
    if (inOne) said.push(t.manyRules[operation](run.length, titlesOf(language, run)));
    else said.push(...run.map((change) => sayChange(language, change)));
    at += run.length;
  }
  return said;
}

function titlesOf(language: Language, changes: readonly Change[]): string {
  const { quoted } = text[language].manyRules;
  const titles = changes.flatMap(({ values }) => ('title' in values ? [quoted(plain(values.title))] : []));
  let said = '';
  for (const [i, title] of titles.entries()) {
    const next = said === '' ? title : `${said}; ${title}`;
    if (next.length > TITLES_LIMIT) return `${said}; … +${titles.length - i}`;
    said = next;
  }
  return said;
}

/** What changes left behind, as nouns; many rules are counted. */
export function sayThings(language: Language, changes: readonly Change[]): string[] {
  const rules = changes.filter(({ operation }) => operation === 'create-rule');
  if (rules.length <= RULES_ONE_BY_ONE) return changes.map((change) => sayThing(language, change));
  const rest = changes.filter((change) => !rules.includes(change));
  return [...rest.map((change) => sayThing(language, change)), text[language].manyRules.thing(rules.length)];
}

/** Empty for changes that leave nothing. */
function sayThing(language: Language, change: Change): string {
  const { things } = text[language];
  const say = (things as Partial<Record<Operation, unknown>>)[change.operation] as
    | ((change: Change) => string)
    | undefined;
  return say?.(change) ?? '';
}

/** Those whose word counts; a person must be in each of several audiences. */
export function audienceNames(
  audiences: readonly { users: readonly string[]; usergroups: readonly string[] }[],
): string {
  return audiences.map(people).join(' + ');
}
