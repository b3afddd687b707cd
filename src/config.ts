/**
 * Environment and `eks-audit.yaml` become one checked value, read once at start. Every mistake is reported as one
 * line: where it is, what is wrong, what would be right. This is the only reader of `process.env`.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { closest } from './closest.ts';
import { envSchema, fileSchema } from './config-schema.ts';
import { durationSchema, expected } from './config-values.ts';
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

/** `WEBHOOK_TOKEN` of a command that runs without one: no comparison with it says anything. */
export const TOKEN_NOT_GIVEN = 'not-used-by-this-command';

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
  if (fromFile?.rules.extra) fromFile.rules.extra = resolve(dirname(path), fromFile.rules.extra);
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
  const [mistake] = document.errors;
  try {
    // The library's own text goes on with an excerpt over several lines.
    if (mistake) throw new Error(mistake.message.split('\n')[0]?.replace(/:$/, ''));
    const value: unknown = document.toJS() ?? {};
    if (containsItself(value)) throw new Error('an alias stands inside what it repeats');
    return value;
  } catch (error) {
    problems.push(`${path}: not valid YAML: ${messageOf(error)}. Expected settings such as \`language: en\`.`);
    return undefined;
  }
}

/** Routes may lie in routes, so this would be checked for ever. */
function containsItself(value: unknown, around: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return around.includes(value) || Object.values(value).some((inner) => containsItself(inner, [...around, value]));
}

function check<T>(where: string, schema: z.ZodType<T>, value: unknown, problems: string[]): T | undefined {
  if (value === undefined) return undefined;
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push(...explain(issue, schema).map((line) => `${where}: ${line}`));
  return undefined;
}

/** Whatever has no text of its own in the schema. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const kinds: Record<string, string> = {
    object: 'settings of its own',
    record: 'settings of its own',
    array: 'a list, even of one',
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
  };
  return expected(kinds[issue.expected] ?? String(issue.expected))(issue);
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const at = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}${path && '.'}${String(key)}`),
    '',
  );
  if (issue.code !== 'unrecognized_keys') {
    const [inKey] = issue.code === 'invalid_key' ? issue.issues : [];
    return [`${at || 'the whole file'}: ${(inKey ?? issue).message}`];
  }
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const meant = closest(key, known);
    const right = meant ? `did you mean ${meant}?` : `expected ${known.join(', ')}`;
    return `${at && `${at}.`}${key}: unknown key; ${right}`;
  });
}

/** The keys the schema knows at this path. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const { shape, def } = schema as {
    shape?: Record<string, unknown>;
    def: Record<'element' | 'valueType' | 'innerType', unknown>;
  };
  if (def.innerType) return keysAt(def.innerType, path);
  const [next, ...rest] = path;
  if (next === undefined) return Object.keys(shape ?? {});
  return keysAt(shape?.[String(next)] ?? def.element ?? def.valueType, rest);
}

/** An empty variable is an unset one: container platforms cannot always leave it out. */
function withoutEmpty(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((e): e is [string, string] => Boolean(e[1])));
}
