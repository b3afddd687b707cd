/** A message that may stand there twice, because history may not be read after its answer was lost. */
import { expect, test } from 'vitest';
import { CHANNELS } from '../../playground/acme.ts';
import { slackRateLimited } from '../../playground/slack/faults.ts';
import { bodyOf } from '../../src/messages/text.ts';
import { content, section } from '../../src/slack/blocks.ts';
import { openPosting, type Posting } from './posting.ts';

const CARD = { key: 'card', channel: CHANNELS.security };
const MARK = 'Sent again after a restart';

async function repeated(posting: Posting): Promise<void> {
  const { slack, door } = posting.world;
  slack.scopes.delete('channels:history');
  door.fail({ service: 'slack', operation: 'chat.postMessage', answer: 'reset', applies: true });
  await posting.put({ ...CARD, text: 'as posted' });
  await posting.until(() => posting.texts('security').length === 1);
  posting.forward(1_000);
  await posting.until(() => posting.texts('security').length === 2);
}

function marks(posting: Posting): boolean[] {
  return posting.standing('security').map((message) => posting.world.slack.render(message).includes(MARK));
}

test('the mark of a repeated message stays on every later version', async () => {
  await using posting = await openPosting({ timing: { http_timeout: '300ms' } });
  await repeated(posting);
  expect(marks(posting)).toEqual([false, true]);
  for (const text of ['edited', 'edited again']) {
    await posting.put({ ...CARD, text });
    await posting.until(() => posting.texts('security')[1] === text);
    expect(marks(posting)).toEqual([false, true]);
  }
});

test('a repeat that Slack puts off is marked all the same', async () => {
  await using posting = await openPosting({ timing: { http_timeout: '300ms' } });
  const { door } = posting.world;
  const isSecond = () => posting.texts('security').length === 1;
  door.fail({ service: 'slack', operation: 'chat.postMessage', answer: slackRateLimited(1), when: isSecond });
  await repeated(posting);
  expect(marks(posting)).toEqual([false, true]);
});

test('the mark fits into a message that is full', () => {
  const full = content('full', Array(60).fill(section('line')));
  const { blocks } = bodyOf({ content: full, repeated: true }, 'ja');
  expect(blocks).toHaveLength(50);
  expect(JSON.stringify(blocks.at(-1))).toContain('同じメッセージが 2 回届いている可能性があります');
});
