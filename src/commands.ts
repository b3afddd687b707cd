/**
 * The table of commands. Help, the parser, the README and the manifest's usage hint are all made from it or held
 * against it, so a command exists in one place. Handlers are joined to it in `bot.ts`.
 */
import { closest } from './closest.ts';
import type { Language } from './config.ts';
import { UserError } from './errors.ts';
import type { Role } from './permissions.ts';
import { code } from './slack/mrkdwn.ts';

interface Flag {
  name: string;
  /** What the value stands for; without it the flag stands alone. */
  value?: string;
  oneOf?: readonly string[];
  /** The value is everything up to the next flag, spaces included. */
  rest?: true;
  /** Only our own buttons say it, so help does not. */
  hidden?: true;
}

export interface CommandSpec {
  /** One word, or two: `rules list`. */
  name: string;
  /** As shown in help: `<required>`, `[optional]`, `…` for several. */
  args: string;
  min: number;
  max: number;
  flags: readonly Flag[];
  role: Role;
  /** The answer only reads, so it may be shown to the channel with [Share]. */
  share?: true;
  does: Record<Language, string>;
}

/** Datadog's, from least to most severe. */
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export const PARTS = ['audit-logs', 'forwarder', 'rules'] as const;
export type Part = (typeof PARTS)[number];
/** Where a detection rule comes from: our pack, Datadog, this bot on request, anybody else. */
export const ORIGINS = ['pack', 'shipped', 'bot', 'other'] as const;
export const RULE_STATES = ['enabled', 'disabled', 'edited', 'missing'] as const;

const ONE_CLUSTER = { args: '<cluster>', min: 1, max: 1 } as const;

