/**
 * After a crash or a time-out: did our post arrive? The channel's recent history is read (optional scopes) and searched
 * for the key in the message metadata.
 */
import type { WebClient } from '@slack/web-api';
import { type Failure, slackFailure } from './slack-failure.ts';
import type { Place } from './store.ts';

interface HistoryMessage {
  ts?: string;
  metadata?: { event_type?: string; event_payload?: object };
}

/** Slack's clock and ours may differ; so much is looked back beyond the attempt. */
const SKEW_SECONDS = 60;
/**
 * No call lands later than this after it was made. Without an end, the history of a busy channel after hours of
 * downtime would be more than can be paged through, newest first.
 */
const LANDED_WITHIN_SECONDS = 300;
const MAX_PAGES = 5;
const PASSING: ReadonlySet<Failure['kind']> = new Set(['rate-limited', 'refused-for-now', 'in-doubt', 'token-refused']);
/** The token is as good as ever, only not for reading history. */
const NOT_FOR_HISTORY = new Set(['missing_scope', 'no_permission', 'access_denied', 'not_allowed_token_type']);

/** The post, undefined when history does not (yet) have it, or `unreadable` when we may not look. */
export async function findPosted(
  client: WebClient,
  key: string,
  place: Place,
  attemptedAt: Date,
): Promise<{ channel: string; ts: string } | undefined | 'unreadable'> {
  try {
    const channel = await channelId(client, place.channel);
    const attempted = Math.floor(attemptedAt.getTime() / 1000);
    const window = { oldest: String(attempted - SKEW_SECONDS), latest: String(attempted + LANDED_WITHIN_SECONDS) };
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const common = { channel, ...window, limit: 200, include_all_metadata: true, ...(cursor ? { cursor } : {}) };
      const answer = place.threadTs
        ? await client.conversations.replies({ ...common, ts: place.threadTs })
        : await client.conversations.history(common);
      const found = ((answer.messages ?? []) as HistoryMessage[]).find((m) => keyOf(m) === key);
      if (found?.ts) return { channel, ts: found.ts };
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (!cursor) return undefined;
    }
    return undefined;
  } catch (error) {
    // Whoever deleted the thread's first message took the answers along.
    if ((error as { data?: { error?: string } })?.data?.error === 'thread_not_found') return undefined;
    // Anything but passing trouble stays so: no scope, no member of a public channel we may post to.
    const failure = slackFailure(error);
    if (PASSING.has(failure.kind) && !('code' in failure && NOT_FOR_HISTORY.has(failure.code))) throw error;
    return 'unreadable';
  }
}

/** A direct message is addressed by user id; its history is read by channel id. */
async function channelId(client: WebClient, channel: string): Promise<string> {
  if (!/^[UW]/.test(channel)) return channel;
  const opened = await client.conversations.open({ users: channel });
  return opened.channel?.id ?? channel;
}

function keyOf(message: HistoryMessage): unknown {
  const payload = message.metadata?.event_payload;
  return payload && 'key' in payload ? payload.key : undefined;
}
