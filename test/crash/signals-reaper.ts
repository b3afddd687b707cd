/**
 * Kills bots while signals come: lets each start live for a moment, then waits for the next boundary among those met
 * least, kills there, and counts.
 */
import type { Phase } from '../../playground/http.ts';
import { BOUNDARIES, boundary, FIRST_THINGS, FOLLOWING, PROVOKING } from './signals-boundaries.ts';
import { COMMITS, fallen, writeOrders } from './signals-commits.ts';

const ALL = new Set(BOUNDARIES);
/** Wall milliseconds for which a bot may work before it is in danger, at most. */
const LEFT_ALONE_MS = 600;
/** A bot asks Datadog nothing before its client is loaded, and so finishes nothing: most may live until then. */
const LEFT_ALONE_AT_MOST_MS = 8_000;
const DIES_EARLY = 0.2;
/** Where what comes first in a life has not met everybody yet, so often only that will do at first. */
const DIES_FIRST = 0.5;
/** One of so many has time to finish what the others began: a request is given up when it was begun twenty times. */
const ONE_IN = 4;
const IN_PEACE_MS = 2_500;
/** So long only a boundary will do that was met less often than the others. */
const PATIENCE_MS = 2_000;

export interface Victim {
  /** Where orders to its process lie. */
  dir: string;
  kill: () => void;
}

export interface ReaperOptions {
  victims: readonly Victim[];
  random: () => number;
}

export class Reaper {
  readonly met = new Map<string, number>();
  kills = 0;
  readonly #options: ReaperOptions;
  /** Boundaries met so often are passed by. */
  #enough = 1;
  /** Nothing rare came: what makes it come will do as well. */
  #provoking = false;
  #armed = false;
  /** Where the last one died, if it left something for its successor to clear up at once. */
  #provokedAt: string | undefined;
  /** Only these will do; empty when any that was met less often than others will. */
  #expected: readonly string[] = [];
  /** Nobody was heard of by Datadog since the last start. */
  #young = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReaperOptions) {
    this.#options = options;
    this.#disarm();
  }

  /** Boundaries where no bot has died yet. */
  get missing(): string[] {
    return this.#unmet(BOUNDARIES);
  }

  /** False when the request must not go on: its bot is dead. */
  pass(phase: Phase, what: string, victim: Victim): boolean {
    const name = boundary(phase, what);
    if (!this.#armed || !ALL.has(name) || !this.#isWanted(name)) return true;
    this.#count(name);
    victim.kill();
    return false;
  }

  /** It listens: after a while it is in danger again. */
  lives(): void {
    const { random } = this.#options;
    const first = this.#unmet(FIRST_THINGS);
    const safe = this.#inPeace();
    if (!safe && this.#provokedAt) this.#armIn(0, PROVOKING.get(this.#provokedAt));
    else if (!safe && first.length > 0 && random() < DIES_FIRST) this.#armIn(0, first);
    else if (!safe && random() < DIES_EARLY) this.#armIn(random() * LEFT_ALONE_MS);
    else {
      this.#young = true;
      this.#armIn(LEFT_ALONE_AT_MOST_MS);
    }
  }

  /** Datadog answered it. */
  works(): void {
    if (!this.#young) return;
    this.#young = false;
    this.#armIn(this.#inPeace() ? IN_PEACE_MS : this.#options.random() * LEFT_ALONE_MS);
  }

  #inPeace(): boolean {
    return this.kills % ONE_IN === ONE_IN - 1;
  }

  /** `only`: at first nothing else will do, unless somebody died at all of these. */
  #armIn(ms: number, only: readonly string[] = []): void {
    if (this.#stopped || this.#armed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#arm(only), ms);
  }

  /** By our hand, or by its own after a commit. */
  died({ dir }: Victim): void {
    const after = fallen(dir);
    if (after) this.#count(boundary('committed', after));
  }

  /** Nobody dies any more. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #isWanted(name: string): boolean {
    if (this.#expected.length > 0) return this.#expected.includes(name);
    return (this.met.get(name) ?? 0) < this.#enough || (this.#provoking && this.#provokes(name));
  }

  /** Whoever dies here may lead the next one to a boundary nobody has died at. */
  #provokes(name: string): boolean {
    const follows = PROVOKING.get(name);
    return follows !== undefined && (follows.length === 0 || this.#unmet(follows).length > 0);
  }

  #unmet(names: readonly string[]): string[] {
    return names.filter((name) => !this.met.has(name));
  }

  #arm(only: readonly string[]): void {
    this.#enough = 1 + Math.min(...BOUNDARIES.map((name) => this.met.get(name) ?? 0));
    this.#expected = this.#unmet(only);
    this.#provoking = this.#expected.length === 0 && this.missing.every((name) => FOLLOWING.has(name));
    this.#lieInWait();
  }

  #lieInWait(): void {
    this.#armed = true;
    const commits = COMMITS.filter((commit) => this.#isWanted(boundary('committed', commit)));
    for (const { dir } of this.#options.victims) writeOrders(dir, commits);
    this.#timer = setTimeout(() => {
      if (this.#provoking) this.#enough = Number.POSITIVE_INFINITY;
      this.#provoking = this.#expected.length === 0;
      this.#expected = [];
      this.#lieInWait();
    }, PATIENCE_MS);
  }

  #disarm(): void {
    this.#armed = false;
    clearTimeout(this.#timer);
    for (const { dir } of this.#options.victims) writeOrders(dir, []);
  }

  #count(name: string): void {
    this.kills += 1;
    this.#provokedAt = PROVOKING.has(name) ? name : undefined;
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
    this.#disarm();
  }
}
