/** Single rules, in both languages, as text and as Slack would take them. */
import { expect, test } from 'vitest';
import type { Language } from '../../src/config.ts';
import { ruleView } from '../../src/rules/views.ts';
import { LANGUAGES } from '../signals/drawn.ts';
import { both, shown } from './drawn.ts';
import { foreign, missing, ofPack, packRule, SITE } from './samples.ts';

test('a rule of the pack as it should be', () => {
  expect(both((l) => ruleView(ofPack(), { config: SITE, terraform: undefined }, l))).toMatchInlineSnapshot(`
    "(\`Command executed in a pod\`: enabled)
    *Command executed in a pod*
    \`exec-into-pod\` · pack · enabled · medium · 4 signals in the last 7 days
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *Detection* Threshold, counted over 5 minutes
    A signal ends after 1 hour without a match, and after 6 hours at the latest.
    *Severity* medium \`exec > 0\`
    *One signal per* \`@aws.awslogs.owner\`, \`@aws.awslogs.logGroup\`, \`@usr.name\`
    *Tags* \`source:kubernetes.audit\`, \`security:attack\`, \`tactic:TA0002-execution\`, \`technique:T1609-container-administration-command\`, \`managed-by:eks-audit\`, \`eks-audit-id:exec-into-pod\`
    It covers all that Datadog’s \`User Exec into a Pod\` does: with both on, the same action alerts twice.
    *What to do first*
    1. Ask \`user.extra.sessionName\` whether it was them.
    2. Look at what was run in the pod.
    *False alarms and blind spots*
    Debugging during an incident.
    References: https://attack.mitre.org/techniques/T1609/
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (\`Pod 内でのコマンド実行\`：有効)
    *Pod 内でのコマンド実行*
    \`exec-into-pod\` · パック · 有効 · 中 · 過去 7 日間のシグナル 4 件
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *検知方法* しきい値（5 分間の件数）
    一致しない状態が 1 時間続くと、シグナルは終了します（最長 6 時間）。
    *重大度* 中 \`exec > 0\`
    *シグナルの単位* \`@aws.awslogs.owner\`、\`@aws.awslogs.logGroup\`、\`@usr.name\`
    *タグ* \`source:kubernetes.audit\`、\`security:attack\`、\`tactic:TA0002-execution\`、\`technique:T1609-container-administration-command\`、\`managed-by:eks-audit\`、\`eks-audit-id:exec-into-pod\`
    Datadog 標準のルール \`User Exec into a Pod\` の検知範囲をすべて含みます。両方を有効にすると、同じ操作が 2 回通知されます。
    *最初に行うこと*
    1. \`user.extra.sessionName\` の本人に確認します。
    2. Pod 内で実行されたコマンドを確認します。
    *誤検知と、検知できないケース*
    障害対応中の調査が該当します。
    参考資料：https://attack.mitre.org/techniques/T1609/
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>"
  `);
});

const EDITED = ofPack(packRule(), {
  isEnabled: false,
  message: 'ours',
  cases: [{ name: '', status: 'low', condition: 'exec > 5', notifications: ['@slack-soc'] }],
});

