import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { forgetOldDeliveries } from '../../src/db/housekeeping.ts';
import {
  type Claimed,
  dueHeads,
  forgetPlace,
  type MessageHead,
  markAttempted,
  markEdited,
  markFailed,
  markPosted,
  placeOf,
  postpone,
  putMessage,
} from '../../src/messages/store.ts';
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

const due = async (db: Db) => (await dueHeads(db, NOW)).heads.map((row) => row.key);
const nextDue = async (db: Db) => (await dueHeads(db, NOW)).next;

test('an answer in a thread is due once the thread stands, and until then nobody is told to look for it', async () => {
  await withThread(async (db) => {
    expect(await due(db)).toEqual(['card']);
    const later = new Date(NOW.getTime() + 60_000);
    await db.updateTable('messages').set({ next_at: later }).where('key', '=', 'card').execute();
    expect(await nextDue(db)).toEqual(later);
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: 1 });
    expect(await due(db)).toEqual(['end']);
    expect(await nextDue(db)).toBeUndefined();
  });
});

test('an answer whose thread will never stand is due by itself', async () => {
  await withThread(async (db) => {
    await markFailed(db, 'card', 'invalid_blocks');
    expect(await due(db)).toEqual(['end']);
    expect(await nextDue(db)).toBeUndefined();
  });
});

test('a message that has not changed is not due again', async () => {
  await withThread(async (db) => {
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: 1 });
    await markPosted(db, 'end', { channel: 'C1', ts: '1.1', version: 1 });
    await putMessage(db, { key: 'card', channel: 'C1', content: CONTENT }, NOW);
    expect(await due(db)).toEqual([]);
    expect(await nextDue(db)).toBeUndefined();
    await putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text: 'changed' } }, NOW);
    expect(await due(db)).toEqual(['card']);
  });
});

test('what was changed before the post goes out with it, and what was changed during it is due as soon as it stands', async () => {
  await withThread(async (db) => {
    const change = (text: string) => putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text } }, NOW);
    const row = await head(db);
    await change('before the claim');
    const claimed = await claim(db, row);
    expect(claimed.content.text).toBe('before the claim');
    await change('after it');
    expect(await due(db)).toEqual([]);
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: claimed.version });
    await markFailed(db, 'end', 'invalid_blocks');
    expect(await due(db)).toEqual(['card']);
  });
});

const OVER = new Date(NOW.getTime() + 11_000);

async function head(db: Db, now = NOW): Promise<MessageHead> {
  const {
    heads: [row],
  } = await dueHeads(db, now);
  if (!row) throw new Error('nothing is due');
  return row;
}

async function claim(db: Db, row: MessageHead, until = OVER): Promise<Claimed> {
  const claimed = await markAttempted(db, row, NOW, until);
  if (!claimed) throw new Error('somebody else was faster');
  return claimed;
}

/** What the next due message says now. */
async function said(db: Db): Promise<string> {
  const row = await db
    .selectFrom('messages')
    .select('content')
    .where('key', '=', (await head(db)).key)
    .executeTakeFirstOrThrow();
  return (row.content as unknown as typeof CONTENT).text;
}

/** The card stands and was changed since. */
async function withEdit(use: (db: Db, change: (text: string) => Promise<void>) => Promise<void>): Promise<void> {
  await withThread(async (db) => {
    await markPosted(db, 'card', { channel: 'C1', ts: '1.0', version: 1 });
    await markPosted(db, 'end', { channel: 'C1', ts: '1.1', version: 1 });
    const change = (text: string) => putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text } }, NOW);
    await change('changed');
    await use(db, change);
  });
}

test('an edit is claimed by one, and what changes meanwhile is due with its answer', async () => {
  await withEdit(async (db, change) => {
    const [mine, theirs] = [await head(db), await head(db)];
    const { version } = await claim(db, mine);
    expect(await markAttempted(db, theirs, NOW, OVER)).toBeUndefined();
    await change('changed again');
    expect(await due(db)).toEqual([]);
    expect(await nextDue(db)).toEqual(OVER);
    await markEdited(db, mine, version);
    expect(await said(db)).toBe('changed again');
  });
});

test('an edit that nobody answered for is due again when it cannot arrive any more', async () => {
  await withEdit(async (db) => {
    await claim(db, await head(db));
    expect(await due(db)).toEqual([]);
    expect((await head(db, OVER)).key).toBe('card');
  });
});

test('whoever read a row before others edited it does not edit it', async () => {
  await withEdit(async (db, change) => {
    const slow = await head(db);
    const quick = await head(db);
    await markEdited(db, quick, (await claim(db, quick)).version);
    await change('changed again');
    expect(await markAttempted(db, slow, NOW, OVER)).toBeUndefined();
    await claim(db, await head(db));
  });
});

