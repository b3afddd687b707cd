/**
 * The table of commands. Help, the parser, the README and the manifest's usage hint are all made from it or held
 * against it, so a command exists in one place. Handlers are joined to it in `bot.ts`.
 */
import { closest } from './clusters/closest.ts';
import type { Language } from './config.ts';
import { UserError } from './errors.ts';
import type { Role } from './permissions.ts';
import { code } from './slack/mrkdwn.ts';

interface Flag {
  name: string;
  /** What the value stands for; without it the flag stands alone. */
  value?: string;
  oneOf?: readonly string[];
}

export interface CommandSpec {
  name: string;
  /** As shown in help: `<required>`, `[optional]`, `…` for several. */
  args: string;
  min: number;
  max: number;
  flags: readonly Flag[];
  role: Role;
  does: Record<Language, string>;
}

export const PARTS = ['audit-logs', 'forwarder', 'rules'] as const;
export type Part = (typeof PARTS)[number];

export const COMMANDS = [
  {
    name: 'list',
    args: '',
    min: 0,
    max: 0,
    flags: [],
    role: 'operator',
    does: {
      en: 'all clusters and whether their audit logs are on, worst first',
      ja: 'すべてのクラスターと監査ログの状態（問題のあるものから）',
    },
  },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMANDS)[number]['name'];

export interface ParsedCommand {
  name: CommandName | 'help';
  args: string[];
  flags: Readonly<Record<string, string | true>>;
  /** What to type to get the same again. */
  typed: string;
}

/** Reads what stands after `/eks-audit`. Throws `UserError` with the next step for anything it does not know. */
export function parseCommand(text: string): ParsedCommand {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const typed = words.join(' ');
  const [first = 'help', ...rest] = words;
  if (first === 'help') return { name: 'help', args: [], flags: {}, typed };
  const spec: CommandSpec | undefined = COMMANDS.find((c) => c.name === first);
  if (!spec) throw unknownCommand(first);
  const { args, flags } = parseFlags(spec, rest);
  if (args.length < spec.min || args.length > spec.max) throw wrongArguments(spec);
  return { name: spec.name as CommandName, args, flags, typed };
}

export function specOf(name: CommandName): CommandSpec {
  return COMMANDS.find((c) => c.name === name) as CommandSpec;
}

/** `enable <cluster>… [--dry-run]`, as help shows it. */
export function usage(spec: CommandSpec): string {
  const flags = spec.flags.map((f) => (f.value ? `[--${f.name} ${f.oneOf?.join('|') ?? f.value}]` : `[--${f.name}]`));
  return [spec.name, spec.args, ...flags].filter(Boolean).join(' ');
}

function parseFlags(
  spec: CommandSpec,
  words: readonly string[],
): { args: string[]; flags: Record<string, string | true> } {
  const args: string[] = [];
  const flags: Record<string, string | true> = {};
  for (let at = 0; at < words.length; at++) {
    // Slack's clients turn two hyphens into a dash as people type.
    const word = (words[at] ?? '').replace(/^[—–]+(?=\w)/, '--');
    if (!word.startsWith('--')) {
      args.push(word);
      continue;
    }
    const [name = '', inline] = word.slice(2).split(/=(.*)/s);
    const flag = spec.flags.find((f) => f.name === name);
    if (!flag) throw unknownFlag(spec, name);
    if (!flag.value) {
      flags[name] = true;
      continue;
    }
    const value = inline ?? words[++at];
    if (!value || (flag.oneOf && !flag.oneOf.includes(value))) throw wrongArguments(spec);
    flags[name] = value;
  }
  return { args, flags };
}

function unknownCommand(typed: string): UserError {
  const meant = closest(typed, ['help', ...COMMANDS.map((c) => c.name)]);
  return new UserError((language) =>
    language === 'ja'
      ? `${code(typed)} というコマンドはありません。${meant ? `${code(`/eks-audit ${meant}`)} のことでしょうか。` : ''}${code('/eks-audit help')} で一覧を表示します。`
      : `There is no command ${code(typed)}. ${meant ? `Did you mean ${code(`/eks-audit ${meant}`)}? ` : ''}${code('/eks-audit help')} shows all.`,
  );
}

function unknownFlag(spec: CommandSpec, name: string): UserError {
  const meant = closest(
    name,
    spec.flags.map((f) => f.name),
  );
  return new UserError((language) =>
    language === 'ja'
      ? `${code(spec.name)} に ${code(`--${name}`)} はありません。${meant ? `${code(`--${meant}`)} のことでしょうか。` : ''}使い方：${code(`/eks-audit ${usage(spec)}`)}`
      : `${code(spec.name)} has no ${code(`--${name}`)}. ${meant ? `Did you mean ${code(`--${meant}`)}? ` : ''}Usage: ${code(`/eks-audit ${usage(spec)}`)}`,
  );
}

function wrongArguments(spec: CommandSpec): UserError {
  return new UserError((language) =>
    language === 'ja' ? `使い方：${code(`/eks-audit ${usage(spec)}`)}` : `Usage: ${code(`/eks-audit ${usage(spec)}`)}`,
  );
}