test('a rule of the pack that was edited and switched off, with Terraform', () => {
  const terraform = 'resource "datadog_security_monitoring_rule" "exec" {\n\tname = "Exec"\n}\n';
  expect(both((l) => ruleView(EDITED, { config: SITE, terraform }, l))).toMatchInlineSnapshot(`
    "(\`Command executed in a pod\`: disabled)
    *Command executed in a pod*
    \`exec-into-pod\` · pack · disabled · medium · 4 signals in the last 7 days
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *Detection* Threshold, counted over 5 minutes
    A signal ends after 1 hour without a match, and after 6 hours at the latest.
    *Severity* low \`exec > 5\`
    *One signal per* \`@aws.awslogs.owner\`, \`@aws.awslogs.logGroup\`, \`@usr.name\`
    *Tags* \`source:kubernetes.audit\`, \`security:attack\`, \`tactic:TA0002-execution\`, \`technique:T1609-container-administration-command\`, \`managed-by:eks-audit\`, \`eks-audit-id:exec-into-pod\`
    *Changed in Datadog since the bot wrote it, and left as it is:*
    • \`message\`: \`{{@usr.name}} ({{@network.client.ip}}) · {{@aws.awslogs.logGroup}} · AWS account {{@aws.awslogs.own…\` in our pack, \`ours\` in Datadog
    • \`cases[0].status\`: \`medium\` in our pack, \`low\` in Datadog
    • \`cases[0].condition\`: \`exec>0\` in our pack, \`exec>5\` in Datadog
    \`/eks-audit rules enable exec-into-pod\` asks to put the pack’s version back.
    It covers all that Datadog’s \`User Exec into a Pod\` does: with both on, the same action alerts twice.
    *What to do first*
    1. Ask \`user.extra.sessionName\` whether it was them.
    2. Look at what was run in the pod.
    *False alarms and blind spots*
    Debugging during an incident.
    References: https://attack.mitre.org/techniques/T1609/
    *For Terraform, converted by Datadog*
    \`\`\`
    resource "datadog_security_monitoring_rule" "exec" {
      name = "Exec"
    }
    \`\`\`
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>

    (\`Pod 内でのコマンド実行\`：無効)
    *Pod 内でのコマンド実行*
    \`exec-into-pod\` · パック · 無効 · 中 · 過去 7 日間のシグナル 4 件
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *検知方法* しきい値（5 分間の件数）
    一致しない状態が 1 時間続くと、シグナルは終了します（最長 6 時間）。
    *重大度* 低 \`exec > 5\`
    *シグナルの単位* \`@aws.awslogs.owner\`、\`@aws.awslogs.logGroup\`、\`@usr.name\`
    *タグ* \`source:kubernetes.audit\`、\`security:attack\`、\`tactic:TA0002-execution\`、\`technique:T1609-container-administration-command\`、\`managed-by:eks-audit\`、\`eks-audit-id:exec-into-pod\`
    *ボットによる作成の後に、Datadog で変更された項目（上書きはしません）：*
    • \`message\`：パックでは \`{{@usr.name}} ({{@network.client.ip}}) · {{@aws.awslogs.logGroup}} · AWS account {{@aws.awslogs.own…\`、Datadog では \`ours\`
    • \`cases[0].status\`：パックでは \`medium\`、Datadog では \`low\`
    • \`cases[0].condition\`：パックでは \`exec>0\`、Datadog では \`exec>5\`
    \`/eks-audit rules enable exec-into-pod\` で、パックの内容への復元を依頼できます。
    Datadog 標準のルール \`User Exec into a Pod\` の検知範囲をすべて含みます。両方を有効にすると、同じ操作が 2 回通知されます。
    *最初に行うこと*
    1. \`user.extra.sessionName\` の本人に確認します。
    2. Pod 内で実行されたコマンドを確認します。
    *誤検知と、検知できないケース*
    障害対応中の調査が該当します。
    参考資料：https://attack.mitre.org/techniques/T1609/
    *Terraform 用（Datadog による変換）*
    \`\`\`
    resource "datadog_security_monitoring_rule" "exec" {
      name = "Exec"
    }
    \`\`\`
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/abc-def-ghi>"
  `);
});

test('a rule of new values that Datadog does not have yet', () => {
  const pack = packRule({
    shipped: { relation: 'complements', name: 'User Exec into a Pod', default_id: '1d5-6cd-162' },
    detection: {
      method: 'new_value',
      of: ['@usr.name', '@objectRef.namespace'],
      learn_for_days: 7,
      forget_after_days: 28,
      keep_alive: 0,
      max_signal_duration: 600,
      decrease_criticality_based_on_env: false,
    },
    cases: [{ severity: 'high' }],
  });
  expect(both((l) => ruleView(missing(pack), { config: SITE, terraform: undefined }, l))).toMatchInlineSnapshot(`
    "(\`Command executed in a pod\`: not created)
    *Command executed in a pod*
    \`exec-into-pod\` · pack · not created · high · 0 signals in the last 7 days
    Datadog does not have it yet. \`/eks-audit enable <cluster> --only rules\` creates it.
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *Detection* New value of \`@usr.name\`, \`@objectRef.namespace\`; learns for 7 days, forgets after 28 days
    A signal ends at once: the next match raises a new one.
    *Severity* high
    *One signal per* \`@aws.awslogs.owner\`, \`@aws.awslogs.logGroup\`, \`@usr.name\`
    *Tags* \`source:kubernetes.audit\`, \`security:attack\`, \`tactic:TA0002-execution\`, \`technique:T1609-container-administration-command\`, \`managed-by:eks-audit\`, \`eks-audit-id:exec-into-pod\`
    It adds to Datadog’s \`User Exec into a Pod\`, which should stay on.
    *What to do first*
    1. Ask \`user.extra.sessionName\` whether it was them.
    2. Look at what was run in the pod.
    *False alarms and blind spots*
    Debugging during an incident.
    References: https://attack.mitre.org/techniques/T1609/

    (\`Pod 内でのコマンド実行\`：未作成)
    *Pod 内でのコマンド実行*
    \`exec-into-pod\` · パック · 未作成 · 高 · 過去 7 日間のシグナル 0 件
    まだ Datadog に作成されていません。\`/eks-audit enable <cluster> --only rules\` で作成できます。
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:(create OR get)
    \`\`\`
    *検知方法* \`@usr.name\`、\`@objectRef.namespace\` の新しい値（学習期間 7 日、値の保持期間 28 日）
    シグナルはすぐに終了し、次に一致すると新しいシグナルが発生します。
    *重大度* 高
    *シグナルの単位* \`@aws.awslogs.owner\`、\`@aws.awslogs.logGroup\`、\`@usr.name\`
    *タグ* \`source:kubernetes.audit\`、\`security:attack\`、\`tactic:TA0002-execution\`、\`technique:T1609-container-administration-command\`、\`managed-by:eks-audit\`、\`eks-audit-id:exec-into-pod\`
    Datadog 標準のルール \`User Exec into a Pod\` を補います。そちらも有効のままにしてください。
    *最初に行うこと*
    1. \`user.extra.sessionName\` の本人に確認します。
    2. Pod 内で実行されたコマンドを確認します。
    *誤検知と、検知できないケース*
    障害対応中の調査が該当します。
    参考資料：https://attack.mitre.org/techniques/T1609/"
  `);
});

