/** Storms, the notes in a thread and suppressions, in both languages, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { threadNote } from '../../src/signals/notes.ts';
import { stormCard } from '../../src/signals/storm-views.ts';
import { suppressionCard } from '../../src/signals/suppression-views.ts';
import type { Content } from '../../src/slack/blocks.ts';
import { drawMessage, LANGUAGES, openDirectory } from './drawn.ts';
import { NOTES, stormFacts, suppression } from './samples.ts';

const slack = openDirectory();

function shown(content: Content): string {
  const { problems, text } = drawMessage(slack, content);
  expect(problems).toEqual([]);
  return text;
}

function storms(language: Language): string {
  const over = stormFacts({ state: 'over', until: new Date('2026-11-23T15:00:00Z') });
  const emptied = { ...over, signals: 0, groups: 0 };
  return [stormFacts(), over, emptied].map((storm) => shown(stormCard(storm, language))).join('\n\n');
}

function suppressions(language: Language): string {
  const cards = [
    suppression(),
    suppression({ state: 'approved', approvers: ['U0ARJUN001'] }),
    suppression({ state: 'rejected', rejection: { by: 'U0ARJUN001', reason: 'Fix the job.' } }),
    suppression({ state: 'expired' }),
  ];
  return cards.map((card) => shown(suppressionCard(card, language))).join('\n\n');
}

const notes = (language: Language) => NOTES.map((note) => shown(threadNote(note, language))).join('\n');

test('storms in English and Japanese', () => {
  expect(LANGUAGES.map(storms).join('\n\n')).toMatchInlineSnapshot(`
    ":ocean: *Signal storm: 2,000 signals in 37 groups*
    │ Since 2026-11-23 14:03 UTC. New signals are counted here instead of one message each; none is left out.
    │ *By severity* :rotating_light: CRITICAL 1 · :red_circle: HIGH 799 · :large_orange_circle: MEDIUM 1,200
    │ *Rules*
    │ • \`Interactive shell in a pod\` 1,800
    │ *Who*
    │ • \`kubernetes-admin\` 1,500
    │ *Clusters*
    │ • \`prod-a\` 2,000
    │ Start with the most severe: the list can be narrowed to one severity, and a group in it posted as its own message.
    │ [Show all 2,000] [Open in Datadog] <https://app.datadoghq.com/security/siem/signals?query=x>

    :sunny: *The signal storm is over: 2,000 signals in 37 groups*
    │ From 2026-11-23 14:03 UTC to 2026-11-23 15:00 UTC. New signals get their own messages again; these stay reachable here.
    │ *By severity* :rotating_light: CRITICAL 1 · :red_circle: HIGH 799 · :large_orange_circle: MEDIUM 1,200
    │ *Rules*
    │ • \`Interactive shell in a pod\` 1,800
    │ *Who*
    │ • \`kubernetes-admin\` 1,500
    │ *Clusters*
    │ • \`prod-a\` 2,000
    │ Start with the most severe: the list can be narrowed to one severity, and a group in it posted as its own message.
    │ [Show all 2,000] [Open in Datadog] <https://app.datadoghq.com/security/siem/signals?query=x>

    :sunny: *The signal storm is over: all of its signals have moved on to other channels*
    │ [Open in Datadog] <https://app.datadoghq.com/security/siem/signals?query=x>

    :ocean: *シグナルが急増しています：2,000 件（37 グループ）*
    │ 2026-11-23 14:03 UTC から。新しいシグナルは個別に投稿せず、ここに集計しています。漏れはありません。
    │ *重大度別* :rotating_light: 緊急 1 · :red_circle: 高 799 · :large_orange_circle: 中 1,200
    │ *ルール*
    │ • \`Interactive shell in a pod\` 1,800
    │ *実行者*
    │ • \`kubernetes-admin\` 1,500
    │ *クラスター*
    │ • \`prod-a\` 2,000
    │ 重大度の高いものから確認してください。一覧は重大度で絞り込め、グループを個別のメッセージとして投稿できます。
    │ [全 2,000 件を表示] [Datadog で開く] <https://app.datadoghq.com/security/siem/signals?query=x>

    :sunny: *シグナルの急増は収まりました：2,000 件（37 グループ）*
    │ 2026-11-23 14:03 UTC から 2026-11-23 15:00 UTC まで。新しいシグナルは再び個別に投稿します。この間の分はここから確認できます。
    │ *重大度別* :rotating_light: 緊急 1 · :red_circle: 高 799 · :large_orange_circle: 中 1,200
    │ *ルール*
    │ • \`Interactive shell in a pod\` 1,800
    │ *実行者*
    │ • \`kubernetes-admin\` 1,500
    │ *クラスター*
    │ • \`prod-a\` 2,000
    │ 重大度の高いものから確認してください。一覧は重大度で絞り込め、グループを個別のメッセージとして投稿できます。
    │ [全 2,000 件を表示] [Datadog で開く] <https://app.datadoghq.com/security/siem/signals?query=x>

    :sunny: *シグナルの急増は収まりました：すべてのシグナルは別のチャンネルに移りました*
    │ [Datadog で開く] <https://app.datadoghq.com/security/siem/signals?query=x>"
  `);
});

test('notes of the thread in English', () => {
  expect(notes('en')).toMatchInlineSnapshot(`
    "@soc :rotating_light: The severity rose from MEDIUM to *CRITICAL*.
    @ana took 12 signals in Slack. Nobody is assigned in Datadog: it has no user with this address, or did not take the assignment.
    @ana handed back the signal in Slack: open for anybody again.
    \`bob@acme.example\` archived 3 signals in Datadog as *False positive*: _The deploy job. Known._
    \`bob@acme.example\` archived the signal in Datadog as *a_new_reason*.
    \`bob@acme.example\` reopened 3 signals in Datadog.
    :mute: @ana muted this until 2026-11-23 18:00 UTC. Datadog keeps raising signals, and the card keeps counting them.
    :loud_sound: The mute is over: new signals are announced again.
    :loud_sound: @ana ended the mute: new signals are announced again.
    @soc: nobody has taken this for 15 minutes. *Take it* on the card says that you do.
    :warning: \`bob@acme.example\` archived this in Datadog at 2026-11-23 14:03 UTC, after @ana had taken it in Slack. What was done in Datadog is the later one and holds.
    This moved on to #urgent: its severity or details lead there.
    @ana asked to suppress this rule for this actor on every cluster until 2026-11-23 23:00 UTC. It waits for approval in #approvals.
    The suppression was approved by @arjun. Datadog raises no such signal until 2026-11-23 23:00 UTC.
    @arjun rejected the suppression: _Fix the job instead._
    :warning: Datadog refused the suppression that was approved, so such signals keep coming: _Invalid rule_query_. An admin can run \`/eks-audit doctor\`; then ask for it again.
    Nobody decided on the suppression in time, so the request expired. Datadog keeps raising such signals.
    The suppression has ended: Datadog raises such signals again.
    Datadog has shown the details now; the card above is complete."
  `);
});

test('notes of the thread in Japanese', () => {
  expect(notes('ja')).toMatchInlineSnapshot(`
    "@soc :rotating_light: 重大度が中から*緊急*に上がりました。
    @ana が Slack でシグナル 12 件の担当になりました。Datadog に該当するユーザーがいないか、割り当てが受け付けられなかったため、Datadog 側の担当者は未設定です。
    @ana が Slack でシグナルの担当を外れました。担当者を待っています。
    \`bob@acme.example\` が Datadog でシグナル 3 件をアーカイブしました（理由：*誤検知*）。コメント：_The deploy job. Known._
    \`bob@acme.example\` が Datadog でシグナルをアーカイブしました（理由：*a_new_reason*）。
    \`bob@acme.example\` が Datadog でシグナル 3 件を再オープンしました。
    :mute: @ana が 2026-11-23 18:00 UTC までミュートしました。Datadog のシグナルは止まらず、件数はカードに反映されます。
    :loud_sound: ミュートの期間が終わりました。新しいシグナルを再び通知します。
    :loud_sound: @ana がミュートを解除しました。新しいシグナルを再び通知します。
    @soc：15 分間、担当者がいません。対応する場合はカードの*対応する*を押してください。
    :warning: \`bob@acme.example\` が 2026-11-23 14:03 UTC に Datadog でアーカイブしました。その前に @ana が Slack で担当になったため、時刻の新しい Datadog での操作を有効とします。
    重大度または詳細に基づき、#urgent に移りました。
    @ana が 2026-11-23 23:00 UTC までの抑制を依頼しました（対象：このルール・このアクター（全クラスター））。#approvals で承認を待っています。
    抑制が承認されました（承認者：@arjun）。2026-11-23 23:00 UTC まで、Datadog はこの種のシグナルを発生させません。
    @arjun が抑制を却下しました。理由：_Fix the job instead._
    :warning: 承認された抑制を Datadog が受け付けなかったため、この種のシグナルは止まりません：_Invalid rule_query_。管理者が \`/eks-audit doctor\` で確認した後、もう一度依頼してください。
    期限までに承認も却下もされなかったため、抑制の依頼は期限切れになりました。Datadog のシグナルは止まりません。
    抑制の期間が終わりました。Datadog はこの種のシグナルを再び発生させます。
    Datadog から詳細を取得できたため、上のカードを更新しました。"
  `);
});

test('suppressions in English and Japanese', () => {
  expect(LANGUAGES.map(suppressions).join('\n\n')).toMatchInlineSnapshot(`
    "*Suppression: waiting for approval*
    *Rule* \`Interactive shell in a pod\`
    *Actor* \`kubernetes-admin\`
    *Cluster* every cluster
    *Until* 2026-11-23 23:00 UTC
    *Effect* Would have hidden 41 of 44 in 7 days
    *Reason* _The new deploy job opens shells. It is replaced next week._
    *Would have been hidden, for example*
    • Shell in payments/api-7d9f
    *Would have stayed visible, for example*
    • Shell in kube-system/coredns
    While it is in force, Datadog raises no such signal, and nobody is told of what it would have said.
    Asked for by @ana
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…]

    *Suppression: approved*
    *Rule* \`Interactive shell in a pod\`
    *Actor* \`kubernetes-admin\`
    *Cluster* every cluster
    *Until* 2026-11-23 23:00 UTC
    *Effect* Would have hidden 41 of 44 in 7 days
    *Reason* _The new deploy job opens shells. It is replaced next week._
    *Would have been hidden, for example*
    • Shell in payments/api-7d9f
    *Would have stayed visible, for example*
    • Shell in kube-system/coredns
    While it is in force, Datadog raises no such signal, and nobody is told of what it would have said.
    Asked for by @ana
    Approved by @arjun

    *Suppression: rejected*
    *Rule* \`Interactive shell in a pod\`
    *Actor* \`kubernetes-admin\`
    *Cluster* every cluster
    *Until* 2026-11-23 23:00 UTC
    *Effect* Would have hidden 41 of 44 in 7 days
    *Reason* _The new deploy job opens shells. It is replaced next week._
    *Would have been hidden, for example*
    • Shell in payments/api-7d9f
    *Would have stayed visible, for example*
    • Shell in kube-system/coredns
    While it is in force, Datadog raises no such signal, and nobody is told of what it would have said.
    Asked for by @ana
    Rejected by @arjun: _Fix the job._

    *Suppression: expired*
    *Rule* \`Interactive shell in a pod\`
    *Actor* \`kubernetes-admin\`
    *Cluster* every cluster
    *Until* 2026-11-23 23:00 UTC
    *Effect* Would have hidden 41 of 44 in 7 days
    *Reason* _The new deploy job opens shells. It is replaced next week._
    *Would have been hidden, for example*
    • Shell in payments/api-7d9f
    *Would have stayed visible, for example*
    • Shell in kube-system/coredns
    While it is in force, Datadog raises no such signal, and nobody is told of what it would have said.
    Asked for by @ana

    *抑制：承認待ち*
    *ルール* \`Interactive shell in a pod\`
    *アクター* \`kubernetes-admin\`
    *クラスター* すべて
    *期限* 2026-11-23 23:00 UTC
    *影響* 直近 7 日間では 44 件中 41 件が非表示
    *理由* _The new deploy job opens shells. It is replaced next week._
    *非表示になっていたシグナルの例*
    • Shell in payments/api-7d9f
    *表示されたままのシグナルの例*
    • Shell in kube-system/coredns
    抑制中、Datadog はこの種のシグナルを発生させず、該当する操作があっても誰にも通知されません。
    依頼者：@ana
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…]

    *抑制：承認済み*
    *ルール* \`Interactive shell in a pod\`
    *アクター* \`kubernetes-admin\`
    *クラスター* すべて
    *期限* 2026-11-23 23:00 UTC
    *影響* 直近 7 日間では 44 件中 41 件が非表示
    *理由* _The new deploy job opens shells. It is replaced next week._
    *非表示になっていたシグナルの例*
    • Shell in payments/api-7d9f
    *表示されたままのシグナルの例*
    • Shell in kube-system/coredns
    抑制中、Datadog はこの種のシグナルを発生させず、該当する操作があっても誰にも通知されません。
    依頼者：@ana
    承認者：@arjun

    *抑制：却下*
    *ルール* \`Interactive shell in a pod\`
    *アクター* \`kubernetes-admin\`
    *クラスター* すべて
    *期限* 2026-11-23 23:00 UTC
    *影響* 直近 7 日間では 44 件中 41 件が非表示
    *理由* _The new deploy job opens shells. It is replaced next week._
    *非表示になっていたシグナルの例*
    • Shell in payments/api-7d9f
    *表示されたままのシグナルの例*
    • Shell in kube-system/coredns
    抑制中、Datadog はこの種のシグナルを発生させず、該当する操作があっても誰にも通知されません。
    依頼者：@ana
    @arjun が却下しました。理由：_Fix the job._

    *抑制：期限切れ*
    *ルール* \`Interactive shell in a pod\`
    *アクター* \`kubernetes-admin\`
    *クラスター* すべて
    *期限* 2026-11-23 23:00 UTC
    *影響* 直近 7 日間では 44 件中 41 件が非表示
    *理由* _The new deploy job opens shells. It is replaced next week._
    *非表示になっていたシグナルの例*
    • Shell in payments/api-7d9f
    *表示されたままのシグナルの例*
    • Shell in kube-system/coredns
    抑制中、Datadog はこの種のシグナルを発生させず、該当する操作があっても誰にも通知されません。
    依頼者：@ana"
  `);
});
