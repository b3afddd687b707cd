import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { dueHeads, markAttempted, markFailed, markPosted, nextDueAfter, putMessage } from '../../src/messages/store.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const CONTENT = { text: 'hello', blocks: [] };

async function withThread(use: (db: Db) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  try {
    await putMessage(database.db, { key: 'card', channel: 'C1', content: CONTENT }, NOW);
    await putMessage(database.db, { key: 'end', channel: 'C1', threadKey: 'card', content: CONTENT }, NOW);
    await use(database.db);
  } finally {
    await database.close();
  }
}

const due = async (db: Db) => (await dueHeads(db, NOW)).map((row) => row.key);

test('an answer in a thread is due once the thread stands, and until then nobody is told to look for it', async () => {
  await withThread(async (db) => {
    expect(await due(db)).toEqual(['card']);
    const later = new Date(NOW.getTime() + 60_000);
    await db.updateTable('messages').set({ next_at: later }).where('key', '=', 'card').execute();
    expect(await nextDueAfter(db, NOW)).toEqual(later);
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: 1 });
    expect(await due(db)).toEqual(['end']);
    expect(await nextDueAfter(db, NOW)).toBeUndefined();
  });
});

test('an answer whose thread will never stand is due by itself', async () => {
  await withThread(async (db) => {
    await markFailed(db, 'card', 'invalid_blocks');
    expect(await due(db)).toEqual(['end']);
    expect(await nextDueAfter(db, NOW)).toBeUndefined();
  });
});

test('a message that has not changed is not due again', async () => {
  await withThread(async (db) => {
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: 1 });
    await markPosted(db, 'end', { channel: 'C1', ts: '1.1', version: 1 });
    await putMessage(db, { key: 'card', channel: 'C1', content: CONTENT }, NOW);
    expect(await due(db)).toEqual([]);
    expect(await nextDueAfter(db, NOW)).toBeUndefined();
    await putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text: 'changed' } }, NOW);
    expect(await due(db)).toEqual(['card']);
  });
});

test('what was changed just before the post is due as soon as it stands', async () => {
  await withThread(async (db) => {
    const [row] = await dueHeads(db, NOW);
    if (!row) throw new Error('no row');
    await putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text: 'changed' } }, NOW);
    expect(await markAttempted(db, row, NOW, new Date(NOW.getTime() + 11_000))).toBe(true);
    expect(await due(db)).toEqual([]);
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: row.version });
    await markFailed(db, 'end', 'invalid_blocks');
    expect(await due(db)).toEqual(['card']);
  });
});
