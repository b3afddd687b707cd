/** The embedded database has a thread of its own and shares the bot's memory; here is what it must not do to the bot. */
import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { freshDatabase } from '../fresh.ts';
import { endEmbeddedThread } from './end-thread.ts';

test('a long statement does not keep the event loop from turning', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const begun = performance.now();
  await sql`select count(*) from generate_series(1, 2000000)`.execute(database.db);
  const tookMs = performance.now() - begun;
  stalls.disable();
  await database.close();
  expect(stalls.max / 1e6).toBeLessThan(tookMs / 3);
});

test('when the thread dies its askers are told, and the next one finds what was committed', async () => {
  await using fresh = await freshDatabase();
  const { db, front, close } = await openDatabase(fresh.config);
  const row = { key: 'k', value: 'v', chosen_by: 'U1', chosen_at: new Date() };
  await db.insertInto('choices').values(row).execute();
  const lost = db.transaction().execute(async (trx) => {
    await trx
      .insertInto('choices')
      .values({ ...row, key: 'lost' })
      .execute();
    await endEmbeddedThread(trx);
  });
  const waiting = front.selectFrom('choices').select('key').execute();
  await expect(lost).rejects.toThrow('connection error');
  expect(await waiting).toEqual([{ key: 'k' }]);
  expect(await db.selectFrom('choices').select('key').execute()).toEqual([{ key: 'k' }]);
  await close();
});

test('busy with queries, the process stays far below half a gigabyte', async () => {
  await using fresh = await freshDatabase();
  const file = fileURLToPath(new URL('../../../src/db/database.ts', import.meta.url));
  const script = `
    const { openDatabase } = await import(${JSON.stringify(file)});
    const { db, close } = await openDatabase(${JSON.stringify({ DATA_DIR: fresh.config.DATA_DIR })});
    const now = new Date();
    for (let i = 0; i < 300; i++) {
      const row = { key: 'k' + i, value: 'v', chosen_by: 'U1', chosen_at: now };
      await db.insertInto('choices').values(row).onConflict((c) => c.column('key').doUpdateSet(row)).execute();
      await db.selectFrom('choices').selectAll().where('chosen_at', '<=', now).orderBy('key').limit(5).execute();
    }
    await close();
    console.log(process.resourceUsage().maxRSS);`;
  const ran = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  const peakMb = Number(ran.stdout) / 1024;
  expect(peakMb).toBeGreaterThan(50);
  expect(peakMb).toBeLessThan(300);
});
