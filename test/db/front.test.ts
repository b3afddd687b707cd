import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { freshDatabase } from './fresh.ts';

test('what Slack waits for does not queue behind the bot’s own work', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  try {
    let ended = 0;
    const own = Array.from({ length: 30 }, async () => {
      await sql`select pg_sleep(0.03)`.execute(database.db);
      ended += 1;
    });
    const now = new Date();
    const row = { id: 'T1', kind: 'command', body: '{}', received_at: now, next_at: now } as const;
    await database.front.insertInto('inbox').values(row).execute();
    expect(ended).toBeLessThan(15);
    await Promise.all(own);
    expect(await database.db.selectFrom('inbox').select('id').execute()).toEqual([{ id: 'T1' }]);
  } finally {
    await database.close();
  }
});

test('a transaction of the one is not seen by the other before its end', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const choice = { key: 'k', value: 'v', chosen_by: 'U1', chosen_at: new Date() };
  const count = async () => (await database.front.selectFrom('choices').select('key').execute()).length;
  try {
    const seen: Promise<number>[] = [];
    const failing = database.db.transaction().execute(async (trx) => {
      await trx.insertInto('choices').values(choice).execute();
      seen.push(count());
      await trx.insertInto('choices').values(choice).execute();
    });
    await expect(failing).rejects.toThrow('duplicate key');
    expect(await Promise.all(seen)).toEqual([0]);
  } finally {
    await database.close();
  }
});
