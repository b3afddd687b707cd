/** 導入に関する日本語の文言。形は `text.ts`（英語）に合わせ、抜けはコンパイラーが検出する。 */
import type { AwsFailure } from '../aws/errors.ts';
import { code, link, mention, plain, time } from '../slack/mrkdwn.ts';
import type { Hop, RedFlag } from './finding.ts';
import {
  dollars,
  type OnboardingText,
  range,
  type Said,
  type SayChanges,
  type SayFindings,
  type SayThings,
} from './text.ts';

const RED_FLAGS: Record<RedFlag, string> = {
  'source-override':
    '`DD_SOURCE` が設定されているため、すべてのログの source が書き換わり、Kubernetes 監査ルールに一致しなくなります（削除してください）',
  'wrong-site': '`DD_SITE` が別の Datadog サイトを指しています',
  'logs-off': '`DD_FORWARD_LOG` が `false` のため、ログが転送されません（削除してください）',
  'include-pattern': '`INCLUDE_AT_MATCH` に一致しないログが破棄されます（削除してください）',
  'exclude-pattern': '`EXCLUDE_AT_MATCH` に一致するログが破棄されます（削除してください）',
};

const DARK_HOPS: Record<Hop, string> = {
  eks: '直近 15 分間、EKS は CloudWatch Logs に監査イベントを書き込んでいません',
  cloudwatch: 'CloudWatch Logs に監査イベントはありますが、Datadog に届いていません',
  forwarder: 'Forwarder は監査イベントを受け取りましたが、Datadog が受け付けていません',
  datadog: 'イベントは Datadog に届いていますが、`source:kubernetes.audit` になっていません',
};

const HOP_FIXES: Record<Hop, string> = {
  eks: '配信には数分かかることがあります。続く場合は EKS コンソールでクラスターの状態を確認してください。',
  cloudwatch:
    'Lambda コンソールで Forwarder のログとエラーを確認してください。API キーやサイトの誤りはそこに現れます。権限を直した直後は、CloudWatch Logs が配信を 10 分ほど止めることがあります。',
  forwarder: 'Forwarder の API キーと `DD_SITE` を確認してください。',
  datadog: 'Forwarder の `DD_SOURCE`、または source を書き換える Datadog のパイプラインがないか確認してください。',
};

