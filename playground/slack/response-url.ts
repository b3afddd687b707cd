/**
 * response_url: five uses within thirty minutes, no token, works where the bot is no member, and is the only way
 * to change an ephemeral message.
 */
import type { Answer, Call } from '../http.ts';
import { json } from '../http.ts';
import { newContent } from './content.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { boolArg, Refusal, stringArg } from './method.ts';
import type { ResponseUrl } from './permits.ts';
import type { Slack } from './state.ts';

export function respond(slack: Slack, call: Call): Answer {
  const url = slack.permits.responseUrls.get(call.path);
  if (!url) return json(404, { ok: false, error: 'no_service' });
  const spent = slack.permits.responseUrlSpent(url);
  if (spent) return json(404, { ok: false, error: spent });
  const body = parseJson(call.body.toString('utf8'));
  if (!isObject(body)) return json(400, { ok: false, error: 'invalid_payload' });
  try {
    act(slack, url, body);
  } catch (error) {
    // Bad blocks answer 404, slackapi/java-slack-sdk#1349.
    if (error instanceof Refusal) return json(404, { ok: false, error: error.message });
    throw error;
  }
  url.uses += 1;
  return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };
}

function act(slack: Slack, url: ResponseUrl, body: JsonObject): void {
  const original = url.original && slack.findMessage(url.original.channel, url.original.ts);
  if (boolArg(body, 'delete_original')) {
    if (!original) throw new Refusal('message_not_found');
    slack.remove(original);
    return;
  }
  const content = newContent(body);
  if (boolArg(body, 'replace_original') && original) {
    slack.edit(original, { blocks: [], attachments: [], ...content }, false);
    return;
  }
  const channel = slack.channel(url.channel);
  const threadTs = stringArg(body, 'thread_ts');
  if (body.response_type === 'in_channel') slack.post(channel, content, { threadTs });
  else slack.whisper(channel, url.user, content, threadTs);
}
