/**
 * The rule pack: our own Cloud SIEM detection rules, one YAML file each in `rules/`. Read and checked once at start;
 * every mistake is one line that says where it is, what is wrong and what would be right.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../errors.ts';
import { packFileSchema } from './pack-schema.ts';

type PackFile = z.infer<typeof packFileSchema>;
type Json = Record<string, unknown>;

/** An audit event that a rule must or must not match, complete. */
export interface Sample {
  it: string;
  /** The log source it arrives under. */
  source: string;
  event: Json;
}

export type PackRule = Omit<PackFile, 'samples'> & { samples: { match: Sample[]; no_match: Sample[] } };

export interface RulePack {
  rules: PackRule[];
}

export const RECOMMENDED_PACK = new URL('../../rules/', import.meta.url);

/** Everything wrong with the pack, one line each. */
export class PackError extends Error {
  override name = 'PackError';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** In the order of their ids. Throws `PackError` with every mistake of every file. */
export function loadPack(directory: string | URL = RECOMMENDED_PACK): RulePack {
  const path = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const problems: string[] = [];
  const rules = listYaml(path).flatMap((name) => loadRule(join(path, name), problems) ?? []);
  if (problems.length > 0) throw new PackError(problems);
  return { rules };
}

function listYaml(path: string): string[] {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    throw new PackError([`${path}: cannot be read: ${messageOf(error)}`]);
  }
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  if (files.length === 0) throw new PackError([`${path}: holds no rules; put one .yaml file per rule there`]);
  return files;
}

function loadRule(path: string, problems: string[]): PackRule | undefined {
  const where = `rules/${basename(path)}`;
  // Merge keys (`<<`) let samples share an event.
  const document = parseDocument(readFileSync(path, 'utf8'), { merge: true });
  const mistakes = [...document.errors, ...document.warnings];
  for (const mistake of mistakes) problems.push(`${where}: not valid YAML: ${mistake.message.split('\n')[0]}`);
  if (mistakes.length > 0) return undefined;
  const result = packFileSchema.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (!result.success) {
    problems.push(...result.error.issues.flatMap(explain).map((problem) => `${where}: ${problem}`));
    return undefined;
  }
  const rule = result.data;
  if (`${rule.id}.yaml` !== basename(path)) {
    problems.push(`${where}: id: is ${rule.id}; name the file ${rule.id}.yaml, so that no id occurs twice`);
    return undefined;
  }
  return { ...rule, samples: completeSamples(rule.samples) };
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

function completeSamples(samples: PackFile['samples']): PackRule['samples'] {
  const first = samples.match[0]?.event ?? {};
  const complete = ({ it, source, event, change }: PackFile['samples']['match'][number]): Sample => ({
    it,
    source,
    event: merged(event ?? first, change ?? {}),
  });
  return { match: samples.match.map(complete), no_match: samples.no_match.map(complete) };
}

/** Objects merge, everything else replaces, null removes. The inputs stay as they are. */
function merged(base: Json, change: Json): Json {
  const result: Json = structuredClone(base);
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else if (isObject(value)) result[key] = merged(isObject(result[key]) ? result[key] : {}, value);
    else result[key] = structuredClone(value);
  }
  return result;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
