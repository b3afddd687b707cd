/**
 * Temporary files of the tests are kept in memory where the system has room there: most are databases that live for a
 * second, and on a disk they take a fifth of the run. To be imported first; workers and processes started later inherit
 * it. A TMPDIR set by hand stands.
 */
import { existsSync, statfsSync } from 'node:fs';

/** Linux; in a container it may have 64 MB only. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 * 1024 ** 3;

if (!process.env.TMPDIR && freeBytes(MEMORY) >= ROOM_BYTES) process.env.TMPDIR = MEMORY;

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
