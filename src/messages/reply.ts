/**
 * Answers that only the person who asked can see, through the `response_url` of their command or click: it works in
 * every channel, member or not, five times within 30 minutes. https://docs.slack.dev/interactivity/handling-user-interaction
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Reply } from '../slack/requests.ts';

const ATTEMPTS = 4;
/** After the first failure, doubled with each further one. */
const PAUSE_MS = 300;
/** Slack's own word for how long to wait is honoured up to here: somebody waits for the answer. */
const WAIT_AT_MOST_MS = 30_000;

/**
 * An answer that never arrives looks like a dead bot, and somebody whose click was refused must know: what Slack does not
 * take here goes the way of `instead`. Nothing is thrown, as the work it speaks of is done.
 */
export function replyTo(url: string, deps: { log: Logger; timeoutMs: number; instead: Reply }): Reply {
  return async (content, options = {}) => {
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
        deps.log.warn(failure.what, 'an answer could not be delivered and becomes a direct message');
        return deps.instead(content);
      }
      await pause(failure.waitMs || PAUSE_MS * 2 ** (attempt - 1));
    }
  };
}

interface Failure {
  what: Record<string, unknown>;
  /** How long Slack wants us to wait; 0 where it does not say, undefined where it will never take it. */
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