const findings: SayFindings = {
  'aws-failed': ({ failure, role }) => awsFailed(failure, role),
  'datadog-denied': ({ scope }) => ({
    what: 'アプリケーションキーの権限が足りないため、Datadog から取得できませんでした。',
    fix: `キーの所有者に ${code(scope)} を付与してください。スコープ付きのキーの場合は、キーにも追加します。`,
  }),
  'datadog-failed': ({ kind, reasons }) => ({
    what:
      kind === 'throttled'
        ? 'Datadog の呼び出し回数制限に達しています。'
        : `Datadog から想定外の応答がありました：${plain(reasons.join('; ') || kind)}`,
    fix: '1 分ほど待ってからもう一度お試しください。',
  }),
  depends: ({ on }) => ({ what: `「${ja.steps[on]}」が整うまで判定できません。` }),
  'integration-present': ({ roleName }) => ({
    what: `Datadog はこのアカウントを認識しています${roleName ? `（ロール ${code(roleName)}）` : ''}。`,
  }),
  'integration-missing': ({ accountId }) => ({
    what: `Datadog は AWS アカウント ${code(accountId)} を認識していません。`,
    fix: 'Datadog の AWS インテグレーションにアカウントを追加してください。',
  }),
  'forwarder-healthy': ({ arn, version, storesFailedEvents, environmentHidden }) => ({
    what: `${code(arn)}${version ? `（バージョン ${plain(version)}）` : ''}`,
    ...(environmentHidden
      ? { fix: '設定が reader ロールでは使えない鍵で暗号化されているため、内容は確認していません。' }
      : storesFailedEvents
        ? {}
        : {
            fix: '推奨：`DD_STORE_FAILED_EVENTS=true` を設定してください。設定がないと、Datadog が一度拒否したログは失われます。',
          }),
  }),
  'forwarder-missing': ({ region }) => ({
    what: `${code(region)} に Datadog Forwarder がありません。`,
    fix: 'Datadog の CloudFormation テンプレートでインストールしてください。',
  }),
  'forwarder-gone': ({ arn }) => ({
    what: `設定されている Forwarder ${code(arn)} が存在しません。`,
    fix: '設定ファイルの `aws.accounts[].forwarders` を直すか、インストールしてください。',
  }),
  'forwarder-choice': ({ arns }) => ({
    what: `Datadog Forwarder が ${arns.length} 個あります：${arns.map(code).join('、')}`,
    fix: '使うものを選んでください。',
  }),
  'forwarder-unfit': ({ arn, flags, site, expectedSite }) => ({
    what: `${code(arn)} の設定では、イベントが失われるか正しく扱われません：${flags.map((f) => RED_FLAGS[f]).join('、')}。`,
    fix: flags.includes('wrong-site')
      ? `関数に ${code(`DD_SITE=${expectedSite}`)} を設定してください（現在は ${code(site ?? 'datadoghq.com')}）。元に戻らないよう CloudFormation スタックで変更します。`
      : '元に戻らないよう、関数の CloudFormation スタックで変更してください。',
  }),
  'siem-covers': ({ by }) => ({ what: `Cloud SIEM は Kubernetes 監査ログを分析しています（${code(by)}）。` }),
  'siem-off': () => ({
    what: 'この Datadog 組織では Cloud SIEM が有効になっていません。',
    fix: 'Cloud SIEM を有効にしてください。',
  }),
  'siem-no-filter': ({ filters }) => ({
    what: `Cloud SIEM は ${code('source:kubernetes.audit')} を分析していません。一致する有効なセキュリティフィルターがありません${filters.length > 0 ? `（現在のフィルター：${filters.map(code).join('、')}）` : ''}。`,
    fix: 'Kubernetes Audit Logs のコンテンツパックを有効にしてください。フィルターが追加されます。',
  }),
  'audit-on': () => ({ what: 'EKS は監査ログを出力しています。' }),
  'audit-off': () => ({ what: '監査ログは無効です。' }),
  'cluster-connected': () => ({
    what: '接続済みクラスターです。コントロールプレーンは EKS の管理外で、EKS の監査ログはありません。',
    fix: '監査ログは API サーバーが動作している環境で収集してください。',
  }),
  'cluster-not-active': ({ status }) => ({
    what: `クラスターの状態は ${code(status)} です。`,
    fix: '`ACTIVE` になってからもう一度お試しください。',
  }),
  'cluster-gone': () => ({ what: 'クラスターはもう存在しません。' }),
  'update-running': () => ({ what: 'EKS がクラスターのログ設定を更新しています。' }),
  'foreign-update': ({ updateId }) => ({
    what: `EKS の更新は同時に 1 つだけです。別の更新が実行中です${updateId ? `（${code(updateId)}）` : ''}。`,
    fix: '完了を待っています。操作は不要です。',
  }),
  'update-failed': ({ errors }) => ({
    what: `EKS は監査ログを有効にできませんでした：${errors.map((e) => `${code(e.code)} ${plain(e.message)}`).join('、')}`,
    fix: errors.some((e) => /^(IpNotAvailable|InsufficientFreeAddresses|SubnetNotFound)$/.test(e.code))
      ? 'クラスターの各サブネットに空き IP アドレスが最大 5 つ必要です。空けてから、もう一度 `enable` を実行してください。'
      : 'EKS コンソールで原因を解消してから、もう一度 `enable` を実行してください。',
  }),
  'group-ready': ({ group, retentionDays, advisedDays }) => ({
    what: `${code(group)}（${retentionDays === undefined ? '保持期間：無期限' : `保持期間：${retentionDays} 日`}）`,
    ...(advisedDays && retentionDays === undefined
      ? {
          fix: `推奨：保持期間を設定してください（設定ファイルでは ${advisedDays} 日）。既存のロググループの保持期間をボットが短くすることはありません。`,
        }
      : {}),
  }),
  'group-awaited': ({ group }) => ({
    what: `${code(group)} はまだありません。監査ログを有効にした後、EKS が作成します。`,
  }),
  'group-infrequent-access': ({ group }) => ({
    what: `${code(group)} は低頻度アクセスクラスです。サブスクリプションフィルターを設定できず、クラスの変更もできません。`,
    fix: '必要なログを退避してからロググループを削除し、EKS に標準クラスで作り直させてください。',
  }),
  'invoke-allowed': () => ({ what: 'CloudWatch Logs は Forwarder を呼び出せます。' }),
  'invoke-missing': ({ forwarderArn }) => ({
    what: `CloudWatch Logs は、このロググループから ${code(forwarderArn)} を呼び出せません。`,
  }),
  'invoke-conflict': ({ forwarderArn, sid }) => ({
    what: `${code(forwarderArn)} のポリシーにあるステートメント ${code(sid)} は、このロググループを許可していません。`,
    fix: 'ステートメントを確認し、不要なら削除してから、もう一度 `enable` を実行してください。',
  }),
  'policy-full': ({ forwarderArn, bytes }) => ({
    what: `${code(forwarderArn)} のリソースポリシーに空きがありません（${bytes} / 20480 バイト）。`,
    fix: 'ロググループごとのステートメントを、Datadog のテンプレートのようなワイルドカード 1 つに置き換えてください。',
  }),
  'filter-carries': ({ by, kind }) => ({
    what: {
      ours: `フィルター ${code(by)} が監査イベントを Forwarder に送っています。`,
      datadog: `Datadog の自動サブスクリプション ${code(by)} が送っています。フィルターを追加するとイベントが二重に届きます。`,
      foreign: `フィルター ${code(by)} がすでにこのロググループを Forwarder に送っています。追加するとイベントが二重に届きます。`,
      'account-policy': `アカウント全体のサブスクリプション ${code(by)} がこのロググループを Forwarder に送っています。追加するとイベントが二重に届きます。`,
    }[kind],
  }),
  'filter-missing': () => ({ what: 'このロググループを Forwarder に送るフィルターがありません。' }),
  'filter-double': ({ names }) => ({
    what: `${names.length} 個のサブスクリプション（${names.map(code).join('、')}）がこのロググループを Forwarder に送っています。イベントは ${names.length} 重に届き、その分課金されます。`,
    fix: '1 つだけ残して削除してください。ボットが作成したもの以外には触れません。',
  }),
  'filter-expected': () => ({
    what: 'Datadog の自動サブスクリプションが EKS とこの Forwarder を対象にしています。数分以内に Datadog がフィルターを追加します。',
    fix: '追加を待っています。ボットが追加するとイベントが二重に届きます。',
  }),
  'filter-name-taken': ({ name, destinationArn }) => ({
    what: `${code(name)} という名前のフィルターが、Forwarder ではなく ${code(destinationArn)} に送っています。`,
    fix: '不要なら削除するか、送信先を Forwarder に変更してください。',
  }),
  'slots-full': ({ group, filters }) => ({
    what: `${code(group)} のサブスクリプションフィルターに空きがありません（${filters.map(code).join('、')}）。`,
    fix: '不要なものを削除するか、AWS にクォータの引き上げを申請してから、もう一度 `enable` を実行してください。',
  }),
  'cannot-invoke': ({ forwarderArn }) => ({
    what: `CloudWatch Logs はまだ ${code(forwarderArn)} を呼び出せません。新しい権限が行き渡るまで最大 5 分かかります。`,
    fix: '続く場合は、関数のリソースポリシーと、関数が有効な状態かどうかを確認してください。',
  }),
  'aws-busy': () => ({ what: 'AWS から再試行を求められています。' }),
  'rules-in-sync': ({ count }) => ({ what: `ルールパックの ${count} 件がすべて、作成時のまま存在します。` }),
  'rules-none-chosen': () => ({ what: 'ルールパックは選択されていません（`rules.pack: none`）。' }),
  'rules-missing': ({ missing, edited }) => ({
    what: `${missing.length} 件のルールがありません${edited.length > 0 ? `。編集されているため触れないもの：${edited.map(plain).join('、')}` : ''}。`,
  }),
  'rules-edited': ({ edited }) => ({
    what: `作成後に編集または無効化されたルール：${edited.map(plain).join('、')}`,
    fix: 'そのまま残します。作り直したい場合は、Datadog で削除してください。',
  }),
  'rules-rejected': ({ rule, reasons }) => ({
    what: `Datadog がルール「${plain(rule)}」を拒否しました：${plain(reasons.join('; '))}`,
  }),
  'webhook-in-sync': ({ url }) => ({ what: `Datadog は ${code(url)} に通知します。` }),
  'webhook-polling': () => ({ what: '`PUBLIC_URL` が未設定のため、シグナルは受信せず定期的に取得します。' }),
  'webhook-missing': ({ needs }) => ({ what: `不足または相違：${needs.map(code).join('、')}` }),
  'webhook-taken': ({ name, url }) => ({
    what: `${code(name)} という名前の Webhook がすでにあり、ボットが作成したものではありません（${code(url)}）。`,
    fix: 'Datadog の Integrations → Webhooks で名前を変えるか、削除してください。',
  }),
  'logs-arriving': ({ lastAt, firstAfterSeconds, url }) => ({
    what: `ログが届いています。最新のイベント：${time(new Date(lastAt))}${firstAfterSeconds === undefined ? '' : `（開始から最初のイベントまで ${duration(firstAfterSeconds)}）`}　${link(url, 'Log Explorer')}`,
  }),
  'logs-none': ({ url }) => ({
    what: `直近 15 分の監査イベントは、このキーからは見えません。${link(url, 'Log Explorer')}`,
  }),
  'logs-dark': ({ lastSeen, otherSource, url }) => ({
    what: `${DARK_HOPS[lastSeen]}${otherSource ? `（${code(`source:${otherSource}`)} として届いています）` : ''}。${link(url, 'Log Explorer')}`,
    fix: HOP_FIXES[lastSeen],
  }),
  'plan-changed': () => ({
    what: '計画が承認時の内容と変わりました。',
    fix: 'もう一度コマンドを実行して、新しい計画を作成してください。',
  }),
  'shared-busy': () => ({ what: '別の実行が同じものを変更しているため、終わるのを待っています。' }),
  'answer-lost': () => ({
    what: '作成の応答を受け取れませんでした。再試行の前に、作成されたかどうかを確認しています。',
  }),
};

