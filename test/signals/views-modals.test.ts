/** Dialogs, and the answers to a click, in both languages, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { archiveModal, muteModal, STORM_PAGE, stormModal, suppressModal } from '../../src/signals/modals.ts';
import { ARCHIVE_REASONS } from '../../src/signals/signal.ts';
import { text } from '../../src/signals/text.ts';
import { loadingView } from '../../src/slack/dialog.ts';
import { drawView, LANGUAGES, openDirectory } from './drawn.ts';
import { groupCard, line, preview } from './samples.ts';

const slack = openDirectory();
function dialog(view: Parameters<typeof drawView>[1]): string {
  const { problems, text: said } = drawView(slack, view);
  expect(problems).toEqual([]);
  return said;
}

const both = (draw: (language: Language) => string) => LANGUAGES.map(draw).join('\n\n');

const LINES = [
  line(),
  line({
    severity: 'medium',
    state: 'under_review',
    clusters: ['a', 'b'],
    actor: undefined,
    permalink: undefined,
    signals: 1,
  }),
  line({ severity: 'low', clusters: [], title: '' }),
];

test('the dialogs of triage', () => {
  const card = groupCard({ counts: { open: 10, under_review: 2, archived: 0 } });
  expect(both((l) => dialog(archiveModal(card, ARCHIVE_REASONS, l, 'm')))).toMatchInlineSnapshot(`
    "▣ Archive
    This acts on all 12 open signals of the message:
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    Reason: False positive
    Comment (optional): []
      It is shown in the thread and written to Datadog with your name.
    [Back] [Archive]

    ▣ アーカイブ
    このメッセージの未完了のシグナル 12 件すべてが対象です：
    :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    理由: 誤検知
    コメント (optional): []
      スレッドに表示され、あなたの名前とともに Datadog に記録されます。
    [戻る] [アーカイブする]"
  `);
  expect(both((l) => dialog(muteModal(groupCard(), l, 'm')))).toMatchInlineSnapshot(`
    "▣ Mute
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    For how long?: 1 hour
      In Slack only: Datadog keeps raising signals, and the card keeps counting them.
    [Back] [Mute]

    ▣ ミュート
    :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    期間: 1 時間
      Slack のみに適用されます。Datadog のシグナルは止まらず、件数はカードに反映されます。
    [戻る] [ミュートする]"
  `);
  expect(both((l) => dialog(loadingView(l)))).toMatchInlineSnapshot(`
    "▣ One moment
    Reading from Datadog…
    [Back]

    ▣ 少々お待ちください
    Datadog から読み込んでいます…
    [戻る]"
  `);
});

test('the dialog of a suppression', () => {
  const previews = [
    preview(),
    preview({ scope: 'rule-actor', hidden: 43, kept: 1 }),
    preview({ scope: 'rule-cluster' }),
  ];
  expect(both((l) => dialog(suppressModal(previews, groupCard(), l, 'm')))).toMatchInlineSnapshot(`
    "▣ Suppress
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    *Who* \`kubernetes-admin\` · \`prod-a\`
    What is to be suppressed?: This rule, by this actor, on this cluster
    *Would have been hidden, for example*
    • Shell in payments/api-7d9f
    *Would have stayed visible, for example*
    • Shell in kube-system/coredns
    Until when?: 1 day
    Why?: []
      Approvers read this, and it stays on record. Nothing is suppressed before they approve.
    [Back] [Ask for approval]

    ▣ 抑制を依頼
    :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    *実行者* \`kubernetes-admin\` · \`prod-a\`
    抑制する範囲: このルール・このアクター・このクラスター
    *非表示になっていたシグナルの例*
    • Shell in payments/api-7d9f
    *表示されたままのシグナルの例*
    • Shell in kube-system/coredns
    期間: 1 日間
    理由: []
      承認者に表示され、記録に残ります。承認されるまで抑制は始まりません。
    [戻る] [承認を依頼する]"
  `);
  expect(JSON.stringify(suppressModal(previews, groupCard(), 'en'))).toContain('Would have hidden 43 of 44 in 7 days');
  expect(both((l) => dialog(suppressModal([], groupCard(), l, 'm')))).toMatchInlineSnapshot(`
    "▣ Suppress
    :red_circle: *HIGH* *Interactive shell in a pod* · \`prod-a\`
    No suppression can be worked out for this signal: Datadog shows neither who did it nor on which cluster. Narrow the rule’s query in Datadog instead.
    [Back]

    ▣ 抑制を依頼
    :red_circle: *重大度：高* *Interactive shell in a pod* · \`prod-a\`
    Datadog の情報から実行者もクラスターも分からないため、抑制の範囲を決められません。Datadog でルールのクエリを絞り込んでください。
    [戻る]"
  `);
});

test('the list of a storm', () => {
  const page = { stormId: 's-1', page: 2, pages: 3, severity: 'high' as const, lines: LINES };
  expect(both((l) => dialog(stormModal(page, l, 'm')))).toMatchInlineSnapshot(`
    "▣ Signals of the storm
    [All] [CRITICAL] [HIGH] [MEDIUM] [LOW] [INFO]
    :red_circle: *HIGH* \`Interactive shell in a pod\` · \`prod-a\` · \`kubernetes-admin\` · 2 signals, open · 2026-11-23 14:05 UTC · Message <https://acme.slack.com/archives/C0URGENT01/p1>
    :large_orange_circle: *MEDIUM* \`Interactive shell in a pod\` · 2 clusters · 1 signal, under review · 2026-11-23 14:05 UTC · Open <https://app.datadoghq.com/security/signal?event=1> [Post separately]
    :large_blue_circle: *LOW* \`Signal whose rule is not known yet\` · no cluster named · \`kubernetes-admin\` · 2 signals, open · 2026-11-23 14:05 UTC · Message <https://acme.slack.com/archives/C0URGENT01/p1>
    Page 2 of 3
    [Previous] [Next]
    [Back]

    ▣ 急増したシグナル
    [すべて] [緊急] [高] [中] [低] [情報]
    :red_circle: *高* \`Interactive shell in a pod\` · \`prod-a\` · \`kubernetes-admin\` · シグナル 2 件、未対応 · 2026-11-23 14:05 UTC · メッセージ <https://acme.slack.com/archives/C0URGENT01/p1>
    :large_orange_circle: *中* \`Interactive shell in a pod\` · クラスター 2 件 · シグナル 1 件、対応中 · 2026-11-23 14:05 UTC · 開く <https://app.datadoghq.com/security/signal?event=1> [個別に投稿]
    :large_blue_circle: *低* \`ルールが未確認のシグナル\` · クラスター不明 · \`kubernetes-admin\` · シグナル 2 件、未対応 · 2026-11-23 14:05 UTC · メッセージ <https://acme.slack.com/archives/C0URGENT01/p1>
    2 / 3 ページ
    [前へ] [次へ]
    [戻る]"
  `);
});

test('a full page of a storm fits, and its buttons carry the page they lead to', () => {
  const lines = Array.from({ length: 50 }, (_, i) => line({ groupId: `g-${i}`, permalink: undefined }));
  const view = stormModal({ stormId: 's-1', page: 1, pages: 2, severity: undefined, lines }, 'en');
  dialog(view);
  expect(JSON.stringify(view)).toContain(`g-${STORM_PAGE - 1}`);
  expect(JSON.stringify(view)).not.toContain(`g-${STORM_PAGE}"`);
  const last = view.blocks.at(-1);
  const next = last && 'elements' in last ? last.elements[0] : undefined;
  expect(next).toMatchObject({ action_id: 'storm.page.1', value: '{"stormId":"s-1","page":2}' });
});

test('the values of the dialogs arrive under the names their handlers read', () => {
  const names = (view: { blocks: { type: string; block_id?: string; element?: { action_id?: string } }[] }) =>
    view.blocks.flatMap(({ type, block_id, element }) =>
      type === 'input' ? [`${block_id}/${element?.action_id}`] : [],
    );
  const blocksOf = (view: unknown) => names(view as Parameters<typeof names>[0]);
  expect(blocksOf(archiveModal(groupCard(), ARCHIVE_REASONS, 'en'))).toEqual(['reason/value', 'comment/text']);
  expect(blocksOf(muteModal(groupCard(), 'en'))).toEqual(['hours/value']);
  expect(blocksOf(suppressModal([preview()], groupCard(), 'en'))).toEqual(['scope/value', 'days/value', 'reason/text']);
});

test('answers to a click say what became of it and what to do', () => {
  const at = new Date('2026-11-23T14:03:00Z');
  const said = (l: Language) => {
    const { refusal: r, done: d } = text[l];
    return [
      r.notAllowed('<@U0ANA00001>'),
      r.notAllowed(''),
      r.stale({ by: { name: 'bob' }, state: 'archived', in: 'datadog', at }),
      r.stale(undefined),
      r.nothingOpen,
      r.unknownGroup,
      r.criticalNotMuted,
      r.alreadyTaken({ userId: 'U0ANA00001' }),
      r.datadogUnreachable,
      r.datadogSilent,
      r.datadogDenied('security_monitoring_signals_write'),
      r.datadogRefused('Invalid state'),
      r.suppressionPending,
      r.notOurs({ channel: 'C0URGENT01', ts: '1795442580.000100' }),
      r.badSince('soon'),
      d.taken(1),
      d.withoutAssignee,
      d.released(2),
      d.archived(12, 'false_positive'),
      d.reopened(3),
      d.muted(at),
      d.suppressionAsked('C0APPROVE1'),
      d.postedSeparately('C0URGENT01'),
      d.partly(3, 12, 'Datadog refused.'),
      d.partlyBusy(199, 1234),
    ].join('\n');
  };
  expect(both(said)).toMatchInlineSnapshot(`
    "Only analysts may triage signals, so nothing was changed. Ask <@U0ANA00001>.
    Only analysts may triage signals, so nothing was changed. An admin can name analysts in the configuration.
    This card showed an older state; it has just been refreshed: \`bob\` archived it in Datadog at <!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC>. Nothing was changed by your click.
    This card showed an older state; it has just been refreshed. Nothing was changed by your click.
    No signal of this message is open any more, so there was nothing to do. The thread shows who archived them.
    This message is past its retention, so its buttons do nothing any more. Its signals are still in Datadog.
    A critical signal cannot be muted. Take it, archive it, or ask for a suppression.
    <@U0ANA00001> is working on it already. Nothing was changed; ask there, or wait until it is handed back.
    Datadog could not be reached, so nothing was changed. Try again in a minute; \`/eks-audit doctor\` shows whether it lasts.
    Datadog did not answer, so it is not known whether this was done. Click again in a minute: what is done already stays done, and the thread tells it once.
    Datadog refused: the application key lacks the scope \`security_monitoring_signals_write\`, so nothing was changed. An admin can add it in Datadog under Organization Settings, Application Keys; \`/eks-audit doctor\` checks it.
    Datadog refused this, so nothing was changed: \`Invalid state\`.
    A suppression for this message is asked for or in force already. The approvals channel shows it.
    This is not the message the bot keeps up to date, so nothing was changed. The live one stands in <#C0URGENT01> since <!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC>.
    \`soon\` is no time span. Write hours or days, at most 90 days, such as \`/eks-audit signals --since 24h\`.
    You took 1 signal.
    Nobody is assigned in Datadog: it has no user with your e-mail address, or did not take the assignment. The thread names you.
    You handed back 2 signals.
    Archived 12 signals as false positive.
    Reopened 3 signals.
    Muted until <!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC>. Datadog keeps raising signals, and the card keeps counting them.
    The suppression waits for approval in <#C0APPROVE1>. Nothing is suppressed before.
    It gets its own message in <#C0URGENT01>.
    Done for 3 of 12 signals; for the others it failed: Datadog refused. Click again to try the rest.
    Done for 199 of 1,234 signals; Datadog had no time for the others. Click again in a minute to try the rest.

    シグナルに対応できるのはアナリストのみのため、何も変更していません。次の方に依頼してください：<@U0ANA00001>
    シグナルに対応できるのはアナリストのみのため、何も変更していません。アナリストは管理者が設定ファイルで指定できます。
    カードの表示が古かったため、更新しました（\`bob\` が <!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC> に Datadog でアーカイブしました）。今回のクリックでは何も変更していません。
    カードの表示が古かったため、更新しました。今回のクリックでは何も変更していません。
    このメッセージに未完了のシグナルはもうないため、何も変更していません。アーカイブした人はスレッドで確認できます。
    このメッセージは保持期間を過ぎたため、ボタンは使えません。シグナルは引き続き Datadog で確認できます。
    重大度「緊急」のシグナルはミュートできません。対応するか、アーカイブするか、抑制を依頼してください。
    すでに <@U0ANA00001> が対応中のため、何も変更していません。直接確認するか、担当を外れるまでお待ちください。
    Datadog に接続できないため、何も変更していません。1 分ほど待ってからもう一度お試しください。続く場合は \`/eks-audit doctor\` で確認できます。
    Datadog から応答がないため、反映されたかどうか確認できません。1 分ほど待ってからもう一度クリックしてください。すでに反映されていても、重複して記録されることはありません。
    アプリケーションキーにスコープ \`security_monitoring_signals_write\` がないため、Datadog に拒否されました。何も変更していません。管理者は Datadog の Organization Settings → Application Keys で追加できます。確認は \`/eks-audit doctor\` で行えます。
    Datadog に拒否されたため、何も変更していません：\`Invalid state\`
    このメッセージの抑制は、すでに依頼中または適用中です。承認チャンネルで確認できます。
    これはボットが更新しているメッセージではないため、何も変更していません。最新のメッセージは <#C0URGENT01> にあります（<!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC>）。
    \`soon\` は期間として解釈できません。時間または日数（最大 90 日）で指定してください。例：\`/eks-audit signals --since 24h\`
    シグナル 1 件の担当になりました。
    あなたのメールアドレスのユーザーが Datadog にいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。スレッドにはお名前を記録しました。
    シグナル 2 件の担当を外れました。
    シグナル 12 件を「誤検知」としてアーカイブしました。
    シグナル 3 件を再オープンしました。
    <!date^1795442580^{date_short_pretty} {time}|2026-11-23 14:03 UTC> までミュートしました。Datadog のシグナルは止まらず、件数はカードに反映されます。
    <#C0APPROVE1> で承認を待っています。承認されるまで抑制は始まりません。
    <#C0URGENT01> に個別のメッセージとして投稿します。
    シグナル 12 件中 3 件が完了しました。残りは失敗しました：Datadog refused. もう一度クリックすると、残りを再試行します。
    シグナル 1,234 件中 199 件が完了しました。残りは Datadog が応答しないか混み合っているため、処理できませんでした。1 分ほど待ってからもう一度クリックすると、残りを再試行します。"
  `);
});
