/**
 * The error bodies Datadog sends. They come in several shapes, often two on one endpoint, and clients must read
 * all of them, so each shape has its own function here and is used where a recorded exchange showed it.
 */
import type { Answer } from '../http.ts';
import { json } from '../http.ts';

/** `{"errors":["text"]}`: most endpoints. */
export function errors(status: number, ...texts: string[]): Answer {
  return json(status, { errors: texts });
}

/** `{"errors":[{"status","title","detail"}]}`: the AWS integration and other JSON:API endpoints. */
export function titledError(status: number, title: string, detail: string, meta?: Record<string, string>): Answer {
  return json(status, { errors: [{ status: String(status), title, detail, ...(meta && { meta }) }] });
}

export interface InvalidArgument {
  message: string;
  target: string;
}

/** `{"error":{"code","message","details"}}`: the newer checks of the detection rules. */
export function invalidArguments(message: string, details: InvalidArgument[]): Answer {
  const code = 'InvalidArgument';
  return json(400, { error: { code, message, details: details.map((detail) => ({ code, ...detail })) } });
}

/** `{"errors": ["text"]}` with a space after the colon: the webhooks integration is served by another backend. */
export function spacedErrors(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: `{"errors": [${JSON.stringify(text)}]}` };
}

export function inputValidationError(field: string, reason: string): Answer {
  return errors(400, `input_validation_error(Field '${field}' is invalid: ${reason})`);
}

export function forbidden(): Answer {
  return errors(403, 'Forbidden');
}

export function notFound(text = 'Not found'): Answer {
  return errors(404, text);
}

export function noContent(): Answer {
  return { status: 204, headers: { 'content-type': 'text/plain' } };
}

/** JSON:API answers carry their own content type; the client reads both. */
export function jsonApi(status: number, value: unknown): Answer {
  return json(status, value, { 'content-type': 'application/vnd.api+json' });
}

export interface RateLimit {
  name?: string;
  limit?: number;
  periodSeconds?: number;
}

/**
 * A 429 with the headers of docs.datadoghq.com/api/latest/rate-limits, for `door.fail({ answer })`.
 * The client of DataDog sleeps for `X-RateLimit-Reset` seconds when its retry is on, without an upper bound.
 */
export function datadogRateLimited(resetSeconds: number, rateLimit: RateLimit = {}): Answer {
  const limit = rateLimit.limit ?? 300;
  const period = rateLimit.periodSeconds ?? 3600;
  return json(
    429,
    { errors: [`Rate limit of ${limit} requests in ${period} seconds reached. Please try again later.`] },
    {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-period': String(period),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(resetSeconds),
      'x-ratelimit-name': rateLimit.name ?? 'logs_public_search_api',
    },
  );
}
