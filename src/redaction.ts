/**
 * Keeps our secrets out of what others can read. They are cut out by value, wherever they turn up: in a log line, in an
 * error of an SDK that quotes its request, in an answer that repeats a key. Logs are redacted as they are written;
 * errors of Slack, AWS and Datadog where they reach us, because their texts end up in messages and rows.
 */
import type { Config } from './config.ts';

export const SECRETS = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'DD_API_KEY',
  'DD_APP_KEY',
  'WEBHOOK_TOKEN',
  'WEBHOOK_TOKEN_PREVIOUS',
  'METRICS_TOKEN',
  'DATABASE_URL',
] as const satisfies readonly (keyof Config)[];

/** The AWS SDK reads these itself; they are named here only to be kept out of what we write. */
const AWS_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];

/** Shorter ones are words: cutting them out would garble texts and protect nothing. */
const SHORTEST = 6;
/** A database password is often the name of the database; a long one is a secret. */
const SHORTEST_PASSWORD = 12;

/** Replaces every secret of the configuration in a text. */
export type Redact = (text: string) => string;

export function createRedaction(
  config: Pick<Config, (typeof SECRETS)[number]>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Redact {
  const named = [...SECRETS.map((name) => config[name]), ...AWS_SECRETS.map((name) => env[name])];
  const secrets = [
    ...named.filter((value): value is string => value !== undefined && value.length >= SHORTEST),
    ...passwordIn(config.DATABASE_URL),
  ];
  const longestFirst = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

/** The same error or answer, with its own texts and those of its causes redacted. */
export function withoutSecrets(value: unknown, redact: Redact): unknown {
  redactIn(value, redact, 0);
  return value;
}

/** As it looks inside JSON, JSON in JSON, a URL, a form and a Basic header, which is how SDKs quote it. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inUrl = encodeURIComponent(secret);
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  return [secret, inJson, JSON.stringify(inJson).slice(1, -1), inUrl, inForm];
}

function passwordIn(url: string | undefined): string[] {
  if (!url || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decoded(password)].filter((value) => value.length >= SHORTEST_PASSWORD);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Errors carry texts in plain fields of their own, such as `data` of Slack's; sockets and clients are left alone. */
function redactIn(value: unknown, redact: Redact, depth: number): void {
  if (depth > 4 || !(value instanceof Error || isPlain(value))) return;
  const names = value instanceof Error ? ['message', 'stack', 'cause', ...Object.keys(value)] : Object.keys(value);
  for (const name of new Set(names)) {
    const inner: unknown = Reflect.get(value, name);
    if (typeof inner !== 'string') redactIn(inner, redact, depth + 1);
    else if (redact(inner) !== inner) Reflect.set(value, name, redact(inner));
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
