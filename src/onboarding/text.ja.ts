/** 導入に関する日本語の文言。形は `text.ts`（英語）に合わせ、抜けはコンパイラーが検出する。 */
import { code, mention, plain, time } from '../slack/mrkdwn.ts';
import { findings } from './findings-text.ja.ts';
import { stepsJa } from './steps-text.ts';
import { dollars, type OnboardingText, range, type SayChanges, type SayThings } from './text.ts';

const changes: SayChanges = {
  'enable-audit-logs': () => 'コントロールプレーンログの `audit` を有効にする（ほかのログタイプは変更しない）',
  'disable-audit-logs': () =>
    'コントロールプレーンログの `audit` を無効にする：*このクラスターは Cloud SIEM から見えなくなります*',
  'set-retention': ({ target, values }) => `EKS が ${code(target)} を作成した後、保持期間を ${values.days} 日にする`,
  'add-invoke-permission': ({ target }) =>
    `EKS のロググループから ${code(target)} を呼び出す権限を CloudWatch Logs に与える（全クラスター共通のステートメント 1 つ）`,
  'remove-invoke-permission': ({ target, values }) =>
    `${code(target)} のポリシーから、ボットが追加したステートメント ${code(values.sid)} を削除する`,
  'put-subscription-filter': ({ target, values }) =>
    `${code(target)} から Forwarder へのサブスクリプションフィルター ${code(values.name)} を追加する（${values.pattern ? '監査イベントのみ' : 'すべてのログタイプ'}）`,
  'repoint-subscription-filter': ({ target, values }) =>
    `${code(target)} にあるボットのフィルター ${code(values.name)} の送信先を、以前の ${code(values.from)} から ${code(values.forwarderArn)} に変更する（${values.pattern ? '監査イベントのみ' : 'すべてのログタイプ'}）`,
  'delete-subscription-filter': ({ target, values }) =>
    `${code(target)} から、ボットが追加したフィルター ${code(values.name)} を削除する`,
  'create-rule': ({ values }) => `検知ルール「${plain(values.title)}」を作成する`,
  'update-rule': ({ values }) =>
    `検知ルール「${plain(values.title)}」をパックの最新の内容に更新する（編集されていないもの）`,
  'enable-shipped-rule': ({ values }) =>
    `Datadog 標準のルール「${plain(values.title)}」を有効にする（パックが補うもの）`,
  'disable-shipped-rule': ({ values }) => `Datadog 標準のルール「${plain(values.title)}」を無効に戻す`,
  'delete-rule': ({ values }) =>
    `ボットが作成した検知ルール「${plain(values.title)}」を削除する（編集されている場合は残す）`,
  'put-secret-variable': ({ target }) => `Webhook のシークレットを変数 ${code(target)} として Datadog に保存する`,
  'delete-secret-variable': ({ target }) => `Datadog から変数 ${code(target)} を削除する`,
  'create-webhook': ({ values }) => `${code(values.url)} に送る Datadog Webhook \`eks-audit\` を作成する`,
  'update-webhook': ({ values }) => `Datadog Webhook \`eks-audit\` の送信先を ${code(values.url)} に変更する`,
  'delete-webhook': () => 'Datadog Webhook `eks-audit` を削除する',
  'create-notification-rule': ({ values }) => `${code(values.query)} のシグナルを Webhook に通知するルールを作成する`,
  'delete-notification-rule': () => 'ボットが作成した通知ルール `eks-audit` を削除する',
};

const things: SayThings = {
  'enable-audit-logs': () =>
    '監査ログ（有効のまま。無効にすると Cloud SIEM から見えなくなるため、`--audit-logs --reason …` で別途依頼します）',
  'set-retention': ({ target, values }) => `${code(target)} の保持期間 ${values.days} 日`,
  'add-invoke-permission': ({ target }) => `CloudWatch Logs が ${code(target)} を呼び出す権限`,
  'put-subscription-filter': ({ values }) => `サブスクリプションフィルター ${code(values.name)}`,
  'repoint-subscription-filter': ({ values }) => `サブスクリプションフィルター ${code(values.name)}`,
  'create-rule': ({ values }) => `検知ルール「${plain(values.title)}」`,
  'enable-shipped-rule': ({ values }) => `有効にした Datadog 標準のルール「${plain(values.title)}」`,
  'put-secret-variable': ({ target }) => `Datadog の変数 ${code(target)}`,
  'create-webhook': () => 'Datadog Webhook `eks-audit`',
  'update-webhook': () => 'Datadog Webhook `eks-audit`',
  'create-notification-rule': () => '通知ルール `eks-audit`',
};

