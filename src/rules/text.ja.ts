/** The same in Japanese; the compiler holds it to the English table. */
import type { RuleSeverity } from '../datadog/rules.ts';
import { code, plain, time } from '../slack/mrkdwn.ts';
import type { Origin, RuleState } from './catalogue.ts';
import type { ChangeKind } from './store.ts';
import type { RulesText } from './text.ts';

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
  restore: 'パックの内容への復元',
};
const n = (value: number) => value.toLocaleString('en-US');

export const ja: RulesText = {
  severity,
  origin,
  state,
  kind,
  day: (days) => `${n(days)} 日`,
  duration: (seconds) =>
    seconds >= 86_400 && seconds % 86_400 === 0
      ? `${n(seconds / 86_400)} 日`
      : seconds >= 3600 && seconds % 3600 === 0
        ? `${n(seconds / 3600)} 時間`
        : seconds === 0
          ? 'すぐ'
          : `${n(Math.round(seconds / 60))} 分`,
  noDetails: 'Datadog の一覧には含まれていません。',

  list: {
    title: (shown, all) => (shown === all ? `検知ルール ${n(all)} 件` : `検知ルール ${n(all)} 件中 ${n(shown)} 件`),
    none: '該当するルールはありません。語句を付けずに `/eks-audit rules list` を実行すると、すべて表示します。',
    columns: ['ルール', '名前', '戦術', '重大度', '状態', '提供元', 'シグナル（7 日間）'],
    page: (page, pages) => `${n(page)} / ${n(pages)} ページ`,
    previous: '前へ',
    next: '次へ',
    hint: `個別の内容：${code('/eks-audit rules show <rule>')}　未作成のルールは ${code('/eks-audit enable <cluster> --only rules')} で作成します。`,
  },

  show: {
    query: 'クエリ',
    queries: 'クエリ',
    detection: '検知方法',
    cases: '重大度',
    groupBy: 'シグナルの単位',
    tags: 'タグ',
    noise: '想定内となる場合',
    triage: '最初に行うこと',
    references: '参考資料',
    edited: 'ボットが作成した後に変更されています。上書きはしません：',
    field: (path, ours, theirs) => `${path}：こちらは ${ours}、Datadog では ${theirs}`,
    restore: (key) => `${code(`/eks-audit rules enable ${key}`)} で、パックの内容への復元を依頼できます。`,
    replaces: (name) =>
      `Datadog 標準の「${plain(name)}」の検知範囲をすべて含みます。両方を有効にすると、同じ操作が 2 回通知されます。`,
    complements: (name) => `Datadog 標準の「${plain(name)}」を補います。そちらも有効のままにしてください。`,
    signals: (count) => `過去 7 日間のシグナル ${n(count)} 件`,
    terraform: 'Terraform 用（Datadog による変換）',
    terraformCut: '続きは Datadog のルール画面の Export で確認できます。',
    open: 'Datadog で開く',
    threshold: (window) => `しきい値（${window}間の件数）`,
    distinct: (fields, window) => `${window}間の ${fields} の種類数`,
    newValue: (fields, learn, forget) => `${fields} の新しい値（学習期間 ${learn}、${forget}で忘却）`,
    other: (method) => `検知方法 ${method}`,
    keeps: (keep, most) => `一致しない状態が${keep}続くとシグナルは終了します（最長 ${most}）。`,
    missing: 'まだ Datadog に作成されていません。',
    disabled: '無効になっています。',
  },

  refusal: {
    unknownRule: (typed, meant) =>
      `検知ルール ${code(typed)} はありません。${meant ? `${code(meant)} のことでしょうか。` : ''}${code('/eks-audit rules list')} で一覧を表示します。`,
    ambiguous: (typed, candidates) =>
      `${code(typed)} に該当するルールが複数あります：${candidates
        .slice(0, 5)
        .map(({ key, name }) => `${code(key)}（${plain(name)}）`)
        .join('、')}${candidates.length > 5 ? `、ほか ${n(candidates.length - 5)} 件` : ''}。ID で指定してください。`,
    notAllowed: (ask) =>
      `検知ルールを変更できるのはオペレーターのみのため、何も変更していません。${ask ? `次の方に依頼してください：${ask}` : 'オペレーターは管理者が設定ファイルで指定できます。'}`,
    notOurs: (name) =>
      `「${plain(name)}」はこのボットで作成したルールではないため、ここでは変更できません。${code('/eks-audit rules clone')} で複製できます。`,
    ofThePack: (key) =>
      `${code(key)} はルールパックのルールのため、削除しても再作成されます。設定ファイルで除外してください：${code(`rules: { except: [${key}] }`)}`,
    otherMethod: (name) =>
      `「${plain(name)}」の検知方法は、このダイアログでは扱えません（しきい値と新しい値のみ）。Datadog で変更してください。`,
    notCreated: (key) =>
      `${code(key)} はまだ Datadog にありません。${code('/eks-audit enable <cluster> --only rules')} で作成します。`,
    alreadyOn: (name) => `「${plain(name)}」は有効で、内容も正しい状態です。変更は不要です。`,
    alreadyOff: (name) => `「${plain(name)}」はすでに無効です。変更は不要です。`,
    needsReason: (usage) =>
      `検知の範囲が狭くなるため、理由${usage.includes('--for') ? 'と期限' : ''}が必要です：${code(usage)}`,
    badFor: (typed) =>
      `${code(typed)} は期間として解釈できません。時間または日数（最大 90 日）で指定してください。例：${code('--for 7d')}`,
    badQuery: (problem) => `クエリを解釈できません：${problem}`,
    emptyQuery: 'クエリを入力してください。',
    draftGone:
      'このダイアログは古いか、ほかの方のもののため、何も変更していません。`/eks-audit rules create` からやり直してください。',
    pending: (name) => `「${plain(name)}」の変更は、すでに承認待ちです。承認チャンネルで確認できます。`,
    datadogUnreachable: 'Datadog に接続できないため、何も変更していません。1 分ほど待ってからもう一度お試しください。',
    datadogDenied: (scope) =>
      `アプリケーションキーにスコープ ${code(scope)} がないため、Datadog に拒否されました。管理者は Datadog の Organization Settings → Application Keys で追加できます。`,
    datadogRefused: (message) => `Datadog に拒否されました：${plain(message)}`,
  },

  modal: {
    create: '新しい検知ルール',
    edit: 'ルールの変更',
    close: 'キャンセル',
    back: '戻る',
    step: (step) => `ステップ ${step} / 3`,
    query: 'クエリ',
    queryHint: 'Log Explorer と同じ構文です。作成の前に、実際のイベントで試します。',
    method: '何が起きたらシグナルを発生させますか？',
    methods: { threshold: '一定数のイベント（しきい値）', new_value: '初めて現れた値（新しい値）' },
    methodHints: {
      threshold: '一定時間内のイベント数、または値の種類数が基準を超えたとき',
      new_value: '例：このクラスターで初めてこの操作を行ったユーザー',
    },
    methodFixed: '検知方法は、Datadog の仕様により変更できません。',
    tryIt: '試す',
    found: (count, from, to) => `*イベント ${n(count)} 件*（${time(from)} から ${time(to)} まで）`,
    examples: '最新のイベント',
    users: (names) => `実行者：${names}`,
    logs: 'Log Explorer で開く',
    preview: 'プレビュー',
    name: 'ルール名',
    nameHint: 'シグナルの名前になります。{{@usr.name}} などの属性は値に置き換わります。',
    severity: '重大度',
    groupBy: 'シグナルの単位',
    groupByHint: '組み合わせごとに 1 件のシグナルになります。アカウントとロググループでクラスターを区別します。',
    moreThan: '何件を超えたら？',
    moreThanHint: '0 の場合は最初の 1 件で発生します。',
    distinct: '種類を数える属性（任意）',
    distinctHint: 'イベント数の代わりに数えます。例：@objectRef.namespace',
    window: '対象の時間',
    of: '新しい値を見る属性',
    ofHint: '5 つまで。例：@usr.name',
    learnDays: '学習期間（日）',
    learnHint: 'Datadog に十分な履歴がない場合、この間シグナルは発生しません。',
    forgetDays: '忘却までの期間（日）',
    keepAlive: '一致しない状態がこの時間続くとシグナルを終了',
    maxDuration: 'シグナルの最長時間',
    ask: '承認を依頼',
    raised: (signals, events) =>
      signals === 0
        ? `このイベント ${n(events)} 件では、*シグナルは発生しません*。`
        : `このイベント ${n(events)} 件では、*シグナルが ${n(signals)} 件*発生します。`,
    raisedNewValue: '単位ごとの最初の値だけを学習済みとして数えた、最大の件数です。',
    validated: ':white_check_mark: Datadog の検証に合格しました。',
    message: 'シグナルの本文（任意）',
    messageHint: '最初に行うことを書きます。{{@usr.name}} のように書いた属性は、シグナルに表示されます。',
    tags: 'タグ（任意）',
    tagsHint: '例：tactic:TA0002-execution technique:T1609-container-administration-command',
    reason: '理由',
    reasonHint: '承認者が確認し、記録に残ります。',
    asked: (channel) =>
      `<#${channel}> で承認を待っています。承認されるまで何も作成しません。結果はメッセージでお知らせします。`,
    done: '依頼済み',
    wrong: ':warning:',
  },

  problem: {
    empty: '入力してください。',
    'too-long': 'Datadog の上限を超えています。',
    'not-a-field': '属性は @usr.name の形式で、複数の場合はカンマで区切ってください。',
    'too-many': 'Datadog では 5 つまでです。',
    window: '件数を数える時間より短くはできません。',
    duration: '終了までの時間より短くはできません。',
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
        return '該当するイベントはありません。この期間に発生していないか、クエリ内の名前に誤りがあります。';
      case 'newest-only':
        return `最新の ${n(a.looked)} 件だけを確認しました。`;
      case 'exec-verbs':
        return 'kubectl 1.31 以降では、exec・attach・port-forward の動詞は `get` になります。見逃さないように `@http.method:(create OR get)` と書いてください。';
      case 'counted-twice':
        return 'ストリームは開始時と終了時に記録されるため、1 回の操作が 2 件になります。`@stage:ResponseStarted` を加えると 1 件になります。';
      case 'twin':
        return `「${plain(a.name)}」${a.shipped ? '（Datadog 標準）' : ''}が、これらのイベントの多くをすでに検知します${a.enabled ? '。同じ操作が 2 回通知されます' : '（現在は無効）'}。${code(`/eks-audit rules ${a.enabled ? 'show' : 'enable'} ${a.key}`)} で足りる場合があります。`;
      case 'shared-name':
        return `${code(a.name)} は複数の人が共有する名前です。新しい値とみなされるのは最初の 1 回だけです。`;
      case 'session-names':
        return `${n(a.names)} 個の名前が ${n(a.identities)} 個の IAM ロールに属しています。セッション名を含む名前は、セッションごとに新しい値になります。ロール自体は \`@user.extra.canonicalArn\` です。`;
      case 'learns':
        return a.days === 0
          ? '最初の値からシグナルが発生します。'
          : `Datadog に履歴がない場合、${n(a.days)} 日間は学習期間です。その間にシグナルがなくても、問題がないとは言えません。`;
      case 'mixes-clusters':
        return '`@aws.awslogs.owner` と `@aws.awslogs.logGroup` がないと、1 件のシグナルに複数のクラスターが混ざることがあります。';
    }
  },

  card: {
    title: (k, word) => `${kind[k]}：${word}`,
    fallback: (k, name, word) => `${kind[k]}（${plain(name)}）：${word}。`,
    state: {
      asked: '承認待ち',
      approved: '承認済み（実行中）',
      active: '無効化中',
      done: '完了',
      rejected: '却下',
      expired: '期限切れ',
      refused: '承認済み（Datadog が受け付けず）',
      ended: '再び有効化済み',
    },
    rule: 'ルール',
    severity: '重大度',
    until: (at) => `${time(at)} まで。期限後は自動で有効に戻ります。`,
    reason: '理由',
    preview: (signals, events, from, to) =>
      `${time(from)} から ${time(to)} までのイベント ${n(events)} 件では、シグナルが ${n(signals)} 件発生します。`,
    less: '無効の間、このルールのシグナルは発生せず、該当する操作があっても誰にも通知されません。',
    requestedBy: (mention) => `依頼者：${mention}`,
    approvedBy: (mentions) => `承認者：${mentions}`,
    rejectedBy: (mention, reason) => `${mention} が却下しました。理由：${plain(reason)}`,
    waits: (missing, at) => `あと ${n(missing)} 名の承認が必要です。依頼の期限：${time(at)}`,
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
    created: 'ルールを Datadog に作成しました。',
    verified: 'Datadog から読み直し、承認された内容と一致することを確認しました。',
    changedByDatadog: (fields) => `Datadog から読み直したところ、次の項目が変更されていました：${fields}`,
    learning: (until) => `Datadog に履歴がない場合、${time(until)} までは学習期間です。`,
    edited: 'ルールを変更しました。',
    deleted: 'ルールを削除しました。',
    enabled: 'ルールを有効にしました。',
    restored: 'パックの内容に戻しました。通知先と追加のタグはそのままです。',
    disabled: (until) => `ルールを ${time(until)} まで無効にしました。`,
    ended: '期限になったため、ルールを再び有効にしました。',
    rejected: (mention, reason) => `${mention} が却下しました。理由：${plain(reason)}`,
    expired: '期限までに承認も却下もされなかったため、依頼は期限切れになりました。何も変更していません。',
    refused: (cause) => `Datadog が受け付けなかったため、何も変更していません：${plain(cause)}`,
    moved: '依頼の後に Datadog でルールが変更されたため、実行していません。もう一度依頼してください。',
    gone: 'ルールが Datadog に見つからないため、実行していません。',
  },
  asked: (k, channel) => `${kind[k]}：<#${channel}> で承認を待っています。結果はメッセージでお知らせします。`,
};
