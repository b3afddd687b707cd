import { expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../playground/acme.ts';
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

test('a list of hundreds is as long as Slack takes, worst first, and says how many more there are', async () => {
  const clusters = Array.from({ length: 260 }, (_, i) => ({
    account: ACCOUNT,
    region: REGION,
    name: `payments-production-${String(i).padStart(3, '0')}`,
    logging: ['audit' as const],
  }));
  await using bot = await startBot({
    seed: ({ aws }) => {
      for (const cluster of clusters) aws.addCluster(cluster);
    },
  });
  await bot.slash('/eks-audit list');
  const said = bot.text(await bot.told('olivia', '262 clusters, 261 with audit logs on'));
  const lines = said.split('\n').filter((line) => line.includes('production/us-east-1/'));
  expect(lines[0]).toContain('prod-a');
  expect(said).toContain(`… +${262 - lines.length}`);
});

test('clusters of another account than the configuration says are not listed under its name', async () => {
  await using bot = await startBot({
    file: { aws: { accounts: [{ id: '444455556666', name: 'staging', regions: [REGION] }] } },
    // The bot's own credentials, which are those of another account.
    seed({ aws }) {
      aws.identities.base.allow = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
      aws.addAccount('999988887777');
      aws.addCluster({ account: '999988887777', region: REGION, name: 'prod-a' });
    },
  });
  await bot.slash('/eks-audit list');
  const said = bot.text(await bot.told('olivia'));
  expect(said).toContain('staging/us-east-1');
  expect(said).toContain('clusters of 999988887777 were read: give this account roles');
  expect(said).not.toContain('prod-a');
});