export const ja: OnboardingText = {
  steps: stepsJa,
  states: {
    'in-sync': '正常',
    missing: '未設定',
    drifted: '差異あり',
    blocked: '不可',
    unknown: '不明',
    waiting: '待機中',
  },
  changes,
  manyRules: {
    quoted: (title) => `「${title}」`,
    'create-rule': (count, titles) => `ルールパックの検知ルール ${count} 件を作成する：${titles}`,
    'delete-rule': (count, titles) => `検知ルール ${count} 件を削除する（編集されたものを除く）：${titles}`,
    thing: (count) => `検知ルール ${count} 件`,
  },
  things,
  findings,
  givenUp: (minutes) => `${minutes} 分待ちましたが、完了しませんでした。`,
  notWaitedForAnyMore: {
    'foreign-update': 'その更新が終わってから、もう一度コマンドを実行してください。',
    'filter-expected':
      'Datadog のロールがロググループをサブスクライブできること、タグの条件でこのロググループが除外されていないことを Datadog で確認するか、自動サブスクリプションから `eks` を外してください。その後、もう一度 `enable` を実行してください。',
    'group-awaited':
      'EKS コンソールでクラスターを確認し、ロググループができてから、もう一度 `enable` を実行してください。',
  },
  statusTitle: (cluster, fine, total) => `${cluster}：${total} 項目中 ${fine} 項目が正常`,
  nextEnable: (name) => `不足分の計画は ${code(`/eks-audit enable ${name}`)} で作成できます。`,
  planTitle: (kind, cluster, count) =>
    `${cluster} を${kind === 'enable' ? '監査対象にする' : '監査対象から外す'}計画（変更 ${count} 件）`,
  planDry: '確認のみです。承認の依頼も変更も行いません。',
  nothingToDo: (cluster) => `変更は不要です。${code(cluster)} はすでに監査対象です。`,
  nothingToDoOnly: (cluster, part) =>
    `${code(cluster)} の ${code(part)} に必要な作業はありません。残りは ${code(`/eks-audit status ${cluster}`)} で確認できます。`,
  nothingToChange: (cluster) => `${code(cluster)} に変更すべき点はありませんが、監査ログが届いていません。`,
  groupCannotCome: (cluster, group, why) =>
    `${code(cluster)} を Forwarder だけに接続することはできません。ロググループ ${code(group)} がまだなく、EKS が監査ログを出力し始めるまで作成されないためです。${why}${code('--only')} を付けずに ${code(`/eks-audit enable ${cluster}`)} を実行してください。先に監査ログが有効になります。`,
  nothingToDisable: (cluster) => `変更は不要です。${code(cluster)} のためにボットが作成したものは残っていません。`,
  changesTitle: '*変更内容*',
  leavesTitle: '*残すもの*',
  usedByOthers: 'ほかのクラスターが使用中：',
  beforeTitle: '*前回承認された内容*',
  undo: (name) => `元に戻す：${code(`/eks-audit disable ${name}`)} で取り消せます（監査ログと保持期間は残ります）。`,
  undoDisable: (name) => `元に戻す：${code(`/eks-audit enable ${name}`)}`,
  needs: (needs) => `使用する権限：${needs.map(code).join('、')}`,
  cost: (c) =>
    `費用の目安（定価）：CloudWatch 月 ${dollars(c.cloudWatch)}、Datadog 月 ${dollars(c.datadog)}（${c.basis === 'measured' ? `実測 1 日 ${range(c.gbPerDay)} GB` : `実績がないため、小規模から大規模までの 1 日 ${range(c.gbPerDay)} GB で計算`}）。Cloud SIEM の料金は契約によります。`,
  conditional:
    'まだ確認できない項目があります。ロググループが低頻度アクセスクラスだった場合、フィルターに空きがない場合、ほかの誰かが先にフィルターを追加した場合は、そこで停止します。',
  infrastructureWarning: (tool) =>
    `:warning: このクラスターは ${tool} で管理されており、監査ログが再び無効にされる可能性があります。${keepInCode(tool)}`,
  warnings: '*確認できなかった項目、または注意が必要な項目*',
  reason: (reason) => `理由：${plain(reason)}`,
  requestedBy: (user) => `依頼者：${mention(user)}`,
  waitingFor: (audiences, missing) =>
    `${audiences} の承認${missing === 1 ? '' : `（あと ${missing} 名）`}を待っています。`,
  approvedBy: (users) => `承認者：${users.map(mention).join('、')}`,
  expires: (at) => `期限：${time(at)}`,
  approve: '承認',
  reject: '却下…',
  confirmTitle: 'この計画を承認しますか？',
  confirmText: (cluster, count) => `${cluster} への変更 ${count} 件をすぐに開始します。`,
  confirmYes: '承認する',
  confirmNo: 'まだしない',
  asked: (channel) => `<#${channel}> で承認を待っています。完了したらお知らせします。`,
  alreadyOpen: (cluster, by) =>
    `${code(cluster)} には、${mention(by)} による未完了の依頼があります。状況は ${code('/eks-audit approvals')} で確認できます。`,
  prerequisitesTitle: (cluster) => `${cluster} を監査対象にする前に、手作業で次の準備が必要です。`,
  prerequisitesDone: (cluster) => `${cluster} に必要な準備が整い、承認を依頼しました。`,
  prerequisitesStopped: (cluster) => `${cluster} の依頼は終了しました。`,
  prerequisitesSent:
    '先に手作業での準備が必要です。内容とリンク、設定値をダイレクトメッセージで送りました。整い次第、承認を依頼します。',
  checkedEvery: '1 分ごとに確認しています。それまでは何も有効にせず、課金も発生しません。',
  open: '開く',
  withdraw: '依頼を取り下げる',
  useThis: 'これを使う',
  forwarderChosen: (arn) => `今後、このアカウントとリージョンでは ${code(arn)} を使用します。`,
  values: (pairs) => pairs.map(([k, v]) => `${plain(k)}：${code(v)}`).join('\n'),
  cardState: {
    prerequisites: '準備待ち',
    approval: '承認待ち',
    running: '実行中',
    succeeded: '完了',
    stopped: '停止',
    rejected: '却下',
    expired: '期限切れ',
    withdrawn: '取り下げ',
  },
  rejectedBecause: (by, reason) => `${mention(by)} が却下しました。理由：${plain(reason)}`,
  ended: {
    enabled: (cluster) => `*${plain(cluster)} は監査対象になりました。*`,
    partEnabled: (cluster, part) =>
      `*${plain(cluster)}：${code(part)} が完了しました。* 残りは ${code(`/eks-audit status ${cluster}`)} で確認できます。`,
    disabled: (cluster) =>
      `*${plain(cluster)} を監査対象から外しました。* このクラスターのためだけにボットが作成したものは削除済みです。`,
    stopped: (cluster, kind) =>
      `*${plain(cluster)}：実行が停止しました。* 完了した分はそのまま残り、${code(kind)} で続きから再開できます。`,
    rejected: (cluster, begun) =>
      `*${plain(cluster)}：依頼は却下されました。* ${begun ? doneStays(cluster) : '何も変更していません。'}`,
    expired: (cluster, begun) =>
      `*${plain(cluster)}：依頼の期限が切れました。* ${begun ? doneStays(cluster) : '何も変更していません。'}必要な場合はもう一度コマンドを実行してください。`,
    askedAgain: (cluster) =>
      `*${plain(cluster)}：承認後に計画が変わったため、もう一度承認が必要です。* ${doneStays(cluster)}`,
    withdrawn: (cluster) => `*${plain(cluster)}：依頼は取り下げられました。* 何も変更していません。`,
  },
  reasonMissing:
    '監査ログを無効にすると SIEM から見えなくなるため、理由が必要です。末尾に `--reason …` を付けてください。',
};

function doneStays(cluster: string): string {
  return `すでに完了した分はそのまま残っています（${code(`/eks-audit runs ${cluster}`)} で確認できます）。`;
}

function keepInCode(tool: string): string {
  if (tool === 'Terraform') return '`enabled_cluster_log_types = ["audit"]` を追加してください。';
  if (tool === 'eksctl') return '`cloudWatch.clusterLogging.enableTypes: [audit]` を追加してください。';
  return '`Logging.ClusterLogging.EnabledTypes: [{Type: audit}]` を追加してください。';
}
