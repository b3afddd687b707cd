/**
 * Answers that only the person who asked can see, through the `response_url` of their command or click: it works in
 * every channel, member or not, five times within 30 minutes. https://docs.slack.dev/interactivity/handling-user-interaction
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Reply } from '../slack/requests.ts';

/** An answer that never arrives looks like a dead bot. */
const ATTEMPTS = 4;
/** Slack's own word for how long to wait is honoured up to here: somebody waits for the answer. */
const WAIT_AT_MOST_MS = 30_000;

/** A failed answer is logged, not thrown: the work it speaks of is done, and the command can be run again. */
export function replyTo(url: string | undefined, deps: { log: Logger; timeoutMs: number }): Reply {
  return async (content, options = {}) => {
    if (!url) return;
    const body = JSON.stringify({
      text: content.text,
      blocks: content.blocks,
      response_type: options.inChannel ? 'in_channel' : 'ephemeral',
      replace_original: options.replace ?? false,
      unfurl_links: false,
      unfurl_media: false,
    });
    for (let attempt = 1; ; attempt++) {
      const failure = await post(url, body, deps.timeoutMs);
      if (!failure) return;
      if (failure.waitMs === undefined || attempt === ATTEMPTS) {
        deps.log.warn(failure.what, 'an answer could not be delivered');
        return;
      }
      await pause(failure.waitMs);
    }
  };
}

/** What went wrong, and how long to wait before the next attempt; no time where Slack will never take it. */
interface Failure {
  what: Record<string, unknown>;
  waitMs: number | undefined;
}

async function post(url: string, body: string, timeoutMs: number): Promise<Failure | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return undefined;
    const { status } = response;
    const what = { status, detail: (await response.text()).slice(0, 300) };
    if (status !== 429) return { what, waitMs: status < 500 ? undefined : 0 };
    const seconds = Number(response.headers.get('retry-after')) || 1;
    return { what, waitMs: Math.min(seconds * 1_000, WAIT_AT_MOST_MS) };
  } catch (error) {
    return { what: { error: messageOf(error) }, waitMs: 0 };
  }
}
