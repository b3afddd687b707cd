/** What `doctor` found, as plain values that carry their words in every language. */
import type { Language } from '../config.ts';
import { ja } from './text.ja.ts';
import { type DoctorText, en } from './text.ts';

/**
 * `no`: something the bot needs is not so. `warning`: one feature is missing, or trouble is near. `unverified`: could
 * not be seen, or not without changing something.
 */
export type Verdict = 'yes' | 'no' | 'warning' | 'unverified';

export type Area = 'slack' | 'aws' | 'datadog' | 'database';

export interface Result {
  /** Stable and readable, such as `slack.channel`; for whoever reads results by program. */
  check: `${Area}.${string}`;
  ok: Verdict;
  what: Record<Language, string>;
  /** What to do, exactly; for everything that is not `yes`. */
  fix?: Record<Language, string>;
}

export const text: Record<Language, DoctorText> = { en, ja };

type Words = (text: DoctorText) => string;

export function yes(check: Result['check'], what: Words): Result {
  return { check, ok: 'yes', what: inAllLanguages(what) };
}

export function not(check: Result['check'], ok: Exclude<Verdict, 'yes'>, what: Words, fix?: Words): Result {
  return { check, ok, what: inAllLanguages(what), ...(fix ? { fix: inAllLanguages(fix) } : {}) };
}

function inAllLanguages(words: Words): Record<Language, string> {
  return { en: words(en), ja: words(ja) };
}
