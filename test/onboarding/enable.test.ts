import { expect, test } from 'vitest';
import { startBot } from '../bot.ts';

test('enable asks, changes nothing before a colleague approves, then proves that logs arrive', async () => {
  await using bot = await startBot();
  await bot.slash('/eks-audit status prod-a');
  console.log(bot.text(await bot.told('olivia')));
  await bot.slash('/eks-audit enable prod-a');
  console.log(bot.text(await bot.told('olivia')));
  const card = await bot.posted('approvals');
  console.log(bot.text(card));
  expect(bot.world.door.writes.filter((w) => !w.startsWith('slack'))).toEqual([]);
  await bot.click('Approve', card);
  console.log(bot.text(await bot.told('arjun')));
  for (;;) {
    const next = await bot.posted('approvals');
    console.log('----', next.kind, '\n' + bot.text(next));
    if (bot.text(next).includes('is under audit') || bot.text(next).includes('stopped')) break;
  }
  console.log(bot.logged.filter((l) => l.level !== 'info'));
  console.log(bot.world.door.writes.filter((w) => !w.startsWith('slack')));
  bot.ignoreRest();
});
