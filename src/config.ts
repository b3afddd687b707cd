/**
 * Environment and `eks-audit.yaml` become one checked value, read once at start. Every mistake is reported as one
 * line: where it is, what is wrong, what would be right. This is the only reader of `process.env`.
 */
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { durationSchema, envSchema, fileSchema } from './config-schema.ts';
import { messageOf } from './errors.ts';

export type Language = 'en' | 'ja';
export type ConfigFile = z.infer<typeof fileSchema>;
export type AwsAccount = ConfigFile['aws']['accounts'][number];
export type Timing = ConfigFile['timing'];
export type Config = z.infer<typeof envSchema> & ConfigFile;

/** Everything wrong with the configuration, one line each; the process ends with exit code 2. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What the process was started with. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Both halves as far as they can be read, and every mistake: set-up begins before there are tokens. */
export interface ConfigParts {
  env: z.infer<typeof envSchema> | undefined;
  file: ConfigFile | undefined;
  /** Where the file is looked for. */
  path: string;
  problems: string[];
}

/** Reads and checks the whole configuration. Throws `ConfigError` with every mistake at once. */
export function loadConfig(env: Env = process.env): Config {
  const parts = readConfig(env);
  if (parts.problems.length > 0 || !parts.env || !parts.file) throw new ConfigError(parts.problems);
  return { ...parts.env, ...parts.file };
}

export function readConfig(env: Env = process.env): ConfigParts {
  const path = env.EKS_AUDIT_CONFIG || 'eks-audit.yaml';
  const problems: string[] = [];
  const fromEnv = check('environment', envSchema, withoutEmpty(env), problems);
  const fromFile = check(path, fileSchema, readYaml(path, problems), problems);
  return { env: fromEnv, file: fromFile, path, problems };
}

/** Parses one duration such as `15m`; throws a zod error for anything else. */
export function parseDuration(text: string): number {
  return durationSchema.parse(text);
}

function readYaml(path: string, problems: string[]): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`${path}: cannot be read: ${messageOf(error)}. Create it, or point EKS_AUDIT_CONFIG at yours.`);
    return undefined;
  }
  const document = parseDocument(text);
  for (const error of document.errors) problems.push(`${path}: not valid YAML: ${error.message.split('\n')[0]}`);
  return document.errors.length > 0 ? undefined : (document.toJS() ?? {});
}

function check<T>(where: string, schema: z.ZodType<T>, value: unknown, problems: string[]): T | undefined {
  if (value === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push(`${where}: ${explain(issue)}`);
  return undefined;
}

function explain(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`));
  const at = path.join('');
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `${at ? `${at}.` : ''}${key}`).join(', ');
    return `${keys}: unknown key. Remove it, or check its spelling in the README's configuration table.`;
  }
  const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined');
  return missing ? `${at}: missing. ${hint(issue)}` : `${at || '(top level)'}: ${issue.message}`;
}

function hint(issue: z.core.$ZodIssue): string {
  return 'expected' in issue ? `Expected ${issue.expected === 'array' ? 'a list' : `a ${issue.expected}`}.` : '';
}

/** An empty variable is an unset one: container platforms cannot always leave it out. */
function withoutEmpty(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((e): e is [string, string] => Boolean(e[1])));
}
