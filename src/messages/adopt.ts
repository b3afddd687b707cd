/**
 * After a crash or a time-out: did our post arrive? The channel's recent history is read (optional scopes) and searched
 * for the key in the message metadata.
 */
import type { WebClient } from '@slack/web-api';
import type { MessageRow } from './store.ts';

interface HistoryMessage {
  ts?: string;
  metadata?: { event_type?: string; event_payload?: object };
}

/** Slack's clock and ours may differ; so much is looked back beyond the attempt. */
const SKEW_SECONDS = 60;
const MAX_PAGES = 5;

/** The post, undefined when history does not (yet) have it, or `unreadable` when we may not look. */
export async function findPosted(
  client: WebClient,
  row: Pick<MessageRow, 'key' | 'channel'>,
  attemptedAt: Date,
  threadTs: string | undefined,
): Promise<{ channel: string; ts: string } | undefined | 'unreadable'> {
  try {
    const channel = await channelId(client, row.channel);
    const oldest = String(Math.floor(attemptedAt.getTime() / 1000) - SKEW_SECONDS);
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const common = { channel, oldest, limit: 200, include_all_metadata: true, ...(cursor ? { cursor } : {}) };
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
    const code = (error as { data?: { error?: string } })?.data?.error;
    if (code === 'missing_scope' || code === 'not_allowed_token_type' || code === 'channel_not_found')
      return 'unreadable';
    throw error;
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
