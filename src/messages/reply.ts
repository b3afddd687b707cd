/**
 * Answers that only the person who asked can see, through the `response_url` of their command or click: it works in
 * every channel, member or not, five times within 30 minutes. https://docs.slack.dev/interactivity/handling-user-interaction
 */
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Reply } from '../slack/requests.ts';

/**
 * A failed answer is logged, not thrown: the work it speaks of is done, and the command can be run again. One retry,
 * because an answer that never arrives looks like a dead bot.
 */
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
    for (const attempt of [1, 2]) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(deps.timeoutMs),
        });
        if (response.ok) return;
        const detail = (await response.text()).slice(0, 300);
        if (response.status < 500 || attempt === 2) {
          deps.log.warn({ status: response.status, detail }, 'Slack did not take an answer');
          return;
        }
      } catch (error) {
        if (attempt === 2) deps.log.warn({ error: messageOf(error) }, 'an answer could not be delivered');
      }
    }
  };
}
