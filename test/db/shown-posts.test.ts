/** What a storm is measured by: messages that are shown in a channel anew, whatever else moves their rows. */
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { postsSince } from '../../src/signals/group-store.ts';
import { freshDatabase } from './fresh.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

test('shown within the time counts; held back, folded, of the digest, or shown long before does not', async () => {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  const group = (id: string, change: object) => ({
    ...{ id, key: id, channel: 'C1', route: '{}', deliver: 'post' as const, severity: 'high' as const },
    ...{ opened_at: ago(0.5), last_at: NOW, waiting_since: ago(0.5) },
    ...change,
  });
  const since = ago(1);
  const posts = async () => Object.fromEntries(await postsSince(db, ['C1', 'C2'], since, NOW));
  await db
    .insertInto('signal_groups')
    .values([
      group('new', {}),
      group('of the version before', { waiting_since: null }),
      group('elsewhere', { channel: 'C2' }),
      group('released by the end of quiet hours', { opened_at: ago(300) }),
      group('held back', { waiting_since: ago(-60) }),
      group('folded', { storm_id: 's1' }),
      group('digest', { deliver: 'digest' }),
      group('older', { opened_at: ago(5), waiting_since: ago(5) }),
      group('handed back', { opened_at: ago(90) }),
    ])
    .execute();
  const seconds = (at: Date) => String(at.getTime() / 1000);
  const message = { channel: 'C1', content: '{}', next_at: NOW, created_at: NOW, posted_channel: 'C1' };
  await db
    .insertInto('messages')
    .values([
      { ...message, key: 'signals:new', ts: `${seconds(ago(0.4))}.000100` },
      { ...message, key: 'signals:handed back', ts: `${seconds(ago(90))}.000100` },
    ])
    .execute();
  expect(await posts()).toEqual({ C1: 3, C2: 1 });
  await close();
});
