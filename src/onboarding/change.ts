/**
 * What a plan can consist of. Plain values: they are hashed for the approval, stored in the journal and said in words
 * by the texts. IAM actions are named so that an approver sees what the bot's role will be used for.
 */
import { createHash } from 'node:crypto';
import type { StepId } from './step.ts';

interface Base<O extends string, V> {
  step: StepId;
  /** What is changed: a cluster ARN, a log group, a function ARN, a rule's pack id. */
  target: string;
  operation: O;
  values: V;
  /** Cannot be seen yet when the plan is made; carried out only if it turns out to be needed. */
  conditional?: true;
}

/** Stands for a secret where the secret itself must not: in plans, the journal and hashes. See `webhook-secret.ts`. */
export interface SecretMark {
  /** Not secret: it keeps deployments with the same token from having the same mark. */
  salt: string;
  hash: string;
}

export type Change =
  | Base<'enable-audit-logs', Record<string, never>>
  | Base<'disable-audit-logs', Record<string, never>>
  | Base<'set-retention', { days: number }>
  | Base<'add-invoke-permission', { sid: string; sourceArn: string; accountId: string }>
  | Base<'remove-invoke-permission', { sid: string; sourceArn: string }>
  | Base<'put-subscription-filter', { name: string; pattern: string; forwarderArn: string }>
  | Base<'repoint-subscription-filter', { name: string; pattern: string; from: string; forwarderArn: string }>
  | Base<'delete-subscription-filter', { name: string; forwarderArn: string }>
  | Base<'create-rule', { title: string; content: string }>
  | Base<'update-rule', { title: string; content: string }>
  | Base<'delete-rule', { title: string; content: string }>
  | Base<'enable-shipped-rule', { title: string }>
  | Base<'disable-shipped-rule', { title: string }>
  | Base<'put-secret-variable', SecretMark>
  | Base<'delete-secret-variable', Record<string, never>>
  | Base<'create-webhook', { url: string }>
  | Base<'update-webhook', { url: string }>
  | Base<'delete-webhook', { url: string }>
  | Base<'create-notification-rule', { query: string; severities: string[] }>
  | Base<'delete-notification-rule', Record<string, never>>;

export type Operation = Change['operation'];
export type ChangeOf<O extends Operation> = Extract<Change, { operation: O }>;

/** What each operation needs: an IAM action of the operator role, or a permission of the Datadog application key. */
export const NEEDS: Record<Operation, string> = {
  'enable-audit-logs': 'eks:UpdateClusterConfig',
  'disable-audit-logs': 'eks:UpdateClusterConfig',
  'set-retention': 'logs:PutRetentionPolicy',
  'add-invoke-permission': 'lambda:AddPermission',
  'remove-invoke-permission': 'lambda:RemovePermission',
  'put-subscription-filter': 'logs:PutSubscriptionFilter',
  'repoint-subscription-filter': 'logs:PutSubscriptionFilter',
  'delete-subscription-filter': 'logs:DeleteSubscriptionFilter',
  'create-rule': 'security_monitoring_rules_write',
  'update-rule': 'security_monitoring_rules_write',
  'delete-rule': 'security_monitoring_rules_write',
  'enable-shipped-rule': 'security_monitoring_rules_write',
  'disable-shipped-rule': 'security_monitoring_rules_write',
  'put-secret-variable': 'manage_integrations',
  'delete-secret-variable': 'manage_integrations',
  'create-webhook': 'create_webhooks',
  'update-webhook': 'manage_integrations',
  'delete-webhook': 'manage_integrations',
  'create-notification-rule': 'security_monitoring_notification_profiles_write',
  'delete-notification-rule': 'security_monitoring_notification_profiles_write',
};

/** Operations that leave something behind, which undo may take back; the others take something away. */
export const MAKING = [
  'enable-audit-logs',
  'set-retention',
  'add-invoke-permission',
  'put-subscription-filter',
  'repoint-subscription-filter',
  'create-rule',
  'enable-shipped-rule',
  'put-secret-variable',
  'create-webhook',
  'update-webhook',
  'create-notification-rule',
] as const satisfies readonly Operation[];
export type Making = (typeof MAKING)[number];

/** Same change: what an approval of the one is worth for the other. */
export function sameChange(a: Change, b: Change): boolean {
  return identity(a) === identity(b);
}

/** The same done to the same thing, whatever the values. */
export function sameThing(a: Change, b: Change): boolean {
  return a.step === b.step && a.target === b.target && a.operation === b.operation;
}

/** True when everything in `wanted` was approved, in the same order: dropping changes keeps an approval valid. */
export function isSubsequence(wanted: readonly Change[], approved: readonly Change[]): boolean {
  let at = 0;
  for (const change of approved) {
    const next = wanted[at];
    if (next && sameChange(next, change)) at += 1;
  }
  return at === wanted.length;
}

/** Over the ordered changes only: no prose, price, evidence or time, so the same plan has the same hash tomorrow. */
export function hashOf(changes: readonly Change[]): string {
  return createHash('sha256')
    .update(JSON.stringify(changes.map(identity)))
    .digest('hex');
}

function identity({ step, target, operation, values }: Change): string {
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify([step, target, operation, sorted]);
}
