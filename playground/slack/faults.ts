/** Slack's own ways of failing, as answers for `Door.fail`. */
import { type Answer, json } from '../http.ts';

export function slackRateLimited(retryAfterSeconds: number): Answer {
  return json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(retryAfterSeconds) });
}

/** A platform error: HTTP 200 with `ok: false`. */
export function slackError(error: string): Answer {
  return json(200, { ok: false, error });
}
