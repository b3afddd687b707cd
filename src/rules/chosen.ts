/**
 * The rules this deployment wants in Datadog: the recommended pack, people's own files beside it, chosen and changed by
 * the section `rules` of the configuration. Read once at start; a mistake is one line, as in the rest of the file.
 */
import { closest } from '../closest.ts';
import type { Config } from '../config.ts';
import { shown } from '../config-values.ts';
import { globMatches } from '../permissions.ts';
import { loadPack, PackError, type PackRule, type RulePack } from './pack.ts';
import { parseQuery } from './query.ts';

type Wanted = Config['rules'];

/** Throws `PackError` with every mistake of every file and of the configuration's own words about rules. */
export async function chosenRules({ rules: wanted }: Pick<Config, 'rules'>): Promise<RulePack> {
  const own = wanted.extra === undefined ? [] : (await loadPack(wanted.extra)).rules;
  const recommended = wanted.pack === 'none' ? [] : (await loadPack()).rules;
  const problems: string[] = [];
  const rules = choose(wanted, { recommended, own }, problems);
  if (problems.length > 0) throw new PackError(problems);
  return { rules };
}

/** In the order of their ids, with a line for everything the configuration says of them that means nothing. */
export function choose(
  wanted: Wanted,
  { recommended, own }: { recommended: readonly PackRule[]; own: readonly PackRule[] },
  problems: string[],
): PackRule[] {
  const known = [...recommended, ...own];
  for (const { id } of own)
    if (recommended.some((rule) => rule.id === id))
      problems.push(`${wanted.extra}/${id}.yaml: id: ${id} is a rule of the recommended pack; choose another id`);
  reportUnknown(wanted, known, problems);
  return known
    .map((rule) => overridden(rule, wanted.overrides[rule.id], problems))
    .filter((rule) => isChosen(rule, wanted))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** By id or tag; what is left out wins over what is named. */
function isChosen(rule: PackRule, { only, except }: Wanted): boolean {
  const named = (globs: readonly string[]) =>
    globs.some((glob) => [rule.id, ...rule.tags].some((name) => globMatches(glob, name)));
  return (only.length === 0 || named(only)) && !named(except);
}

/** A name that means nothing would silently leave a rule as it was. */
function reportUnknown({ only, except, overrides }: Wanted, known: readonly PackRule[], problems: string[]): void {
  const ids = known.map(({ id }) => id);
  for (const [key, globs] of [
    ['only', only],
    ['except', except],
  ] as const)
    for (const [i, glob] of globs.entries())
      if (!known.some((rule) => [rule.id, ...rule.tags].some((name) => globMatches(glob, name))))
        problems.push(`rules.${key}[${i}]: ${shown(glob)} is no rule and no tag of one${didYouMean(glob, ids)}`);
  for (const id of Object.keys(overrides))
    if (!ids.includes(id)) problems.push(`rules.overrides.${id}: there is no such rule${didYouMean(id, ids)}`);
}

function didYouMean(typed: string, ids: readonly string[]): string {
  const meant = closest(typed, ids);
  return meant ? `; did you mean ${meant}?` : '; `npm run -s cli -- rules check` lists them';
}

function overridden(rule: PackRule, change: Wanted['overrides'][string] | undefined, problems: string[]): PackRule {
  if (!change) return rule;
  const { enabled = true, severity, add } = change;
  const wrong = add === undefined ? undefined : problemIn(add);
  if (wrong) {
    problems.push(`rules.overrides.${rule.id}.add: ${wrong}`);
    return rule;
  }
  return {
    ...rule,
    enabled,
    cases: rule.cases.map((one) => ({ ...one, ...(severity && { severity }) })),
    queries: add
      ? Object.fromEntries(Object.entries(rule.queries).map(([name, query]) => [name, narrowed(query, add)]))
      : rule.queries,
  };
}

function problemIn(query: string): string | undefined {
  try {
    const { type } = parseQuery(query);
    return type === 'all' ? 'narrows nothing; write a query such as -@usr.name:"ci-bot"' : undefined;
  } catch (error) {
    return `is not a query: ${(error as Error).message}`;
  }
}

/** AND binds tighter than OR: without parentheses only the last alternative would be narrowed. */
function narrowed(query: string, add: string): string {
  return `${parseQuery(query).type === 'or' ? `(${query})` : query} (${add})`;
}
