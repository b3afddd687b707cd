/** Slack's limits: one message a second per channel, and so many calls a minute per method. Each can be switched off. */
import type { WorldTime } from '../time.ts';
import { type Moment, TwoClocks } from './two-clocks.ts';

const MINUTE_MS = 60_000;
const PER_CHANNEL_MS = 1_000;
/** Two clocks jitter against a client that waits exactly one second. */
const TOLERANCE_MS = 20;

export class RateLimits {
  /** One chat.postMessage per second and channel. Real bursts are a little more generous, by an undocumented size. */
  perChannel = true;
  /** What the tiers promise (20, 50 or 100 a minute), taken as the limit. */
  perMethod = true;
  readonly #clocks: TwoClocks;
  readonly #lastPost = new Map<string, Moment>();
  readonly #calls = new Map<string, Moment[]>();

  constructor(time: WorldTime) {
    this.#clocks = new TwoClocks(time);
  }

  /** Seconds to wait before posting to this channel, or nothing when it may be done now. */
  waitForChannel(channel: string): number | undefined {
    if (!this.perChannel) return undefined;
    const last = this.#lastPost.get(channel);
    if (last && this.#clocks.age(last) < PER_CHANNEL_MS - TOLERANCE_MS) return 1;
    this.#lastPost.set(channel, this.#clocks.now());
    return undefined;
  }

  waitForMethod(method: string, perMinute: number): number | undefined {
    if (!this.perMethod) return undefined;
    const recent = (this.#calls.get(method) ?? []).filter((call) => this.#clocks.age(call) < MINUTE_MS);
    this.#calls.set(method, recent);
    const [oldest] = recent;
    if (oldest && recent.length >= perMinute)
      return Math.max(1, Math.ceil((MINUTE_MS - this.#clocks.age(oldest)) / 1000));
    recent.push(this.#clocks.now());
    return undefined;
  }
}
