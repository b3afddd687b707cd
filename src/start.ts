/** Reads the configuration, builds the bot, listens, and stops cleanly on SIGTERM. */
import v8 from 'node:v8';
import { ConfigError, loadConfig } from './config.ts';
import { openDatabase } from './db/database.ts';
import { messageOf } from './errors.ts';
import { createLog } from './log.ts';
import { useProxy } from './proxy.ts';
import { createRedaction } from './redaction.ts';

/** How long work in progress may take to end; what does not is finished after the next start. */
const STOP_WITHIN_MS = 10_000;

async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config, createRedaction(config));
  useProxy();
  // The embedded database opens in a thread of its own while this one loads the rest.
  const database = openDatabase(config);
  // `createBot` hears of it.
  database.catch(() => {});
  const { createBot } = await import('./bot.ts');
  const bot = await createBot({ config, log, database });
  await bot.start();
  const address = await bot.server.listen({ port: config.PORT, host: config.HOST });
  // V8's own factor again, which `main.ts` took away for the time of loading.
  v8.setFlagsFromString('--semi-space-growth-factor=2');
  log.info({ address, mode: config.SLACK_APP_TOKEN ? 'socket' : 'http' }, 'ready');

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await bot.stop();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error) => {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    process.exit(2);
  }
  process.stderr.write(`eks-audit could not start: ${messageOf(error)}\n`);
  process.exit(1);
});