export const COMMANDS = [
  {
    name: 'list',
    args: '',
    min: 0,
    max: 0,
    flags: [],
    role: 'operator',
    share: true,
    does: {
      en: 'all clusters and whether their audit logs are on, worst first',
      ja: 'すべてのクラスターと監査ログの状態（問題のあるものから）',
    },
  },
  {
    name: 'status',
    ...ONE_CLUSTER,
    flags: [],
    role: 'operator',
    share: true,
    does: {
      en: 'every step of one cluster: what is so, what is missing, how to mend it',
      ja: 'クラスターの各項目の状態、不足しているもの、直し方',
    },
  },
  {
    name: 'enable',
    args: '<cluster>…',
    min: 1,
    max: 20,
    flags: [{ name: 'only', value: 'part', oneOf: PARTS }, { name: 'dry-run' }],
    role: 'operator',
    does: {
      en: 'bring clusters under audit: a plan, an approval, live progress, proof',
      ja: 'クラスターを監査対象にする（計画、承認、進捗表示、到達の確認）',
    },
  },
  {
    name: 'disable',
    ...ONE_CLUSTER,
    flags: [{ name: 'audit-logs' }, { name: 'dry-run' }, { name: 'reason', value: 'text', rest: true }],
    role: 'operator',
    does: {
      en: 'take back what this bot made for a cluster, and only that',
      ja: 'ボットがクラスターのために作成したものだけを取り消す',
    },
  },
  {
    name: 'logs',
    args: '<cluster> [query]',
    min: 1,
    max: 50,
    flags: [],
    role: 'analyst',
    share: true,
    does: {
      en: 'the last audit events of a cluster, with the Log Explorer link',
      ja: 'クラスターの最新の監査イベントと Log Explorer へのリンク',
    },
  },
  {
    name: 'rules list',
    args: '[words]',
    min: 0,
    max: 10,
    flags: [
      { name: 'tactic', value: 'tactic' },
      { name: 'from', value: 'origin', oneOf: ORIGINS },
      { name: 'state', value: 'state', oneOf: RULE_STATES },
      { name: 'page', value: 'number', hidden: true },
    ],
    role: 'operator',
    share: true,
    does: {
      en: 'detection rules for audit logs: ours, Datadog’s and others’, with their signals of 7 days',
      ja: '監査ログの検知ルール一覧（パック、Datadog 標準、その他）と過去 7 日間のシグナル数',
    },
  },
  {
    name: 'rules show',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [],
    role: 'operator',
    share: true,
    does: {
      en: 'one rule: query, severities, triage, what was edited, its Terraform',
      ja: 'ルール 1 件の内容（クエリ、重大度、対応手順、変更箇所、Terraform）',
    },
  },
  {
    name: 'rules create',
    args: '[query]',
    min: 0,
    max: 200,
    flags: [],
    role: 'operator',
    does: {
      en: 'a new rule, in steps: the query tried on real events, a preview, an approval',
      ja: '新しいルールを段階的に作成（実イベントでのクエリの試行、プレビュー、承認）',
    },
  },
  {
    name: 'rules export',
    args: '<query|Log-Explorer-URL>',
    min: 1,
    max: 200,
    flags: [],
    role: 'operator',
    does: {
      en: 'the same, from a query or a pasted Log Explorer address',
      ja: 'クエリまたは Log Explorer の URL からルールを作成',
    },
  },
  {
    name: 'rules clone',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [],
    role: 'operator',
    does: { en: 'a rule of your own from one that is there', ja: '既存のルールを複製して独自のルールを作成' },
  },
  {
    name: 'rules edit',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [],
    role: 'operator',
    does: { en: 'change a rule this bot made on request', ja: 'このボットで作成したルールを変更' },
  },
  {
    name: 'rules enable',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [],
    role: 'operator',
    does: { en: 'switch a rule on, or put back our pack’s version', ja: 'ルールを有効化、またはパックの内容に復元' },
  },
  {
    name: 'rules disable',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [
      { name: 'for', value: 'duration' },
      { name: 'reason', value: 'text', rest: true },
    ],
    role: 'operator',
    does: {
      en: 'switch a rule off for a time; needs a reason, and ends by itself',
      ja: 'ルールを一定期間無効化（理由が必要、期限後に自動で有効化）',
    },
  },
  {
    name: 'rules delete',
    args: '<rule>',
    min: 1,
    max: 10,
    flags: [{ name: 'reason', value: 'text', rest: true }],
    role: 'operator',
    does: { en: 'delete a rule this bot made on request', ja: 'このボットで作成したルールを削除' },
  },
  {
    name: 'signals',
    args: '',
    min: 0,
    max: 0,
    flags: [{ name: 'since', value: 'duration' }],
    role: 'analyst',
    share: true,
    does: {
      en: 'open Cloud SIEM signals, the most severe first; of the last 24h unless --since says otherwise',
      ja: '未対応の Cloud SIEM シグナル（重大度順、既定は過去 24 時間）',
    },
  },
  {
    name: 'where',
    args: '<signal-id>',
    min: 1,
    max: 1,
    flags: [],
    role: 'analyst',
    share: true,
    does: {
      en: 'everything that happened to one signal: received, routed, posted, who did what',
      ja: '1 件のシグナルの経過（受信、振り分け、投稿、対応の記録）',
    },
  },
  {
    name: 'approvals',
    args: '',
    min: 0,
    max: 0,
    flags: [],
    role: 'operator',
    does: { en: 'what waits for whose approval', ja: '承認待ちの依頼と、承認できる人' },
  },
  {
    name: 'runs',
    args: '[cluster]',
    min: 0,
    max: 1,
    flags: [],
    role: 'operator',
    share: true,
    does: {
      en: 'what was done: who asked, who approved, what changed, how to undo it',
      ja: '実行履歴（依頼者、承認者、変更内容、取り消し方）',
    },
  },
  {
    name: 'test',
    args: '',
    min: 0,
    max: 0,
    flags: [{ name: 'severity', value: 'severity', oneOf: SEVERITIES }],
    role: 'admin',
    does: {
      en: 'send a marked test signal the way real ones come, and say how long each hop took',
      ja: 'テスト用のシグナルを実際の経路で流し、区間ごとの所要時間を表示',
    },
  },
  {
    name: 'doctor',
    args: '',
    min: 0,
    max: 0,
    flags: [],
    role: 'admin',
    does: {
      en: 'every credential, scope, permission and channel, with the exact remedy',
      ja: '認証情報、スコープ、権限、チャンネルの確認と、問題ごとの直し方',
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
  const [first = 'help'] = words;
  if (first === 'help') return { name: 'help', args: [], flags: {}, typed };
  const { spec, rest } = findSpec(words);
  const { args, flags } = parseFlags(spec, rest);
  if (args.length < spec.min || args.length > spec.max) throw wrongArguments(spec);
  return { name: spec.name as CommandName, args, flags, typed };
}

/** By its first two words, else by its first; of a family named alone (`rules`) the first member. */
function findSpec(words: readonly string[]): { spec: CommandSpec; rest: string[] } {
  const [first = '', second] = words;
  const specs: readonly CommandSpec[] = COMMANDS;
  const two = specs.find(({ name }) => name === `${first} ${second}`);
  if (two) return { spec: two, rest: words.slice(2) };
  const one = specs.find(({ name }) => name === first);
  if (one) return { spec: one, rest: words.slice(1) };
  const family = specs.filter(({ name }) => name.startsWith(`${first} `));
  const [member] = family;
  if (!member) throw unknownCommand(first);
  if (second === undefined || FLAG.test(second)) return { spec: member, rest: words.slice(1) };
  throw unknownCommand(
    `${first} ${second}`,
    family.map(({ name }) => name),
  );
}

export function specOf(name: CommandName): CommandSpec {
  return COMMANDS.find((c) => c.name === name) as CommandSpec;
}

/** `enable <cluster>… [--dry-run]`, as help shows it. */
export function usage(spec: CommandSpec): string {
  const shown = spec.flags.filter((f) => !f.hidden);
  const flags = shown.map((f) => (f.value ? `[--${f.name} ${f.oneOf?.join('|') ?? f.value}]` : `[--${f.name}]`));
  return [spec.name, spec.args, ...flags].filter(Boolean).join(' ');
}

/** What people may type first; of a family its common word. */
const ALONE = ['help', ...new Set(COMMANDS.map(({ name }) => name.split(' ')[0] ?? name))];

/** `--name`, `--name=value`; Slack's clients turn two hyphens into a dash as people type. A dash alone is a word. */
const FLAG = /^(?:--|[—–]+)(\w[\w-]*)(?:=(.*))?$/s;

function parseFlags(
  spec: CommandSpec,
  words: readonly string[],
): { args: string[]; flags: Record<string, string | true> } {
  const args: string[] = [];
  const flags: Record<string, string | true> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const typed = FLAG.exec(word);
    if (!typed) {
      args.push(word);
      continue;
    }
    const [, name = '', inline] = typed;
    const flag = spec.flags.find((f) => f.name === name);
    if (!flag) throw unknownFlag(spec, name);
    if (!flag.value) {
      // `--audit-logs=false` must not switch them off.
      if (inline !== undefined) throw wrongArguments(spec);
      flags[name] = true;
      continue;
    }
    const isNext = () => words[at + 1] !== undefined && !FLAG.test(words[at + 1] ?? '');
    let value = inline ?? (isNext() ? words[++at] : undefined);
    while (flag.rest && isNext()) value = [value, words[++at]].filter(Boolean).join(' ');
    if (!value || (flag.oneOf && !flag.oneOf.includes(value))) throw wrongArguments(spec);
    flags[name] = value;
  }
  return { args, flags };
}

function unknownCommand(typed: string, known: readonly string[] = ALONE): UserError {
  const meant = closest(typed, known);
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
