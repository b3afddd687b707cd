import { test } from 'vitest';
import { enable, startFast } from '../onboarding/journey.ts';
test('x', async () => {
  const t0 = performance.now(); const lap = (s: string) => process.stderr.write(`LAP ${s} ` + Math.round(performance.now() - t0) + "\n");
  await using bot = await startFast();
  lap('start');
  await enable(bot); lap('enable');
  await enable(bot, '/eks-audit disable prod-a'); lap('disable');
  await enable(bot); lap('enable2');
  await enable(bot, '/eks-audit disable prod-a --audit-logs --reason retired'); lap('off');
  await bot.slash('/eks-audit doctor', { as: 'ada' });
  await bot.told('ada', 'Slack'); lap('doctor');
});
