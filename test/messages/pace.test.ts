/** How far apart posts go out. */
import { expect, test } from 'vitest';
import { Pace } from '../../src/messages/pace.ts';

test('a channel in which Slack refused a post gets the next ones further apart, and only that channel', () => {
  let now = 0;
  const pace = new Pace({ now: () => new Date(now) }, { postMs: 1_000, editMs: 1_200 });
  pace.posted('C1');
  expect(pace.postFreeAt('C1')).toEqual(new Date(1_000));
  pace.refusedPost('C1', 3_000);
  expect(pace.postFreeAt('C1')).toEqual(new Date(3_000));
  now = 3_000;
  pace.posted('C1');
  pace.posted('C2');
  expect(pace.postFreeAt('C1')).toEqual(new Date(4_500));
  expect(pace.postFreeAt('C2')).toEqual(new Date(4_000));
  now = 3_600_000;
  pace.posted('C1');
  expect(pace.postFreeAt('C1')).toEqual(new Date(now + 1_000));
});
