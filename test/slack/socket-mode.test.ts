/** With an app token the bot needs no public address: the same journey over a WebSocket. */
import { expect, test } from 'vitest';
import { SECRETS } from '../../playground/world.ts';
import { startBot } from '../bot.ts';

test('commands and clicks arrive over Socket Mode, also after Slack closes the connection', async () => {
  await using bot = await startBot({ env: { SLACK_APP_TOKEN: SECRETS.slackAppToken } });
  await bot.slash('/eks-audit list');
  expect(bot.text(await bot.told('olivia'))).toContain('2 clusters, 1 with audit logs on');
  await bot.slash('/eks-audit enable prod-a --only audit-logs');
  await bot.told('olivia', 'waiting for approval');
  const card = await bot.posted('approvals', '[Approve]');

  bot.world.slack.socketMode.disconnect('refresh_requested');
  await bot.world.slack.until(() => bot.world.slack.socketMode.connections === 0, 20_000);
  // The client opens the new connection some seconds later; what Slack sends meanwhile is shown as a failure to the person.
  await bot.world.slack.until(() => bot.world.slack.socketMode.connections > 0, 20_000);

  await bot.click('Approve', card);
  bot.ignoreRest();
  await bot.posted('approvals', '`audit-logs` is done');
}, 60_000);
