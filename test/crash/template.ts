/** A data directory with a migrated database, to be copied: making one takes seconds. */
import { openDatabase } from '../../src/db/database.ts';

export async function makeTemplate(dir: string): Promise<string> {
  const database = await openDatabase({ DATABASE_URL: undefined, DATA_DIR: dir });
  await database.close();
  return dir;
}
