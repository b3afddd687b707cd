/**
 * Things to be done later, gathered by the moment they are due: a burst is one effect of the world's time, not
 * thousands.
 */
import type { WorldTime } from '../time.ts';

export class DueTogether<Item> {
  readonly #time: WorldTime;
  readonly #what: string;
  readonly #run: (items: readonly Item[], dueMs: number) => void;
  readonly #planned = new Map<number, Item[]>();

  constructor(time: WorldTime, what: string, run: (items: readonly Item[], dueMs: number) => void) {
    this.#time = time;
    this.#what = what;
    this.#run = run;
  }

  /** `delayMs` is a duration of the real world. */
  plan(items: readonly Item[], delayMs: number): void {
    const dueMs = Math.ceil(this.#time.now() + delayMs / this.#time.speed);
    const together = this.#planned.get(dueMs);
    if (together) return void together.push(...items);
    this.#planned.set(dueMs, [...items]);
    this.#time.later(delayMs, this.#what, () => {
      const due = this.#planned.get(dueMs) ?? [];
      this.#planned.delete(dueMs);
      this.#run(due, dueMs);
    });
  }

  clear(): void {
    this.#planned.clear();
  }
}
