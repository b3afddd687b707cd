/** No room on the disk: nothing is thanked for that is not stored, and nothing is lost when there is room again. */
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { LEAST_FREE_BYTES, watchFreeSpace } from '../../src/db/free-space.ts';
import { ring, startRinging } from './journey.ts';

test('with too little room the webhook says 503 and readiness is red, and all comes back by itself', async () => {
  let free = Number.POSITIVE_INFINITY;
  await using bot = await startRinging({ freeBytes: () => free });
  bot.expectErrors();
  const { datadog } = bot.world;
  const ready = async () => {
    const response = await fetch(`${bot.url}/readyz`);
    return { status: response.status, ...((await response.json()) as { ready: boolean; problems: string[] }) };
  };
  expect(await ready()).toEqual({ status: 200, ready: true, problems: [] });

  free = LEAST_FREE_BYTES - 1;
  while ((await ready()).status === 200) await pause(25);
  const red = await ready();
  expect(red.status).toBe(503);
  expect(red.problems).toEqual(['disk: 63 MiB are free where DATA_DIR is, and 64 MiB must stay free; free some space']);
  expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  // Datadog does not lose patience before there is room again.
  datadog.sender.backoffMs = 500_000;
  datadog.raiseSignal({ severity: 'medium' });
  await bot.world.slack.until(() => datadog.sender.deliveries.length >= 2, 10_000);
  expect(datadog.sender.deliveries.every(({ status }) => status === 503)).toBe(true);
  // Not even a dead letter is written.
  expect((await ring(bot, '{')).status).toBe(503);
  expect(await bot.bot.db.selectFrom('dead_letters').select('id').execute()).toEqual([]);
  // A person is told by Slack instead of being promised something.
  await bot.slash('/eks-audit signals', { as: 'ana' });
  expect((await bot.told('ana')).text).toBe('dispatch_failed');

  free = LEAST_FREE_BYTES;
  while ((await ready()).status !== 200) await pause(25);
  await bot.posted('security', '1 signal');
  expect(datadog.sender.deliveries.at(-1)?.status).toBe(202);
  const said = bot.logged.map(({ level, msg }) => `${level}: ${msg}`);
  expect(said.filter((line) => line.includes('disk'))).toEqual([
    'error: nothing is stored until there is room on the disk',
    'info: there is room on the disk again',
  ]);
});

test('a disk that is gone counts as full, and ends no process', () => {
  const space = watchFreeSpace({ dataDir: '/nowhere/eks-audit', log: pino({ level: 'silent' }) });
  expect(space.full()).toMatch(/^DATA_DIR cannot be looked at: ENOENT.*; look whether its disk is there$/);
});
