/** Datadog does a part of what was asked, and no more: the person, the card, the thread and the rows say the same. */
import { expect, test } from 'vitest';
import { errors } from '../../playground/datadog/answers.ts';
import { fillIn, grouped, inThread, openDialog, startPolling, startRinging, untilSays } from './journey.ts';

const BULK = 'BulkEditSecurityMonitoringSignalsState';
const ASSIGN = 'EditSecurityMonitoringSignalAssignee';

test('Datadog archives the first 199 of 200 and throttles the rest: everybody reads that, and the rest can be tried again', async () => {
  await using bot = await startPolling();
  const { datadog, door } = bot.world;
  const raised = Array.from({ length: 200 }, (_, i) => datadog.raiseSignal({ severity: 'medium', user: `user-${i}` }));
  const posted = await bot.posted('security');
  await grouped(bot, raised.length);
  await untilSays(bot, posted, '[Archive all 200…]');
  let calls = 0;
  door.fail({ service: 'datadog', operation: BULK, answer: errors(429, 'Too many'), when: () => ++calls === 2 });
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive all 200…', posted, 'ana'), {});
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('Done for 199 of 200 signals; Datadog had no time for the others.');
  expect(told).not.toContain('nothing was changed');
  expect(await untilSays(bot, posted, '199 archived')).toContain('200 signals (1 open, 199 archived)');
  expect(await inThread(bot, 'archived')).toContain('@ana archived 199 signals in Slack');
  const states = async () => {
    const rows = await bot.bot.db.selectFrom('signals').select(['id', 'state']).orderBy('id').execute();
    return rows.map(({ id, state }) => `${id} ${state}`);
  };
  const inDatadog = () => raised.map(({ id, triage }) => `${id} ${triage.state}`).sort();
  expect(await states()).toEqual(inDatadog());

  await fillIn(bot, 'ana', await openDialog(bot, 'Archive…', posted, 'ana'), {});
  expect(bot.text(await bot.told('ana'))).toContain('Archived 1 signal');
  await untilSays(bot, posted, 'All 200 signals are archived');
  expect(await states()).toEqual(inDatadog());
});

for (const [what, answer] of [
  ['refuses', errors(400, 'Invalid assignee')],
  ['throttles', errors(429, 'Too many')],
] as const)
  test(`Datadog sets the state and ${what} the assignee: it is taken, and everybody is told that nobody is assigned`, async () => {
    await using bot = await startRinging({
      seed: ({ datadog }) => void datadog.addUser({ email: 'ana@acme.example', name: 'Ana' }),
    });
    const signal = bot.world.datadog.raiseSignal({ severity: 'medium' });
    const posted = await bot.posted('security', '[Take it]');
    bot.world.door.fail({ service: 'datadog', operation: ASSIGN, answer });
    await bot.click('Take it', posted, { as: 'ana' });
    const told = bot.text(await bot.told('ana'));
    expect(told).toContain('You took 1 signal. Nobody is assigned in Datadog:');
    expect(await untilSays(bot, posted, '@ana is working on it')).toContain('Nobody is assigned in Datadog');
    expect(await inThread(bot, '@ana took the signal in Slack.')).toContain('Nobody is assigned in Datadog');
    expect(signal.triage).toMatchObject({ state: 'under_review' });
    expect(signal.triage.assignee).toBeUndefined();
    const rows = await bot.bot.db.selectFrom('signals').select('state').execute();
    expect(rows).toEqual([{ state: 'under_review' }]);
  });
