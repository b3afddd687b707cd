/** What `doctor` says, in Japanese. */
import type { AwsRole } from '../aws/clients.ts';
import { code, mention, plain } from '../slack/mrkdwn.ts';
import type { DoctorText, Unfit } from './text.ts';

const UNFIT: Record<Unfit, string> = {
  deleted: 'は無効化されている',
  guest: 'はゲストである',
  bot: 'はボットである',
  stranger: 'は別のワークスペースに所属している',
  unknown: 'は Slack に存在しない',
};

const ROLES: Record<AwsRole, string> = { reader: 'reader', operator: 'operator', audit_off: 'audit_off' };
const setup = (part: string) => code(`npm run -s cli -- setup ${part}`);

export const ja: DoctorText = {
  language: 'ja',
  areas: { slack: 'Slack', aws: 'AWS', datadog: 'Datadog', database: 'データベース' },
  allFine: (checks) => `${checks} 件の確認項目はすべて正常です。`,
  summary: (wrong, warnings, unverified) =>
    [
      wrong === 0 ? '異常なし' : `異常 ${wrong} 件`,
      ...(warnings > 0 ? [`警告 ${warnings} 件`] : []),
      ...(unverified > 0 ? [`未確認 ${unverified} 件`] : []),
    ].join('、'),
  fixLater: '1 分ほど待ってからもう一度お試しください。',
  fixNetwork: (address) =>
    `ここから ${code(address)} に接続できるか（ネットワーク、プロキシ、ファイアウォール）を確認してください。`,

  // Slack
  tokenWorks: (user, team) => `ボットトークンは有効です（${plain(team)} の @${plain(user)}）。`,
  tokenRefused: (error) => `Slack がボットトークンを拒否しました（${code(error)}）。`,
  fixToken:
    'アプリを再インストールし（api.slack.com/apps の OAuth & Permissions）、Bot User OAuth Token（xoxb-…）を `SLACK_BOT_TOKEN` に設定してください。',
  slackUnreachable: (why) => `Slack に問い合わせできませんでした：${plain(why)}`,
  slackFailed: (what, why) => `${code(what)} について Slack に問い合わせできませんでした：${plain(why)}`,
  scopesUnknown: 'トークンのスコープを Slack から取得できませんでした。',
  fixScopesUnknown: `${setup('slack')} の出力と見比べてください。`,
  scopesGranted: (count) => `${count} 件のスコープがすべて許可されています。`,
  scopeMissing: (scope, why) => `スコープ ${code(scope)} がありません（用途：${why}）。`,
  fixScope: (scope) =>
    `アプリの Bot Token Scopes に ${code(scope)} を追加し（マニフェストは ${setup('slack')} で表示できます）、アプリを再インストールしてください。`,
  scopesUnused: (scopes) => `許可されていますが使用していません：${scopes.map(code).join('、')}`,
  fixScopesUnused: 'アプリの Bot Token Scopes から外してください。トークンでできることは少ないほど安全です。',
  socketWorks: 'Socket Mode：アプリレベルトークンは有効です。',
  socketRefused: (why) => `Socket Mode：Slack がアプリレベルトークンを拒否しました（${code(why)}）。`,
  fixSocket:
    'Basic Information で `connections:write` スコープを付けたアプリレベルトークンを作成して `SLACK_APP_TOKEN` に設定し、Socket Mode を有効にしてください。',
  heard: 'Slack からボットに届いており、署名も正しく検証できています（このコマンドが届いたため）。',
  notHeard: 'Slack からボットに届くか、`SLACK_SIGNING_SECRET` が正しいかは、Slack から何か送られるまで確認できません。',
  fixNotHeard: (url) =>
    url
      ? `Slack で ${code('/eks-audit doctor')} を実行してください。反応がない場合は、Request URL が ${code(`${url}/slack/events`)} になっているか確認してください。`
      : 'Slack から見えるアドレスを `PUBLIC_URL` に設定するか、Socket Mode を使う場合は `SLACK_APP_TOKEN` を設定してください。',
  channelsJoined: (joined, named) => `設定されたチャンネル ${named} 件のうち ${joined} 件にボットが参加しています。`,
  channelArchived: (id, where) => `<#${id}>（${code(where)}）はアーカイブされています。`,
  fixChannel: (where) => `アーカイブを解除するか、${code(where)} に別のチャンネルを指定してください。`,
  notInChannel: (id, where) => `ボットが <#${id}>（${code(where)}）に参加していません。`,
  fixInvite: (id) => `<#${id}> で ${code('/invite @eks-audit')} を実行してください。`,
  channelShared: (id, where) => `<#${id}>（${code(where)}）は社外と共有されており、相手にも内容が見えます。`,
  fixChannelShared: (where) => `意図したものでなければ、${code(where)} に社内のチャンネルを指定してください。`,
  channelUnseen: (id, where) => `<#${id}>（${code(where)}）の状態を取得できません。`,
  fixChannelUnseen:
    '任意のスコープ `channels:read` と `groups:read` を追加するか、@eks-audit が参加しているかを目で確認してください。',
  channelUnknown: (id, where) => `${code(id)}（${code(where)}）というチャンネルはボットから見えません。`,
  fixChannelUnknown: (where) =>
    `${code(where)} の ID をチャンネルの詳細画面と見比べてください。プライベートチャンネルの場合は ${code('/invite @eks-audit')} を実行してください。`,
  peopleKnown: (fit, named) => `設定された ${named} 名のうち ${fit} 名が正式なメンバーです。`,
  personUnfit: (id, why) => `${mention(id)}（${code(id)}）${UNFIT[why]}ため、何も操作できません。`,
  fixPerson: (id) => `設定ファイルの \`roles\`（または \`approvals.rules\`）にある ${code(id)} を差し替えてください。`,
  groupRead: (id, members) => `ユーザーグループ ${code(id)} を読み取れます（メンバー ${members} 名）。`,
  groupEmpty: (id) => `ユーザーグループ <!subteam^${id}>（${code(id)}）にメンバーがいません。`,
  groupUnreadable: (id) => `ユーザーグループ ${code(id)} を読み取れないため、誰も所属していない扱いになります。`,
  groupUnknown: (id, error) => `ユーザーグループ ${code(id)} は使用できません（${code(error)}）。`,
  fixGroup: (id) =>
    `${code(id)} を Slack 上のグループの ID と見比べるか、代わりにユーザーを指定してください（ユーザーグループには有料プランが必要です）。`,
  enoughApprovers: 'どの承認ルールにも十分な人数の承認者がいます。',
  tooFewApprovers: (where, required, there) =>
    `${code(where)} には承認者が ${required} 名必要ですが、確認できたのは ${there} 名です。`,
  fixApprovers: (where) => `${code(where)} の承認者を増やすか、必要な人数を減らしてください。`,
  roleEmpty: (role) => `${code(`roles.${role}`)} に誰も指定されていません。`,
  fixRole: (role) =>
    `${code(`roles.${role}`)} にユーザーまたはユーザーグループを指定してください。指定するまで該当のコマンドは誰も使えません。`,

  // AWS
  roleWorks: (where, role, arn) => `${code(where)}：${ROLES[role]} ロールは ${code(arn)} として使用できます。`,
  roleRefused: (where, role, why) => `${code(where)}：${ROLES[role]} ロールを引き受けられません：${plain(why)}`,
  fixAssume: (arn, hasExternalId) =>
    `${code(arn)} が存在し、その信頼ポリシーがボットのロールに \`sts:AssumeRole\` と \`sts:TagSession\` を許可していることを確認してください。${
      hasExternalId
        ? '`sts:ExternalId` は設定ファイルの `external_id` と一致している必要があります。'
        : '信頼ポリシーが ExternalId を求める場合は、設定ファイルの `external_id` に指定してください。'
    }ボット自身のロールにも、このロールに対する \`sts:AssumeRole\` が必要です。どちらも ${setup('aws')} で表示できます。`,
  otherAccount: (name, id, actual) =>
    `${code(name)}：認証情報がアカウント ${code(id)} ではなく ${code(actual)} のものです。`,
  fixOtherAccount: (name) =>
    `${code(name)} の \`roles\` を設定してください。テンプレートは ${setup('aws')} で表示できます。`,
  noCredentials: (where, why) => `${code(where)}：有効な AWS 認証情報がありません：${plain(why)}`,
  fixCredentials:
    'ボットにロール（EKS Pod Identity、IRSA、タスクロール、インスタンスロール）を割り当てるか、AWS SDK の環境変数を設定してください。',
  awsUnreachable: (where, why) => `${code(where)}：AWS に問い合わせできませんでした：${plain(why)}`,
  fixAwsNetwork:
    'ここから AWS のエンドポイントに接続できるか（ネットワーク、プロキシ、VPC エンドポイント）を確認してください。',
  readerWorks: (where, answered, all) =>
    `${code(where)}：読み取りアクション ${all} 件のうち ${answered} 件が許可されています。`,
  readDenied: (where, action) => `${code(where)}：reader ロールに ${code(action)} が許可されていません。`,
  fixRead: (action, statement) =>
    `reader ロールのポリシーのステートメント ${code(statement)} に ${code(action)} を追加してください（${setup('aws')} を参照）。`,
  regionRefuses: (where, error) => `${code(where)} が認証情報を拒否しました（${code(error)}）。`,
  fixRegion: (region, account) =>
    `アカウントで ${code(region)} を有効にするか、${code(account)} の regions から外してください。`,
  readFailed: (where, action, why) => `${code(where)}：${code(action)} に失敗しました：${plain(why)}`,
  noAuditOff: (name) =>
    `${code(name)} に \`roles.audit_off\` がないため、${code('disable --audit-logs')} は権限のない operator ロールで試みられます。`,
  fixNoAuditOff: (name) =>
    `${code(name)} に \`roles.audit_off\` を設定してください。監査ログを無効にできないままでよければ、設定は不要です。`,
  writesUntold: (actions) => `変更せずには確認できない権限：${actions.map(code).join('、')}`,
  fixWritesUntold: `各ロールのポリシーを ${setup('aws')} の出力と見比べてください。`,

  // Datadog
  webhooksRefused: (count) => `起動後、設定済みのシークレットを含まない Webhook を ${count} 件拒否しました。`,
  fixWebhooksRefused: `\`WEBHOOK_TOKEN\` を変更した場合は、${code('/eks-audit enable <cluster>')} を実行すると新しい値が Datadog に保存されます。それまでは以前の値を \`WEBHOOK_TOKEN_PREVIOUS\` に残してください。変更していない場合は、第三者がこの URL を知っている可能性があります。送信元はログに記録されています。`,
  keysValid: (site) => `API キーとアプリケーションキーは ${code(site)} で有効です。`,
  apiKeyRefused: (site) => `Datadog（${code(site)}）が API キーを拒否しました。`,
  fixApiKey: (ui) =>
    `\`DD_API_KEY\` を ${ui}/organization-settings/api-keys で確認してください。キーは 1 つのサイトでのみ有効なため、\`DD_SITE\` も確認してください。`,
  appKeyRefused: 'API キーは有効ですが、Datadog がアプリケーションキーを拒否しました。',
  fixAppKey: (ui) =>
    `\`DD_APP_KEY\` を ${ui}/organization-settings/application-keys で確認してください。2 つのキーは同じ組織のものである必要があります。`,
  datadogUnreachable: (why) => `Datadog に問い合わせできませんでした：${plain(why)}`,
  siteFits: (ui) => `リンク先は ${ui} です。`,
  siteDiffers: (ui, site) => `リンク先 ${ui} はサイト ${code(site)} のものではありません。`,
  fixSite: '`DD_APP_URL` に Datadog の利用時のアドレスを設定するか、設定を外してください。',
  permissionsHeld: (scopes) => `確認できた権限：${scopes.map(code).join('、')}`,
  permissionMissing: (scope, why) => `権限 ${code(scope)} がありません（用途：${why}）。`,
  fixPermission: (scope, ui) =>
    `アプリケーションキーにスコープ ${code(scope)} を追加し（${ui}/organization-settings/application-keys）、キーの所有者にもこの権限があることを確認してください。`,
  permissionFailed: (scope, why) => `権限 ${code(scope)} を確認できませんでした：${plain(why)}`,
  permissionsUntold: (scopes) => `変更せずには確認できない権限：${scopes.map(code).join('、')}`,
  fixPermissionsUntold: `アプリケーションキーのスコープを ${setup('datadog')} の出力と見比べてください。`,

  // Database
  databaseWorks: (kind, version) =>
    `${kind === 'pglite' ? '組み込みデータベース（PGlite）' : 'PostgreSQL'} ${plain(version)} に書き込めます。`,
  databaseAbsent: (dir) => `組み込みデータベース：初回の起動時に ${code(dir)} に作成されます。`,
  databaseInUse: (dir, pid) =>
    `組み込みデータベース：${code(dir)} は稼働中のボット（プロセス ${pid}）が使用しています。`,
  databaseFails: (what, why) => `データベース（${code(what)}）を開けません：${plain(why)}`,
  fixPostgres:
    '`DATABASE_URL` のホスト、ポート、データベース名、ユーザー、パスワードと、ここからの接続が許可されているかを確認してください。',
  fixEmbedded: (dir) =>
    `${code(dir)} をバックアップから復元した場合は、ディレクトリ全体を復元し直してください。それ以外の場合は調査用に残し、空のディレクトリで起動してください。`,
  databaseStandby: '`DATABASE_URL` の接続先はスタンバイのため、書き込めません。',
  fixStandby: 'プライマリ、またはプライマリに追従するアドレスを指定してください。',
  databaseNoCreate: 'データベースのユーザーにテーブルの作成権限がありません。',
  fixNoCreate:
    '`GRANT CREATE, USAGE ON SCHEMA public TO …` と、ジョブキュー用に `GRANT CREATE ON DATABASE …` を実行してください。',
  nothingStuck: '滞っている処理はありません。',
  stuck: (requests, messages) => `1 分以上処理されていないもの：リクエスト ${requests} 件、メッセージ ${messages} 件`,
  fixStuck: 'ログで原因を確認してください。滞っている処理は自動的に再試行されます。',
  undelivered: (count) => `直近 24 時間に Slack へ届けられなかったメッセージが ${count} 件あります。`,
  fixUndelivered: 'それぞれの理由はログに記録されています。多くはボットがチャンネルに参加していないためです。',
  dirNotWritable: (dir) => `${code(dir)} に書き込めません。`,
  fixDirNotWritable: (dir) =>
    `ボットを実行するユーザーが ${code(dir)} に書き込めるようにするか、\`DATA_DIR\` を変更してください。`,
  roomEnough: (dir) => `${code(dir)} の空き容量は十分です。`,
  roomLittle: (dir, mib) => `${code(dir)} の空き容量は ${mib} MiB しかありません。`,
  fixRoom:
    'ボリュームを拡張するか、PostgreSQL（`DATABASE_URL`）を使用してください。ディスクが満杯になると組み込みデータベースは停止します。',
};
