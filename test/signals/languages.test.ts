/** A channel reads its language, a person reads theirs, whatever the other one is. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { fillIn, inThread, openDialog, startPolling, untilSays } from './journey.ts';

const JAPANESE_CHANNEL = { file: { channels: { [CHANNELS.security]: { language: 'ja' } } } };

test('in a Japanese channel card, thread and storm are Japanese, and an English analyst is answered in English', async () => {
  await using bot = await startPolling({ ...JAPANESE_CHANNEL, timing: { storm_window: '20s' } });
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  expect(bot.text(card)).toContain('[対応する]');
  expect(bot.text(card)).not.toMatch(/Take it|How often|Who\*/);
  await bot.click('対応する', card, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  expect(await inThread(bot, '担当')).toContain('@ana');
  const dialog = await openDialog(bot, 'アーカイブ…', card, 'ana');
  expect(bot.world.slack.render(dialog)).toContain('Reason');
  await fillIn(bot, 'ana', dialog, { Reason: 'Remediated', Comment: 'done' });
  expect(await inThread(bot, 'アーカイブしました')).toContain('done');
  await untilSays(bot, card, '再オープン');
  for (let i = 0; i < 8; i++) datadog.raiseSignal({ severity: 'medium', user: 'bob', rule: `Rule ${i}` });
  expect(bot.text(await bot.posted('security', ':ocean:'))).toMatch(/シグナル/);
  // The channel beside it stays English.
  datadog.raiseSignal({ severity: 'high', user: 'carol' });
  expect(bot.text(await bot.posted('urgent'))).toContain('[Take it]');
});

test('a Japanese person is answered in Japanese in an English channel: buttons, dialogs, refusals, commands', async () => {
  await using bot = await startPolling();
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  await bot.slash('/eks-audit signals', { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toMatch(/シグナル|未対応/);
  const dialog = await openDialog(bot, 'Mute…', card, 'aiko');
  expect(bot.world.slack.render(dialog)).toContain('ミュート');
  await bot.click('Take it', card, { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toContain('シグナル 1 件');
  // What everybody reads stays in the language of the channel.
  expect(await inThread(bot, 'took')).toContain('@aiko took the signal in Slack');
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toContain('経過');
  await bot.slash('/eks-audit signals --since gestern', { as: 'aiko' });
  expect(bot.text(await bot.told('aiko'))).toMatch(/[ぁ-ん]/);
});
