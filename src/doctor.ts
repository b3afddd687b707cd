/**
 * `/eks-audit doctor` and `cli doctor`: every credential, scope, permission, channel and the database, each failure
 * with its exact remedy. Only looks; what cannot be seen without a change is said to be so.
 */
import type { Clock } from './clock.ts';
import type { Config, Language } from './config.ts';
import { type AwsDeps, examineAws } from './doctor/aws.ts';
import { type DatabaseLook, examineDatabase } from './doctor/database.ts';
import { type DatadogDeps, examineDatadog } from './doctor/datadog.ts';
import { type Area, type Result, text, type Verdict } from './doctor/result.ts';
import { examineSlack, type SlackDeps } from './doctor/slack.ts';
import { type Content, content, section, sections } from './slack/blocks.ts';

export interface DoctorDeps extends SlackDeps, AwsDeps, DatadogDeps {
  config: Config;
  database: DatabaseLook;
  clock: Clock;
}

const AREAS: readonly Area[] = ['slack', 'aws', 'datadog', 'database'];
/** Worst first: what nobody scrolls to is not read. */
const ORDER: readonly Verdict[] = ['no', 'warning', 'unverified', 'yes'];
/** Shapes of their own: not everyone tells colours apart. */
const SIGNS: Record<Verdict, string> = {
  yes: ':white_check_mark:',
  no: ':x:',
  warning: ':warning:',
  unverified: ':grey_question:',
};

/** All areas beside each other; they have nothing to do with one another. */
export async function examine(deps: DoctorDeps): Promise<Result[]> {
  const results = await Promise.all([
    examineSlack(deps),
    examineAws(deps),
    examineDatadog(deps),
    examineDatabase(deps.config, deps.database, deps.clock.now()),
  ]);
  return results.flat();
}

export async function doctor(deps: DoctorDeps, language: Language): Promise<Content> {
  return doctorView(await examine(deps), language);
}

/** Whether anything the bot needs is not so. */
export function isSick(results: readonly Result[]): boolean {
  return results.some(({ ok }) => ok === 'no');
}

export function doctorView(results: readonly Result[], language: Language): Content {
  const t = text[language];
  const count = (verdict: Verdict) => results.filter(({ ok }) => ok === verdict).length;
  const [wrong, warnings, unverified] = [count('no'), count('warning'), count('unverified')];
  const title =
    wrong + warnings + unverified === 0 ? t.allFine(results.length) : t.summary(wrong, warnings, unverified);
  return content(title, [
    section(`*${title}*`),
    ...AREAS.flatMap((area) => {
      const own = results.filter(({ check }) => check.startsWith(`${area}.`));
      const sorted = own.toSorted((a, b) => ORDER.indexOf(a.ok) - ORDER.indexOf(b.ok));
      return own.length === 0
        ? []
        : sections([`*${t.areas[area]}*`, ...sorted.map((result) => line(result, language))]);
    }),
  ]);
}

function line({ ok, what, fix }: Result, language: Language): string {
  return `${SIGNS[ok]} ${what[language]}${fix ? `\n      ${fix[language]}` : ''}`;
}
