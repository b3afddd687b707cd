/**
 * Three kinds of failure. A `UserError` is shown to the person who asked, in their language. A `RetryableError` is
 * tried again later. Anything else is our bug: the person gets a reference id, the log gets everything.
 */
import type { Language } from './config.ts';

/** A sentence that can be said in every language the bot speaks. */
export type Say = (language: Language) => string;

export class UserError extends Error {
  override name = 'UserError';
  readonly say: Say;

  constructor(say: Say, options?: ErrorOptions) {
    super(say('en'), options);
    this.say = say;
  }
}

export class RetryableError extends Error {
  override name = 'RetryableError';
  /** How long to wait before the next try, in milliseconds, when the other side told us. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** What Node gives a connection that cannot be made, or broke: https://nodejs.org/api/errors.html#common-system-errors */
export const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The message of anything thrown, for logs and causes. */
export function messageOf(error: unknown): string {
  // A connection refused on every address of a name: Node leaves the message empty.
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
