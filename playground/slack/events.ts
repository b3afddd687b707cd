/** Events API: one event to the bot, sent again at once, after one and after five minutes until it is answered. */
import { type Ack, dispatch } from './dispatch.ts';
import { newObjectId } from './identifiers.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { eventPayload } from './payloads.ts';
import type { Slack } from './state.ts';

const RETRY_AFTER_MS = [0, 60_000, 300_000];

export async function emitEvent(slack: Slack, event: JsonObject, options: { duplicate?: boolean } = {}): Promise<Ack> {
  const payload = eventPayload(slack, event, newObjectId('Ev'));
  const first = await dispatch(slack, 'events_api', payload);
  if (options.duplicate) await dispatch(slack, 'events_api', payload, { num: 1, reason: 'http_timeout' });
  else again(slack, payload, first, 0);
  return first;
}

/** The endpoint check made when the request URL is entered in the app's settings. */
export async function verifyEndpoint(slack: Slack): Promise<boolean> {
  const challenge = newObjectId('3eZb');
  const payload = { token: slack.app.verificationToken, challenge, type: 'url_verification' };
  const { body, status } = await dispatch(slack, 'events_api', payload);
  const parsed = parseJson(body);
  return status === 200 && (body === challenge || (isObject(parsed) && parsed.challenge === challenge));
}

function again(slack: Slack, payload: JsonObject, last: Ack, attempt: number): void {
  const delay = RETRY_AFTER_MS[attempt];
  const accepted = last.status >= 200 && last.status < 300;
  if (accepted || delay === undefined || last.headers['x-slack-no-retry'] === '1') return;
  const reason =
    last.failure === 'operation_timeout' ? 'http_timeout' : last.status > 0 ? 'http_error' : 'connection_failed';
  slack.time.later(delay, 'a Slack event is sent again', async () => {
    const next = await dispatch(slack, 'events_api', payload, { num: attempt + 1, reason });
    again(slack, payload, next, attempt + 1);
  });
}
