/** The commands of the CLI and what it says itself; everything else it says is said by the views of the bot. */
import { PARTS } from './commands.ts';
import type { Language } from './config.ts';
import { PARTS as SETUP_PARTS } from './setup/parts.ts';

export const CLI_COMMANDS = [
  {
    usage: 'doctor',
    does: {
      en: 'check every credential, scope, permission, channel and the database',
      ja: '認証情報、スコープ、権限、チャンネル、データベースをすべて確認する',
    },
  },
  {
    usage: 'status <cluster>',
    does: {
      en: 'every step of one cluster: what is so, what is missing, how to mend it',
      ja: 'クラスターの各項目の状態、不足しているもの、直し方を表示する',
    },
  },
  {
    usage: `plan <cluster> [--only ${PARTS.join('|')}]`,
    does: { en: 'what `enable` would change, and what it costs', ja: '`enable` で変更される内容と費用を表示する' },
  },
  {
    usage: `setup [${SETUP_PARTS.join('|')}]`,
    does: {
      en: 'print the Slack manifest, the CloudFormation template of the AWS roles, the Datadog scopes',
      ja: 'Slack マニフェスト、AWS ロールの CloudFormation テンプレート、Datadog のスコープを出力する',
    },
  },
  {
    usage: 'config',
    does: {
      en: 'print the effective configuration without its secrets, or its mistakes',
      ja: '有効な設定（シークレットは伏せる）、または設定の誤りを表示する',
    },
  },
  {
    usage: 'route <signal.json> [--at <time>]',
    does: {
      en: 'where a signal would go and why; `-` reads standard input',
      ja: 'シグナルの通知先とその理由を表示する（`-` は標準入力）',
    },
  },
  {
    usage: 'rules check [directory]',
    does: {
      en: 'the detection rules that are configured, or those of a directory: all of them, and every mistake',
      ja: '設定された検知ルール、またはディレクトリ内の検知ルールの一覧と、すべての誤りを表示する',
    },
  },
  {
    usage: 'rules test [directory] [--only <id>]',
    does: {
      en: 'try every rule on its samples; tells which clauses of its query no sample notices',
      ja: '各ルールをサンプルで試し、どのサンプルにも影響しないクエリの条件も表示する',
    },
  },
  {
    usage: 'rules show <id> [directory]',
    does: { en: 'one rule as Datadog would be sent it, in JSON', ja: 'Datadog に送信される形のルール 1 件（JSON）' },
  },
  { usage: 'help', does: { en: 'this', ja: 'この説明を表示する' } },
] as const satisfies readonly { usage: string; does: Record<Language, string> }[];

const en = {
  title: 'Looks and prints; never changes anything.',
  exitCodes: 'Exit codes: 0 fine, 1 something is not as it should be, 2 wrong usage or configuration.',
  unknown: (typed: string) => `There is no command "${typed}".`,
  wrongUsage: (usage: string) => `Usage: npm run -s cli -- ${usage}`,
  seeHelp: 'npm run -s cli -- help shows all commands.',
  failed: (why: string) => `This failed: ${why}`,
  choicesInUse: (dir: string, pid: number) =>
    `What was chosen in Slack could not be read, because ${dir} is in use by the running bot (process ${pid}). Choose there, or name the Forwarder under \`forwarders\`.`,
  choicesFailed: (why: string) => `What was chosen in Slack could not be read: ${why}`,
  rules: {
    noConfiguration: (path: string) => `There is no ${path}, so this is the recommended pack alone.`,
    leftOut: 'left out',
    off: 'switched off',
    noSamples: 'no samples',
    alsoInPack: (id: string) =>
      `The recommended pack has a rule ${id}, too: give yours another id before \`rules.extra\` names its directory.`,
    read: (rules: number, leftOut: number) =>
      `${plural(rules, 'rule')}${leftOut > 0 ? `, ${leftOut} left out by \`rules.only\` or \`rules.except\`` : ''}: nothing is wrong.`,
    mistakes: (rules: number, mistakes: number) =>
      `${plural(rules, 'rule')} could be read. ${plural(mistakes, 'mistake')}:`,
    none: 'No rules: `rules.pack` is none, and `rules.extra` names no directory.',
    tried: (n: number) => `${n} tried`,
    unnoticed: (clause: string) => `no sample notices the loss of ${clause}`,
    tested: (f: { rules: number; tried: number; failed: number; clauses: number; unnoticed: number }) =>
      `${plural(f.rules, 'rule')}, ${plural(f.tried, 'sample or sequence', 'samples and sequences')}: ${f.failed === 0 ? 'all right' : `${plural(f.failed, 'rule')} failed`}. ${f.unnoticed} of ${plural(f.clauses, 'clause')} could be removed unnoticed.`,
    unknown: (id: string, meant: string | undefined) =>
      `There is no rule "${id}". ${meant ? `Did you mean ${meant}? ` : ''}npm run -s cli -- rules check lists them.`,
    isLeftOut: (id: string) => `${id} is left out by \`rules.only\` or \`rules.except\`, so Datadog is not sent it.`,
  },
};

