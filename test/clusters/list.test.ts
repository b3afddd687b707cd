import { expect, test } from 'vitest';
import { startBot } from '../bot.ts';

test('list shows every cluster, those without audit logs first', async () => {
  await using bot = await startBot();
  await bot.slash('/eks-audit list');
  expect(bot.text(await bot.told('olivia'))).toMatchInlineSnapshot(`
    "#platform, @eks-audit, only @olivia
    *2 clusters, 1 with audit logs on*
    :x: \`production/us-east-1/prod-a\` audit logs off
    :white_check_mark: \`production/us-east-1/staging\` audit logs on
    Look at one with \`/eks-audit status prod-a\`.
    [Share]"
  `);
});
