/** What the AWS SDK throws, told apart by what a person or a run can do about it. */
import { messageOf, NETWORK_CODES } from '../errors.ts';

export interface AwsFailure {
  kind: 'denied' | 'throttled' | 'credentials' | 'unreachable' | 'other';
  code: string;
  message: string;
  /** The IAM action that was refused, such as `eks:UpdateClusterConfig`, when AWS names it. */
  action: string | undefined;
}

/** EKS throttling once arrived as TooManyRequestsException, so the HTTP status counts as well as the name. */
const THROTTLED = new Set(['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded']);
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'RegionDisabledException',
]);

interface SdkError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

export function awsFailure(error: unknown): AwsFailure {
  const e = error as SdkError;
  const code = e?.name ?? 'Error';
  const status = e?.$metadata?.httpStatusCode;
  const message = messageOf(error);
  const action = /not authorized to perform: ([\w-]+:[\w*]+)/.exec(message)?.[1];
  const failure = (kind: AwsFailure['kind']): AwsFailure => ({ kind, code, message, action });
  if (status === 429 || THROTTLED.has(code)) return failure('throttled');
  // Before the status: unusable credentials come with 403 as well.
  if (CREDENTIALS.has(code)) return failure('credentials');
  if (code.startsWith('AccessDenied') || status === 403)
    return failure(action === 'sts:AssumeRole' ? 'credentials' : 'denied');
  if (code === 'TimeoutError' || NETWORK_CODES.has(e?.code ?? '') || (status !== undefined && status >= 500))
    return failure('unreachable');
  return failure('other');
}

export function isAwsError(error: unknown, ...names: string[]): boolean {
  return names.includes((error as Error)?.name);
}
