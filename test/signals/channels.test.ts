/** The channel a signal belongs to cannot be posted to: it goes to the default one, and the admins hear of it once. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import type { Channel } from '../../playground/slack/model.ts';
import type { World } from '../../playground/world.ts';
import { settled, standing, startPolling } from './journey.ts';

const TROUBLES: [trouble: string, make: (channel: Channel, world: World) => void, code: string, remedy: string][] = [
  [
    'is private and the bot was not invited',
    (channel, { slack }) => {
      channel.isPrivate = true;
      channel.members.delete(slack.bot.userId);
    },
    'channel_not_found',
    'Invite the bot',
  ],
  [
    'does not have the bot as a member',
    (channel, { slack }) => {
      channel.members.delete(slack.bot.userId);
      slack.scopes.delete('chat:write.public');
    },
    'not_in_channel',
    '/invite @eks-audit',
  ],
  [
    'is archived',
    (channel) => {
      channel.isArchived = true;
    },
    'is_archived',
    'Unarchive it',
  ],
  [
    'is shared with another company',
    (channel) => {
      channel.isExtShared = true;
    },
    'is_ext_shared',
    'which must not read what an audit finds',
  ],
];

test.each(TROUBLES)('the channel %s: nothing is lost, and the admins are told once', async (_, make, code, remedy) => {
  await using bot = await startPolling({ seed: (world) => make(world.slack.channel(CHANNELS.urgent), world) });
  bot.expectErrors();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'high', user: 'alice', rule: 'Rule A' });
  datadog.raiseSignal({ severity: 'critical', user: 'bob', rule: 'Rule B' });
  const card = await bot.posted('security', '*Rule A*');
  await bot.posted('security', '*Rule B*');
  const told = bot.text(await bot.posted('admin'));
  expect(told).toContain(code);
  expect(told).toContain('#security-urgent');
  expect(told).toContain('Its messages go to #security meanwhile.');
  expect(told).toContain(remedy);
  // The card works where it went.
  await bot.click('Take it', card, { as: 'ana' });
  await bot.told('ana', 'You took 1 signal.');
  await settled(bot);
  expect(standing(bot, 'urgent')).toEqual([]);
  expect(standing(bot, 'admin')).toHaveLength(1);
});

test('even the default channel is gone: the admins’ channel has it', async () => {
  await using bot = await startPolling({
    seed({ slack }) {
      slack.channel(CHANNELS.security).isArchived = true;
      slack.channel(CHANNELS.urgent).isArchived = true;
    },
  });
  bot.expectErrors();
  bot.world.datadog.raiseSignal({ severity: 'high', user: 'alice', rule: 'Rule A' });
  await bot.posted('admin', '*Rule A*');
});
