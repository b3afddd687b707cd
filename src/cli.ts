/**
 * The same answers without Slack, for a terminal or a pipeline: `npm run -s cli -- help`. It looks and never changes
 * anything. What a command needs is loaded when it runs: half of them need neither AWS nor Datadog.
 */
import { parseArgs } from 'node:util';
import { plainText } from './cli-text.ts';
import { helpText, usagesOf, words } from './cli-words.ts';
import { PARTS, type Part } from './commands.ts';
import {
  type Config,
  ConfigError,
  type Env,
  type Language,
  loadConfig,
  readConfig,
  TOKEN_NOT_GIVEN,
} from './config.ts';
import { messageOf, UserError } from './errors.ts';
import { createRedaction } from './redaction.ts';
import { isPart } from './setup/parts.ts';

/** 0 fine, 1 something is not as it should be, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

export interface Io {
  env: Env;
  out(text: string): void;
  err(text: string): void;
}

type Command = (args: string[], io: Io, language: Language) => Promise<ExitCode>;

const COMMANDS: Record<string, Command> = { doctor, status, plan, setup, config, route, rules, help };

class UsageError extends Error {}

export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [name = 'help', ...args] = argv;
  const language = languageOf(io.env);
  const w = words[language];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : /^(-h|--help)$/.test(name) ? help : undefined;
  if (!command) return wrong(io, w.unknown(name), w.seeHelp);
  try {
    return await command(args, io, language);
  } catch (error) {
    if (error instanceof ConfigError) return wrong(io, ...error.problems);
    if (error instanceof UsageError) return wrong(io, ...usagesOf(name, args).map(w.wrongUsage));
    if (error instanceof UserError) return wrong(io, error.say(language));
    io.err(`${w.failed(messageOf(error))}\n`);
    return 1;
  }
}

async function help(_args: string[], io: Io, language: Language): Promise<ExitCode> {
  io.out(helpText(language));
  return 0;
}

async function config(args: string[], io: Io): Promise<ExitCode> {
  positionals(args, 0, 0);
  const parts = readConfig(io.env);
  if (parts.problems.length > 0) throw new ConfigError(parts.problems);
  const { effectiveConfig } = await import('./setup/effective-config.ts');
  io.out(effectiveConfig(parts));
  return 0;
}

async function setup(args: string[], io: Io, language: Language): Promise<ExitCode> {
  const parts = positionals(args, 0, 1).map((word) => {
    if (!isPart(word)) throw new UsageError();
    return word;
  });
  const { file } = readConfig(io.env);
  const { PUBLIC_URL, SLACK_APP_TOKEN, DD_SITE, DD_APP_URL } = io.env;
  const made = await import('./setup/setup.ts');
  const input = { PUBLIC_URL: PUBLIC_URL?.replace(/\/+$/, ''), SLACK_APP_TOKEN, DD_SITE, DD_APP_URL, file, language };
  io.out(made.setup(input, parts.length > 0 ? parts : undefined));
  return 0;
}

async function status(args: string[], io: Io, language: Language): Promise<ExitCode> {
  const [typed = ''] = positionals(args, 1, 1);
  const { showStatus } = await import('./cli-clusters.ts');
  return showStatus(withoutSlack(io), typed, io, language);
}

async function plan(args: string[], io: Io, language: Language): Promise<ExitCode> {
  const { only } = parse(args, { only: { type: 'string' } }, 1, 1).values;
  if (only !== undefined && !(PARTS as readonly unknown[]).includes(only)) throw new UsageError();
  const [typed = ''] = parse(args, { only: { type: 'string' } }, 1, 1).positionals;
  const { showPlan } = await import('./cli-clusters.ts');
  return showPlan(withoutSlack(io), typed, only ? { only: only as Part } : {}, io, language);
}

async function route(args: string[], io: Io, language: Language): Promise<ExitCode> {
  const { values, positionals: typed } = parse(args, { at: { type: 'string' } }, 1, 1);
  const { file, problems } = readConfig(io.env);
  // Nobody is asked anything, so the environment may still be empty.
  if (!file) throw new ConfigError(problems.filter((problem) => !problem.startsWith('environment:')));
  const { showRoute } = await import('./cli-route.ts');
  return showRoute(file, { source: typed[0] ?? '', at: values.at }, io, language);
}

async function rules([what, ...args]: string[], io: Io, language: Language): Promise<ExitCode> {
  switch (what) {
    case 'check': {
      const [directory] = positionals(args, 0, 1);
      const { checkRules } = await import('./cli-rules.ts');
      return checkRules(directory, io, language);
    }
    case 'test': {
      const { values, positionals: typed } = parse(args, { only: { type: 'string' } }, 0, 1);
      const { testRules } = await import('./cli-rules.ts');
      return testRules({ directory: typed[0], only: values.only }, io, language);
    }
    case 'show': {
      const [id = '', directory] = positionals(args, 1, 2);
      const { showRule } = await import('./cli-rules.ts');
      return showRule({ id, directory }, io);
    }
    default:
      throw new UsageError();
  }
}

async function doctor(args: string[], io: Io, language: Language): Promise<ExitCode> {
  positionals(args, 0, 0);
  const loaded = loadConfig(io.env);
  const { examineFromOutside } = await import('./cli-doctor.ts');
  const { doctorView, isSick } = await import('./doctor.ts');
  const results = await examineFromOutside(loaded, createRedaction(loaded, io.env));
  io.out(plainText(doctorView(results, language)));
  return isSick(results) ? 1 : 0;
}

/** Looking at clusters asks Slack nothing, so its tokens and our own secret may be missing. */
function withoutSlack({ env }: Io): Config {
  const unused = {
    SLACK_BOT_TOKEN: 'xoxb-not-used',
    SLACK_SIGNING_SECRET: 'not-used',
    WEBHOOK_TOKEN: TOKEN_NOT_GIVEN,
  };
  return loadConfig({ ...unused, ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)) });
}

function positionals(args: string[], min: number, max: number): string[] {
  return parse(args, {}, min, max).positionals;
}

function parse(args: string[], options: Record<string, { type: 'string' }>, min: number, max: number) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (parsed.positionals.length < min || parsed.positionals.length > max) throw new UsageError();
    return parsed;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError('', { cause: error });
  }
}

/** As configured, else as the terminal is set. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
function languageOf(env: Env): Language {
  const configured = readConfig(env).file?.language;
  if (configured) return configured;
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').startsWith('ja') ? 'ja' : 'en';
}

function wrong(io: Io, ...lines: string[]): ExitCode {
  for (const line of lines) io.err(`${line}\n`);
  return 2;
}

if (import.meta.main) {
  const { useProxy } = await import('./proxy.ts');
  useProxy();
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
