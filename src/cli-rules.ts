/**
 * `cli rules check | test | show`: rule files read, tried on their samples, and shown as Datadog would be sent them, for
 * whoever writes rules and for pipelines. Asks nobody, and needs no configuration where a directory is named.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExitCode, Io } from './cli.ts';
import { withoutControls } from './cli-text.ts';
import { words } from './cli-words.ts';
import { closest } from './closest.ts';
import { type Config, ConfigError, type Env, type Language, readConfig } from './config.ts';
import { UserError } from './errors.ts';
import { choose } from './rules/chosen.ts';
import { PackError, type PackRule, type PackSource, packSources, RECOMMENDED_PACK, readRule } from './rules/pack.ts';

interface Sources {
  recommended: PackSource[];
  /** Of the directory that is named, else of `rules.extra`. */
  own: PackSource[];
  /** What the configuration says about them, as far as it was asked. */
  wanted: Config['rules'] | undefined;
  /** Where there would be one. */
  noConfiguration?: string;
}

export async function checkRules(directory: string | undefined, io: Io, language: Language): Promise<ExitCode> {
  const w = words[language].rules;
  const { severityOf } = await import('./rules/compile.ts');
  const { readTestedRule } = await import('./rules/samples.ts');
  const { recommended, own, wanted, noConfiguration } = sourcesOf(directory, io.env);
  const problems: string[] = [];
  const untested = new Set<string>();
  const read = (sources: readonly PackSource[]) =>
    sources.flatMap((source): PackRule[] => {
      const isTested = source.samples.trim() !== '';
      const rule = isTested ? readTestedRule(source, problems)?.rule : readRule(source, problems);
      if (rule && !isTested) untested.add(rule.id);
      return rule ? [rule] : [];
    });
  const rules = { recommended: read(recommended), own: read(own) };
  const all = [...rules.recommended, ...rules.own].sort((a, b) => (a.id < b.id ? -1 : 1));
  // A file that cannot be read would be missed by what the configuration says of its rule.
  const chosen = wanted && problems.length === 0 ? choose(wanted, rules, problems) : all;
  const rows = all.map((rule) => {
    const kept = chosen.find(({ id }) => id === rule.id);
    const notes = [kept ? (kept.enabled ? '' : w.off) : w.leftOut, untested.has(rule.id) ? w.noSamples : ''];
    const { id, tags, cases, detection } = kept ?? rule;
    const tactics = tags.filter((tag) => tag.startsWith('tactic:')).map((tag) => tag.slice('tactic:'.length));
    return [id, severityOf({ cases }), tactics.join(' '), detection.method, notes.filter(Boolean).join(', ')];
  });
  print(io, [
    ...(noConfiguration ? [w.noConfiguration(noConfiguration), ''] : []),
    ...aligned(rows),
    '',
    ...(directory === undefined ? [] : alsoInPack(own).map(w.alsoInPack)),
    problems.length > 0
      ? w.mistakes(all.length, problems.length)
      : all.length > 0
        ? w.read(all.length, all.length - chosen.length)
        : w.none,
  ]);
  if (problems.length > 0) throw new PackError(problems);
  return 0;
}

export async function testRules(
  { directory, only }: { directory: string | undefined; only: string | undefined },
  io: Io,
  language: Language,
): Promise<ExitCode> {
  const w = words[language].rules;
  const { readTestedRule } = await import('./rules/samples.ts');
  const { tryRule } = await import('./rules/trial.ts');
  const { recommended, own } = sourcesOf(directory, io.env);
  const sources = [...recommended, ...own];
  const asked = only === undefined ? sources : sources.filter((source) => idOf(source) === only);
  if (only !== undefined && asked.length === 0) throw unknownRule(only, sources.map(idOf));
  const problems: string[] = [];
  const tested = asked.flatMap((source) => readTestedRule(source, problems) ?? []);
  if (problems.length > 0) throw new PackError(problems);
  const trials = tested.map(tryRule);
  const failed = trials.filter(({ failures }) => failures.length > 0);
  const sum = (count: (trial: (typeof trials)[number]) => number) =>
    trials.reduce((total, trial) => total + count(trial), 0);
  print(io, [
    ...trials.flatMap(({ id, tried, failures, survivors }) => [
      `${failures.length > 0 ? '✗' : '✓'} ${id}: ${w.tried(tried)}`,
      ...failures.map((failure) => `    ✗ ${failure}`),
      ...survivors.map((clause) => `    ? ${w.unnoticed(clause)}`),
    ]),
    '',
    w.tested({
      rules: trials.length,
      tried: sum(({ tried }) => tried),
      failed: failed.length,
      // Those of a rule that fails as it is were not tried.
      clauses: sum(({ failures, mutants }) => (failures.length > 0 ? 0 : mutants)),
      unnoticed: sum(({ survivors }) => survivors.length),
    }),
  ]);
  return failed.length > 0 ? 1 : 0;
}

export async function showRule(
  { id, directory }: { id: string; directory: string | undefined },
  io: Io,
): Promise<ExitCode> {
  const { compileRule } = await import('./rules/compile.ts');
  const { recommended, own, wanted } = sourcesOf(directory, io.env);
  const known = [...recommended, ...own].map(idOf);
  if (!known.includes(id)) throw unknownRule(id, known);
  const problems: string[] = [];
  const read = (sources: readonly PackSource[]) =>
    // Only the configuration speaks of several.
    sources.filter((source) => wanted || idOf(source) === id).flatMap((source) => readRule(source, problems) ?? []);
  const rules = { recommended: read(recommended), own: read(own) };
  const chosen = wanted ? choose(wanted, rules, problems) : [...rules.recommended, ...rules.own];
  if (problems.length > 0) throw new PackError(problems);
  const rule = chosen.find((one) => one.id === id);
  if (!rule) throw new UserError((language) => words[language].rules.isLeftOut(id));
  io.out(`${JSON.stringify(compileRule(rule), null, 2)}\n`);
  return 0;
}

function sourcesOf(directory: string | undefined, env: Env): Sources {
  if (directory !== undefined) return { recommended: [], own: packSources(directory), wanted: undefined };
  const { file, path, problems } = readConfig(env);
  if (!existsSync(path))
    return { recommended: packSources(RECOMMENDED_PACK), own: [], wanted: undefined, noConfiguration: path };
  // Nobody is asked anything, so the environment may still be empty.
  if (!file) throw new ConfigError(problems.filter((problem) => !problem.startsWith('environment:')));
  const { pack, extra } = file.rules;
  return {
    recommended: pack === 'none' ? [] : packSources(RECOMMENDED_PACK),
    own: extra === undefined ? [] : packSources(extra),
    wanted: file.rules,
  };
}

/** The name of the file; the rule in it has the same, or is refused. */
function idOf({ path }: PackSource): string {
  return basename(path, '.yaml');
}

/** Ids that `rules.extra` would be refused for; a copy of a file of the pack begins with one. */
function alsoInPack(own: readonly PackSource[]): string[] {
  const pack = fileURLToPath(RECOMMENDED_PACK);
  const others = own.filter(({ path }) => relative(pack, dirname(resolve(path))) !== '');
  return others.map(idOf).filter((id) => existsSync(join(pack, `${id}.yaml`)));
}

function unknownRule(id: string, known: readonly string[]): UserError {
  return new UserError((language) => words[language].rules.unknown(id, closest(id, known)));
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Names and sentences come from files: they must not move the cursor. */
function print(io: Io, lines: readonly string[]): void {
  io.out(withoutControls(`${lines.join('\n')}\n`));
}
