/**
 * While doorbells come faster than they can be committed one by one, storing them goes before working on them: what is
 * not stored may be lost, what is stored can wait a moment. A small share of the time is worked all the same.
 */
import type { Clock } from '../clock.ts';

/** So many doorbells in one commit mean that they queue up behind it. */
const MANY = 24;
const OVER_AFTER_MS = 150;
/** Between two pieces of work. */
const REST_MS = 300;
/** A piece of work that took long is followed by a rest so many times as long. */
const REST_SHARE = 4;

export function createRush(clock: Clock) {
  let storing = 0;
  let until = 0;
  const begunAt = new Map<string, number>();
  const restsUntil = new Map<string, number>();
  const now = () => clock.now().getTime();
  return {
    /** A commit takes as long as the work before it lets it, so the rush is not over while one is waited for. */
    async stored<T>(doorbells: number, write: () => Promise<T>): Promise<T> {
      if (doorbells < MANY) return await write();
      storing++;
      try {
        return await write();
      } finally {
        storing--;
        until = now() + OVER_AFTER_MS;
      }
    },
    /** When to look again at this kind of work; undefined when it may be done now. */
    overAt(work: string): Date | undefined {
      const calm = storing === 0 && now() >= until;
      if (calm || now() >= (restsUntil.get(work) ?? 0)) {
        begunAt.set(work, now());
        return undefined;
      }
      return new Date(Math.max(until, now() + OVER_AFTER_MS));
    },
    /** A piece of it is done. */
    worked(work: string): void {
      const took = now() - (begunAt.get(work) ?? now());
      restsUntil.set(work, now() + Math.max(REST_MS, took * REST_SHARE));
    },
  };
}
