/**
 * How each AWS service says that something went wrong: the same error as a REST header, a JSON `__type` or XML.
 * Tests use `awsError` and `throttled` to inject faults that the real SDKs parse as the vendor's own.
 */
import { randomUUID } from 'node:crypto';
import type { Answer } from '../http.ts';
import { json } from '../http.ts';
import { toXml } from './query-protocol.ts';

export interface ErrorDetails {
  status?: number;
  headers?: Record<string, string>;
  /** More members of the error body, such as EKS's `clusterName`. */
  fields?: Record<string, unknown>;
}

/** Thrown by operations; the route turns it into its service's wire format. */
export class AwsFault extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** HTTP statuses from the services' own models; what is missing here is 400. */
const STATUS: Record<string, number> = {
  ResourceNotFoundException: 404,
  ResourceInUseException: 409,
  ResourceConflictException: 409,
  PreconditionFailedException: 412,
  ThrottlingException: 429,
  TooManyRequestsException: 429,
  AccessDeniedException: 403,
  AccessDenied: 403,
  UnrecognizedClientException: 403,
  InvalidClientTokenId: 403,
  ExpiredToken: 403,
  ExpiredTokenException: 403,
  MissingAuthenticationTokenException: 403,
  RegionDisabledException: 403,
  UnknownOperationException: 404,
  ServerException: 500,
  ServiceException: 500,
  InternalFailure: 500,
  ServiceUnavailableException: 503,
  ServiceUnavailable: 503,
};

/** CloudWatch Logs answers every modelled error with 400. */
const SERVER_SIDE = new Set(['InternalFailure', 'ServiceUnavailableException']);

export function awsError(service: string, code: string, message: string, details: ErrorDetails = {}): Answer {
  const headers = { 'x-amzn-requestid': randomUUID(), ...details.headers };
  if (service === 'sts') return queryError(code, message, details.status ?? stsStatus(code), headers);
  if (service === 'logs') {
    const status = details.status ?? (SERVER_SIDE.has(code) ? (STATUS[code] ?? 500) : 400);
    return json(
      status,
      { __type: code, message, ...details.fields },
      { 'content-type': 'application/x-amz-json-1.1', ...headers },
    );
  }
  const status = details.status ?? STATUS[code] ?? 400;
  if (service === 'monitoring')
    return json(
      status === 429 ? 400 : status,
      { __type: `com.amazonaws.cloudwatch#${code}`, message },
      { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};Sender`, ...headers },
    );
  // Lambda writes `Message` for a missing resource and for denials, `message` for everything else.
  const capital = service === 'lambda' && (code === 'ResourceNotFoundException' || code === 'AccessDeniedException');
  const body = {
    ...(service === 'lambda' ? { Type: status >= 500 ? 'Service' : 'User' } : {}),
    [capital ? 'Message' : 'message']: message,
    ...details.fields,
  };
  return json(status, body, { 'x-amzn-errortype': code, ...headers });
}

/** What the service says when the account-region calls it too often. */
export function throttled(service: string, retryAfterSeconds = 1): Answer {
  if (service === 'lambda')
    return awsError('lambda', 'TooManyRequestsException', 'Rate exceeded', {
      headers: { 'retry-after': String(retryAfterSeconds) },
      fields: { Reason: 'CallerRateLimitExceeded' },
    });
  const code = service === 'sts' || service === 'monitoring' ? 'Throttling' : 'ThrottlingException';
  return awsError(service, code, 'Rate exceeded');
}

/** The XML answer of a query-protocol operation. */
export function queryAnswer(operation: string, namespace: string, result: unknown): Answer {
  const body = `<${operation}Response xmlns="${namespace}"><${operation}Result>${toXml(result)}</${operation}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

export function queryError(
  code: string,
  message: string,
  status: number,
  headers: Record<string, string> = {},
): Answer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${status >= 500 ? 'Receiver' : 'Sender'}</Type>${toXml({ Code: code, Message: message })}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body };
}

function stsStatus(code: string): number {
  return code === 'ExpiredTokenException' ? 400 : (STATUS[code] ?? 400);
}
