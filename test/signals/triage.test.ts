/** The buttons of a card: take, hand back, archive, reopen, and what Datadog has of it afterwards. */
import { expect, test } from 'vitest';
import { PEOPLE, USERGROUPS } from '../../playground/acme.ts';
import type { TestBot } from '../bot.ts';
import { asked, fillIn, inThread, openDialog, says, settled, startPolling, untilSays } from './journey.ts';

const ANA = 'ana@acme.example';

/** So many signals of one group, and their card. */
async function card(bot: TestBot, signals = 1) {
  const raised = Array.from({ length: signals }, (_, i) =>
    bot.world.datadog.raiseSignal({ severity: 'medium', user: `user-${i}` }),
  );
  const posted = await bot.posted('security');
  await untilSays(bot, posted, signals === 1 ? '1 signal' : `${signals} signals`);
  return { posted, raised };
}

test('[Take it] assigns the person Datadog has under the same address, and [Hand back] takes it away again', async () => {
  await using bot = await startPolling({ seed: ({ datadog }) => void datadog.addUser({ email: ANA, name: 'Ana' }) });
  const { posted, raised } = await card(bot);
  await bot.click('Take it', posted, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 1 signal.');
  expect(await untilSays(bot, posted, 'is working on it')).toContain('@ana is working on it, since');
  expect(says(bot, posted)).not.toContain('nobody is assigned');
  expect(await inThread(bot, 'took')).toContain('@ana took the signal in Slack.');
  expect(raised[0]?.triage).toMatchObject({ state: 'under_review', assignee: { email: ANA } });

  await bot.click('Hand back', posted, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You handed back 1 signal.');
  expect(await untilSays(bot, posted, '[Take it]')).not.toContain('is working on it');
  expect(await inThread(bot, 'handed back')).toContain('@ana handed back the signal in Slack');
  expect(raised[0]?.triage.state).toBe('open');
  expect(raised[0]?.triage.assignee).toBeUndefined();
});

test('whom Datadog does not know takes it all the same, and everybody is told that nobody is assigned there', async () => {
  await using bot = await startPolling();
  const { posted, raised } = await card(bot);
  await bot.click('Take it', posted, { as: 'ana' });
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('Nobody is assigned in Datadog: it has no user with your e-mail address');
  // Taking writes no comment, so nothing may claim one.
  expect(told).not.toContain('comment');
  expect(await untilSays(bot, posted, 'is working on it')).toContain('Nobody is assigned in Datadog');
  expect(await inThread(bot, 'took')).toContain('Nobody is assigned in Datadog');
  expect(raised[0]?.triage).toMatchObject({ state: 'under_review' });
  expect(raised[0]?.triage.assignee).toBeUndefined();
});

test('[Archive…] asks for the reason, and Datadog has it with the comment and the name of the person', async () => {
  await using bot = await startPolling();
  const { posted, raised } = await card(bot);
  const dialog = await openDialog(bot, 'Archive…', posted, 'ana');
  const shown = bot.world.slack.render(dialog);
  expect(shown).toContain('This acts on the open signal of the message:');
  expect(shown).toContain('*User Exec into a Pod* · `prod-a`');
  await fillIn(bot, 'ana', dialog, { Reason: 'True positive, benign', Comment: 'planned *maintenance* <!channel>' });
  expect(bot.text(await bot.told('ana'))).toContain('Archived 1 signal as true positive, benign.');
  expect(await untilSays(bot, posted, 'It is archived')).toContain('[Reopen]');
  expect(says(bot, posted)).not.toContain('[Take it]');
  const note = await inThread(bot, 'archived');
  expect(note).toContain('@ana archived the signal in Slack');
  expect(note).toContain('True positive, benign');
  expect(note).toContain('planned *maintenance* <!channel>');
  expect(raised[0]?.triage).toMatchObject({
    state: 'archived',
    archiveReason: 'true_positive_benign',
    archiveComment: 'planned *maintenance* <!channel> (by ana via eks-audit)',
  });
  const { message } = bot.world.slack.timeline.findLast((e) => e.message?.threadTs) ?? {};
  expect(message && bot.world.slack.wouldNotify(message)).not.toContain('@channel');

  await bot.click('Reopen', posted, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('Reopened 1 signal.');
  await untilSays(bot, posted, '[Take it]');
  expect(await inThread(bot, 'reopened')).toContain('@ana reopened the signal in Slack.');
  expect(raised[0]?.triage).toMatchObject({ state: 'open', archiveReason: 'none' });
});

test('what joins while the archive dialog is open, nobody has seen in it: it stays open', async () => {
  await using bot = await startPolling();
  const { datadog } = bot.world;
  const seen = ['alice', 'bob'].map((user) => datadog.raiseSignal({ severity: 'medium', user }));
  const card = await bot.posted('security', '2 signals');
  const dialog = await openDialog(bot, 'Archive all 2…', card, 'ana');
  expect(bot.world.slack.render(dialog)).toContain('all 2 open signals');
  bot.forward(60_000);
  const joined = datadog.raiseSignal({ severity: 'medium', user: 'mallory' });
  await untilSays(bot, card, '3 signals');
  await fillIn(bot, 'ana', dialog, {});
  await inThread(bot, 'archived');
  expect(seen.map(({ triage }) => triage.state)).toEqual(['archived', 'archived']);
  expect(joined.triage.state).toBe('open');
  expect(await untilSays(bot, card, '[Archive…]')).toContain('3 signals');
});

test('buttons act on all open signals of the message and say how many, in a few calls', async () => {
  await using bot = await startPolling();
  const { posted, raised } = await card(bot, 12);
  const before = bot.world.door.writes.length;
  await bot.click('Take all 12', posted, { as: 'ana' });
  expect(bot.text(await bot.told('ana'))).toContain('You took 12 signals.');
  expect(await inThread(bot, 'took')).toContain('@ana took 12 signals in Slack');
  expect(new Set(raised.map(({ triage }) => triage.state))).toEqual(new Set(['under_review']));
  const writes = bot.world.door.writes.slice(before).filter((write) => write.startsWith('datadog'));
  expect(writes).toEqual([
    'datadog BulkEditSecurityMonitoringSignalsState',
    'datadog BulkEditSecurityMonitoringSignalsAssignee',
  ]);
  await untilSays(bot, posted, '[Hand back all 12]');
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive all 12…', posted, 'ana'), {});
  expect(bot.text(await bot.told('ana'))).toContain('Archived 12 signals as');
  await untilSays(bot, posted, 'All 12 signals are archived');
  await bot.click('Reopen all 12', posted, { as: 'ana' });
  await untilSays(bot, posted, '[Take all 12]');
});

test('a double click takes once: one answer a click, one note in the thread', async () => {
  await using bot = await startPolling();
  const { posted, raised } = await card(bot);
  await Promise.all([bot.click('Take it', posted, { as: 'ana' }), bot.click('Take it', posted, { as: 'ana' })]);
  for (let answer = 0; answer < 2; answer++) await bot.told('ana', 'You took 1 signal.');
  await settled(bot);
  const notes = bot.world.slack.timeline.filter((e) => e.message?.threadTs && bot.text(e).includes('took the signal'));
  expect(notes).toHaveLength(1);
  expect(raised[0]?.triage.state).toBe('under_review');
});

test('of two who click [Take it] at once one has it, and the other is told who', async () => {
  await using bot = await startPolling({
    seed: ({ slack }) => void slack.userGroups.get(USERGROUPS.analysts)?.members.push(PEOPLE.olivia),
  });
  const { posted } = await card(bot);
  const people = ['ana', 'olivia'] as const;
  await Promise.all(people.map((as) => bot.click('Take it', posted, { as })));
  const told = await Promise.all(people.map(async (who) => bot.text(await bot.told(who))));
  expect(told.filter((said) => said.includes('You took 1 signal.'))).toHaveLength(1);
  await settled(bot);
  const notes = bot.world.slack.timeline.filter((e) => e.message?.threadTs && bot.text(e).includes('took the signal'));
  expect(notes).toHaveLength(1);
});

test('who clicks [Take it] on an old card does not take it away from whoever has it', async () => {
  await using bot = await startPolling({
    seed({ datadog }) {
      datadog.addUser({ email: ANA });
      datadog.addUser({ email: 'aiko@acme.example' });
    },
  });
  const { posted, raised } = await card(bot);
  await bot.click('Take it', posted, { as: 'ana' });
  await untilSays(bot, posted, '@ana is working on it');
  await bot.click('Take it', posted, { as: 'aiko', stale: true });
  // In Aiko's language.
  expect(bot.text(await bot.told('aiko'))).toContain('@ana');
  await settled(bot);
  expect(says(bot, posted)).toContain('@ana is working on it');
  expect(raised[0]?.triage.assignee?.email).toBe(ANA);
});

test('while Datadog partly refuses, what was done is done and the rest is named', async () => {
  await using bot = await startPolling();
  const { posted, raised } = await card(bot, 3);
  const [first] = raised;
  const refused = {
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: '{"errors":["Signal is locked"]}',
  };
  const is = (id: string | undefined) => (call: { path: string }) => call.path.includes(String(id));
  // The bulk call says nothing of what it did not do; one by one Datadog says why.
  bot.world.door.fail({
    service: 'datadog',
    operation: 'BulkEditSecurityMonitoringSignalsState',
    answer: refused,
    times: Number.POSITIVE_INFINITY,
  });
  bot.world.door.fail({
    service: 'datadog',
    operation: 'EditSecurityMonitoringSignalState',
    answer: refused,
    times: Number.POSITIVE_INFINITY,
    when: is(first?.id),
  });
  await fillIn(bot, 'ana', await openDialog(bot, 'Archive all 3…', posted, 'ana'), {});
  const told = bot.text(await bot.told('ana'));
  expect(told).toContain('Done for 2 of 3 signals');
  expect(told).toContain('Signal is locked');
  expect(told).toContain('Click again to try the rest.');
  expect(await untilSays(bot, posted, '2 archived')).toContain('1 open');
  expect(raised.map(({ triage }) => triage.state)).toEqual(['open', 'archived', 'archived']);
  expect(asked(bot, 'EditSecurityMonitoringSignalState')).toBe(3);
});
