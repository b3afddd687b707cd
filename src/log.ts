/**
 * Logs are JSON lines. Whatever is secret in the configuration is cut out of every line by value, wherever it turns
 * up: in a message, an error of an SDK, a quoted request. `error` means that we must act.
 */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from './config.ts';
import type { Redact } from './redaction.ts';

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