test('a shipped rule that counts different values in several queries and cases', () => {
  const query = { dataSource: 'logs', aggregation: 'cardinality', groupByFields: ['@usr.name'] };
  const rule = foreign(
    {},
    {
      queries: [
        {
          ...query,
          name: 'read',
          query: 'source:kubernetes.audit @verb:get',
          distinctFields: ['@objectRef.namespace'],
        },
        { ...query, name: 'listed', query: 'source:kubernetes.audit @verb:list', distinctFields: [] },
      ],
      options: { detectionMethod: 'threshold', evaluationWindow: 3600, keepAlive: 7200, maxSignalDuration: 86_400 },
      cases: [
        { name: 'many', status: 'high', condition: 'read > 100' },
        { name: '', status: 'low', condition: 'read > 10 || listed > 5' },
      ],
    },
  );
  expect(both((l) => ruleView(rule, { config: SITE, terraform: undefined }, l))).toMatchInlineSnapshot(`
    "(\`User Attached to a Pod\`: enabled)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · enabled · info · 0 signals in the last 7 days
    *Queries*
    \`\`\`
    read: source:kubernetes.audit @verb:get
    \`\`\`
    \`\`\`
    listed: source:kubernetes.audit @verb:list
    \`\`\`
    *Detection* Threshold of different \`@objectRef.namespace\`, counted over 1 hour
    A signal ends after 2 hours without a match, and after 1 day at the latest.
    *Severity* high \`read > 100\` \`many\`, low \`read > 10 || listed > 5\`
    *One signal per* \`@usr.name\`
    *Tags* \`source:kubernetes\`, \`tactic:TA0007-discovery\`
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/def-000-att>

    (\`User Attached to a Pod\`：有効)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · 有効 · 情報 · 過去 7 日間のシグナル 0 件
    *クエリ*
    \`\`\`
    read: source:kubernetes.audit @verb:get
    \`\`\`
    \`\`\`
    listed: source:kubernetes.audit @verb:list
    \`\`\`
    *検知方法* しきい値（1 時間の \`@objectRef.namespace\` の種類数）
    一致しない状態が 2 時間続くと、シグナルは終了します（最長 1 日）。
    *重大度* 高 \`read > 100\` \`many\`、低 \`read > 10 || listed > 5\`
    *シグナルの単位* \`@usr.name\`
    *タグ* \`source:kubernetes\`、\`tactic:TA0007-discovery\`
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/def-000-att>"
  `);
});

test('a rule of a method we do not know, and one that shows nothing', () => {
  const options = { detectionMethod: 'anomaly_detection', keepAlive: 3600, maxSignalDuration: 7200 };
  const bare = { queries: [], options: {}, cases: [], tags: [] };
  const views = (l: Language) => [
    ruleView(foreign({}, { options }), { config: SITE, terraform: undefined }, l),
    ruleView(foreign({}, bare), { config: SITE, terraform: undefined }, l),
  ];
  expect(LANGUAGES.flatMap((l) => views(l).map(shown)).join('\n\n')).toMatchInlineSnapshot(`
    "(\`User Attached to a Pod\`: enabled)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · enabled · info · 0 signals in the last 7 days
    *Query*
    \`\`\`
    source:kubernetes.audit @objectRef.subresource:attach
    \`\`\`
    *Detection* Method \`anomaly_detection\`
    A signal ends after 1 hour without a match, and after 2 hours at the latest.
    *Severity* info \`a > 0\`
    *One signal per* \`@usr.name\`
    *Tags* \`source:kubernetes\`, \`tactic:TA0007-discovery\`
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/def-000-att>

    (\`User Attached to a Pod\`: enabled)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · enabled · info · 0 signals in the last 7 days
    Datadog does not show how it detects.
    [Open in Datadog] <https://app.datadoghq.com/security/rules/view/def-000-att>

    (\`User Attached to a Pod\`：有効)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · 有効 · 情報 · 過去 7 日間のシグナル 0 件
    *クエリ*
    \`\`\`
    source:kubernetes.audit @objectRef.subresource:attach
    \`\`\`
    *検知方法* \`anomaly_detection\`
    一致しない状態が 1 時間続くと、シグナルは終了します（最長 2 時間）。
    *重大度* 情報 \`a > 0\`
    *シグナルの単位* \`@usr.name\`
    *タグ* \`source:kubernetes\`、\`tactic:TA0007-discovery\`
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/def-000-att>

    (\`User Attached to a Pod\`：有効)
    *User Attached to a Pod*
    \`def-000-att\` · Datadog · 有効 · 情報 · 過去 7 日間のシグナル 0 件
    検知の内容は Datadog から取得できません。
    [Datadog で開く] <https://app.datadoghq.com/security/rules/view/def-000-att>"
  `);
});
