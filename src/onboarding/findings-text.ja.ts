/** 確認と実行の結果に関する日本語の文言。形は `findings-text.ts`（英語）に合わせる。 */
import type { AwsFailure } from '../aws/errors.ts';
import { named } from '../rules/words.ts';
import { code, link, plain, time } from '../slack/mrkdwn.ts';
import type { ApartRule, EditedRule, FailingForwarder, Hop, RedFlag } from './finding.ts';
import type { Said, SayFindings } from './findings-text.ts';
import { stepsJa } from './steps-text.ts';

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
  forwarder: 'CloudWatch Logs は監査イベントを Forwarder に渡していますが、Forwarder の処理が失敗しています',
  datadog: 'イベントは Datadog に届いていますが、`source:kubernetes.audit` になっていません',
};

const HOP_FIXES: Record<Hop, string> = {
  eks: '配信には数分かかることがあります。続く場合は EKS コンソールでクラスターの状態を確認してください。',
  cloudwatch:
    'Lambda コンソールで Forwarder のログとエラーを確認してください。API キーやサイトの誤りはそこに現れます。権限を直した直後は、CloudWatch Logs が配信を 10 分ほど止めることがあります。',
  forwarder: 'Forwarder 自身のログを読み、API キーと `DD_SITE` を確認してください。',
  datadog: 'Forwarder の `DD_SOURCE`、または source を書き換える Datadog のパイプラインがないか確認してください。',
};

