/**
 * While doorbells come faster than they can be committed one by one, storing them goes before working on them: what is
 * not stored may be lost, what is stored can wait a moment. Every second some of the work is done all the same.
 */
import type { Clock } from '../clock.ts';

/** So many doorbells in one commit mean that they queue up behind it. */
const MANY = 24;
const OVER_AFTER_MS = 150;
const WORK_EVERY_MS = 1_000;

export function createRush(clock: Clock) {
  let until = 0;
  let workedAt = 0;
  return {
    stored(doorbells: number): void {
      if (doorbells >= MANY) until = clock.now().getTime() + OVER_AFTER_MS;
    },
    /** When to look again; undefined when work may be done now. */
    overAt(): Date | undefined {
      const now = clock.now().getTime();
      if (now >= until || now - workedAt >= WORK_EVERY_MS) {
        workedAt = now;
        return undefined;
      }
      return new Date(until);
    },
  };
}
