/**
 * Logs are JSON lines. Whatever is secret in the configuration is cut out of every line by value, wherever it turns
 * up: in a message, an error of an SDK, a quoted request. `error` means that we must act.
 */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from './config.ts';

const SECRETS = [
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

/** The AWS SDK reads these itself; they are named here only to be kept out of the log. */
const AWS_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];

/** Replaces every secret of the configuration in a text. */
export type Redact = (text: string) => string;

export function createRedaction(
  config: Config,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Redact {
  const values = [...SECRETS.map((name) => config[name]), ...AWS_SECRETS.map((name) => env[name])];
  const secrets = values.filter((value): value is string => value !== undefined && value.length >= 6);
  // Also as it looks inside JSON or a URL, which is how SDKs quote it.
  const forms = new Set(secrets.flatMap((s) => [s, JSON.stringify(s).slice(1, -1), encodeURIComponent(s)]));
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

export function createLog(
  config: Pick<Config, 'LOG_LEVEL'>,
  redact: Redact,
  destination: DestinationStream = process.stdout,
): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: stdSerializers.errWithCause },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(redact(line)) },
  );
}
