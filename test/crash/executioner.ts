/** Counts what the bot asks of the world, part by part, and kills it where it was told to. */
import type { Phase, Recorded } from '../../playground/http.ts';
import { commitsIn, writeOrder } from './commits.ts';
import { type CrashWorld, delayPost } from './crash-world.ts';
import {
  type Boundary,
  type Census,
  type Count,
  emptyCensus,
  landmark,
  ordinalOf,
  phaseOf,
  SEGMENTS,
  type Segment,
} from './segments.ts';

/** Of so many posts one is late. */
const LATE_POST_EVERY = 3;

export interface ExecutionerOptions {
  crash: CrashWorld;
  /** Where orders to the bot's own process lie. */
  dir: string;
  seed: number;
  kills: readonly Boundary[];
  kill: () => void;
}

export class Executioner {
  readonly hit: Boundary[] = [];
  readonly #census = emptyCensus();
  readonly #options: ExecutionerOptions;
  readonly #places = new WeakMap<Recorded, { segment: Segment; count: Count }>();
  #segment: Segment = 'start';
  /** By part of the story. */
  readonly #posts: number[] = [];

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

  census(): Census {
    for (const [segment, count] of Object.entries(this.#census)) count.commits = commitsIn(this.#options.dir, segment);
    return this.#census;
  }

  #pass(phase: Phase, recorded: Recorded): boolean {
    const { crash, kill, seed } = this.#options;
    if (phase === 'arrived') {
      this.#count(recorded);
      if (recorded.call.operation === 'chat.postMessage') delayPost(crash, this.#isLate(seed));
    }
    const due = this.#waiting().find((boundary) => this.#isAt(boundary, recorded));
    // What this very request makes is what a restarted bot must not overlook.
    if (due && phase === 'arrived') crash.rough();
    if (!due || phaseOf(due.kind) !== phase) return true;
    this.hit.push(due);
    kill();
    return false;
  }

  #count(recorded: Recorded): void {
    const begins = landmark(this.#segment, recorded.call);
    if (begins) this.enter(begins);
    const count = this.#census[this.#segment];
    count.requests += 1;
    count[recorded.writes ? 'writes' : 'reads'] += 1;
    this.#places.set(recorded, { segment: this.#segment, count: { ...count } });
  }

  /** By its number in this part of the story, so that what an earlier kill had posted again shifts nothing. */
  #isLate(seed: number): boolean {
    const place = SEGMENTS.indexOf(this.#segment);
    const posts = (this.#posts[place] ?? 0) + 1;
    this.#posts[place] = posts;
    return (place + posts + seed) % LATE_POST_EVERY === 0;
  }

  #isAt({ kind, segment, ordinal }: Boundary, recorded: Recorded): boolean {
    const place = this.#places.get(recorded);
    if (place?.segment !== segment || kind === 'committed') return false;
    const ofItsSort = kind === 'arrived' || kind.endsWith('-read') !== recorded.writes;
    return ofItsSort && ordinalOf(kind, place.count) === ordinal;
  }

  #commitDue(): Boundary | undefined {
    return this.#waiting().find((b) => b.kind === 'committed' && b.segment === this.#segment);
  }

  #waiting(): Boundary[] {
    return this.#options.kills.filter((b) => !this.hit.includes(b));
  }
}
