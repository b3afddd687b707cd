/** What a failed call to Slack means for the message it carried: did it arrive, will it ever. */
import { messageOf } from '../errors.ts';

export type Failure =
  | { kind: 'rate-limited'; retryAfterMs: number }
  /** Slack answered that it did not do it, for a passing reason. */
  | { kind: 'refused-for-now' }
  /** No answer, or one that does not tell: the message may have arrived. */
  | { kind: 'in-doubt' }
  /** The message to edit is not there any more. */
  | { kind: 'gone'; code: string }
  | { kind: 'channel-closed'; code: string }
  | { kind: 'rejected'; code: string; detail: string };

const FOR_NOW = new Set([
  'rate_limited',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'message_limit_exceeded',
  'accesslimited',
]);
const IN_DOUBT = new Set(['fatal_error', 'internal_error']);
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive']);
const CLOSED = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'messages_tab_disabled',
  'user_disabled',
  'account_inactive',
]);

interface SlackError {
  code?: string;
  retryAfter?: number;
  statusCode?: number;
  data?: { error?: string; response_metadata?: { messages?: string[] } };
}

export function slackFailure(error: unknown): Failure {
  const e = error as SlackError;
  if (typeof e?.retryAfter === 'number') return { kind: 'rate-limited', retryAfterMs: e.retryAfter * 1000 };
  const code = e?.data?.error;
  if (code === undefined) return { kind: 'in-doubt' };
  if (code === 'ratelimited') return { kind: 'rate-limited', retryAfterMs: 1000 };
  if (FOR_NOW.has(code)) return { kind: 'refused-for-now' };
  if (IN_DOUBT.has(code)) return { kind: 'in-doubt' };
  if (GONE.has(code)) return { kind: 'gone', code };
  if (CLOSED.has(code)) return { kind: 'channel-closed', code };
  return { kind: 'rejected', code, detail: e.data?.response_metadata?.messages?.join('; ') ?? messageOf(error) };
}
