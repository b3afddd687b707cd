/** `cli doctor`: the same examination without a running bot, so also before the first start and after a failed one. */
import { pino } from 'pino';
import { createAws } from './aws/clients.ts';
import { wallClock } from './clock.ts';
import type { Config } from './config.ts';
import { createDatadog } from './datadog/client.ts';
import { openForReading } from './db/reading.ts';
import type { Result } from './doctor/result.ts';
import { examine } from './doctor.ts';
import type { Redact } from './redaction.ts';
import { chosenRules } from './rules/chosen.ts';
import { createWebClient } from './slack/app.ts';

export async function examineFromOutside(config: Config, redact: Redact): Promise<Result[]> {
  const aws = createAws(config, redact);
  const datadog = createDatadog(config, redact);
  const database = await openForReading(config);
  try {
    return await examine({
      config,
      aws,
      datadog,
      database,
      client: createWebClient(config, pino({ level: 'silent' }), redact),
      pack: await chosenRules(config),
      clock: wallClock,
      heard: false,
    });
  } finally {
    if (database.state === 'open') await database.close();
    await datadog.close();
    aws.close();
  }
}
