/** Slack's request signature: what it puts on deliveries, and the check a receiver makes. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export function sign(signingSecret: string, timestampSeconds: number | string, rawBody: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestampSeconds}:${rawBody}`).digest('hex')}`;
}

/** Headers of a signed delivery. The timestamp is wall time: receivers refuse one older than five minutes. */
export function signedHeaders(signingSecret: string, rawBody: string, now = Date.now()): Record<string, string> {
  const timestamp = Math.floor(now / 1000);
  return {
    'X-Slack-Request-Timestamp': String(timestamp),
    'X-Slack-Signature': sign(signingSecret, timestamp, rawBody),
    'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
  };
}

export function verifySignature(
  signingSecret: string,
  headers: Record<string, string | string[] | undefined>,
  body: string,
): boolean {
  const expected = Buffer.from(sign(signingSecret, String(headers['x-slack-request-timestamp']), body));
  const given = Buffer.from(String(headers['x-slack-signature']));
  return expected.length === given.length && timingSafeEqual(expected, given);
}
