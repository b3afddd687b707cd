/**
 * The webhooks integration: named URLs with a payload template, and custom variables whose secrets are never shown.
 */

export interface Webhook {
  name: string;
  url: string;
  payload: string;
  /** A JSON object written as a string, or null. */
  custom_headers: string | null;
  encode_as: 'json' | 'form';
}

export interface CustomVariable {
  name: string;
  value: string;
  is_secret: boolean;
}

/** What a webhook gets when no payload is given (recorded); it names no variable of a security signal. */
export const DEFAULT_PAYLOAD =
  '{"body": "$EVENT_MSG", "last_updated": "$LAST_UPDATED", "event_type": "$EVENT_TYPE", "title": "$EVENT_TITLE", "date": "$DATE", "org": {"id": "$ORG_ID", "name": "$ORG_NAME"}, "id": "$ID"}';

/** A space in the name answers "Invalid webhook" (DataDog/terraform-provider-datadog#2618). */
export function isWebhookName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_-]+$/.test(name);
}

export function isVariableName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Z][A-Z0-9_]*$/.test(name);
}

/** The webhook with the sent fields over it; undefined when a field cannot be. Absent fields stay as they were. */
export function withWebhookFields(before: Webhook, sent: Record<string, unknown>): Webhook | undefined {
  const { name = before.name, url = before.url, encode_as: encodeAs = before.encode_as } = sent;
  const payload = sent.payload === undefined ? before.payload : (sent.payload ?? DEFAULT_PAYLOAD);
  const headers = sent.custom_headers === undefined ? before.custom_headers : sent.custom_headers;
  if (!isWebhookName(name) || typeof url !== 'string' || !/^https?:\/\//.test(url)) return undefined;
  if (encodeAs !== 'json' && encodeAs !== 'form') return undefined;
  if (typeof payload !== 'string' || !(headers === null || isJsonObject(headers))) return undefined;
  return { name, url, payload, custom_headers: headers, encode_as: encodeAs };
}

export function webhookShown(webhook: Webhook): unknown {
  const { encode_as, url, custom_headers, name, payload } = webhook;
  return { encode_as, url, custom_headers, name, payload };
}

export function variableShown(variable: CustomVariable): unknown {
  const { is_secret, name, value } = variable;
  return is_secret ? { is_secret, name } : { is_secret, name, value };
}

function isJsonObject(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
