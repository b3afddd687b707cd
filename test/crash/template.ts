/** A data directory with a migrated database of the bot and of pg-boss, to be copied: making one takes seconds. */
import { mkdirSync } from 'node:fs';
import { PgBoss } from 'pg-boss';
import { openDatabase } from '../../src/db/database.ts';

export async function makeTemplate(dir: string): Promise<string> {
  mkdirSync(dir, { recursive: true });
  const database = await openDatabase({ DATABASE_URL: undefined, DATA_DIR: dir });
  const boss = new PgBoss(database.bossOptions);
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  await database.close();
  return dir;
}
