/** The same in Japanese; the compiler holds it to the English table. */
import type { RuleSeverity } from '../datadog/rules.ts';
import { code, time } from '../slack/mrkdwn.ts';
import { rich } from '../slack/rich-text.ts';
import type { Origin, RuleState } from './catalogue.ts';
import type { ChangeKind } from './store.ts';
import type { RulesText } from './text.ts';
import { count, named, PROSE } from './words.ts';

const severity: Record<RuleSeverity, string> = { critical: '緊急', high: '高', medium: '中', low: '低', info: '情報' };
const origin: Record<Origin, string> = { pack: 'パック', shipped: 'Datadog', bot: 'Slack で作成', other: 'その他' };
const state: Record<RuleState, string> = {
  enabled: '有効',
  disabled: '無効',
  edited: '変更あり',
  missing: '未作成',
};
const kind: Record<ChangeKind, string> = {
  create: '検知ルールの作成',
  edit: '検知ルールの変更',
  delete: '検知ルールの削除',
  enable: '検知ルールの有効化',
  disable: '検知ルールの無効化',
  restore: '検知ルールの復元',
};
/** 「5 分間」「1 時間」 */
const span = (duration: string) => (duration.endsWith('間') ? duration : `${duration}間`);

export const ja: RulesText = {
  severity,
  origin,
  state,
  kind,
  day: (days) => `${count(days)} 日`,
  duration: (seconds) =>
    seconds >= 86_400 && seconds % 86_400 === 0
      ? `${count(seconds / 86_400)} 日`
      : seconds >= 3600 && seconds % 3600 === 0
        ? `${count(seconds / 3600)} 時間`
        : seconds === 0
          ? '即時'
          : `${count(Math.round(seconds / 60))} 分`,
  comma: '、',
  more: (n) => `ほか ${count(n)} 件`,

  list: {
    title: (shown, all) =>
      shown === all ? `検知ルール ${count(all)} 件` : `検知ルール ${count(all)} 件中 ${count(shown)} 件`,
    none: '該当するルールはありません。何も付けずに `/eks-audit rules list` を実行すると、すべて表示します。',
    columns: ['ルール', '名前', '戦術', '重大度', '状態', '提供元', 'シグナル（7 日間）'],
    page: (page, pages) => `${count(page)} / ${count(pages)} ページ`,
    previous: '前へ',
    next: '次へ',
    hint: `${code('/eks-audit rules show <rule>')} で詳細を表示します。未作成のルールは ${code('/eks-audit enable <cluster> --only rules')} で作成できます。`,
  },

  show: {
    query: 'クエリ',
    queries: 'クエリ',
    detection: '検知方法',
    cases: '重大度',
    groupBy: 'シグナルの単位',
    tags: 'タグ',
    noDetails: '検知の内容は Datadog から取得できません。',
    noise: '誤検知と、検知できないケース',
    triage: '最初に行うこと',
    references: (links) => `参考資料：${links}`,
    fallback: (name, state) => `${named(name)}：${state}`,
    edited: 'ボットによる作成の後に、Datadog で変更された項目（上書きはしません）：',
    outdated: '以前のバージョンのパックの内容のままです：',
    field: (path, ours, theirs) => rich`${path}：パックでは ${ours}、Datadog では ${theirs}`,
    restore: (key) => `${named(`/eks-audit rules enable ${key}`)} で、パックの内容への復元を依頼できます。`,
    update: `${code('/eks-audit enable <cluster> --only rules')} で最新の内容に更新できます。`,
    replaces: (name) =>
      `Datadog 標準のルール ${named(name)} の検知範囲をすべて含みます。両方を有効にすると、同じ操作が 2 回通知されます。`,
    complements: (name) => `Datadog 標準のルール ${named(name)} を補います。そちらも有効のままにしてください。`,
    signals: (signals) => `過去 7 日間のシグナル ${count(signals)} 件`,
    terraform: 'Terraform 用（Datadog による変換）',
    terraformCut: '続きは Datadog のルール画面の Export で確認できます。',
    terraformLeftOut: 'Terraform 用の定義は、Datadog のルール画面の Export で確認できます。',
    open: 'Datadog で開く',
    threshold: (window) => (window ? `しきい値（${span(window)}の件数）` : 'しきい値'),
    distinct: (fields, window) => rich`しきい値（${window ? `${span(window)}の ` : ''}${fields} の種類数）`,
    newValue: (fields, learn, forget) => rich`${fields} の新しい値（学習期間 ${learn}、値の保持期間 ${forget}）`,
    other: (method) => rich`${method}`,
    keeps: (keep, most) =>
      keep === 0
        ? 'シグナルはすぐに終了し、次に一致すると新しいシグナルが発生します。'
        : `一致しない状態が ${span(ja.duration(keep))}続くと、シグナルは終了します（最長 ${most}）。`,
    missing: `まだ Datadog に作成されていません。${code('/eks-audit enable <cluster> --only rules')} で作成できます。`,
  },

  refusal: {
    unknownRule: (typed, meant) =>
      `検知ルール ${named(typed)} はありません。${meant ? `${named(meant)} のことでしょうか。` : ''}${code('/eks-audit rules list')} で一覧を表示します。`,
    ambiguous: (typed, candidates) =>
      `${named(typed)} に該当するルールが複数あります：${candidates
        .slice(0, 5)
        .map(({ key, name }) => `${named(key)}（${named(name)}）`)
        .join(
          '、',
        )}${candidates.length > 5 ? `、ほか ${count(candidates.length - 5)} 件` : ''}。ID で指定してください。`,
    notAllowed: (ask) =>
      `検知ルールを変更できるのはオペレーターのみのため、何も変更していません。${ask ? `次の方に依頼してください：${ask}` : 'オペレーターは管理者が設定ファイルで指定できます。'}`,
    notOurs: (name) =>
      `${named(name)} は、依頼を受けてこのボットが作成したルールではないため、ここでは変更できません。${code('/eks-audit rules clone')} で複製できます。`,
    ofThePack: (key) =>
      `${named(key)} はルールパックのルールのため、削除しても再作成されます。設定ファイルで除外してください：${named(`rules: { except: [${key}] }`)}`,
    editOfThePack: (key) =>
      `${named(key)} はルールパックのルールです。設定ファイルの ${named(`rules.overrides.${key}`)} で変更するか、${named(`/eks-audit rules clone ${key}`)} で複製してください。`,
    otherMethod: (name) =>
      `${named(name)} の検知方法は、このダイアログでは扱えません。扱えるのは、件数または種類数が基準を超えたときの検知と、新しい値の検知です。Datadog で変更してください。`,
    queryTooLong: (length) =>
      `クエリが ${count(length)} 文字あり、Slack のダイアログの上限（3,000 文字）を超えています。Datadog で作成してください。`,
    notExplorer:
      'この URL には Log Explorer のクエリが含まれていません。Log Explorer でクエリを開いて URL をコピーし直すか、クエリを直接貼り付けてください。',
    notCreated: (key) =>
      `${named(key)} はまだ Datadog にありません。${code('/eks-audit enable <cluster> --only rules')} で作成します。`,
    alreadyOn: (name) => `${named(name)} は有効で、内容も正しい状態です。変更は不要です。`,
    alreadyOff: (name) => `${named(name)} はすでに無効です。変更は不要です。`,
    needsReason: (usage) =>
      `検知の範囲が狭くなるため、理由${usage.includes('--for') ? 'と期限' : ''}が必要です：${code(usage)}`,
    badFor: (typed) =>
      `${named(typed)} は期間として解釈できません。時間または日数（最大 90 日）で指定してください。例：${code('--for 7d')}`,
    badQuery: (problem) => `クエリを解釈できません：${problem}`,
    emptyQuery: 'クエリを入力してください。',
    draftGone:
      'このダイアログは古いか、ほかの方のもののため、何も変更していません。`/eks-audit rules create` からやり直してください。',
    pending: (name) => `${named(name)} の変更は、すでに承認待ちです。承認チャンネルで確認できます。`,
    datadogUnreachable: 'Datadog に接続できないため、何も変更していません。1 分ほど待ってからもう一度お試しください。',
    datadogDenied: (scope) =>
      `アプリケーションキーにスコープ ${code(scope)} がないため、Datadog に拒否されました。管理者は Datadog の Organization Settings → Application Keys で追加できます。`,
    datadogRefused: (message) => `Datadog に拒否されました：${named(message, 500)}`,
  },

  modal: {
    create: '新しい検知ルール',
    edit: 'ルールの変更',
    close: 'キャンセル',
    closeDone: '閉じる',
    back: '戻る',
    step: (step) => `ステップ ${step} / 3`,
    query: 'クエリ',
    queryHint: 'Log Explorer と同じ構文です。作成の前に、実際のイベントで試します。',
    method: 'シグナルを発生させる条件',
    methods: { threshold: '一定数のイベント（しきい値）', new_value: '初めて現れた値（新しい値）' },
    methodHints: {
      threshold: '一定時間内のイベント数、または値の種類数が基準を超えたとき',
      new_value: '例：このクラスターで初めてこの操作を行ったユーザー',
    },
    methodFixed: (method) => `${method}。検知方法は、Datadog の仕様により変更できません。`,
    tryIt: '試す',
    // Slack では、太字の前後に空白がないと記号のまま表示される。
    found: (events, from, to) => `*イベント ${count(events)} 件* （${time(from)} から ${time(to)} まで）`,
    users: (names) => rich`実行者：${names}`,
    user: (name, events) => rich`${name}（${count(events)} 件）`,
    logs: 'Log Explorer で開く',
    preview: 'プレビュー',
    name: 'ルール名',
    nameHint: 'シグナルの名前になります。{{@usr.name}} などの属性は値に置き換わります。',
    severity: '重大度',
    groupBy: 'シグナルの単位',
    groupByHint: '組み合わせごとに 1 件のシグナルになります。アカウントとロググループでクラスターを区別します。',
    moreThan: 'この数を超えたら発生',
    moreThanHint: '0 の場合は最初の 1 件で発生します。',
    distinct: '種類を数える属性',
    distinctHint: 'イベントの件数の代わりに、値の種類を数えます。例：@objectRef.namespace',
    window: '集計する時間',
    of: '新しい値を検知する属性',
    ofHint: '5 つまで。例：@usr.name',
    learnDays: '学習期間（日）',
    learnHint: 'Datadog に十分な履歴がない場合、この間シグナルは発生しません。',
    forgetDays: '値の保持期間（日）',
    keepAlive: '一致しない状態がこの時間続くとシグナルを終了',
    maxDuration: 'シグナルの最長継続時間',
    ask: '承認を依頼',
    raised: (signals, events) =>
      `イベント ${count(events)} 件で試したところ、シグナルは *${count(signals)} 件* でした。`,
    raisedNewValue: '単位ごとに最初の値だけを学習済みとみなした場合の、最大の件数です。',
    validated: ':white_check_mark: Datadog の検証に合格しました。',
    message: 'シグナルの本文',
    messageHint: '最初に行うことを書きます。{{@usr.name}} のように書いた属性は、シグナルに表示されます。',
    messageStays: 'シグナルの本文はこのダイアログで扱うには長すぎるため、そのまま残します。',
    tags: 'タグ',
    tagsHint: '例：tactic:TA0002-execution technique:T1609-container-administration-command',
    reason: '理由',
    reasonHint: '承認者が確認し、記録に残ります。',
    asked: (channel) =>
      `<#${channel}> で承認を待っています。承認されるまで Datadog には反映しません。結果はメッセージでお知らせします。`,
    done: '承認待ち',
  },

  problem: {
    empty: '入力してください。',
    'too-long': 'Datadog の上限を超えています。',
    'not-a-field': '属性は @usr.name の形式で、複数の場合はカンマで区切ってください。',
    'too-many': 'Datadog では 5 つまでです。',
    window: '集計する時間より短くはできません。',
    duration: '「一致しない状態」の時間より短くはできません。',
    range: 'Datadog で指定できる範囲を超えています。',
  },

  advice: (a) => {
    switch (a.what) {
      case 'misspelled':
        return 'ソース名は `kubernetes.audit` です。手順書の `kubernetes.aduit` は何にも一致しないため、修正しました。';
      case 'source-added':
        return '`source:kubernetes.audit` を追加しました。指定がないと、すべてのログが対象になります。';
      case 'queries-joined':
        return '元のルールには複数のクエリがあるため、OR で 1 つにまとめました。';
      case 'cases-left':
        return '元のルールには複数の重大度があるため、最初のものだけを引き継ぎました。';
      case 'no-events':
        return '該当するイベントはありません。この期間に発生していないか、クエリ内の名前に誤りがある可能性があります。';
      case 'source-partly':
        return '`OR` は空白（AND）より後に評価されるため、クエリの一部がすべてのログを対象にしています。`source:kubernetes.audit (… OR …)` のように括弧で囲んでください。';
      case 'newest-only':
        return `最新の ${count(a.looked)} 件だけを確認しました。`;
      case 'exec-verbs':
        return 'kubectl 1.31 以降では、exec・attach・port-forward の動詞は `get` になります。見逃さないように `@http.method:(create OR get)` と書いてください。';
      case 'counted-twice':
        return 'ストリームは開始時と終了時に記録されるため、1 回の操作が 2 件になります。`@stage:ResponseStarted` を加えると 1 件になります。';
      case 'twin':
        return `${named(a.name)}${a.shipped ? '（Datadog 標準）が' : ' が'}、これらのイベントの多くをすでに検知します${a.enabled ? '。同じ操作が 2 回通知されます' : '（現在は無効）'}。${named(`/eks-audit rules ${a.enabled ? 'show' : 'enable'} ${a.key}`)} で足りる場合があります。`;
      case 'shared-name':
        return `${named(a.name)} は複数の人が共有する名前です。新しい値とみなされるのは最初の 1 回だけです。`;
      case 'session-names':
        return `${count(a.names)} 個の名前が ${count(a.identities)} 個の IAM ロールに属しています。セッション名を含む名前は、セッションごとに新しい値になります。ロール自体は \`@user.extra.canonicalArn\` です。`;
      case 'learns':
        return a.days === 0
          ? '最初の値からシグナルが発生します。'
          : `Datadog に履歴がない場合、${count(a.days)} 日間は学習期間です。その間にシグナルがなくても、問題がないとは言えません。`;
      case 'mixes-clusters':
        return '`@aws.awslogs.owner` と `@aws.awslogs.logGroup` がないと、1 件のシグナルに複数のクラスターが混ざることがあります。';
    }
  },

  card: {
    title: (k, word) => `${kind[k]}：${word}`,
    fallback: (k, name, word) => `${kind[k]}（${named(name)}）：${word}。`,
    state: {
      asked: '承認待ち',
      approved: '承認済み（実行中）',
      active: '実施中',
      done: '完了',
      rejected: '却下',
      expired: '期限切れ',
      refused: '承認済み（未実行）',
      ended: '終了',
    },
    rule: 'ルール',
    changes: '変更点',
    change: (path, ours, theirs) => rich`${path}：${theirs} → ${ours}`,
    message: 'シグナルの本文',
    until: (at) => `${time(at)} まで。期限後は自動で有効に戻ります。`,
    reason: '理由',
    preview: (signals, events, from, to) =>
      `${time(from)} から ${time(to)} までのイベント ${count(events)} 件で試したところ、シグナルは ${count(signals)} 件でした。`,
    less: '無効の間、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。',
    gone: '削除すると、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。',
    requestedBy: (by) => rich`依頼者：${by}`,
    approvedBy: (by) => rich`承認者：${by}`,
    rejectedBy: (by, reason) => rich`${by} が却下しました。理由：${reason}`,
    waits: (missing, at) => rich`あと ${count(missing)} 名の承認が必要です。依頼の期限：${at}`,
    approve: '承認',
    reject: '却下…',
    open: 'Datadog で開く',
    confirm: {
      title: 'この変更を承認しますか？',
      text: 'Datadog にすぐ反映されます。',
      yes: '承認する',
      no: 'まだしない',
    },
  },

  note: {
    direct: (k, name, said) => `*${kind[k]}* ${named(name)}：${said}`,
    created: 'ルールを Datadog に作成しました。',
    verified: 'Datadog から読み直し、承認された内容と一致することを確認しました。',
    changedByDatadog: (fields) =>
      `Datadog から読み直したところ、次の項目が変更されていました：${fields.map((field) => named(field)).join('、')}。`,
    learning: (until) => `Datadog に履歴がない場合、${time(until)} までは学習期間です。`,
    edited: 'ルールを変更しました。',
    deleted: 'ルールを削除しました。',
    enabled: 'ルールを有効にしました。',
    restored: 'パックの内容に戻し、有効にしました。通知先と追加のタグはそのままです。',
    disabled: (until) => `ルールを ${time(until)} まで無効にしました。`,
    ended: '期限になったため、ルールを再び有効にしました。',
    offLonger: (until) => `期限になりましたが、その後の承認により、ルールは ${time(until)} まで無効のままです。`,
    rejected: (mention, reason) => `${mention} が却下しました。理由：${named(reason, PROSE)}`,
    expired: '期限までに承認も却下もされなかったため、依頼は期限切れになりました。何も変更していません。',
    refused: (cause) => `何も変更していません。${cause}`,
    tooLate: '承認された時点で依頼の期間が過ぎていたため、実行していません。もう一度依頼してください。',
    moved: '依頼の後に Datadog でルールが変更されたため、実行していません。もう一度依頼してください。',
    gone: 'ルールが Datadog に見つからないため、実行していません。',
  },
  asked: (k, channel) => `${kind[k]}：<#${channel}> で承認を待っています。結果はメッセージでお知らせします。`,
};