test('what was frozen past its claim and then wrote over a newer version is written over again', async () => {
  await withEdit(async (db, change) => {
    const frozen = await head(db);
    const { version } = await claim(db, frozen, NOW);
    await change('newer');
    const other = await head(db);
    await markEdited(db, other, (await claim(db, other)).version);
    expect(await due(db)).toEqual([]);
    await markEdited(db, frozen, version);
    expect(await said(db)).toBe('newer');
  });
});

test('an edit that Slack refused for now is due when it was put off to, or when it changes', async () => {
  await withEdit(async (db, change) => {
    await markAttempted(db, await head(db), NOW, OVER);
    await postpone(db, 'card', OVER);
    expect(await due(db)).toEqual([]);
    await change('changed again');
    expect(await due(db)).toEqual(['card']);
  });
});

test('the answer to a deleted card waits until the card stands anew', async () => {
  await withThread(async (db) => {
    await markPosted(db, 'card', { channel: 'C2', ts: '1.0', version: 1 });
    const end = await head(db);
    expect(await placeOf(db, end)).toEqual({ channel: 'C2', threadTs: '1.0' });
    await forgetPlace(db, { key: 'card', ts: '1.0' });
    expect(await due(db)).toEqual(['card']);
    expect(await placeOf(db, end)).toBeUndefined();
    await markPosted(db, 'card', { channel: 'C1', ts: '2.0', version: 1 });
    expect(await due(db)).toEqual(['end']);
    expect(await placeOf(db, end)).toEqual({ channel: 'C1', threadTs: '2.0' });
    // A late answer to an edit of what was deleted says nothing about what stands now.
    await forgetPlace(db, { key: 'card', ts: '1.0' });
    expect(await due(db)).toEqual(['end']);
  });
});

test('other content of a rejected post is a new post, not one in doubt', async () => {
  await withThread(async (db) => {
    await markAttempted(db, await head(db), NOW, OVER);
    await markFailed(db, 'card', 'invalid_blocks');
    await putMessage(db, { key: 'card', channel: 'C1', content: { ...CONTENT, text: 'mended' } }, NOW);
    expect(await head(db)).toMatchObject({ key: 'card', attempted_at: null });
  });
});

test('messages are forgotten when nobody needs them any more', async () => {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  const [kept, gone] = [new Date('2026-11-22T00:00:00Z'), new Date('2026-11-01T00:00:00Z')];
  const row = { channel: 'C1', content: '{}', next_at: gone, created_at: gone };
  const sent = { ...row, posted_channel: 'C1', sent_version: 1 };
  const failed = { ...row, failure: 'invalid_blocks' };
  await db
    .insertInto('messages')
    .values([
      { ...sent, key: 'reply:sent', ts: '1' },
      { ...sent, key: 'reply:sent lately', ts: '2', created_at: kept },
      { ...row, key: 'reply:waiting' },
      { ...failed, key: 'reply:failed' },
      { ...sent, key: 'trouble:sent', ts: '3' },
      { ...row, key: 'trouble:waiting' },
      { ...failed, key: 'run:1:requester' },
      { ...failed, key: 'run:2:requester', created_at: kept },
      { ...sent, key: 'run:1', ts: '4' },
      { ...sent, ...failed, key: 'run:2', ts: '5' },
      { ...sent, key: 'suppression:1', ts: '6' },
      { ...sent, key: 'signals:1', ts: '7' },
      { ...sent, ...failed, key: 'signals:2', ts: '8' },
    ])
    .execute();
  await db
    .insertInto('inbox')
    .values({ id: 'done', kind: 'command', body: '{}', received_at: gone, next_at: gone, done_at: gone })
    .execute();
  expect(await forgetOldDeliveries({ db, clock: { now: () => NOW } }, 7 * 86_400_000)).toBe(1);
  const rows = await db.selectFrom('messages').select('key').execute();
  expect(rows.map(({ key }) => key).sort()).toEqual([
    'reply:sent lately',
    'reply:waiting',
    'run:1',
    'run:2',
    'run:2:requester',
    'signals:1',
    'signals:2',
    'suppression:1',
    'trouble:waiting',
  ]);
  await close();
});

test('an answer whose thread was forgotten is due by itself', async () => {
  await withThread(async (db) => {
    await db.deleteFrom('messages').where('key', '=', 'card').execute();
    expect(await due(db)).toEqual(['end']);
    expect(await placeOf(db, await head(db))).toEqual({ channel: 'C1' });
  });
});
