/** Step 2 where several Forwarders are right: a person chooses once per account and Region and is not asked again. */
import { expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import { approve, ended, FORWARDER_SEED, filtersOf, lineOf, startFast, statusOf } from './journey.ts';

test('the choice among several Forwarders is asked for once, kept, and asked for again when the chosen one is gone', async () => {
  const other = FORWARDER.replace('DatadogForwarder', 'OtherForwarder');
  await using bot = await startFast({
    seed({ aws }) {
      aws.addForwarder({ ...FORWARDER_SEED, name: 'OtherForwarder' });
      aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-b' });
    },
  });
  const { aws } = bot.world;
  expect(lineOf('Datadog Forwarder', await statusOf(bot))).toContain('There are 2 Datadog Forwarders here');
  await bot.slash('/eks-audit enable prod-a');
  const question = await bot.told('olivia', 'There are 2 Datadog Forwarders');
  await bot.click('Use this one: OtherForwarder', question, { as: 'olivia' });
  expect(bot.text(await bot.told('olivia', 'from now on'))).toContain(
    `\`${other}\` is used for this account and Region`,
  );
  await approve(bot, await bot.posted('approvals', '[Approve]'));
  expect(await ended(bot)).toContain('is under audit');
  expect(filtersOf(bot.world).map((filter) => filter.destinationArn)).toEqual([other]);
  // The next cluster of the Region is not asked about, and says the same in its status.
  expect(lineOf('Datadog Forwarder', await statusOf(bot, 'prod-b'))).toContain(`(in sync): \`${other}\``);

  aws.removeFunction(other);
  aws.addForwarder({ ...FORWARDER_SEED, name: 'ThirdForwarder' });
  expect(lineOf('Datadog Forwarder', await statusOf(bot, 'prod-b'))).toContain('There are 2 Datadog Forwarders here');
  // The filter of the first cluster leads nowhere now, which no success hides; it is ours, so it can follow.
  aws.removeFunction(FORWARDER.replace('DatadogForwarder', 'ThirdForwarder'));
  const line = lineOf('Subscription filter', await statusOf(bot));
  expect(line).toContain(`(drifted): Our filter \`eks-audit-to-datadog\` still sends this group to \`${other}\``);
});
