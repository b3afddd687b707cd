/** Counts what the bot asks of the world, part by part, and kills it where it was told to. */
import type { Phase, Recorded } from '../../playground/http.ts';
import { commitsIn, writeOrder } from './commits.ts';
import { type CrashWorld, delayPost } from './crash-world.ts';
import { type Boundary, type Counts, landmark, noCounts, type Segment } from './segments.ts';

export interface ExecutionerOptions {
  crash: CrashWorld;
  /** Where orders to the bot's own process lie. */
  dir: string;
  seed: number;
  kills: readonly Boundary[];
  kill: () => void;
}

export class Executioner {
  readonly requests: Counts = noCounts();
  readonly hit: Boundary[] = [];
  readonly #options: ExecutionerOptions;
  readonly #places = new WeakMap<Recorded, Boundary>();
  #segment: Segment = 'start';

  constructor(options: ExecutionerOptions) {
    this.#options = options;
    options.crash.world.door.onBoundary = (phase, recorded) => this.#pass(phase, recorded);
  }

  /** The story begins its next part. Commits are counted, and die for, in the bot's own process. */
  enter(segment: Segment): void {
    this.#segment = segment;
    writeOrder(this.#options.dir, { segment, killAfter: this.#commitDue()?.ordinal ?? 0 });
  }

  /** The bot is gone: by our hand, or by its own after the commit it was told. */
  died(): void {
    this.#options.crash.rough();
    const due = this.#commitDue();
    if (due && commitsIn(this.#options.dir, due.segment) >= due.ordinal) this.hit.push(due);
  }

  #pass(phase: Phase, recorded: Recorded): boolean {
    const { crash, kill, seed } = this.#options;
    if (phase === 'arrived') {
      const begins = landmark(this.#segment, recorded.call);
      if (begins) this.enter(begins);
      this.requests[this.#segment] += 1;
      this.#places.set(recorded, {
        kind: phase,
        segment: this.#segment,
        ordinal: this.requests[this.#segment],
      });
      delayPost(crash, recorded, seed);
    }
    const place = this.#places.get(recorded);
    const due = this.#waiting().find(
      (b) => b.kind !== 'committed' && b.segment === place?.segment && b.ordinal === place.ordinal,
    );
    // What this very request makes is what a restarted bot must not overlook.
    if (due && phase === 'arrived') crash.rough();
    if (!due || due.kind !== phase) return true;
    this.hit.push(due);
    kill();
    return false;
  }

  #commitDue(): Boundary | undefined {
    return this.#waiting().find((b) => b.kind === 'committed' && b.segment === this.#segment);
  }

  #waiting(): Boundary[] {
    return this.#options.kills.filter((b) => !this.hit.includes(b));
  }
}
