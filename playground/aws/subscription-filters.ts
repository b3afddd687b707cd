/** The CloudWatch Logs API for subscription filters, with AWS's order of checks and its exact refusals. */
import { parseArn } from './arn.ts';
import { compiled } from './log-events.ts';
import type { LogGroup, SubscriptionFilter } from './log-group.ts';
import {
  abortIfColliding,
  badToken,
  existingGroup,
  groupResource,
  limitOf,
  logGroupName,
  requiredText,
  requireStandardClass,
} from './logs.ts';
import type { OperationRequest, Operations } from './operation.ts';
import { constraintFault, optionalText, page } from './operation.ts';
import { AwsFault } from './wire.ts';

const MAX_PATTERN_LENGTH = 1024;

export const subscriptionFilterOperations: Operations = {
  PutSubscriptionFilter: {
    writes: true,
    action: 'logs:PutSubscriptionFilter',
    resource: groupResource,
    run(request) {
      const { aws, input } = request;
      logGroupName(input);
      const name = filterName(input);
      const pattern = requiredText(input, 'filterPattern');
      if (pattern.length > MAX_PATTERN_LENGTH)
        throw constraintFault(
          'InvalidParameterException',
          'filterPattern',
          pattern,
          `Member must have length less than or equal to ${MAX_PATTERN_LENGTH}`,
        );
      const destination = requiredText(input, 'destinationArn');
      refuseForeignLambda(request, destination);
      const group = existingGroup(request);
      compiled(pattern);
      abortIfColliding(group);
      tryDestination(request, group, destination);
      requireStandardClass(group);
      if (!group.filter(name) && group.filters.length >= aws.filterLimit)
        throw new AwsFault('LimitExceededException', 'Resource limit exceeded.');
      group.putFilter(name, pattern, destination, aws.time.now());
    },
  },

  DescribeSubscriptionFilters: {
    action: 'logs:DescribeSubscriptionFilters',
    resource: groupResource,
    run(request) {
      const { input } = request;
      const group = existingGroup(request);
      requireStandardClass(group);
      const prefix = optionalText(input, 'filterNamePrefix') ?? '';
      const filters = group.filters.filter((filter) => filter.filterName.startsWith(prefix));
      const { items, next } = page(filters, limitOf(input, 50, 50), input.nextToken, badToken());
      return { subscriptionFilters: items.map((filter) => wireFilter(group, filter)), nextToken: next };
    },
  },

  DeleteSubscriptionFilter: {
    writes: true,
    action: 'logs:DeleteSubscriptionFilter',
    resource: groupResource,
    run(request) {
      const name = filterName(request.input);
      const group = existingGroup(request);
      abortIfColliding(group);
      if (!group.removeFilter(name))
        throw new AwsFault('ResourceNotFoundException', 'The specified subscription filter does not exist.');
    },
  },

  DescribeAccountPolicies: {
    action: 'logs:DescribeAccountPolicies',
    resource: () => '*',
    run({ region, input }) {
      const type = requiredText(input, 'policyType');
      const name = optionalText(input, 'policyName');
      const policy = region.accountPolicy;
      const shown =
        policy && type === 'SUBSCRIPTION_FILTER_POLICY' && (name === undefined || name === policy.policyName);
      if (!shown) return { accountPolicies: [] };
      const document = {
        DestinationArn: policy.destinationArn,
        FilterPattern: policy.filterPattern,
        Distribution: 'Random',
      };
      return {
        accountPolicies: [
          {
            policyName: policy.policyName,
            policyDocument: JSON.stringify(document),
            lastUpdatedTime: policy.createdAtMs,
            policyType: type,
            scope: 'ALL',
            selectionCriteria: policy.selectionCriteria,
            accountId: region.account,
          },
        ],
      };
    },
  },
};

/** Checked even before the log group's existence. */
function refuseForeignLambda({ region }: OperationRequest, destination: string): void {
  const parsed = parseArn(destination);
  if (!parsed) throw new AwsFault('InvalidParameterException', 'Invalid destinationArn');
  if (parsed.service === 'lambda' && parsed.account !== region.account)
    throw new AwsFault(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    );
}

/** The test invocation: the function must exist in this Region, be usable, and let CloudWatch Logs in. */
function tryDestination({ aws, region }: OperationRequest, group: LogGroup, destination: string): void {
  const parsed = parseArn(destination);
  if (parsed?.service !== 'lambda')
    throw new AwsFault('InvalidParameterException', 'the playground delivers to Lambda functions only');
  const fn = parsed.region === region.region ? aws.functionByArn(destination) : undefined;
  if (!fn?.invocableByLogs(group, aws.time.now()))
    throw new AwsFault(
      'InvalidParameterException',
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
    );
  aws.delivery.probe(fn);
}

function filterName(input: Record<string, unknown>): string {
  const name = requiredText(input, 'filterName');
  if (!/^[^:*]{1,512}$/.test(name))
    throw constraintFault(
      'InvalidParameterException',
      'filterName',
      name,
      'Member must satisfy regular expression pattern: [^:*]*',
    );
  return name;
}

function wireFilter(group: LogGroup, filter: SubscriptionFilter): Record<string, unknown> {
  return {
    filterName: filter.filterName,
    logGroupName: group.name,
    filterPattern: filter.filterPattern,
    destinationArn: filter.destinationArn,
    distribution: 'ByLogStream',
    applyOnTransformedLogs: false,
    creationTime: filter.createdAtMs,
  };
}
