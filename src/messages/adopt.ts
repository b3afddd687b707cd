/**
 * After a crash or a time-out: did our post arrive? The channel's recent history is read (optional scopes) and searched
 * for the key in the message metadata.
 */
import type { WebClient } from '@slack/web-api';
import { type Failure, slackFailure } from './slack-failure.ts';
import type { MessageRow } from './store.ts';

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
const PASSING: ReadonlySet<Failure['kind']> = new Set(['rate-limited', 'refused-for-now', 'in-doubt']);

/** The post, undefined when history does not (yet) have it, or `unreadable` when we may not look. */
export async function findPosted(
  client: WebClient,
  row: Pick<MessageRow, 'key' | 'channel'>,
  attemptedAt: Date,
  threadTs: string | undefined,
): Promise<{ channel: string; ts: string } | undefined | 'unreadable'> {
  try {
    const channel = await channelId(client, row.channel);
    const attempted = Math.floor(attemptedAt.getTime() / 1000);
    const window = { oldest: String(attempted - SKEW_SECONDS), latest: String(attempted + LANDED_WITHIN_SECONDS) };
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const common = { channel, ...window, limit: 200, include_all_metadata: true, ...(cursor ? { cursor } : {}) };
      const answer = threadTs
        ? await client.conversations.replies({ ...common, ts: threadTs })
        : await client.conversations.history(common);
      const found = ((answer.messages ?? []) as HistoryMessage[]).find((m) => keyOf(m) === row.key);
      if (found?.ts) return { channel, ts: found.ts };
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (!cursor) return undefined;
    }
    return undefined;
  } catch (error) {
    // Whoever deleted the thread's first message took the answers along.
    if ((error as { data?: { error?: string } })?.data?.error === 'thread_not_found') return undefined;
    // Anything but passing trouble stays so: no scope, no member of a public channel we may post to.
    if (PASSING.has(slackFailure(error).kind)) throw error;
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
