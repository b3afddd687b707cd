/**
 * One HTTP call of a webhook, as it is on the wire. The playground never leaves this machine: names of the outside
 * world lead to a loopback address that somebody gave for them, or nowhere.
 */
import type { Agent } from 'undici';
import { request } from 'undici';
import type { Variables } from './webhook-variables.ts';
import { substituted } from './webhook-variables.ts';
import type { Webhook } from './webhooks.ts';

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;

export function requestOf(webhook: Webhook, variables: Variables, escapes: boolean): WebhookRequest {
  const put = (template: string) => substituted(template, variables, escapes);
  const custom = webhook.custom_headers === null ? {} : (JSON.parse(webhook.custom_headers) as Record<string, unknown>);
  const isForm = webhook.encode_as === 'form';
  const payload = put(webhook.payload);
  return {
    url: put(webhook.url),
    headers: {
      'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      ...Object.fromEntries(Object.entries(custom).map(([name, value]) => [name.toLowerCase(), put(String(value))])),
    },
    body: isForm ? formOf(payload) : payload,
  };
}

/** The members of a JSON object become fields; what is no such object is sent as it is [inferred]. */
function formOf(payload: string): string {
  try {
    const members = Object.entries(JSON.parse(payload) as Record<string, unknown>);
    const fields = new URLSearchParams();
    for (const [name, value] of members) fields.append(name, typeof value === 'string' ? value : JSON.stringify(value));
    return fields.toString();
  } catch {
    return payload;
  }
}

/** The address on this machine; undefined for a host that cannot be reached from here. */
export function reachable(url: string, names: ReadonlyMap<string, string>): URL | undefined {
  const parsed = URL.parse(url);
  if (!parsed) return undefined;
  const local = names.get(parsed.origin);
  if (local === undefined) return LOOPBACK.test(parsed.hostname) ? parsed : undefined;
  const to = new URL(local);
  parsed.protocol = to.protocol;
  parsed.host = to.host;
  return parsed;
}

/** Posts it and returns the status; rejects when there is no answer. */
export async function post(
  { headers, body }: WebhookRequest,
  to: URL,
  options: { dispatcher: Agent; signal: AbortSignal },
): Promise<number> {
  const target = new URL(to);
  const user = [target.username, target.password].map(decodeURIComponent).join(':');
  target.username = '';
  target.password = '';
  const answer = await request(target, {
    method: 'POST',
    headers: { ...(user !== ':' && { authorization: `Basic ${btoa(user)}` }), ...headers },
    body,
    ...options,
  });
  await answer.body.dump();
  return answer.statusCode;
}
