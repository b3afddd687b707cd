/**
 * Slack takes about one post a second in a channel and about fifty edits a minute in a workspace; staying below is
 * cheaper than being told. https://docs.slack.dev/apis/web-api/rate-limits
 */
import type { Clock } from '../clock.ts';

export class Pace {
  readonly #clock: Clock;
  readonly #paceMs: number;
  /** By channel for posts, by message for edits: when the next call is allowed, in milliseconds. */
  readonly #free = new Map<string, number>();

  constructor(clock: Clock, paceMs: number) {
    this.#clock = clock;
    this.#paceMs = paceMs;
  }

  postFreeAt(channel: string): Date {
    return new Date(this.#free.get(channel) ?? 0);
  }

  editFreeAt(key: string): Date {
    return new Date(this.#free.get(key) ?? 0);
  }

  posted(channel: string): void {
    this.#take(channel, this.#paceMs);
  }

  /** Edits of one message are spaced a little wider, which is what coalesces them: the row keeps only the last. */
  edited(key: string): void {
    this.#take(key, this.#paceMs * 1.2);
  }

  /** Slack said when: nothing goes to this channel before. */
  hold(channel: string, forMs: number): void {
    this.#take(channel, forMs);
  }

  #take(key: string, forMs: number): void {
    const now = this.#clock.now().getTime();
    this.#free.set(key, now + forMs);
    if (this.#free.size > 1000) for (const [old, until] of this.#free) if (until < now) this.#free.delete(old);
  }
}
