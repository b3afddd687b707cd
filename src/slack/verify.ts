/**
 * Proof that a request comes from Slack: HMAC-SHA256 over timestamp and raw body, compared in constant time.
 * Both directions of clock skew are limited; Bolt's own check accepts any time in the future.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's own recommendation: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const MAX_SKEW_SECONDS = 300;

export type Verdict = 'valid' | 'unsigned' | 'stale' | 'wrong-signature';

/** `nowMs` is wall time: Slack signs with its own clock. */
export function verifySignature(
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  rawBody: Buffer,
  nowMs = Date.now(),
): Verdict {
  const timestamp = headers['x-slack-request-timestamp'];
  const signature = headers['x-slack-signature'];
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(timestamp))
    return 'unsigned';
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > MAX_SKEW_SECONDS) return 'stale';
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')}`,
  );
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? 'valid' : 'wrong-signature';
}
