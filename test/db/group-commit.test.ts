import { expect, test } from 'vitest';
import { groupCommit } from '../../src/db/group-commit.ts';

interface Batch {
  items: number[];
  commit(): void;
  fail(error: Error): void;
}

/** A write that ends when the test says so. */
function heldWrite(): { batches: Batch[]; write: (items: number[]) => Promise<string[]> } {
  const batches: Batch[] = [];
  const write = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({ items, commit: () => resolve(items.map((item) => `row ${item}`)), fail: reject });
    });
  return { batches, write };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('what arrives in one turn of the loop is one batch, in order', async () => {
  const { batches, write } = heldWrite();
  const store = groupCommit(write);
  const stored = Promise.all([1, 2, 3].map(store));
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]]);
  batches[0]?.commit();
  expect(await stored).toEqual(['row 1', 'row 2', 'row 3']);
});

test('what arrives during a write gathers for the next one, and nobody is answered early', async () => {
  const { batches, write } = heldWrite();
  const store = groupCommit(write);
  const answered: string[] = [];
  const note = (row: string) => void answered.push(row);
  const first = store(1).then(note);
  await turn();
  const later = [2, 3].map((item) => store(item).then(note));
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([[1]]);
  expect(answered).toEqual([]);
  batches[0]?.commit();
  await first;
  await turn();
  expect(answered).toEqual(['row 1']);
  expect(batches.map((batch) => batch.items)).toEqual([[1], [2, 3]]);
  batches[1]?.commit();
  await Promise.all(later);
  expect(answered).toEqual(['row 1', 'row 2', 'row 3']);
});

test('a failed write rejects its own batch and no other', async () => {
  const { batches, write } = heldWrite();
  const store = groupCommit(write);
  const failed = Promise.allSettled([1, 2].map(store));
  await turn();
  const next = store(3);
  batches[0]?.fail(new Error('disk full'));
  expect((await failed).map((result) => result.status === 'rejected' && String(result.reason))).toEqual([
    'Error: disk full',
    'Error: disk full',
  ]);
  await turn();
  batches[1]?.commit();
  expect(await next).toBe('row 3');
});

test('a batch is never larger than the limit', async () => {
  const sizes: number[] = [];
  const store = groupCommit(
    async (items: number[]) => {
      sizes.push(items.length);
      return items;
    },
    { limit: 2 },
  );
  expect(await Promise.all([1, 2, 3, 4, 5].map(store))).toEqual([1, 2, 3, 4, 5]);
  expect(sizes).toEqual([2, 2, 1]);
});

test('it works again after having been idle', async () => {
  const store = groupCommit(async (items: number[]) => items.map((item) => item * 2));
  expect(await store(1)).toBe(2);
  await turn();
  expect(await store(2)).toBe(4);
});
