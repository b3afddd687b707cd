/**
 * Slack takes about one post a second in a channel and about fifty edits a minute in a workspace; staying below is
 * cheaper than being told. https://docs.slack.dev/apis/web-api/rate-limits
 */
import type { Clock } from '../clock.ts';

/** Edits that may go out together after a quiet time; a minute then still holds fewer than Slack takes. */
const EDIT_BURST = 10;
/** Between posts in a channel in which Slack has refused one. */
const MORE_DISTANCE = 1.5;
const CROWDED_FOR_MS = 3_600_000;

export class Pace {
  readonly #clock: Clock;
  readonly #postMs: number;
  readonly #editMs: number;
  /** By channel for posts, by message for edits: when the next call is allowed, in milliseconds. */
  readonly #free = new Map<string, number>();
  /** When the workspace's budget of edits would be whole again; so far ahead of now is what was used of it. */
  #editsWholeAt = 0;
  #editsHeldUntil = 0;
  /**
   * Channels in which Slack refused a post, and until when that counts: others post there too, or posts arrive closer
   * together than they leave.
   */
  readonly #crowded = new Map<string, number>();

  /** `postMs` between posts in one channel, `editMs` between edits in the workspace, on average. */
  constructor(clock: Clock, { postMs, editMs }: { postMs: number; editMs: number }) {
    this.#clock = clock;
    this.#postMs = postMs;
    this.#editMs = editMs;
  }

  postFreeAt(channel: string): Date {
    return new Date(this.#free.get(channel) ?? 0);
  }

  editFreeAt(key: string): Date {
    const budget = this.#editsWholeAt - (EDIT_BURST - 1) * this.#editMs;
    return new Date(Math.max(this.#free.get(key) ?? 0, budget, this.#editsHeldUntil));
  }

  posted(channel: string): void {
    this.#take(channel, this.#postMs * ((this.#crowded.get(channel) ?? 0) > this.#now() ? MORE_DISTANCE : 1));
  }

  /** Edits of one message are spaced a little wider than posts, which is what coalesces them: the row keeps the last. */
  edited(key: string): void {
    this.#take(key, this.#postMs * 1.2);
    this.#editsWholeAt = Math.max(this.#editsWholeAt, this.#now()) + this.#editMs;
  }

  /** Slack said when: nothing new goes to this channel before, and less often from then on. */
  refusedPost(channel: string, forMs: number): void {
    this.#crowded.set(channel, this.#now() + CROWDED_FOR_MS);
    this.#take(channel, forMs);
  }

  /** Nothing new goes to this channel for a while. */
  holdPosts(channel: string, forMs: number): void {
    this.#take(channel, forMs);
  }

  /** Edits are counted over the whole workspace, so none goes out before. */
  holdEdits(forMs: number): void {
    this.#editsHeldUntil = this.#now() + forMs;
  }

  #take(key: string, forMs: number): void {
    const now = this.#now();
    this.#free.set(key, now + forMs);
    if (this.#free.size > 1000) for (const [old, until] of this.#free) if (until < now) this.#free.delete(old);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}
