/**
 * The world's time: every consequence that takes a while (an EKS update, an index delay, a permission
 * that propagates) is an effect planned here. Delays are given as the vendor's real durations in
 * milliseconds and divided by `speed`, so that the demo sees minutes pass in seconds.
 */
import type { Clock } from '../src/clock.ts';
import { wallClock } from '../src/clock.ts';

interface Effect {
  dueMs: number;
  what: string;
  run: () => void | Promise<void>;
}

export class WorldTime {
  readonly speed: number;
  readonly #clock: Clock;
  #effects: Effect[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Errors thrown by effects: a world that fails silently would prove nothing, tests read this. */
  readonly errors: { what: string; error: unknown }[] = [];

  constructor(options: { speed?: number; clock?: Clock } = {}) {
    this.speed = options.speed ?? 1;
    this.#clock = options.clock ?? wallClock;
  }

  /** Milliseconds since the epoch on the clock shared with the bot. */
  now(): number {
    return this.#clock.now().getTime();
  }

  /** Runs `run` after `delayMs` of real-world duration; returns a function that cancels it. */
  later(delayMs: number, what: string, run: () => void | Promise<void>): () => void {
    if (this.#stopped) return () => {};
    const effect: Effect = { dueMs: this.now() + delayMs / this.speed, what, run };
    this.#effects.push(effect);
    this.#schedule();
    return () => {
      this.#effects = this.#effects.filter((e) => e !== effect);
    };
  }

  /** Repeats `run` every `periodMs` of real-world duration until cancelled. */
  every(periodMs: number, what: string, run: () => void | Promise<void>): () => void {
    let cancel = () => {};
    let cancelled = false;
    const again = () => {
      cancel = this.later(periodMs, what, async () => {
        await run();
        if (!cancelled) again();
      });
    };
    again();
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Runs everything that is due now, in order; called by the timer, and by tests after moving the clock. */
  catchUp(): void {
    for (;;) {
      const now = this.now();
      const due = this.#effects.filter((e) => e.dueMs <= now).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!due) break;
      this.#effects = this.#effects.filter((e) => e !== due);
      void this.#run(due);
    }
    this.#schedule();
  }

  /** No effect runs after this. */
  stop(): void {
    this.#stopped = true;
    this.#effects = [];
    clearTimeout(this.#timer);
  }

  async #run(effect: Effect): Promise<void> {
    try {
      await effect.run();
    } catch (error) {
      this.errors.push({ what: effect.what, error });
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#effects.length === 0) return;
    const next = Math.min(...this.#effects.map((e) => e.dueMs));
    this.#timer = setTimeout(() => this.catchUp(), Math.max(0, next - this.now()));
  }
}
