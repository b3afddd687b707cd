/**
 * How much room the embedded database has left. PGlite freezes its thread for good once a write finds the disk full,
 * so writing stops while there is still room to stop in.
 */
import { statfsSync } from 'node:fs';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';

/** PostgreSQL writes its log in segments of 16 MiB, and a checkpoint may need several. */
export const LEAST_FREE_BYTES = 64 * 1024 * 1024;
const LOOK_EVERY_MS = 1_000;

export interface FreeSpace {
  /** Why nothing may be written now; undefined while there is room. */
  full(): string | undefined;
}

/** `freeBytes` reads the file system of the data directory. */
export function watchFreeSpace(deps: {
  dataDir: string;
  log: Logger;
  freeBytes?: (() => number) | undefined;
}): FreeSpace {
  const { dataDir, log, freeBytes = () => freeBytesOf(dataDir) } = deps;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;

  function look(): string | undefined {
    let free: number;
    try {
      free = freeBytes();
    } catch (error) {
      // Unmounted, say. Thrown from here, it would end the process.
      return `DATA_DIR cannot be looked at: ${messageOf(error)}; look whether its disk is there`;
    }
    if (free >= LEAST_FREE_BYTES) return undefined;
    const mib = (bytes: number) => Math.floor(bytes / 1024 / 1024);
    return `${mib(free)} MiB are free where DATA_DIR is, and ${mib(LEAST_FREE_BYTES)} MiB must stay free; free some space`;
  }

  return {
    full() {
      const now = performance.now();
      if (now - lookedAt < LOOK_EVERY_MS) return problem;
      lookedAt = now;
      const before = problem;
      problem = look();
      if (problem && !before) log.error({ dataDir, problem }, 'nothing is stored until there is room on the disk');
      if (!problem && before) log.info({ dataDir }, 'there is room on the disk again');
      return problem;
    },
  };
}

function freeBytesOf(dataDir: string): number {
  const { bavail, bsize } = statfsSync(dataDir);
  return bavail * bsize;
}
