/** シグナルに関する日本語の文言。形は `text.ts`（英語）に合わせ、抜けはコンパイラーが検出する。 */
import { code, time } from '../slack/mrkdwn.ts';
import { bold, inChannel, joined, name, rich, said, when, who } from '../slack/rich-text.ts';
import { notes } from './notes-text.ts';
import type { ArchiveReason, Severity, TriageState } from './signal.ts';
import type { Outcome, SignalsText } from './text.ts';
import { count, named, person, personInMrkdwn } from './words.ts';

const severity: Record<Severity, string> = { critical: '緊急', high: '高', medium: '中', low: '低', info: '情報' };

const state: Record<TriageState, string> = { open: '未対応', under_review: '対応中', archived: 'アーカイブ済み' };

const reasons: Record<ArchiveReason, string> = {
  false_positive: '誤検知',
  testing_or_maintenance: 'テストまたはメンテナンス',
  remediated: '対処済み',
  investigated_case_opened: '調査済み、ケース作成済み',
  true_positive_benign: '検知は正しいが無害',
  true_positive_malicious: '検知は正しく、攻撃',
  other: 'その他',
};

const outcome: Record<Outcome, string> = {
  'let-through': '許可',
  refused: '拒否',
  failed: '失敗',
  unknown: '結果不明',
};

const did: Record<TriageState, string> = {
  open: '再オープンしました',
  under_review: '担当になりました',
  archived: 'アーカイブしました',
};

