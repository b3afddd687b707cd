/** The database is away while Datadog rings: it is asked to ring again, and the signal is in Slack when it is back, without a restart. */
import { expect, test } from 'vitest';
import { ring, startRinging } from '../signals/journey.ts';
import { startPostgres } from './server.ts';

test('a doorbell while the database is away is a 503, and its repetition a card once it is back', async () => {
  const server = await startPostgres();
  try {
    await using bot = await startRinging({ env: { DATABASE_URL: server.url('postgres') } });
    bot.expectErrors();
    const { sender } = bot.world.datadog;
    // Datadog does not lose patience before the database is back.
    sender.backoffMs = 1_000_000;
    await server.stop();
    const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
    await bot.world.slack.until(() => sender.deliveries.length > 0, 10_000);
    expect(sender.deliveries[0]?.status).toBe(503);
    expect((await ring(bot, { signal_id: signal.id })).error).toBe('not stored; please repeat');
    // Even what is malformed: there is nowhere to keep it.
    expect((await ring(bot, '{')).status).toBe(503);
    await server.start();
    expect(bot.text(await bot.posted('security'))).toContain('*Who* `alice`');
    await bot.world.slack.until(() => sender.deliveries.at(-1)?.status === 202, 10_000);
    expect((await ring(bot, { signal_id: signal.id })).status).toBe(202);
  } finally {
    await server.remove();
  }
});
