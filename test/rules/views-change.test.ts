/** What approvers read before a rule is created, changed or restored, in both languages. */
import { expect, test } from 'vitest';
import { changeCard } from '../../src/rules/change-card.ts';
import { both } from './drawn.ts';
import { cardAbout, changeCardOf, ofPack, packRule, RULE } from './samples.ts';

test('a rule to be created', () => {
  expect(both((l) => changeCard(changeCardOf(), l))).toMatchInlineSnapshot(`
    "(Create detection rule: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Create detection rule: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *Detection* Threshold, counted over 5 minutes
    A signal ends after 1 hour without a match, and after 6 hours at the latest.
    *Severity* medium \`exec > 0\`
    *One signal per* \`@aws.awslogs.owner\`, \`@aws.awslogs.logGroup\`, \`@usr.name\`
    *Tags* \`team:soc\`
    *Message of the signal*
    \`\`\`
    Ask {{@usr.name}}.
    Then look at the pod.
    \`\`\`
    Would have raised 2 signals on 3 events from 2026-11-23 00:00 UTC to 2026-11-23 14:00 UTC.
    • kubectl 1.31 and later opens exec, attach and port-forward with the verb \`get\`: write \`@http.method:(create OR get)\`, or the rule misses them.
    • Without \`@aws.awslogs.owner\` and \`@aws.awslogs.logGroup\` one signal may mix several clusters.
    *Reason* _The runbook asks for it. See OPS-7._
    Asked for by @olivia
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…]

    (検知ルールの作成（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの作成：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *検知方法* しきい値（5 分間の件数）
    一致しない状態が 1 時間続くと、シグナルは終了します（最長 6 時間）。
    *重大度* 中 \`exec > 0\`
    *シグナルの単位* \`@aws.awslogs.owner\`、\`@aws.awslogs.logGroup\`、\`@usr.name\`
    *タグ* \`team:soc\`
    *シグナルの本文*
    \`\`\`
    Ask {{@usr.name}}.
    Then look at the pod.
    \`\`\`
    2026-11-23 00:00 UTC から 2026-11-23 14:00 UTC までのイベント 3 件で試したところ、シグナルは 2 件でした。
    • kubectl 1.31 以降では、exec・attach・port-forward の動詞は \`get\` になります。見逃さないように \`@http.method:(create OR get)\` と書いてください。
    • \`@aws.awslogs.owner\` と \`@aws.awslogs.logGroup\` がないと、1 件のシグナルに複数のクラスターが混ざることがあります。
    *理由* _The runbook asks for it. See OPS-7._
    依頼者：@olivia
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…]"
  `);
});

test('a rule to be changed: what is new in it comes first', () => {
  const { change } = changeCardOf();
  const edit = cardAbout({
    kind: 'edit',
    wanted: {
      ...change.wanted,
      rule: RULE,
      advice: [],
      preview: undefined,
      differences: [
        { path: 'cases[0].status', ours: 'medium', theirs: 'low' },
        { path: 'queries[0].groupByFields', ours: ['@usr.name'], theirs: [] },
        { path: 'options.newValueOptions', ours: undefined, theirs: null },
      ],
    },
  });
  expect(both((l) => changeCard(edit, l))).toMatchInlineSnapshot(`
    "(Change detection rule: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Change detection rule: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    *What changes*
    • \`cases[0].status\`: \`low\` → \`medium\`
    • \`queries[0].groupByFields\`: \`[]\` → \`["@usr.name"]\`
    • \`options.newValueOptions\`: \`–\` → \`–\`
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *Detection* Threshold, counted over 5 minutes
    A signal ends after 1 hour without a match, and after 6 hours at the latest.
    *Severity* medium \`exec > 0\`
    *One signal per* \`@aws.awslogs.owner\`, \`@aws.awslogs.logGroup\`, \`@usr.name\`
    *Tags* \`team:soc\`
    *Message of the signal*
    \`\`\`
    Ask {{@usr.name}}.
    Then look at the pod.
    \`\`\`
    *Reason* _The runbook asks for it. See OPS-7._
    Asked for by @olivia
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…] [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの変更（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの変更：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    *変更点*
    • \`cases[0].status\`：\`low\` → \`medium\`
    • \`queries[0].groupByFields\`：\`[]\` → \`["@usr.name"]\`
    • \`options.newValueOptions\`：\`–\` → \`–\`
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *検知方法* しきい値（5 分間の件数）
    一致しない状態が 1 時間続くと、シグナルは終了します（最長 6 時間）。
    *重大度* 中 \`exec > 0\`
    *シグナルの単位* \`@aws.awslogs.owner\`、\`@aws.awslogs.logGroup\`、\`@usr.name\`
    *タグ* \`team:soc\`
    *シグナルの本文*
    \`\`\`
    Ask {{@usr.name}}.
    Then look at the pod.
    \`\`\`
    *理由* _The runbook asks for it. See OPS-7._
    依頼者：@olivia
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…] [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>"
  `);
});

test('a rule to be restored says what of people’s edits is lost', () => {
  const edited = ofPack(packRule(), { cases: [{ name: '', status: 'low', condition: 'exec > 5', notifications: [] }] });
  const wanted = { rule: { ...RULE, key: 'exec-into-pod' }, reason: '', differences: edited.edits };
  expect(both((l) => changeCard(cardAbout({ kind: 'restore', wanted }), l))).toMatchInlineSnapshot(`
    "(Restore detection rule: \`Exec by {{@usr.name}}\`, waiting for approval.)
    *Restore detection rule: waiting for approval*
    *Rule* \`Exec by {{@usr.name}}\`
    *What changes*
    • \`cases[0].status\`: \`low\` → \`medium\`
    • \`cases[0].condition\`: \`exec>5\` → \`exec>0\`
    Asked for by @olivia
    One approval is missing. The request expires 2026-11-23 20:00 UTC.
    [Approve] [Reject…] [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (検知ルールの復元（\`Exec by {{@usr.name}}\`）：承認待ち。)
    *検知ルールの復元：承認待ち*
    *ルール* \`Exec by {{@usr.name}}\`
    *変更点*
    • \`cases[0].status\`：\`low\` → \`medium\`
    • \`cases[0].condition\`：\`exec>5\` → \`exec>0\`
    依頼者：@olivia
    あと 1 名の承認が必要です。依頼の期限：2026-11-23 20:00 UTC
    [承認] [却下…] [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>"
  `);
});
