/** [Show events]: the audit events behind a card, as a table in its thread. */
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import { settled, startPolling } from './journey.ts';

test('[Show events] puts the audit events of this cluster and actor into the thread, as a table', async () => {
  await using bot = await startPolling();
  const { datadog, slack } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice', pod: 'web-1' });
  datadog.raiseSignal({ severity: 'medium', user: 'alice', pod: 'web-2' });
  datadog.raiseSignal({ severity: 'medium', user: 'bob', pod: 'web-3', cluster: 'staging' });
  const card = await bot.posted('security', '`prod-a`');
  await bot.click('Show events', card, { as: 'ana' });
  const table = await slack.nextMessage({ kind: 'post' }, (entry) => bot.text(entry).includes('audit events'), 10_000);
  expect(table.message?.threadTs).toBe(card.message?.ts);
  expect(table.message?.blocks.map(({ type }) => type)).toContain('table');
  const text = bot.text(table);
  expect(text).toContain('The latest 2 audit events, times in UTC');
  for (const heading of ['Time', 'Who', 'Verb', 'Object', 'Status', 'IP', 'Cluster']) expect(text).toContain(heading);
  expect(text).toContain('shop/pods/exec/web-1');
  expect(text).toContain('shop/pods/exec/web-2');
  expect(text).not.toContain('web-3');
  expect(text).toContain('<https://app.datadoghq.com/logs?query=');
});

test('the key may not read logs: it is said to whoever asked, and the thread stays empty', async () => {
  await using bot = await startPolling();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  bot.world.door.fail({ service: 'datadog', operation: 'ListLogs', answer: errors(403, 'Forbidden') });
  await bot.click('Show events', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('the application key lacks the scope `logs_read_data`');
  await settled(bot);
  expect(bot.world.slack.timeline.filter(({ message }) => message?.threadTs)).toEqual([]);
});
