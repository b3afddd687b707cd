/** Lets Slack's libraries log through pino. Their texts may quote requests, so they pass the same redaction. */
import { format } from 'node:util';
import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import type { Logger } from 'pino';

const LEVELS: Record<string, LogLevel> = {
  debug: LogLevel.DEBUG,
  info: LogLevel.INFO,
  warn: LogLevel.WARN,
  error: LogLevel.ERROR,
};

export function pinoForSlack(log: Logger): SlackLogger {
  return {
    debug: (...parts) => log.debug(format(...parts)),
    info: (...parts) => log.debug(format(...parts)),
    warn: (...parts) => log.warn(format(...parts)),
    error: (...parts) => log.error(format(...parts)),
    setLevel() {},
    getLevel: () => LEVELS[log.level] ?? LogLevel.INFO,
    setName() {},
  };
}
