/** A data directory with a migrated database, to be copied: making one takes seconds. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../../src/db/database.ts';

/** `template1` and `template0`, by their fixed oids: nobody connects to them, and they are most of the files to copy. */
const NEVER_OPENED = ['1', '4'];

export async function makeTemplate(dir: string): Promise<string> {
  const database = await openDatabase({ DATABASE_URL: undefined, DATA_DIR: dir });
  await database.close();
  for (const oid of NEVER_OPENED) rmSync(join(dir, 'db', 'base', oid), { recursive: true });
  return dir;
}
