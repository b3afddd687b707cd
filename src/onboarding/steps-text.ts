/** What the steps are called. */
import type { StepId } from './step.ts';

export const stepsEn: Record<StepId, string> = {
  'aws-integration': 'AWS integration',
  forwarder: 'Datadog Forwarder',
  'cloud-siem': 'Cloud SIEM',
  'audit-logs': 'Audit logs',
  'log-group': 'Log group',
  'invoke-permission': 'Invoke permission',
  'subscription-filter': 'Subscription filter',
  'detection-rules': 'Detection rules',
  'signal-webhook': 'Signal webhook',
  'logs-arriving': 'Logs arriving',
};

export const stepsJa: Record<StepId, string> = {
  'aws-integration': 'AWS インテグレーション',
  forwarder: 'Datadog Forwarder',
  'cloud-siem': 'Cloud SIEM',
  'audit-logs': '監査ログ',
  'log-group': 'ロググループ',
  'invoke-permission': '呼び出し権限',
  'subscription-filter': 'サブスクリプションフィルター',
  'detection-rules': '検知ルール',
  'signal-webhook': 'シグナル Webhook',
  'logs-arriving': 'ログの到達',
};
