/** CloudWatch Logs: one function per call we make. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference */
import {
  type CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeAccountPoliciesCommand,
  FilterLogEventsCommand,
  PutRetentionPolicyCommand,
  PutSubscriptionFilterCommand,
  paginateDescribeLogGroups,
  paginateDescribeSubscriptionFilters,
} from '@aws-sdk/client-cloudwatch-logs';
import { isAwsError } from './errors.ts';

export interface LogGroup {
  name: string;
  class: string;
  /** Undefined means events never expire. */
  retentionDays: number | undefined;
  storedBytes: number;
}

export interface SubscriptionFilter {
  name: string;
  pattern: string;
  destinationArn: string;
}

/** The group of exactly this name: the API matches prefixes, and `/aws/eks/a/cluster` is one of `…/cluster-b`. */
export async function findLogGroup(logs: CloudWatchLogsClient, name: string): Promise<LogGroup | undefined> {
  for await (const page of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix: name })) {
    const found = page.logGroups?.find((group) => group.logGroupName === name);
    if (found) {
      return {
        name,
        class: found.logGroupClass ?? 'STANDARD',
        retentionDays: found.retentionInDays,
        storedBytes: found.storedBytes ?? 0,
      };
    }
  }
  return undefined;
}

/** All filters of a group; empty when the group does not exist. */
export async function listFilters(logs: CloudWatchLogsClient, group: string): Promise<SubscriptionFilter[]> {
  const filters: SubscriptionFilter[] = [];
  try {
    for await (const page of paginateDescribeSubscriptionFilters({ client: logs }, { logGroupName: group })) {
      for (const f of page.subscriptionFilters ?? [])
        filters.push({
          name: f.filterName ?? '',
          pattern: f.filterPattern ?? '',
          destinationArn: f.destinationArn ?? '',
        });
    }
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
  }
  return filters;
}

export type PutFilterOutcome =
  | 'put'
  /** The group is not there yet, or a fresh permission has not spread: worth another look. */
  | 'group-missing'
  | 'cannot-invoke'
  | 'try-again'
  /** Every slot of the group is taken by others. */
  | 'slots-full';

/** Creates or replaces the filter of this name. The client must not retry by itself, see `AwsClients.logsOnce`. */
export async function putFilter(
  logs: CloudWatchLogsClient,
  group: string,
  filter: SubscriptionFilter,
): Promise<PutFilterOutcome> {
  try {
    await logs.send(
      new PutSubscriptionFilterCommand({
        logGroupName: group,
        filterName: filter.name,
        filterPattern: filter.pattern,
        destinationArn: filter.destinationArn,
      }),
    );
    return 'put';
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return 'group-missing';
    if (isAwsError(error, 'LimitExceededException')) return 'slots-full';
    if (isAwsError(error, 'OperationAbortedException', 'ThrottlingException', 'ServiceUnavailableException'))
      return 'try-again';
    if (
      isAwsError(error, 'InvalidParameterException') &&
      (error as Error).message.includes('Could not execute the lambda function')
    )
      return 'cannot-invoke';
    throw error;
  }
}

/** Deletes a filter; one that is already gone is a success. */
export async function deleteFilter(logs: CloudWatchLogsClient, group: string, name: string): Promise<void> {
  try {
    await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName: group, filterName: name }));
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
  }
}

/** Sets how long events are kept. Only ever called on a group that did not exist when the plan was made. */
export async function setRetention(logs: CloudWatchLogsClient, group: string, days: number): Promise<void> {
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: days }));
}

export interface AccountPolicy {
  name: string;
  destinationArn: string;
  pattern: string;
  /** Groups the policy leaves out. */
  excludes: string[];
}

/** Account-wide subscription policies, which deliver beside any filter of the group. */
export async function accountSubscriptions(logs: CloudWatchLogsClient): Promise<AccountPolicy[]> {
  const { accountPolicies } = await logs.send(
    new DescribeAccountPoliciesCommand({ policyType: 'SUBSCRIPTION_FILTER_POLICY' }),
  );
  return (accountPolicies ?? []).map((policy) => {
    const document = parseObject(policy.policyDocument);
    return {
      name: policy.policyName ?? '',
      destinationArn: String(document.DestinationArn ?? ''),
      pattern: String(document.FilterPattern ?? ''),
      excludes: [...(policy.selectionCriteria ?? '').matchAll(/"([^"]+)"/g)].map((m) => m[1] ?? ''),
    };
  });
}

/** The time of an audit event since `since`, or undefined: empty pages with a token are followed, at most `maxPages`. */
export async function lastAuditEvent(
  logs: CloudWatchLogsClient,
  group: string,
  since: Date,
  maxPages = 10,
): Promise<Date | undefined> {
  let nextToken: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: group,
        logStreamNamePrefix: 'kube-apiserver-audit-',
        startTime: since.getTime(),
        limit: 1,
        nextToken,
      }),
    );
    const at = answer.events?.[0]?.timestamp;
    if (at !== undefined) return new Date(at);
    if (!answer.nextToken) return undefined;
    nextToken = answer.nextToken;
  }
  return undefined;
}

function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
