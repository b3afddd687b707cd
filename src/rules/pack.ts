/**
 * The rule pack: our own Cloud SIEM detection rules, one YAML file each in `rules/`. Read and checked once at start;
 * every mistake is one line that says where it is, what is wrong and what would be right. What a rule is tested with
 * is the file's second document, read by tests and by `cli rules` alone (`samples.ts`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '../config.ts';
import { messageOf } from '../errors.ts';
import { packFileSchema } from './pack-schema.ts';

export type PackRule = z.infer<typeof packFileSchema> & {
  /** Whether Datadog is to run it; the configuration may have it there and switched off. */
  enabled: boolean;
};

export interface RulePack {
  rules: PackRule[];
}

/** One file, cut into its two documents and not yet read. */
export interface PackSource {
  /** Where it is, as problems say it. */
  where: string;
  path: string;
  rule: string;
  samples: string;
}

export const RECOMMENDED_PACK = new URL('../../rules/', import.meta.url);

/** Everything wrong with rules, one line each; to whoever starts the bot it is a mistake of the configuration. */
export class PackError extends ConfigError {
  override name = 'PackError';
}

/** The files belong to the program, so they are read once: it takes a tenth of a second. */
let recommended: Promise<RulePack> | undefined;

/** In the order of their ids. Throws `PackError` with every mistake of every file. */
export async function loadPack(directory: string | URL = RECOMMENDED_PACK): Promise<RulePack> {
  if (directory !== RECOMMENDED_PACK) return readPack(directory);
  recommended ??= readPack(directory);
  return recommended;
}

async function readPack(directory: string | URL): Promise<RulePack> {
  const problems: string[] = [];
  const rules: PackRule[] = [];
  for (const source of packSources(directory)) {
    // A file takes milliseconds; all of them at once would hold up whoever else starts meanwhile.
    await breathe();
    const rule = readRule(source, problems);
    if (rule) rules.push(rule);
  }
  if (problems.length > 0) throw new PackError(problems);
  return { rules };
}

/** Throws `PackError` where there is nothing to read. */
export function packSources(directory: string | URL): PackSource[] {
  const path = typeof directory === 'string' ? directory : fileURLToPath(directory);
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    throw new PackError([`${path}: cannot be read: ${messageOf(error)}`]);
  }
  const other = names.find((name) => name.endsWith('.yml'));
  if (other) throw new PackError([`${path}/${other}: would be passed over; rename it to end in .yaml`]);
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  if (files.length === 0) throw new PackError([`${path}: holds no rules; put one .yaml file per rule there`]);
  return files.map((name) => {
    const text = readFileSync(join(path, name), 'utf8');
    return { where: `${basename(path) || path}/${name}`, path: join(path, name), ...documentsOf(text) };
  });
}

/**
 * Cut at the line of three hyphens; a file may open with such a line, too. Each stands below as many empty lines as are
 * above it in the file, so that a mistake names the right line.
 */
function documentsOf(text: string): Pick<PackSource, 'rule' | 'samples'> {
  const lines = text.split('\n');
  const isCut = (line = '') => /^---\s*$/.test(line);
  const first = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const from = isCut(lines[first]) ? first + 1 : 0;
  const cut = lines.findIndex((line, at) => at >= from && isCut(line));
  const part = (at: number, end?: number) => '\n'.repeat(at) + lines.slice(at, end).join('\n');
  return cut < 0 ? { rule: part(from), samples: '' } : { rule: part(from, cut), samples: part(cut + 1) };
}

/** One rule, or nothing and a line for every mistake. */
export function readRule({ where, path, rule: text }: PackSource, problems: string[]): PackRule | undefined {
  const rule = readYaml(text, packFileSchema, where, problems);
  if (!rule) return undefined;
  if (`${rule.id}.yaml` !== basename(path)) {
    problems.push(`${where}: id: is ${rule.id}; name the file ${rule.id}.yaml, so that no id occurs twice`);
    return undefined;
  }
  return { ...rule, enabled: true };
}

/** One YAML document against its schema; undefined, with a line for every mistake, when it does not hold. */
export function readYaml<T>(text: string, schema: z.ZodType<T>, where: string, problems: string[]): T | undefined {
  // Merge keys (`<<`) let samples share an event.
  const document = parseDocument(text, { merge: true });
  const mistakes = [...document.errors, ...document.warnings];
  for (const mistake of mistakes)
    problems.push(`${where}: not valid YAML: ${mistake.message.split('\n')[0]?.replace(/:$/, '')}`);
  if (mistakes.length > 0) return undefined;
  const result = schema.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (result.success) return result.data;
  problems.push(...result.error.issues.flatMap(explain).map((problem) => `${where}: ${problem}`));
  return undefined;
}

function explain(issue: z.core.$ZodIssue): string[] {
  const at = issue.path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${String(key)}`))
    .join('');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at ? `${at}.` : ''}${key}: unknown key. Remove it, or check its spelling.`);
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => `${at}: ${inner.message}`);
  if (issue.input === undefined && issue.code !== 'custom') {
    const hint = issue.message.startsWith('Invalid') ? '' : ` ${capitalised(issue.message)}.`;
    return [`${at || '(top level)'}: missing.${hint}`];
  }
  return [`${at || '(top level)'}: ${issue.message}`];
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
