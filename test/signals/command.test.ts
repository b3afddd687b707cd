/** `/eks-audit signals`, `where` and `test`: what is open, what became of one, and whether the way is clear. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { SECRETS } from '../../playground/world.ts';
import { fillIn, grouped, HOUR_MS, openDialog, startListening, startPolling, untilSays } from './journey.ts';

test('`signals` lists what is open, the most severe first, with links; archived ones are left out', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  datadog.raiseSignal({ severity: 'critical', user: 'mallory', rule: 'Worse' });
  datadog.raiseSignal({ severity: 'low', user: 'carol', rule: 'Harmless' });
  datadog.raiseSignal({ severity: 'medium', user: 'dave', rule: 'Done with' });
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', await bot.posted('security', 'Done with'), 'ana'), {});
  await bot.told('ana', 'Archived');
  await bot.posted('urgent', 'Worse');
  await grouped(bot, 5);
  await bot.slash('/eks-audit signals', { as: 'ana' });
  const list = bot.text(await bot.told('ana', 'open signal group'));
  expect(list).toContain('*3 open signal groups in the last 24 hours*');
  const at = ['Worse', 'User Exec into a Pod', 'Harmless'].map((rule) => list.indexOf(rule));
  expect(at.every((place) => place > 0)).toBe(true);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(list).not.toContain('Done with');
  expect(list).toContain(`https://acme.slack.com/archives/${CHANNELS.urgent}/p`);
  expect(list).toContain('2 signals');
});

test('`--since` takes hours and days, and refuses what is no time span', async () => {
  await using bot = await startPolling();
  bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  await bot.posted('security');
  bot.forward(30 * HOUR_MS);
  await bot.slash('/eks-audit signals', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('*No open signals in the last 24 hours*');
  await bot.slash('/eks-audit signals --since 2d', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('*1 open signal group in the last 48 hours*');
  await bot.slash('/eks-audit signals —since 48h', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('*1 open signal group in the last 48 hours*');
  for (const wrong of ['yesterday', '0h', '91d', '-3h']) {
    await bot.slash(`/eks-audit signals --since ${wrong}`, { as: 'ana' });
    expect(bot.text(await bot.told('ana'))).toContain('is no time span. Write hours or days, at most 90 days');
  }
});

test('`where` tells the whole way of a signal, by its id or its address in Datadog, and [Share] shows it to all', async () => {
  await using bot = await startPolling();
  const signal = bot.world.datadog.raiseSignal({ severity: 'medium', user: 'alice' });
  const card = await bot.posted('security');
  await bot.click('Take it', card, { as: 'ana' });
  await untilSays(bot, card, 'is working on it');
  await bot.told('ana', 'You took');
  const address = `https://app.datadoghq.com/security/signal?event=${signal.id}&x=1`;
  for (const typed of [signal.id, address]) {
    await bot.slash(`/eks-audit where ${typed}`, { as: 'ana' });
    const receipt = bot.text(await bot.told('ana', 'Receipt of signal'));
    const steps = [
      'Found by asking Datadog; no webhook had come',
      'Read from Datadog',
      'Routed by `signals` to #security',
      'Opened message',
      'Posted in #security',
      '@ana took it in Slack',
    ];
    const at = steps.map((step) => receipt.indexOf(step));
    expect(at.every((place) => place > 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(receipt).toContain(`https://acme.slack.com/archives/${CHANNELS.security}/p`);
  }
  await bot.slash(`/eks-audit where ${signal.id}`, { as: 'ana' });
  await bot.click('Share', await bot.told('ana', 'Receipt of signal'), { as: 'ana' });
  const shared = bot.text(await bot.posted('platform', 'Receipt of signal'));
  expect(shared).toContain('@ana');
  expect(shared).not.toContain('[Share]');
});

test('`where` of a signal nobody knows says so', async () => {
  await using bot = await startPolling();
  await bot.slash('/eks-audit where AQAAAYnobodyKnowsThisOne', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Nothing is on record for it.');
});

test('`test` sends a marked signal through our own webhook and times each hop; nobody has to do anything', async () => {
  // The address is known only once the bot listens, so the test puts it where the environment would have.
  await using bot = await startListening();
  bot.config.PUBLIC_URL = bot.url;
  await bot.slash('/eks-audit test', { as: 'ada' });
  const card = bot.text(await bot.posted('security'));
  expect(card).toContain('*MEDIUM* *Test of eks-audit*');
  expect(card).toContain('This is a test. Nothing happened in any cluster');
  expect(card).not.toMatch(/\[(Take|Archive|Suppress)/);
  const report = bot.text(await bot.told('ada'));
  expect(report).toMatch(/The test signal stands in Slack after \d+ ms\./);
  expect(report).toMatch(/answered under PUBLIC_URL after \d+ ms/);
  expect(report).toMatch(/Routed and put into a message after \d+ ms/);
  expect(report).toContain(`https://acme.slack.com/archives/${CHANNELS.security}/p`);
  expect(JSON.stringify(bot.world.slack.timeline)).not.toContain(SECRETS.webhookToken);

  // It waits for nobody, so it is not among what is open.
  await bot.slash('/eks-audit signals', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('No open signals');

  await bot.slash('/eks-audit test --severity high', { as: 'ada' });
  expect(bot.text(await bot.posted('urgent'))).toContain('*HIGH* *Test of eks-audit*');
});

test('`test` says what is wrong when PUBLIC_URL leads nowhere, and goes on from the database', async () => {
  await using bot = await startListening({ env: { PUBLIC_URL: 'http://127.0.0.1:9' } });
  await bot.slash('/eks-audit test', { as: 'ada' });
  const report = bot.text(await bot.told('ada'));
  expect(report).toContain('Our webhook could not be reached under PUBLIC_URL');
  expect(report).toMatch(/stands in Slack after \d+ ms/);
  await bot.posted('security', 'This is a test.');
});

test('`test` without PUBLIC_URL says that signals are found by asking', async () => {
  await using bot = await startListening({ env: { PUBLIC_URL: undefined as unknown as string } });
  await bot.slash('/eks-audit test', { as: 'ada' });
  expect(bot.text(await bot.told('ada'))).toContain('PUBLIC_URL is not set, so no webhook can ring');
});

test('help lists the commands, and each asks for its role', async () => {
  await using bot = await startPolling({
    seed: ({ slack }) => void slack.addUser({ id: 'U0NINA00001', name: 'nina' }),
  });
  await bot.slash('/eks-audit help', { as: 'ana' });
  const help = bot.text(await bot.told('ana'));
  for (const usage of ['signals [--since duration]', 'where <signal-id>', 'test [--severity']) {
    expect(help).toContain(`/eks-audit ${usage}`);
  }
  await bot.slash('/eks-audit test', { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('@ada');
  for (const command of ['signals', 'where AQAAAYnobodyKnowsThisOne']) {
    await bot.world.slack.slash('U0NINA00001', CHANNELS.platform, `/eks-audit ${command}`);
    expect(bot.text(await bot.world.slack.nextMessage('U0NINA00001'))).toContain('@analysts');
  }
});
