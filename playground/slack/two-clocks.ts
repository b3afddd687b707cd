/**
 * Slack's limits run on wall time, tests move the world's: a limit has passed when either clock says so, so that
 * neither a frozen nor a jumping clock makes the two contradict each other.
 */
import type { WorldTime } from '../time.ts';

export interface Moment {
  wall: number;
  world: number;
}

export class TwoClocks {
  readonly #time: WorldTime;

  constructor(time: WorldTime) {
    this.#time = time;
  }

  now(): Moment {
    return { wall: Date.now(), world: this.#time.now() };
  }

  /** Milliseconds since then, by whichever clock is ahead. */
  age(then: Moment): number {
    return Math.max(Date.now() - then.wall, this.#time.now() - then.world);
  }
}
