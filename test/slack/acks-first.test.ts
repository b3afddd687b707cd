import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { acksFirst } from '../../src/slack/acks-first.ts';

function watched() {
  let begun = 0;
  const delivered = acksFirst(() => {
    begun += 1;
  });
  return { delivered, begun: () => begun };
}

test('work begins once, shortly after the last delivery of a moment', async () => {
  const { delivered, begun } = watched();
  for (let i = 0; i < 5; i++) {
    delivered();
    await wait(2);
  }
  expect(begun()).toBe(0);
  await wait(100);
  expect(begun()).toBe(1);
  delivered();
  await wait(100);
  expect(begun()).toBe(2);
});

test('a steady stream of deliveries does not keep work from beginning', async () => {
  const { delivered, begun } = watched();
  const until = performance.now() + 700;
  while (performance.now() < until) {
    delivered();
    await wait(5);
  }
  expect(begun()).toBeGreaterThanOrEqual(2);
  await wait(100);
});