export const findings: SayFindings = {
  'aws-failed': ({ failure, role }) => awsFailed(failure, role),
  'datadog-denied': ({ scope }) => ({
    what: 'アプリケーションキーの権限が足りないため、Datadog に拒否されました。',
    fix: `キーの所有者に ${code(scope)} を付与してください。スコープ付きのキーの場合は、キーにも追加します。`,
  }),
  'datadog-failed': ({ kind, reasons }) => ({
    what:
      kind === 'throttled'
        ? 'Datadog の呼び出し回数制限に達しています。'
        : `Datadog から想定外の応答がありました：${plain(reasons.join('; ') || kind)}`,
    ...(kind === 'throttled' || kind === 'unreachable' ? { fix: '1 分ほど待ってからもう一度お試しください。' } : {}),
  }),
  depends: ({ on }) => ({ what: `「${stepsJa[on]}」が整うまで判定できません。` }),
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
    what: `EKS はクラスターのログ設定を変更できませんでした：${errors.map((e) => `${code(e.code)} ${plain(e.message)}`).join('、')}`,
    fix: errors.some((e) => /^(IpNotAvailable|InsufficientFreeAddresses|SubnetNotFound)$/.test(e.code))
      ? 'クラスターの各サブネットに空き IP アドレスが最大 5 つ必要です。空けてから、もう一度コマンドを実行してください。'
      : 'EKS コンソールで原因を解消してから、もう一度コマンドを実行してください。',
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
  'filter-stale': ({ name, from, carriedBy }) => ({
    what: `ボットのフィルター ${code(name)} が、以前の Forwarder である ${code(from)} に送り続けています${carriedBy ? `（新しい Forwarder へは ${code(carriedBy)} がすでに送っています）` : ''}。`,
    fix: carriedBy
      ? 'CloudWatch Logs でボットのフィルターを削除してください。送信先を新しい Forwarder に変えると、イベントが二重に届きます。'
      : '`enable` で送信先を新しい Forwarder に変更できます。',
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
  'rules-in-sync': ({ count, apart }) => ({
    what: `ルールパックの ${count} 件がすべて、作成時のまま存在します。${apartSaid(apart)}`,
  }),
  'rules-none-chosen': () => ({ what: 'ルールパックは選択されていません（`rules.pack: none`）。' }),
  'rules-missing': ({ missing, outdated, shippedOff, edited, apart }) => ({
    what: `${[
      missing.length > 0 ? `${missing.length} 件のルールがありません` : '',
      outdated.length > 0 ? `${outdated.length} 件は以前のパックの内容です` : '',
      shippedOff.length > 0 ? `Datadog 標準のルールが無効です：${some(shippedOff.map(({ name }) => plain(name)))}` : '',
      edited.length > 0 ? `編集されているため変更しないもの：${some(edited.map(editSaid))}` : '',
    ]
      .filter(Boolean)
      .join('。')}。${apartSaid(apart)}`,
  }),
  'rules-edited': ({ edited, apart }) => ({
    what: `作成後に編集または無効化されたルール：${some(edited.map(editSaid))}。${apartSaid(apart)}`,
    fix: `そのまま残します。${edited
      .slice(0, 1)
      .map(
        ({ key }) =>
          `変更箇所は ${code(`/eks-audit rules show ${key}`)} で確認し、${code(`/eks-audit rules enable ${key}`)} で復元を依頼できます。`,
      )
      .join('')}`,
  }),
  'rules-rejected': ({ rule, reasons }) => ({
    what: `Datadog がルール「${plain(rule)}」を拒否しました：${plain(reasons.join('; '))}`,
  }),
  'webhook-in-sync': ({ url }) => ({ what: `Datadog は ${code(url)} に通知します。` }),
  'webhook-polling': () => ({ what: '`PUBLIC_URL` が未設定のため、シグナルは受信せず定期的に取得します。' }),
  'webhook-missing': ({ needs }) => {
    const parts = needs.filter((part) => part !== 'secret');
    const said = parts.length > 0 ? [`不足または相違：${parts.map(code).join('、')}。`] : [];
    if (parts.length === needs.length) return { what: said.join('') };
    return {
      what: [
        ...said,
        'シークレットが変更されています。Datadog が以前の `WEBHOOK_TOKEN` で通知している可能性があります。',
      ].join(''),
      fix: '新しい値が保存されるまで、以前の値を `WEBHOOK_TOKEN_PREVIOUS` に残してください。残さないと、その通知は拒否されます。',
    };
  },
  'secret-differs': () => ({
    what: 'このプロセスの `WEBHOOK_TOKEN` は、承認されたものと異なります。',
    fix: 'すべてのレプリカに同じ値を設定して再起動してから、もう一度 `enable` を実行してください。',
  }),
  'notification-rule-edited': ({ name }) => ({
    what: `このボットの通知ルール ${code(name)} が Datadog 上で無効化または編集されているため、Webhook が呼び出されない可能性があります。`,
    fix: '変更せずにそのまま残します。元に戻すか、Datadog で削除すると作り直されます。',
  }),
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
  'logs-dark': ({ lastSeen, otherSource, failing, url }) => ({
    what: `${DARK_HOPS[lastSeen]}${otherSource ? `（${code(`source:${otherSource}`)} として届いています）` : ''}${failing ? `（直近 15 分の呼び出し ${failing.invocations} 回のうち ${failing.errors} 回がエラー）` : ''}。${link(url, 'Log Explorer')}`,
    fix: failing ? failingFix(failing) : HOP_FIXES[lastSeen],
  }),
  'plan-changed': () => ({
    what: '計画が承認時の内容と変わりました。',
    fix: 'もう一度コマンドを実行して、新しい計画を作成してください。',
  }),
  'our-bug': ({ reference }) => ({
    what: `ボット側で問題が発生しました。ログの参照番号は ${code(reference)} です。`,
    fix: 'この番号を管理者にお伝えください。コマンドはもう一度実行できます。',
  }),
  'used-by-others': () => ({ what: '計画の作成後に他のクラスターが使い始めたため、残しました。' }),
  'fleet-unread': () => ({
    what: '一部のアカウントまたはリージョンを読み取れないため、他のクラスターが使用しているか判断できません。',
    fix: '読み取れない箇所は `/eks-audit list` で確認できます。解消後、もう一度 `disable` を実行してください。',
  }),
  'shared-busy': () => ({ what: '別の実行が同じものを変更しているため、終わるのを待っています。' }),
  'answer-lost': () => ({
    what: '作成の応答を受け取れませんでした。再試行の前に、作成されたかどうかを確認しています。',
  }),
};

function failingFix({ name }: FailingForwarder): string {
  return `ロググループ ${code(`/aws/lambda/${name}`)} を確認してください。次に、API キーのシークレットが存在すること、関数のロールで読み取れること、キーが有効であることを確認してください。`;
}

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

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} 秒` : `${Math.round(seconds / 60)} 分`;
}

function editSaid({ title, fields }: EditedRule): string {
  return `${plain(title)}（${fields.length > 0 ? some(fields.map(code)) : '無効'}）`;
}

const NAMED = 8;

/** 全件を並べると、ほかに伝えるべきことの余地がなくなる。 */
function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join('、')}${more > 0 ? `、ほか ${more} 件` : ''}`;
}

function apartSaid(apart: readonly ApartRule[] = []): string {
  const of = (why: ApartRule['why']) => apart.filter((rule) => rule.why === why).map(({ name }) => named(name));
  const [unheard, twice] = [of('other-type'), of('names-webhook')];
  return [
    unheard.length > 0 ? `手動で作成され、種類が異なるためボットに通知されないルール：${some(unheard)}。` : '',
    twice.length > 0
      ? `手動で作成され、ボットの Webhook も指定しているため 2 回通知されるルール：${some(twice)}。`
      : '',
  ].join('');
}
