import { expect, test } from 'vitest';
import { startBot } from '../bot.ts';

test('a signal the poller finds is posted, taken and archived, and Datadog knows', async () => {
  await using bot = await startBot();
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  console.log(bot.text(card));
  await bot.click('Take it', card, { as: 'ana' });
  console.log(bot.text(await bot.told('ana')));
  console.log(bot.text(await bot.posted('security')));
  console.log(bot.text(await bot.posted('security')));
  expect(signal.triage.state).toBe('under_review');
  bot.ignoreRest();
});