function awsFailed(failure: AwsFailure, role: string): Said {
  switch (failure.kind) {
    case 'denied':
      return {
        what: `AWS が ${role} ロールによる ${code(failure.action ?? '呼び出し')} を拒否しました。`,
        fix: `ロールに ${code(failure.action ?? '該当のアクション')} を追加してください。ポリシーは ${code('npm run -s cli -- setup')} で表示できます。`,
      };
    case 'credentials':
      return {
        what: `${role} ロールを引き受けられません：${plain(failure.message)}`,
        fix: 'ロールの信頼ポリシーと、その ExternalId が設定ファイルの `external_id` と一致しているか確認してください。',
      };
    case 'throttled':
      return { what: 'AWS の呼び出し回数制限に達しています。', fix: '1 分ほど待ってからもう一度お試しください。' };
    case 'unreachable':
      return { what: 'AWS に接続できません。', fix: 'ネットワークとプロキシを確認してから、もう一度お試しください。' };
    case 'other':
      return { what: `AWS の応答：${code(failure.code)} ${plain(failure.message)}` };
  }
}

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
  'delete-subscription-filter': ({ target, values }) =>
    `${code(target)} から、ボットが追加したフィルター ${code(values.name)} を削除する`,
  'create-rule': ({ values }) => `検知ルール「${plain(values.title)}」を作成する`,
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
  'create-rule': ({ values }) => `検知ルール「${plain(values.title)}」`,
  'put-secret-variable': ({ target }) => `Datadog の変数 ${code(target)}`,
  'create-webhook': () => 'Datadog Webhook `eks-audit`',
  'update-webhook': () => 'Datadog Webhook `eks-audit`',
  'create-notification-rule': () => '通知ルール `eks-audit`',
};

