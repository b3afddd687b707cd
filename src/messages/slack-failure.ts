/** What a failed call to Slack means for the message it carried: did it arrive, will it ever. */
import { messageOf } from '../errors.ts';

export type Failure =
  | { kind: 'rate-limited'; retryAfterMs: number }
  /** Slack answered that it did not do it, for a passing reason. */
  | { kind: 'refused-for-now' }
  /** No answer, or one that does not tell: the message may have arrived, and unanswered it may still arrive. */
  | { kind: 'in-doubt'; answered: boolean }
  /** It is about the bot, not about what it said. */
  | { kind: 'token-refused'; code: string; neededScope?: string }
  /** The message to edit is not there any more, or not ours: the app was installed anew. */
  | { kind: 'deleted' }
  /** The workspace lets nobody edit what is older than some time. */
  | { kind: 'not-editable'; code: string }
  | { kind: 'channel-closed'; code: string }
  | { kind: 'rejected'; code: string; detail: string };

const FOR_NOW = new Set([
  'rate_limited',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'message_limit_exceeded',
  'accesslimited',
  'update_failed',
  'external_channel_migrating',
]);
const IN_DOUBT = new Set(['fatal_error', 'internal_error']);
const TOKEN_REFUSED = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'access_denied',
  'team_access_not_granted',
  'enterprise_is_restricted',
  'org_login_required',
  'two_factor_setup_required',
  'ekm_access_denied',
]);
const DELETED = new Set(['message_not_found', 'cant_update_message']);
const CLOSED = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  // What an edit is told where a post is told `is_archived`.
  'is_inactive',
  'messages_tab_disabled',
  'user_disabled',
]);

interface SlackError {
  code?: string;
  retryAfter?: number;
  statusCode?: number;
  data?: { error?: string; needed?: string; response_metadata?: { messages?: string[] } };
}

export function slackFailure(error: unknown): Failure {
  const e = error as SlackError;
  if (typeof e?.retryAfter === 'number') return { kind: 'rate-limited', retryAfterMs: e.retryAfter * 1000 };
  const code = e?.data?.error;
  if (code === undefined) return { kind: 'in-doubt', answered: e?.statusCode !== undefined };
  if (code === 'ratelimited') return { kind: 'rate-limited', retryAfterMs: 1000 };
  if (FOR_NOW.has(code)) return { kind: 'refused-for-now' };
  if (IN_DOUBT.has(code)) return { kind: 'in-doubt', answered: true };
  if (TOKEN_REFUSED.has(code))
    return { kind: 'token-refused', code, ...(e.data?.needed && { neededScope: e.data.needed }) };
  if (DELETED.has(code)) return { kind: 'deleted' };
  if (code === 'edit_window_closed') return { kind: 'not-editable', code };
  if (CLOSED.has(code)) return { kind: 'channel-closed', code };
  return { kind: 'rejected', code, detail: e.data?.response_metadata?.messages?.join('; ') ?? messageOf(error) };
}
