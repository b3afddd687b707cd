/** Findings and changes in words, in either language. */
import type { Language } from '../config.ts';
import { people } from '../slack/mrkdwn.ts';
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
    return { ...last, what: `${t.givenUp(finding.minutes)} ${last.what}` };
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

/** What a change left behind, as a noun; empty for changes that leave nothing. */
export function sayThing(language: Language, change: Change): string {
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
