/** Sentences about rules that stand alone: advice, refusals, and what whoever asked is told, in both languages. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { text } from '../../src/rules/text.ts';
import { LANGUAGES } from '../signals/drawn.ts';
import { ADVICE, APPROVALS, AT } from './samples.ts';

test('all that is advised', () => {
  const said = (l: Language) => ADVICE.map((advice) => `• ${text[l].advice(advice)}`).join('\n');
  expect(LANGUAGES.map(said).join('\n\n')).toMatchInlineSnapshot(`
    "• The source is called \`kubernetes.audit\`; the runbook’s \`kubernetes.aduit\` matches nothing and was corrected.
    • \`source:kubernetes.audit\` was added: without it the rule would look at every log.
    • The rule has several queries; here they are one, joined by OR.
    • The rule has several severities; only the first is carried over.
    • Nothing was found. Either nothing of the kind happened in this time, or a name in the query is misspelt.
    • kubectl 1.31 and later opens exec, attach and port-forward with the verb \`get\`: write \`@http.method:(create OR get)\`, or the rule misses them.
    • A stream is logged when it starts and when it ends, so each counts twice; \`@stage:ResponseStarted\` counts each once.
    • \`User Exec into a Pod\` (Datadog’s own) finds most of these events already, so each would alert twice. \`/eks-audit rules show def-000-exe\` may be all you need.
    • \`Our exec\` finds most of these events already, but is switched off. \`/eks-audit rules enable custom-1\` may be all you need.
    • \`kubernetes-admin\` is a name several people share: it is new only once, whoever uses it later.
    • 14 names belong to 1 IAM role: a name with the session in it is new with every session. \`@user.extra.canonicalArn\` is the role itself.
    • It learns for 7 days first where Datadog has no history; silence in that time proves nothing.
    • It raises signals from the first value on.
    • Without \`@aws.awslogs.owner\` and \`@aws.awslogs.logGroup\` one signal may mix several clusters.
    • \`OR\` binds looser than a blank, so part of this query looks at every log. Put the alternatives in parentheses: \`source:kubernetes.audit (… OR …)\`.
    • Only the newest 1,000 events were looked at.

    • ソース名は \`kubernetes.audit\` です。手順書の \`kubernetes.aduit\` は何にも一致しないため、修正しました。
    • \`source:kubernetes.audit\` を追加しました。指定がないと、すべてのログが対象になります。
    • 元のルールには複数のクエリがあるため、OR で 1 つにまとめました。
    • 元のルールには複数の重大度があるため、最初のものだけを引き継ぎました。
    • 該当するイベントはありません。この期間に発生していないか、クエリ内の名前に誤りがある可能性があります。
    • kubectl 1.31 以降では、exec・attach・port-forward の動詞は \`get\` になります。見逃さないように \`@http.method:(create OR get)\` と書いてください。
    • ストリームは開始時と終了時に記録されるため、1 回の操作が 2 件になります。\`@stage:ResponseStarted\` を加えると 1 件になります。
    • \`User Exec into a Pod\`（Datadog 標準）が、これらのイベントの多くをすでに検知します。同じ操作が 2 回通知されます。\`/eks-audit rules show def-000-exe\` で足りる場合があります。
    • \`Our exec\` が、これらのイベントの多くをすでに検知します（現在は無効）。\`/eks-audit rules enable custom-1\` で足りる場合があります。
    • \`kubernetes-admin\` は複数の人が共有する名前です。新しい値とみなされるのは最初の 1 回だけです。
    • 14 個の名前が 1 個の IAM ロールに属しています。セッション名を含む名前は、セッションごとに新しい値になります。ロール自体は \`@user.extra.canonicalArn\` です。
    • Datadog に履歴がない場合、7 日間は学習期間です。その間にシグナルがなくても、問題がないとは言えません。
    • 最初の値からシグナルが発生します。
    • \`@aws.awslogs.owner\` と \`@aws.awslogs.logGroup\` がないと、1 件のシグナルに複数のクラスターが混ざることがあります。
    • \`OR\` は空白（AND）より後に評価されるため、クエリの一部がすべてのログを対象にしています。\`source:kubernetes.audit (… OR …)\` のように括弧で囲んでください。
    • 最新の 1,000 件だけを確認しました。"
  `);
});

test('what whoever asked is told', () => {
  const said = (l: Language) => {
    const { note: n, refusal: r, asked } = text[l];
    return [
      n.direct('create', 'Exec <b>', `${n.created} ${n.verified} ${n.learning(AT('23:00:00'))}`),
      n.changedByDatadog(['options.keepAlive', 'tags']),
      n.edited,
      n.deleted,
      n.enabled,
      n.restored,
      n.disabled(AT('23:00:00')),
      n.ended,
      n.rejected('<@U0ARJUN001>', 'Fix the job\ninstead.'),
      n.expired,
      n.refused(r.datadogRefused('Invalid rule configuration; keepAlive: not allowed')),
      n.refused(r.datadogDenied('security_monitoring_rules_write')),
      n.moved,
      n.gone,
      n.tooLate,
      asked('restore', APPROVALS),
      asked('disable', APPROVALS),
    ].join('\n');
  };
  expect(LANGUAGES.map(said).join('\n\n')).toMatchInlineSnapshot(`
    "*Create detection rule* \`Exec &lt;b&gt;\`: The rule is in Datadog. Read back from Datadog: it is as it was approved. It learns until <!date^1795474800^{date_short_pretty} {time}|2026-11-23 23:00 UTC> where Datadog has no history.
    Read back from Datadog, which changed \`options.keepAlive\`, \`tags\`.
    The rule is changed.
    The rule is deleted.
    The rule is on.
    The pack’s version is back, and on. Whom it notifies and how people tagged it is as they left it.
    The rule is off until <!date^1795474800^{date_short_pretty} {time}|2026-11-23 23:00 UTC>.
    The time is over: the rule is on again.
    <@U0ARJUN001> rejected this: \`Fix the job instead.\`
    Nobody decided in time, so the request expired. Nothing was changed.
    Nothing was changed. Datadog refused this: \`Invalid rule configuration; keepAlive: not allowed\`
    Nothing was changed. Datadog refused: the application key lacks the scope \`security_monitoring_rules_write\`. An admin can add it in Datadog under Organization Settings, Application Keys.
    Somebody changed the rule in Datadog since this was asked for, so nothing was done. Ask again.
    The rule is not in Datadog any more, so nothing was done.
    It was approved only after the time asked for was over, so nothing was done. Ask again.
    Restore detection rule: waiting for approval in <#C0APPROVE1>. You get a message when it is decided.
    Switch detection rule off: waiting for approval in <#C0APPROVE1>. You get a message when it is decided.

    *検知ルールの作成* \`Exec &lt;b&gt;\`：ルールを Datadog に作成しました。 Datadog から読み直し、承認された内容と一致することを確認しました。 Datadog に履歴がない場合、<!date^1795474800^{date_short_pretty} {time}|2026-11-23 23:00 UTC> までは学習期間です。
    Datadog から読み直したところ、次の項目が変更されていました：\`options.keepAlive\`、\`tags\`。
    ルールを変更しました。
    ルールを削除しました。
    ルールを有効にしました。
    パックの内容に戻し、有効にしました。通知先と追加のタグはそのままです。
    ルールを <!date^1795474800^{date_short_pretty} {time}|2026-11-23 23:00 UTC> まで無効にしました。
    期限になったため、ルールを再び有効にしました。
    <@U0ARJUN001> が却下しました。理由：\`Fix the job instead.\`
    期限までに承認も却下もされなかったため、依頼は期限切れになりました。何も変更していません。
    何も変更していません。Datadog に拒否されました：\`Invalid rule configuration; keepAlive: not allowed\`
    何も変更していません。アプリケーションキーにスコープ \`security_monitoring_rules_write\` がないため、Datadog に拒否されました。管理者は Datadog の Organization Settings → Application Keys で追加できます。
    依頼の後に Datadog でルールが変更されたため、実行していません。もう一度依頼してください。
    ルールが Datadog に見つからないため、実行していません。
    承認された時点で依頼の期間が過ぎていたため、実行していません。もう一度依頼してください。
    検知ルールの復元：<#C0APPROVE1> で承認を待っています。結果はメッセージでお知らせします。
    検知ルールの無効化：<#C0APPROVE1> で承認を待っています。結果はメッセージでお知らせします。"
  `);
});

test('refusals say why, and what to do instead', () => {
  const candidates = Array.from({ length: 7 }, (_, i) => ({ key: `rule-${i}`, name: `Rule ${i}` }));
  const said = (l: Language) => {
    const { refusal: r } = text[l];
    return [
      r.unknownRule('exec-into-pood', 'exec-into-pod'),
      r.unknownRule('xyzzy', undefined),
      r.ambiguous('exec', candidates.slice(0, 2)),
      r.ambiguous('rule', candidates),
      r.notAllowed('<@U0OLIVIA01>'),
      r.notAllowed(''),
      r.notOurs('User Exec into a Pod'),
      r.ofThePack('exec-into-pod'),
      r.editOfThePack('exec-into-pod'),
      r.otherMethod('Odd travel'),
      r.queryTooLong(3412),
      r.notExplorer,
      r.notCreated('exec-into-pod'),
      r.alreadyOn('Exec'),
      r.alreadyOff('Exec'),
      r.needsReason('/eks-audit rules disable <rule> [--for duration] [--reason text]'),
      r.needsReason('/eks-audit rules delete <rule> [--reason text]'),
      r.badFor('gestern'),
      r.badQuery('Unexpected end at 3: expected a value'),
      r.emptyQuery,
      r.draftGone,
      r.pending('Exec'),
      r.datadogUnreachable,
      ...Object.values(text[l].problem),
    ].join('\n');
  };
  expect(LANGUAGES.map(said).join('\n\n')).toMatchInlineSnapshot(`
    "There is no detection rule \`exec-into-pood\`. Did you mean \`exec-into-pod\`? \`/eks-audit rules list\` shows all.
    There is no detection rule \`xyzzy\`. \`/eks-audit rules list\` shows all.
    Several rules match \`exec\`: \`rule-0\` (\`Rule 0\`), \`rule-1\` (\`Rule 1\`). Say which by its id.
    Several rules match \`rule\`: \`rule-0\` (\`Rule 0\`), \`rule-1\` (\`Rule 1\`), \`rule-2\` (\`Rule 2\`), \`rule-3\` (\`Rule 3\`), \`rule-4\` (\`Rule 4\`) and 2 more. Say which by its id.
    Only operators may change detection rules, so nothing was done. Ask <@U0OLIVIA01>.
    Only operators may change detection rules, so nothing was done. An admin can name operators in the configuration.
    \`User Exec into a Pod\` was not made by this bot on request, so it is not changed here. \`/eks-audit rules clone\` makes a rule of your own from it.
    \`exec-into-pod\` belongs to the rule pack, which would create it again. Leave it out in the configuration instead: \`rules: { except: [exec-into-pod] }\`.
    \`exec-into-pod\` belongs to the rule pack. Change it in the configuration under \`rules.overrides.exec-into-pod\`, or make a rule of your own from it: \`/eks-audit rules clone exec-into-pod\`.
    \`Odd travel\` detects in a way this dialog does not know: it knows a count or a count of different values above a number, and new values. Change it in Datadog.
    The query has 3,412 characters, and a dialog of Slack takes 3,000. Write this rule in Datadog itself.
    This address holds no query of the Log Explorer. Open the query there and copy the address once more, or paste the query itself.
    Datadog does not have \`exec-into-pod\` yet. \`/eks-audit enable &lt;cluster&gt; --only rules\` creates it.
    \`Exec\` is on, and as it should be. There is nothing to do.
    \`Exec\` is off already. There is nothing to do.
    That makes Datadog see less, so it needs a reason and an end: \`/eks-audit rules disable &lt;rule&gt; [--for duration] [--reason text]\`
    That makes Datadog see less, so it needs a reason: \`/eks-audit rules delete &lt;rule&gt; [--reason text]\`
    \`gestern\` is no time span. Write hours or days, at most 90 days, such as \`--for 7d\`.
    This query cannot be read: Unexpected end at 3: expected a value
    Write a query first.
    This dialog is too old or not yours, so nothing was done. Begin again with \`/eks-audit rules create\`.
    A change of \`Exec\` waits for approval already. The approvals channel has it.
    Datadog could not be reached, so nothing was done. Try again in a minute.
    This must not be empty.
    This is too long for Datadog.
    Attributes look like @usr.name; put commas between several.
    Datadog takes five attributes at most.
    This must not be shorter than the time events are counted over.
    This must not be shorter than the time without a match.
    This number is outside of what Datadog takes.

    検知ルール \`exec-into-pood\` はありません。\`exec-into-pod\` のことでしょうか。\`/eks-audit rules list\` で一覧を表示します。
    検知ルール \`xyzzy\` はありません。\`/eks-audit rules list\` で一覧を表示します。
    \`exec\` に該当するルールが複数あります：\`rule-0\`（\`Rule 0\`）、\`rule-1\`（\`Rule 1\`）。ID で指定してください。
    \`rule\` に該当するルールが複数あります：\`rule-0\`（\`Rule 0\`）、\`rule-1\`（\`Rule 1\`）、\`rule-2\`（\`Rule 2\`）、\`rule-3\`（\`Rule 3\`）、\`rule-4\`（\`Rule 4\`）、ほか 2 件。ID で指定してください。
    検知ルールを変更できるのはオペレーターのみのため、何も変更していません。次の方に依頼してください：<@U0OLIVIA01>
    検知ルールを変更できるのはオペレーターのみのため、何も変更していません。オペレーターは管理者が設定ファイルで指定できます。
    \`User Exec into a Pod\` は、依頼を受けてこのボットが作成したルールではないため、ここでは変更できません。\`/eks-audit rules clone\` で複製できます。
    \`exec-into-pod\` はルールパックのルールのため、削除しても再作成されます。設定ファイルで除外してください：\`rules: { except: [exec-into-pod] }\`
    \`exec-into-pod\` はルールパックのルールです。設定ファイルの \`rules.overrides.exec-into-pod\` で変更するか、\`/eks-audit rules clone exec-into-pod\` で複製してください。
    \`Odd travel\` の検知方法は、このダイアログでは扱えません。扱えるのは、件数または種類数が基準を超えたときの検知と、新しい値の検知です。Datadog で変更してください。
    クエリが 3,412 文字あり、Slack のダイアログの上限（3,000 文字）を超えています。Datadog で作成してください。
    この URL には Log Explorer のクエリが含まれていません。Log Explorer でクエリを開いて URL をコピーし直すか、クエリを直接貼り付けてください。
    \`exec-into-pod\` はまだ Datadog にありません。\`/eks-audit enable &lt;cluster&gt; --only rules\` で作成します。
    \`Exec\` は有効で、内容も正しい状態です。変更は不要です。
    \`Exec\` はすでに無効です。変更は不要です。
    検知の範囲が狭くなるため、理由と期限が必要です：\`/eks-audit rules disable &lt;rule&gt; [--for duration] [--reason text]\`
    検知の範囲が狭くなるため、理由が必要です：\`/eks-audit rules delete &lt;rule&gt; [--reason text]\`
    \`gestern\` は期間として解釈できません。時間または日数（最大 90 日）で指定してください。例：\`--for 7d\`
    クエリを解釈できません：Unexpected end at 3: expected a value
    クエリを入力してください。
    このダイアログは古いか、ほかの方のもののため、何も変更していません。\`/eks-audit rules create\` からやり直してください。
    \`Exec\` の変更は、すでに承認待ちです。承認チャンネルで確認できます。
    Datadog に接続できないため、何も変更していません。1 分ほど待ってからもう一度お試しください。
    入力してください。
    Datadog の上限を超えています。
    属性は @usr.name の形式で、複数の場合はカンマで区切ってください。
    Datadog では 5 つまでです。
    集計する時間より短くはできません。
    「一致しない状態」の時間より短くはできません。
    Datadog で指定できる範囲を超えています。"
  `);
});