export const ja: SignalsText = {
  severity,
  state,
  reasons,
  outcome,
  unnamed: 'ルールが未確認のシグナル',
  noCluster: 'クラスター不明',
  clusterNotYet: 'クラスター未確認',
  between: '、',
  severalClusters: (n) => `クラスター ${count(n)} 件`,
  signals: (n) => `シグナル ${count(n)} 件`,

  card: {
    severity: (word) => `重大度：${word}`,
    fallback: (f) =>
      `重大度「${f.severity}」のシグナル${f.signals > 1 ? `（${count(f.signals)} 件）` : ''}：${named(f.title)}、${f.where}${f.actor ? `、実行者 ${named(f.actor)}` : ''}。`,
    test: 'これはテストです。どのクラスターでも何も起きておらず、対応は不要です。',
    provisional: 'Datadog から詳細をまだ取得できていません。取得でき次第、このメッセージを更新します。',
    who: '実行者',
    identity: (arn) => rich`AWS の ID ${arn}`,
    session: (session) => rich`セッション ${session}`,
    others: (others, more) =>
      rich`ほかに ${joined(
        others.map((other) => rich`${name(other.name, 120)}（${count(other.signals)} 件）`),
        '、',
      )}${more > 0 ? `${others.length > 0 ? '、' : ''}さらに ${count(more)} 名` : ''}`,
    unknownActor: 'Datadog の情報からは不明',
    from: '接続元',
    with: (agent) => rich`（${agent}）`,
    what: '操作',
    did: (f) =>
      rich`${f.verb}${f.resource ? rich` ${f.resource}` : ''}${f.object ? rich` ${f.object}` : ''}：${f.outcome}${f.status === undefined ? '' : `（HTTP ${f.status}）`}`,
    howOften: '回数',
    often: (counts, events) => {
      const total = counts.open + counts.under_review + counts.archived;
      const by = (['open', 'under_review', 'archived'] as const).filter((s) => counts[s] > 0);
      const each = by.length > 1 ? `（${by.map((s) => `${state[s]} ${count(counts[s])} 件`).join('、')}）` : '';
      const seen = events > 0 ? `、監査イベント ${count(events)} 件` : '';
      return `シグナル ${count(total)} 件${each}${seen}`;
    },
    seen: (first, last) => rich`初回 ${first}、最終 ${last}`,
    seenOnce: (at) => rich`日時 ${at}`,
    clusters: 'クラスター',
    clustersNamed: (names, more) => rich`複数：${names}${more > 0 ? `、ほか ${count(more)} 件` : ''}`,
    clustersNone: 'Datadog の情報にクラスター名がありません。Log Explorer のロググループ名で確認できます。',
    first: '最初にすること',
    sample: 'サンプル（UTC）',
    taken: (taken) =>
      rich`${person(taken.by)} が対応中です${taken.at ? rich`（${when(taken.at)} から）` : ''}。${taken.withoutAssignee ? 'Datadog に該当するユーザーがいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。' : ''}`,
    muted: (until, by) =>
      rich`${who(by)} が ${when(until)} までミュート中です。新しいシグナルは件数に加わりますが、通知されません。`,
    escalated: (at, mention) => rich`担当者がいないため、${when(at)} に ${who(mention)} へエスカレーションしました。`,
    archived: (n) =>
      `${n > 1 ? `シグナル ${count(n)} 件はすべてアーカイブ済みです` : 'アーカイブ済みです'}。実行した人と理由はスレッドにあります。`,
    moved: (channel) => rich`重大度または詳細に基づき、シグナルは ${inChannel(channel)} に移りました。`,
    suppressionAsked: (until) =>
      rich`${when(until)} までの抑制が承認待ちです。承認されるまで、Datadog のシグナルは止まりません。`,
    suppressed: (until) => rich`${when(until)} まで抑制中です。Datadog はこの種のシグナルを発生させません。`,
    openLogs: 'Log Explorer で開く',
    openSignal: 'シグナルを開く',
    take: (n) => (n > 1 ? `全 ${count(n)} 件に対応する` : '対応する'),
    takeNew: (n) => `新着 ${count(n)} 件に対応する`,
    release: (n) => (n > 1 ? `全 ${count(n)} 件の担当解除` : '担当を外れる'),
    archive: (n) => (n > 1 ? `全 ${count(n)} 件をアーカイブ…` : 'アーカイブ…'),
    reopen: (n) => (n > 1 ? `全 ${count(n)} 件を再オープン` : '再オープン'),
    events: 'イベントを表示',
    mute: 'ミュート…',
    suppress: '抑制を依頼…',
  },

  storm: {
    raging: (signals, groups) => `シグナルが急増しています：${count(signals)} 件（${count(groups)} グループ）`,
    over: (signals, groups) => `シグナルの急増は収まりました：${count(signals)} 件（${count(groups)} グループ）`,
    emptied: 'シグナルの急増は収まりました：すべてのシグナルは別のチャンネルに移りました',
    since: (since) =>
      rich`${when(since)} から。新しいシグナルは個別に投稿せず、ここに集計しています。漏れはありません。`,
    lasted: (since, until) =>
      rich`${when(since)} から ${when(until)} まで。新しいシグナルは再び個別に投稿します。この間の分はここから確認できます。`,
    severities: '重大度別',
    rules: 'ルール',
    actors: '実行者',
    clusters: 'クラスター',
    next: '重大度の高いものから確認してください。一覧は重大度で絞り込め、グループを個別のメッセージとして投稿できます。',
    show: (n) => (n > 1 ? `全 ${count(n)} 件を表示` : '表示'),
    open: 'Datadog で開く',
  },

  modal: {
    close: '戻る',
    about: (n) => `このメッセージの未完了のシグナル${n > 1 ? ` ${count(n)} 件すべて` : ''}が対象です：`,
    archive: {
      title: 'アーカイブ',
      submit: 'アーカイブする',
      reason: '理由',
      comment: 'コメント',
      hint: 'スレッドに表示され、あなたの名前とともに Datadog に記録されます。',
    },
    mute: {
      title: 'ミュート',
      submit: 'ミュートする',
      hours: '期間',
      hint: 'Slack のみに適用されます。Datadog のシグナルは止まらず、件数はカードに反映されます。',
      each: (hours) => `${count(hours)} 時間`,
    },
    suppress: {
      title: '抑制を依頼',
      submit: '承認を依頼する',
      scope: '抑制する範囲',
      scopes: {
        'rule-actor-cluster': 'このルール・このアクター・このクラスター',
        'rule-actor': 'このルール・このアクター（全クラスター）',
        'rule-cluster': 'このルール・このクラスター（全アクター）',
      },
      counted: (hidden, total, days) => `直近 ${count(days)} 日間では ${count(total)} 件中 ${count(hidden)} 件が非表示`,
      hidden: '非表示になっていたシグナルの例',
      kept: '表示されたままのシグナルの例',
      days: '期間',
      each: (days) => `${count(days)} 日間`,
      reason: '理由',
      hint: '承認者に表示され、記録に残ります。承認されるまで抑制は始まりません。',
      none: 'Datadog の情報から実行者もクラスターも分からないため、抑制の範囲を決められません。Datadog でルールのクエリを絞り込んでください。',
    },
    storm: {
      title: '急増したシグナル',
      page: (page, pages) => `${count(page)} / ${count(pages)} ページ`,
      all: 'すべて',
      previous: '前へ',
      next: '次へ',
      post: '個別に投稿',
      none: 'この重大度のグループはありません。',
    },
  },

  list: {
    title: (total, hours) =>
      `直近 ${count(hours)} 時間の未完了のシグナルグループ：${total === 0 ? 'なし' : `${count(total)} 件`}`,
    none: '検知ルールがシグナルを発生させると、ここに表示されます。監査対象のクラスターは `/eks-audit list` で確認できます。',
    more: (n) => `ほか ${count(n)} 件`,
    open: '開く',
    message: 'メッセージ',
    by: (actor) => rich`実行者 ${actor}`,
    last: (at) => rich`最終 ${at}`,
    receiptHint: `個別の経過は ${code('/eks-audit where <signal id>')} で確認できます。`,
    digest: (n) => `ダイジェスト：急を要しないシグナル ${n === 0 ? 'なし' : `${count(n)} 件`}`,
    digestPeriod: (from, to) => rich`${when(from)} から ${when(to)} まで。これらは個別には通知していません。`,
    allInDatadog: 'すべて Datadog で見る',
    testButton:
      'Datadog の Webhook のテストが届きました。URL とシークレットは正しく設定されています。全経路の確認には `/eks-audit test` を使ってください。',
  },

  events: {
    title: (n) =>
      n === 0
        ? 'このシグナルの監査イベントは Datadog に見つかりません。'
        : `最新の監査イベント ${count(n)} 件（時刻は UTC）`,
    columns: ['時刻', '実行者', '動詞', '対象', 'ステータス', 'IP', 'クラスター'],
    more: (n) => `残り ${count(n)} 件は Log Explorer で確認できます`,
    link: 'Log Explorer',
    none: '保持期間を過ぎたか、ボットのキーから見えない可能性があります。Log Explorer ではあなたの権限で確認できます。',
  },

  receipt: {
    title: (id) => rich`${bold('シグナルの経過')} ${id}`,
    fallback: (id, n) => `シグナル ${named(id)} の経過：${count(n)} 件の記録。`,
    none: '記録がありません。ID は Datadog の URL の末尾（`event=`）の値です。保持期間を過ぎたシグナルの記録は削除されています。',
    omitted: (n) => `途中の ${count(n)} 件を省略`,
    received: {
      webhook: 'Datadog の Webhook で受信',
      poll: 'Datadog への問い合わせで発見（Webhook は届いていない）',
      test: 'テストで作成',
    },
    repeated: 'Webhook が重複して到着（二重の処理はなし）',
    read: 'Datadog から読み取り',
    notReadable: (reason) => rich`Datadog から読み取れず：${reason}`,
    routed: (path, channel, deliver) =>
      deliver === 'off'
        ? rich`ルート ${path} により記録のみ（通知なし）`
        : rich`ルート ${path} により ${channel} へ${deliver === 'digest' ? '（ダイジェスト）' : ''}`,
    grouped: (group, first) => (first ? rich`メッセージ ${group} を開始` : rich`メッセージ ${group} に追加`),
    folded: '急増時の集計カードに追加',
    posted: (channel, repeated) => rich`${channel} に投稿${repeated ? '（クラッシュ後の再投稿）' : ''}`,
    digested: (channel) => rich`${channel} のダイジェストに掲載`,
    severity: (from, to) => `重大度を${from}から${to}に変更`,
    triaged: (by, to, where, reason) =>
      rich`${person(by)} が ${where} で${state[to]}に変更${reason ? rich`：${reason}` : ''}`,
    taken: (by, where) => rich`${person(by)} が ${where} で担当`,
    muted: (by, until) => rich`${who(by)} がメッセージを ${when(until)} までミュート`,
    escalated: (mention) => rich`${who(mention)} へエスカレーション`,
  },

  suppression: {
    title: (word) => `抑制：${word}`,
    fallback: (rule, until, word) => `${named(rule)} の抑制（${time(until)} まで）：${word}。`,
    state: {
      open: '承認待ち',
      approved: '承認済み',
      rejected: '却下',
      expired: '期限切れ',
      refused: '承認済み（Datadog が受け付けず）',
    },
    rule: 'ルール',
    actor: 'アクター',
    cluster: 'クラスター',
    anyActor: 'すべて',
    anyCluster: 'すべて',
    until: '期限',
    effect: '影響',
    reason: '理由',
    warning: '抑制中、Datadog はこの種のシグナルを発生させず、該当する操作があっても誰にも通知されません。',
    requestedBy: (userId) => rich`依頼者：${who(userId)}`,
    approvedBy: (userIds) => rich`承認者：${joined(userIds.map(who), '、')}`,
    rejectedBy: (userId, reason) => rich`${who(userId)} が却下しました。理由：${said(reason)}`,
    waits: (missing, expiresAt) => rich`あと ${count(missing)} 名の承認が必要です。依頼の期限：${when(expiresAt)}`,
    approve: '承認',
    reject: '却下…',
    confirm: {
      title: 'この抑制を承認しますか？',
      text: 'カードの期限まで、Datadog はこの種のシグナルを発生させなくなります。',
      yes: '承認する',
      no: 'まだしない',
    },
  },

  refusal: {
    notAllowed: (ask) =>
      `シグナルに対応できるのはアナリストのみのため、何も変更していません。${ask ? `次の方に依頼してください：${ask}` : 'アナリストは管理者が設定ファイルで指定できます。'}`,
    stale: (change) =>
      `カードの表示が古かったため、更新しました${change ? `（${personInMrkdwn(change.by)} が ${time(change.at)} に ${change.in === 'slack' ? 'Slack' : 'Datadog'} で${did[change.state]}）` : ''}。今回のクリックでは何も変更していません。`,
    nothingOpen:
      'このメッセージに未完了のシグナルはもうないため、何も変更していません。アーカイブした人はスレッドで確認できます。',
    nothingArchived: 'このメッセージにアーカイブ済みのシグナルはもうないため、再オープンの対象はありません。',
    unknownGroup:
      'このメッセージは保持期間を過ぎたため、ボタンは使えません。シグナルは引き続き Datadog で確認できます。',
    criticalNotMuted:
      '重大度「緊急」のシグナルはミュートできません。対応するか、アーカイブするか、抑制を依頼してください。',
    alreadyTaken: (by) =>
      `すでに ${personInMrkdwn(by)} が対応中のため、何も変更していません。直接確認するか、担当を外れるまでお待ちください。`,
    datadogUnreachable:
      'Datadog に接続できないため、何も変更していません。1 分ほど待ってからもう一度お試しください。続く場合は `/eks-audit doctor` で確認できます。',
    datadogSilent:
      'Datadog から応答がないため、反映されたかどうか確認できません。1 分ほど待ってからもう一度クリックしてください。すでに反映されていても、重複して記録されることはありません。',
    datadogDenied: (scope) =>
      `アプリケーションキーにスコープ ${code(scope)} がないため、Datadog に拒否されました。何も変更していません。管理者は Datadog の Organization Settings → Application Keys で追加できます。確認は ${code('/eks-audit doctor')} で行えます。`,
    datadogRefused: (message) => `Datadog に拒否されたため、何も変更していません：${named(message, 300)}`,
    suppressionPending: 'このメッセージの抑制は、すでに依頼中または適用中です。承認チャンネルで確認できます。',
    badSince: (typed) =>
      `${named(typed, 40)} は期間として解釈できません。時間または日数（最大 90 日）で指定してください。例：${code('/eks-audit signals --since 24h')}`,
    notOurs: (at) =>
      `これはボットが更新しているメッセージではないため、何も変更していません。最新のメッセージは <#${at.channel}> にあります（${time(new Date(Number(at.ts) * 1000))}）。`,
  },

  done: {
    taken: (n) => `シグナル ${count(n)} 件の担当になりました。`,
    withoutAssignee:
      'あなたのメールアドレスのユーザーが Datadog にいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。スレッドにはお名前を記録しました。',
    already: 'この操作はすでに完了しています。スレッドで確認できます。',
    released: (n) => `シグナル ${count(n)} 件の担当を外れました。`,
    archived: (n, reason) => `シグナル ${count(n)} 件を「${reasons[reason]}」としてアーカイブしました。`,
    reopened: (n) => `シグナル ${count(n)} 件を再オープンしました。`,
    muted: (until) => `${time(until)} までミュートしました。Datadog のシグナルは止まらず、件数はカードに反映されます。`,
    suppressionAsked: (channel) => `<#${channel}> で承認を待っています。承認されるまで抑制は始まりません。`,
    postedSeparately: (channel) => `<#${channel}> に個別のメッセージとして投稿します。`,
    partly: (done, total, why) =>
      `シグナル ${count(total)} 件中 ${count(done)} 件が完了しました。残りは失敗しました：${why} もう一度クリックすると、残りを再試行します。`,
    partlyBusy: (done, total) =>
      `シグナル ${count(total)} 件中 ${count(done)} 件が完了しました。残りは Datadog が応答しないか混み合っているため、処理できませんでした。1 分ほど待ってからもう一度クリックすると、残りを再試行します。`,
  },
  notes: notes.ja,
};
