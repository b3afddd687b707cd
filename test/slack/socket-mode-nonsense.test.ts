/** What Slack may send over Socket Mode without an inner event, or what is nonsense, ends neither the connection nor the process. */
import { expect, test } from 'vitest';
import { SECRETS } from '../../playground/world.ts';
import { startBot } from '../bot.ts';
import { click, command } from './deliver.ts';

test('nonsense over Socket Mode is refused in the log, and commands work on', async () => {
  await using bot = await startBot({ env: { SLACK_APP_TOKEN: SECRETS.slackAppToken } });
  const { socketMode } = bot.world.slack;
  const sent: Promise<unknown>[] = [
    // No inner event: https://docs.slack.dev/reference/events/app_rate_limited
    socketMode.send('events_api', { type: 'app_rate_limited', team_id: 'T0ACME0001', minute_rate_limited: 1 }),
    socketMode.send('interactive', null as never),
    socketMode.send('interactive', { ...click(bot.world, {}), actions: [] }),
    socketMode.send('slash_commands', { ...command(bot.world, 'list'), team_id: 'T0OTHER001' }),
  ];
  // The first is never acknowledged; it is an end of the connection that settles it.
  for (const one of sent) one.catch(() => {});
  await Promise.all(sent.slice(1));
  await bot.slash('/eks-audit list');
  expect(bot.text(await bot.told('olivia'))).toContain('2 clusters');
  const warned = bot.logged.filter((line) => line.level === 'warn').map((line) => line.msg);
  expect(warned.sort()).toEqual([
    'a Socket Mode message could not be read',
    'a request from Slack was malformed',
    'a request from Slack was malformed',
    'a request from another workspace was ignored',
  ]);
});
