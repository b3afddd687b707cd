/**
 * Everything a check can find and a run can end with: plain values, stored and compared, said in words by `text.ts`
 * and `text.ja.ts`. The compiler holds both languages to this table.
 */
import type { AwsFailure } from '../aws/errors.ts';
import type { StepId } from './step.ts';

export type RedFlag = 'source-override' | 'wrong-site' | 'logs-off' | 'include-pattern' | 'exclude-pattern';

/** Where audit events were seen last on their way; the next hop is the dark one. */
export type Hop = 'eks' | 'cloudwatch' | 'forwarder' | 'datadog';

export type Finding =
  // What could not be seen
  | { code: 'aws-failed'; failure: AwsFailure; role: string }
  | { code: 'datadog-denied'; scope: string }
  | { code: 'datadog-failed'; kind: string; reasons: string[] }
  | { code: 'depends'; on: StepId }
  // 1 aws-integration
  | { code: 'integration-present'; roleName: string | undefined }
  | { code: 'integration-missing'; accountId: string }
  // 2 forwarder
  | {
      code: 'forwarder-healthy';
      arn: string;
      version: string | undefined;
      storesFailedEvents: boolean;
      environmentHidden: boolean;
    }
  | { code: 'forwarder-missing'; region: string }
  | { code: 'forwarder-gone'; arn: string }
  | { code: 'forwarder-choice'; arns: string[] }
  | { code: 'forwarder-unfit'; arn: string; flags: RedFlag[]; site: string | undefined; expectedSite: string }
  // 3 cloud-siem
  | { code: 'siem-covers'; by: string }
  | { code: 'siem-off' }
  | { code: 'siem-no-filter'; filters: string[] }
  // 4 audit-logs
  | { code: 'audit-on' }
  | { code: 'audit-off' }
  | { code: 'cluster-connected' }
  | { code: 'cluster-not-active'; status: string }
  | { code: 'cluster-gone' }
  | { code: 'update-running'; updateId: string }
  | { code: 'foreign-update'; updateId: string | undefined }
  | { code: 'update-failed'; errors: { code: string; message: string }[] }
  // 5 log-group
  | { code: 'group-ready'; group: string; retentionDays: number | undefined; advisedDays: number | undefined }
  | { code: 'group-awaited'; group: string }
  | { code: 'group-infrequent-access'; group: string }
  // 6 invoke-permission
  | { code: 'invoke-allowed'; forwarderArn: string }
  | { code: 'invoke-missing'; forwarderArn: string; sid: string; sourceArn: string }
  | { code: 'invoke-conflict'; forwarderArn: string; sid: string }
  | { code: 'policy-full'; forwarderArn: string; bytes: number }
  // 7 subscription-filter
  | { code: 'filter-carries'; by: string; kind: 'ours' | 'datadog' | 'foreign' | 'account-policy'; pattern: string }
  | { code: 'filter-missing'; group: string; forwarderArn: string }
  | { code: 'filter-double'; names: string[] }
  | { code: 'filter-expected'; forwarderArn: string }
  /** Ours by the journal, to a Forwarder that was replaced. `carriedBy`: another one sends to the new Forwarder already. */
  | { code: 'filter-stale'; group: string; name: string; from: string; forwarderArn: string; carriedBy?: string }
  | { code: 'filter-name-taken'; name: string; destinationArn: string }
  | { code: 'slots-full'; group: string; filters: string[] }
  | { code: 'cannot-invoke'; forwarderArn: string }
  | { code: 'aws-busy' }
  // 8 detection-rules
  | { code: 'rules-in-sync'; count: number; apart?: ApartRule[] }
  | { code: 'rules-none-chosen' }
  | {
      code: 'rules-missing';
      missing: NewRule[];
      /** Still as we wrote them, and our pack has moved on. */
      outdated: NewRule[];
      /** Datadog's own that ours add to, switched off. */
      shippedOff: ShippedRule[];
      edited: EditedRule[];
      apart?: ApartRule[];
    }
  | { code: 'rules-edited'; edited: EditedRule[]; apart?: ApartRule[] }
  | { code: 'rules-rejected'; rule: string; reasons: string[] }
  // 9 signal-webhook
  | { code: 'webhook-in-sync'; url: string }
  | { code: 'webhook-polling' }
  | { code: 'webhook-missing'; url: string; needs: WebhookPart[]; exists: boolean }
  | { code: 'secret-differs' }
  | { code: 'webhook-taken'; name: string; url: string }
  | { code: 'notification-rule-edited'; name: string }
  // 10 logs-arriving
  | { code: 'logs-arriving'; lastAt: string; firstAfterSeconds?: number; url: string }
  | { code: 'logs-none'; url: string }
  | { code: 'logs-dark'; lastSeen: Hop; url: string; otherSource?: string; failing?: FailingForwarder }
  // runs
  | { code: 'plan-changed' }
  | { code: 'our-bug'; reference: string }
  | { code: 'shared-busy' }
  /** Disable: other clusters have come to use it since the plan was made, so it stays. */
  | { code: 'used-by-others' }
  /** Disable: whether others use it cannot be told before all accounts can be read. */
  | { code: 'fleet-unread' }
  | { code: 'answer-lost' }
  | { code: 'deadline'; minutes: number; last: Finding };

/** `secret`: the variable is there, but not known to hold what our configuration says. */
export type WebhookPart = 'variable' | 'secret' | 'webhook' | 'notification-rule';

/** What Lambda counted in the last 15 minutes. */
export interface FailingForwarder {
  name: string;
  invocations: number;
  errors: number;
}

export interface NewRule {
  packId: string;
  title: string;
  /** Hash of what we own of the rule, so that an approval covers its content. */
  content: string;
}

/** A rule of ours that people changed: their word holds. */
export interface EditedRule {
  title: string;
  key: string;
  /** Paths such as `queries[0].query`; empty where it was only switched off. */
  fields: string[];
}

export interface ShippedRule {
  id: string;
  name: string;
}

/** A rule over audit logs that somebody made by hand, and whose signals do not come to us as others do. */
export interface ApartRule {
  name: string;
  /** `other-type`: our notification rule covers log detection only. `names-webhook`: it rings twice. */
  why: 'other-type' | 'names-webhook';
}

export type FindingOf<C extends Finding['code']> = Extract<Finding, { code: C }>;
