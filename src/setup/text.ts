/** What `setup` says around the three things it prints. */
import type { Language } from '../config.ts';

const en = {
  slack: {
    title: 'Slack app manifest',
    how: 'Create the app at https://api.slack.com/apps: Create New App, From a manifest. Then install it, and invite it to its channels with /invite @eks-audit.',
    http: (url: string) => `Slack sends to ${url}/slack/events (from PUBLIC_URL).`,
    socket:
      'Socket Mode, because SLACK_APP_TOKEN is set: Slack needs no way to the bot. The app-level token needs the scope connections:write.',
    noAddress: (url: string) =>
      `PUBLIC_URL is not set: replace ${url}, or set SLACK_APP_TOKEN for Socket Mode, and run this again.`,
  },
  aws: {
    title: 'AWS roles: CloudFormation template, the same for every account',
    deploy: 'Deploy it in each account, once (IAM knows no Regions), or as a StackSet:',
    bot: 'The role the bot runs as needs this policy; its ARN is BotRoleArn below:',
    externalId: 'external_id of the account; choose one with: openssl rand -hex 16',
    noAccounts: 'No account could be read from the configuration, so the usual names are used.',
    ownCredentials: (name: string) =>
      `${name}: no roles are configured, so the bot’s own credentials would be used there.`,
  },
  datadog: {
    title: 'Datadog application key: scopes by feature',
    how: (url: string) =>
      `Create a service account at ${url}/organization-settings/service-accounts and an application key of it with these scopes:`,
    optional: ' (optional)',
    all: 'All of them, to paste:',
  },
};

export type SetupText = typeof en;

const ja: SetupText = {
  slack: {
    title: 'Slack アプリのマニフェスト',
    how: 'https://api.slack.com/apps で Create New App、From a manifest の順に選んで作成します。インストール後、使用するチャンネルで /invite @eks-audit を実行してください。',
    http: (url) => `Slack からの送信先は ${url}/slack/events です（PUBLIC_URL より）。`,
    socket:
      'SLACK_APP_TOKEN が設定されているため Socket Mode を使います。Slack からボットへの経路は不要です。アプリレベルトークンには connections:write スコープが必要です。',
    noAddress: (url) =>
      `PUBLIC_URL が設定されていません。${url} を置き換えるか、Socket Mode を使う場合は SLACK_APP_TOKEN を設定して、もう一度実行してください。`,
  },
  aws: {
    title: 'AWS ロール：CloudFormation テンプレート（全アカウント共通）',
    deploy: '各アカウントに 1 回だけデプロイするか（IAM にリージョンの区別はありません）、StackSet として配布します：',
    bot: 'ボットを実行するロールには次のポリシーが必要です。このロールの ARN を下の BotRoleArn に指定します：',
    externalId: 'アカウントの external_id。次のコマンドで生成できます：openssl rand -hex 16',
    noAccounts: '設定ファイルからアカウントを読み取れなかったため、標準の名前を使用しています。',
    ownCredentials: (name) => `${name}：ロールが設定されていないため、ボット自身の認証情報が使われます。`,
  },
  datadog: {
    title: 'Datadog アプリケーションキー：機能ごとのスコープ',
    how: (url) =>
      `${url}/organization-settings/service-accounts でサービスアカウントを作成し、次のスコープを付けたアプリケーションキーを発行します：`,
    optional: '（任意）',
    all: 'まとめて貼り付ける場合：',
  },
};

export const text: Record<Language, SetupText> = { en, ja };
