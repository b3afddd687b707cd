/** Edits of one message over several replicas, and a message that somebody deleted. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { type MessageRow, markAttempted } from '../../src/messages/store.ts';
import { openPosting, type Posting } from './posting.ts';

const CARD = { key: 'card', channel: CHANNELS.security };

async function posted(posting: Posting): Promise<void> {
  await posting.put({ ...CARD, text: 'as posted' });
  await posting.until(() => posting.texts('security').length === 1);
  // Known to all: an answer that is still to be stored would hold up the first edit.
  for (;;) {
    const row = await posting.db.selectFrom('messages').select('ts').where('key', '=', 'card').executeTakeFirst();
    if (row?.ts) return;
    await pause(5);
  }
}

/** Holds the first edit on its way to Slack until it is let go. */
function holdFirstEdit({ world }: Posting): { letGo: () => void; most: () => number } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = false;
  let atOnce = 0;
  let most = 0;
  world.door.onBoundary = async (phase, { call }) => {
    if (call.operation !== 'chat.update') return true;
    if (phase === 'answered') atOnce -= 1;
    if (phase !== 'arrived') return true;
    most = Math.max(most, ++atOnce);
    if (!held) {
      held = true;
      await promise;
    }
    return true;
  };
  return { letGo: resolve, most: () => most };
}

test('a slow edit never lands after a newer one: over all replicas one edit of a message is on its way', async () => {
  await using posting = await openPosting({ replicas: 2 });
  await posted(posting);
  const { letGo, most } = holdFirstEdit(posting);
  await posting.put({ ...CARD, text: 'slow' });
  await posting.until(() => posting.calls('chat.update') === 1);
  for (const text of ['newer', 'newest']) {
    await posting.put({ ...CARD, text });
    await pause(200);
  }
  letGo();
  await posting.until(() => posting.texts('security')[0] === 'newest');
  await pause(200);
  expect(posting.texts('security')).toEqual(['newest']);
  // What changed meanwhile was sent at once, and only as it was in the end.
  expect(posting.calls('chat.update')).toBe(2);
  expect(most()).toBe(1);
});

test('two replicas that look at the same moment edit once', async () => {
  await using posting = await openPosting({ replicas: 2 });
  await posted(posting);
  for (let i = 1; i <= 10; i++) {
    await posting.put({ ...CARD, text: `edit ${i}` });
    await posting.until(() => posting.texts('security')[0] === `edit ${i}`);
    await pause(30);
  }
  expect(posting.calls('chat.update')).toBe(10);
});

test('whoever dies in the middle of an edit gives it back when it cannot arrive any more', async () => {
  await using posting = await openPosting();
  await posted(posting);
  const { clock, db } = posting;
  const row = await db.selectFrom('messages').selectAll().where('key', '=', 'card').executeTakeFirstOrThrow();
  // All that a replica does that dies with its call.
  const over = new Date(clock.now().getTime() + posting.config.timing.http_timeout);
  expect(await markAttempted(db, row as MessageRow, clock.now(), over)).toBeDefined();
  await posting.put({ ...CARD, text: 'changed meanwhile' });
  await pause(300);
  expect(posting.texts('security')).toEqual(['as posted']);
  posting.forward(posting.config.timing.http_timeout);
  await posting.until(() => posting.texts('security')[0] === 'changed meanwhile');
});

test('an edit without an answer is sent again, and is the last word', async () => {
  await using posting = await openPosting({ timing: { http_timeout: '300ms' } });
  await posted(posting);
  const { door } = posting.world;
  door.fail({ service: 'slack', operation: 'chat.update', answer: 'hang' });
  door.fail({ service: 'slack', operation: 'chat.update', answer: { status: 500 } });
  await posting.put({ ...CARD, text: 'edited' });
  await posting.until(() => posting.texts('security')[0] === 'edited');
  expect(posting.calls('chat.update')).toBe(3);
});

test('a card that somebody deleted is posted anew as it is now, and later answers are in its new thread', async () => {
  await using posting = await openPosting();
  await posted(posting);
  await posting.put({ key: 'first', channel: CARD.channel, threadKey: 'card', text: 'first answer' });
  await posting.until(() => posting.texts('security').length === 2);
  const { slack } = posting.world;
  const [old, first] = posting.standing('security');
  if (!old || !first) throw new Error('no card');
  slack.remove(old);
  await posting.put({ ...CARD, text: 'its group goes on' });
  await posting.until(() => posting.texts('security').includes('its group goes on'));
  await posting.put({ key: 'second', channel: CARD.channel, threadKey: 'card', text: 'second answer' });
  await posting.put({ key: 'first', channel: CARD.channel, threadKey: 'card', text: 'first answer, edited' });
  await posting.until(() => posting.texts('security').length === 3 && first.text === 'first answer, edited');
  const [, card, second] = posting.standing('security');
  expect([card?.text, second?.text]).toEqual(['its group goes on', 'second answer']);
  expect(card?.threadTs).toBeUndefined();
  expect(second?.threadTs).toBe(card?.ts);
  // And on: the row knows where it stands now.
  await posting.put({ ...CARD, text: 'the end' });
  await posting.until(() => card?.text === 'the end');
  expect(posting.errors).toEqual([]);
});

test('an answer that somebody deleted is posted anew in its thread', async () => {
  await using posting = await openPosting();
  await posted(posting);
  const answer = { key: 'answer', channel: CARD.channel, threadKey: 'card' };
  await posting.put({ ...answer, text: 'answer' });
  await posting.until(() => posting.texts('security').length === 2);
  const [card, old] = posting.standing('security');
  if (old) posting.world.slack.remove(old);
  await posting.put({ ...answer, text: 'changed' });
  await posting.until(() => posting.texts('security').length === 2);
  expect(posting.standing('security').map(({ text, threadTs }) => ({ text, threadTs }))).toEqual([
    { text: 'as posted', threadTs: undefined },
    { text: 'changed', threadTs: card?.ts },
  ]);
});