function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

export type CliWords = typeof en;

const ja: CliWords = {
  title: '表示するだけで、何も変更しません。',
  exitCodes: '終了コード：0 正常、1 異常あり、2 使い方または設定の誤り',
  unknown: (typed) => `「${typed}」というコマンドはありません。`,
  wrongUsage: (usage) => `使い方：npm run -s cli -- ${usage}`,
  seeHelp: 'コマンドの一覧は npm run -s cli -- help で表示します。',
  failed: (why) => `失敗しました：${why}`,
  choicesInUse: (dir, pid) =>
    `${dir} は稼働中のボット（プロセス ${pid}）が使用しているため、Slack で選択された内容を読み取れませんでした。Slack で選択するか、設定ファイルの \`forwarders\` に Forwarder を指定してください。`,
  choicesFailed: (why) => `Slack で選択された内容を読み取れませんでした：${why}`,
  rules: {
    noConfiguration: (path) => `${path} がないため、推奨パックのみを読み込みました。`,
    leftOut: '対象外',
    off: '無効',
    noSamples: 'サンプルなし',
    alsoInPack: (id) =>
      `推奨パックにも ${id} があります。\`rules.extra\` にこのディレクトリを指定する前に、別の id に変更してください。`,
    read: (rules, leftOut) =>
      `ルール ${rules} 件${leftOut > 0 ? `（うち ${leftOut} 件は \`rules.only\` または \`rules.except\` により対象外）` : ''}：誤りはありません。`,
    mistakes: (rules, mistakes) => `読み取れたルール ${rules} 件、誤り ${mistakes} 件：`,
    none: 'ルールはありません（`rules.pack` は none、`rules.extra` は未指定）。',
    tried: (n) => `${n} 件を試行`,
    unnoticed: (clause) => `${clause} を除いても、どのサンプルの結果も変わりません`,
    tested: ({ rules, tried, failed, clauses, unnoticed }) =>
      `ルール ${rules} 件、サンプルとシーケンス ${tried} 件：${failed === 0 ? 'すべて正常です' : `ルール ${failed} 件が失敗しました`}。条件 ${clauses} 個のうち ${unnoticed} 個は、除いても結果が変わりません。`,
    unknown: (id, meant) =>
      `「${id}」というルールはありません。${meant ? `${meant} のことでしょうか。` : ''}一覧は npm run -s cli -- rules check で表示します。`,
    isLeftOut: (id) =>
      `${id} は \`rules.only\` または \`rules.except\` により対象外のため、Datadog には送信されません。`,
  },
};

export const words: Record<Language, CliWords> = { en, ja };

export function helpText(language: Language): string {
  const w = words[language];
  const width = Math.max(...CLI_COMMANDS.map(({ usage }) => usage.length));
  const lines = CLI_COMMANDS.map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does[language]}`);
  return [w.wrongUsage('<command>'), '', ...lines, '', w.title, w.exitCodes, ''].join('\n');
}

/** How what was typed is typed rightly: of a command that has several forms, all that begin with the same word. */
export function usagesOf(name: string, [next = '']: readonly string[] = []): string[] {
  const usages = CLI_COMMANDS.map(({ usage }): string => usage);
  const exact = usages.filter((usage) => usage.startsWith(`${name} ${next} `));
  return exact.length > 0 ? exact : usages.filter((usage) => usage.split(' ')[0] === name);
}