export const ja: OnboardingText = {
  steps: {
    'aws-integration': 'AWS インテグレーション',
    forwarder: 'Datadog Forwarder',
    'cloud-siem': 'Cloud SIEM',
    'audit-logs': '監査ログ',
    'log-group': 'ロググループ',
    'invoke-permission': '呼び出し権限',
    'subscription-filter': 'サブスクリプションフィルター',
    'detection-rules': '検知ルール',
    'signal-webhook': 'シグナル Webhook',
    'logs-arriving': 'ログの到達',
  },
  states: {
    'in-sync': '正常',
    missing: '未設定',
    drifted: '差異あり',
    blocked: '不可',
    unknown: '不明',
    waiting: '待機中',
  },
  changes,
  things,
  findings,
  givenUp: (minutes) => `${minutes} 分待ちましたが、完了しませんでした。`,
  statusTitle: (cluster, fine, total) => `${cluster}：${total} 項目中 ${fine} 項目が正常`,
  keepIt: (how) => `コードで維持する：${how}`,
  nextEnable: (name) => `不足分の計画は ${code(`/eks-audit enable ${name}`)} で作成できます。`,
  planTitle: (kind, cluster, count) =>
    `${cluster} を${kind === 'enable' ? '監査対象にする' : '監査対象から外す'}計画（変更 ${count} 件）`,
  planDry: '確認のみです。承認の依頼も変更も行いません。',
  nothingToDo: (cluster) => `変更は不要です。${code(cluster)} はすでに監査対象です。`,
  nothingToChange: (cluster) => `${code(cluster)} に変更すべき点はありませんが、監査ログが届いていません。`,
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
    expired: '承認されないまま期限切れ',
  },
  rejectedBecause: (by, reason) => `${mention(by)} が却下しました。理由：${plain(reason)}`,
  ended: {
    enabled: (cluster) => `*${plain(cluster)} は監査対象になりました。*`,
    disabled: (cluster) =>
      `*${plain(cluster)} を監査対象から外しました。* このクラスターのためだけにボットが作成したものは削除済みです。`,
    stopped: (cluster) =>
      `*${plain(cluster)}：実行が停止しました。* 完了した分はそのまま残り、${code('enable')} で続きから再開できます。`,
    rejected: (cluster) => `*${plain(cluster)}：依頼は却下されました。* 何も変更していません。`,
    expired: (cluster) =>
      `*${plain(cluster)}：依頼の期限が切れました。* 何も変更していません。必要な場合はもう一度コマンドを実行してください。`,
  },
  reasonMissing:
    '監査ログを無効にすると SIEM から見えなくなるため、理由が必要です。末尾に `--reason …` を付けてください。',
};

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} 秒` : `${Math.round(seconds / 60)} 分`;
}

function keepInCode(tool: string): string {
  if (tool === 'Terraform') return '`enabled_cluster_log_types = ["audit"]` を追加してください。';
  if (tool === 'eksctl') return '`cloudWatch.clusterLogging.enableTypes: [audit]` を追加してください。';
  return '`Logging.ClusterLogging.EnabledTypes: [{Type: audit}]` を追加してください。';
}
