/**
 * The permissions of the Datadog application key, by feature, each with its reason. `doctor` probes them one by one,
 * and a test compares them with the calls in the source.
 * https://docs.datadoghq.com/account_management/rbac/permissions
 */
import type { Language } from '../config.ts';

export type DatadogScopeName =
  | 'logs_read_data'
  | 'aws_configuration_read'
  | 'security_monitoring_filters_read'
  | 'security_monitoring_rules_read'
  | 'security_monitoring_rules_write'
  | 'integrations_read'
  | 'create_webhooks'
  | 'manage_integrations'
  | 'security_monitoring_notification_profiles_read'
  | 'security_monitoring_notification_profiles_write'
  | 'security_monitoring_signals_read'
  | 'security_monitoring_signals_write'
  | 'user_access_read'
  | 'security_monitoring_suppressions_read'
  | 'security_monitoring_suppressions_write';

export interface DatadogScope {
  scope: DatadogScopeName;
  /** Without it this one feature is missing and everything else works. */
  optional: boolean;
  why: Record<Language, string>;
}

export interface DatadogFeature {
  /** `webhook` only with a public address; without a rule pack `rules` is for the command of that name alone. */
  id: 'clusters' | 'rules' | 'webhook' | 'signals';
  name: Record<Language, string>;
  scopes: readonly DatadogScope[];
}

export const DATADOG_FEATURES: readonly DatadogFeature[] = [
  {
    id: 'clusters',
    name: { en: 'Checking a cluster', ja: 'クラスターの確認' },
    scopes: [
      {
        scope: 'logs_read_data',
        optional: false,
        why: {
          en: 'prove that audit events arrive, show them (`logs`, Show events), and try the query of a rule on them (`rules create`)',
          ja: '監査イベントの到達の確認、イベントの表示（`logs`、「イベントを表示」）、ルールのクエリの試行（`rules create`）',
        },
      },
      {
        scope: 'aws_configuration_read',
        optional: false,
        why: {
          en: 'see whether Datadog knows the AWS account and subscribes log groups by itself, so that nothing is delivered twice',
          ja: 'AWS アカウントの連携と自動サブスクリプションの確認（二重配信を防ぐため）',
        },
      },
      {
        scope: 'security_monitoring_filters_read',
        optional: true,
        why: {
          en: 'see whether Cloud SIEM analyses Kubernetes audit logs',
          ja: 'Cloud SIEM が Kubernetes 監査ログを分析しているかの確認',
        },
      },
    ],
  },
  {
    id: 'rules',
    name: {
      en: 'Detection rules (the pack, and `rules` in Slack)',
      ja: '検知ルール（ルールパックと Slack の `rules`）',
    },
    scopes: [
      {
        scope: 'security_monitoring_rules_read',
        optional: false,
        why: {
          en: 'list and show every rule over audit logs, and find our own by their tags before any is made',
          ja: '監査ログを対象とするすべてのルールの一覧と表示、作成の前に既存のルールをタグで探す',
        },
      },
      {
        scope: 'security_monitoring_rules_write',
        optional: false,
        why: {
          en: 'create, change and delete the rules of the pack and those asked for in Slack, have Datadog validate them, and switch rules on and off, Datadog’s own included',
          ja: 'パックのルールと Slack で依頼されたルールの作成、変更、削除、Datadog による検証、ルールの有効化と無効化（Datadog 標準のルールを含む）',
        },
      },
    ],
  },
  {
    id: 'webhook',
    name: { en: 'Signals by webhook (`PUBLIC_URL`)', ja: 'Webhook によるシグナル受信（`PUBLIC_URL`）' },
    scopes: [
      {
        scope: 'integrations_read',
        optional: false,
        why: { en: 'read the webhook named eks-audit', ja: 'eks-audit という名前の Webhook の読み取り' },
      },
      {
        scope: 'create_webhooks',
        optional: false,
        why: { en: 'create that webhook', ja: 'その Webhook の作成' },
      },
      {
        scope: 'manage_integrations',
        optional: false,
        why: {
          en: 'read and set the variable that holds its secret, and change or remove the webhook',
          ja: 'シークレットを保持する変数の読み取りと設定、Webhook の変更と削除',
        },
      },
      {
        scope: 'security_monitoring_notification_profiles_read',
        optional: false,
        why: { en: 'find the notification rule that rings the webhook', ja: 'Webhook を呼び出す通知ルールの確認' },
      },
      {
        scope: 'security_monitoring_notification_profiles_write',
        optional: false,
        why: { en: 'create and remove that notification rule', ja: 'その通知ルールの作成と削除' },
      },
    ],
  },
  {
    id: 'signals',
    name: { en: 'Reading and triaging signals', ja: 'シグナルの読み取りとトリアージ' },
    scopes: [
      {
        scope: 'security_monitoring_signals_read',
        optional: false,
        why: {
          en: 'read signals, and find those whose webhook was lost',
          ja: 'シグナルの読み取りと、Webhook が届かなかったシグナルの検出',
        },
      },
      {
        scope: 'security_monitoring_signals_write',
        optional: true,
        why: {
          en: 'take, archive and reopen signals from Slack',
          ja: 'Slack からのシグナルの担当、アーカイブ、再オープン',
        },
      },
      {
        scope: 'user_access_read',
        optional: true,
        why: {
          en: 'assign a signal to the person who takes it, found by e-mail address',
          ja: 'シグナルを引き受けた人への割り当て（メールアドレスで検索）',
        },
      },
      {
        scope: 'security_monitoring_suppressions_read',
        optional: true,
        why: {
          en: 'find suppressions before any is made',
          ja: '作成の前に既存の抑制ルールを探す',
        },
      },
      {
        scope: 'security_monitoring_suppressions_write',
        optional: true,
        why: {
          en: 'create approved suppressions, and remove them again',
          ja: '承認された抑制ルールの作成と削除',
        },
      },
    ],
  },
];

export const DATADOG_SCOPES: readonly DatadogScope[] = DATADOG_FEATURES.flatMap(({ scopes }) => scopes);
