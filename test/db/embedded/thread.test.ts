/** The embedded database shares the bot's thread and memory; here is what it must not do to them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { freshDatabase } from '../fresh.ts';

test('a chain of queries lets the event loop turn in between', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  let turns = 0;
  let counting = true;
  const count = () => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 50; i++) await sql`select 1`.execute(database.db);
  counting = false;
  await database.close();
  expect(turns).toBeGreaterThanOrEqual(50);
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
  const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  const peakMb = Number(ran.stdout) / 1024;
  expect(peakMb).toBeGreaterThan(50);
  expect(peakMb).toBeLessThan(300);
});
