/** What every CloudWatch Logs operation shares: finding the group, checking names, naming the IAM resource. */
import { logGroupArn } from './arn.ts';
import type { LogGroup } from './log-group.ts';
import type { OperationRequest } from './operation.ts';
import { constraintFault, optionalText } from './operation.ts';
import { AwsFault } from './wire.ts';

export function requiredText(input: Record<string, unknown>, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined)
    throw constraintFault('InvalidParameterException', name, undefined, 'Member must not be null');
  return value;
}

export function logGroupName(input: Record<string, unknown>): string {
  const name = requiredText(input, 'logGroupName');
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name))
    throw constraintFault(
      'InvalidParameterException',
      'logGroupName',
      name,
      'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    );
  return name;
}

/** By name, or by identifier where an operation takes either. */
export function existingGroup(request: OperationRequest): LogGroup {
  const { input, region } = request;
  const identifier = optionalText(input, 'logGroupIdentifier');
  const name = identifier === undefined ? logGroupName(input) : identifier.replace(/^.*:log-group:/, '');
  const group = region.logGroups.get(name);
  if (!group) throw new AwsFault('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

/** A colliding change by somebody else, as often as the knob says. */
export function abortIfColliding(group: LogGroup): void {
  if (group.abortNextChanges <= 0) return;
  group.abortNextChanges -= 1;
  throw new AwsFault(
    'OperationAbortedException',
    'A conflicting operation is currently in progress against this resource. Please try again.',
  );
}

export function requireStandardClass(group: LogGroup): void {
  if (group.class !== 'STANDARD')
    throw new AwsFault('ValidationException', 'This operation is only supported on the Standard log class.');
}

/** Policies that name the group without a trailing `:*` do not cover this form, which is what IAM compares. */
export function groupResource({ region, input }: OperationRequest): string {
  const identifier = optionalText(input, 'logGroupIdentifier')?.replace(/^.*:log-group:/, '');
  const name = optionalText(input, 'logGroupName') ?? identifier ?? '';
  return `${logGroupArn(region.region, region.account, name)}:log-stream:`;
}

export function badToken(): AwsFault {
  return new AwsFault('InvalidParameterException', 'The specified nextToken is invalid.');
}

export function limitOf(input: Record<string, unknown>, fallback: number, most: number): number {
  const limit = input.limit;
  if (limit === undefined) return fallback;
  if (typeof limit !== 'number' || limit < 1)
    throw constraintFault(
      'InvalidParameterException',
      'limit',
      String(limit),
      'Member must have value greater than or equal to 1',
    );
  if (limit > most)
    throw constraintFault(
      'InvalidParameterException',
      'limit',
      String(limit),
      `Member must have value less than or equal to ${most}`,
    );
  return limit;
}
