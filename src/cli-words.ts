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
};

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
};

export const words: Record<Language, CliWords> = { en, ja };

export function helpText(language: Language): string {
  const w = words[language];
  const width = Math.max(...CLI_COMMANDS.map(({ usage }) => usage.length));
  const lines = CLI_COMMANDS.map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does[language]}`);
  return [w.wrongUsage('<command>'), '', ...lines, '', w.title, w.exitCodes, ''].join('\n');
}

/** The usage line of one command. */
export function usageOf(name: string): string {
  return CLI_COMMANDS.find(({ usage }) => usage.split(' ')[0] === name)?.usage ?? name;
}
