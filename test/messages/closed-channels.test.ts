/** Channels that cannot be posted to, or must not be: what waits, what goes elsewhere, what the admins are told. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { openPosting, type Posting } from './posting.ts';

const MINUTE_MS = 60_000;

function shutOut({ world: { slack } }: Posting, ...channels: (keyof typeof CHANNELS)[]): void {
  slack.scopes.delete('chat:write.public');
  for (const channel of channels) slack.channel(CHANNELS[channel]).members.delete(slack.bot.userId);
}

function letIn({ world: { slack } }: Posting, channel: keyof typeof CHANNELS): void {
  slack.channel(CHANNELS[channel]).members.add(slack.bot.userId);
}

test('what has nowhere else to go waits for the bot to be invited', async () => {
  await using posting = await openPosting();
  shutOut(posting, 'admin', 'urgent', 'security');
  const to = { channel: CHANNELS.urgent, fallback: CHANNELS.security };
  await posting.put({ key: 'one', ...to, text: 'one' });
  await posting.put({ key: 'two', channel: CHANNELS.admin, text: 'two' });
  await posting.until(() => posting.errors.length === 3);
  for (let minute = 1; minute <= 5; minute++) {
    const before = posting.calls('chat.postMessage');
    await posting.until(() => {
      posting.forward(2_000);
      return posting.calls('chat.postMessage') > before;
    });
  }
  // Once per channel, however often and for however many messages it was tried.
  expect(posting.errors.map(({ channel, msg }) => `${channel}: ${msg}`).sort()).toEqual([
    `${CHANNELS.admin}: a channel cannot be posted to; its messages wait and are tried again each minute`,
    `${CHANNELS.security}: a channel cannot be posted to; its messages go elsewhere`,
    `${CHANNELS.urgent}: a channel cannot be posted to; its messages go elsewhere`,
  ]);

  letIn(posting, 'admin');
  await posting.until(() => {
    posting.forward(2_000);
    return posting.texts('admin').length === 4;
  });
  const [first, second, ...troubles] = posting.texts('admin');
  expect([first, second].sort()).toEqual(['one', 'two']);
  expect(troubles.join()).toContain('not_in_channel');
});

test('a message for the admins’ channel that has a fallback goes there', async () => {
  await using posting = await openPosting();
  shutOut(posting, 'admin');
  await posting.put({ key: 'card', channel: CHANNELS.admin, fallback: CHANNELS.security, text: 'card' });
  await posting.until(() => posting.texts('security').length === 1);
});

test('what stands in a channel that was archived is posted anew elsewhere when it changes, and its answers follow', async () => {
  await using posting = await openPosting();
  const to = { channel: CHANNELS.urgent, fallback: CHANNELS.security };
  for (const key of ['edited', 'answered']) await posting.put({ key, ...to, text: key });
  await posting.until(() => posting.texts('urgent').length === 2);
  posting.world.slack.channel(CHANNELS.urgent).isArchived = true;
  await posting.put({ key: 'edited', ...to, text: 'edited with news' });
  await posting.put({ key: 'answer', threadKey: 'answered', channel: CHANNELS.urgent, text: 'an answer' });
  await posting.until(() => {
    posting.forward(2_000);
    return posting.texts('security').length === 3;
  });
  expect(posting.texts('security').sort()).toEqual(['an answer', 'answered', 'edited with news']);
  const [card, answer] = ['answered', 'an answer'].map((text) =>
    posting.standing('security').find((message) => message.text === text),
  );
  expect(answer?.threadTs).toBe(card?.ts);
  expect(posting.texts('urgent')).toEqual(['edited', 'answered']);
});

test('a channel that other companies came to read gets no edits any more, and the admins are told once', async () => {
  await using posting = await openPosting();
  const channel = CHANNELS.security;
  await posting.put({ key: 'card', channel, text: 'as posted' });
  await posting.until(() => posting.texts('security').length === 1);
  posting.world.slack.channel(channel).isExtShared = true;
  posting.forward(11 * MINUTE_MS);
  for (const text of ['for us alone', 'for us alone too']) {
    await posting.put({ key: 'card', channel, text });
    await posting.until(() => {
      posting.forward(2_000);
      return posting.texts('admin').includes(text);
    });
  }
  expect(posting.texts('security')).toEqual(['as posted']);
  expect(posting.texts('admin').sort()).toEqual([expect.stringContaining('(`is_ext_shared`)'), 'for us alone too']);
  expect(posting.errors).toHaveLength(1);
});

test('not hearing for a moment whether a channel is shared does not make it ours again', async () => {
  await using posting = await openPosting();
  const { slack } = posting.world;
  slack.channel(CHANNELS.urgent).isExtShared = true;
  const to = { channel: CHANNELS.urgent, fallback: CHANNELS.security };
  await posting.put({ key: 'one', ...to, text: 'one' });
  await posting.until(() => posting.texts('security').length === 1);
  posting.forward(11 * MINUTE_MS);
  posting.world.door.fail({ service: 'slack', operation: 'conversations.info', answer: { status: 503 } });
  await posting.put({ key: 'two', ...to, text: 'two' });
  await posting.until(() => posting.texts('security').length === 2);
  expect(posting.texts('urgent')).toEqual([]);
});
