/**
 * Delivers signals to webhooks over HTTP under Datadog's rules (docs.datadoghq.com/integrations/webhooks): 15 seconds
 * to answer, five tries where there is no answer or a 5xx, no second try after a 4xx, no order, and nothing at all for
 * organisations under HIPAA. What can go wrong beyond that is a knob.
 */
import { Agent } from 'undici';
import type { WorldTime } from '../time.ts';
import { DueTogether } from './due-together.ts';
import { seededRandom } from './random.ts';
import type { Signal } from './signal.ts';
import type { WebhookRequest } from './webhook-request.ts';
import { post, reachable, requestOf } from './webhook-request.ts';
import type { Variables } from './webhook-variables.ts';
import type { Webhook } from './webhooks.ts';

export interface WebhookSenderOptions {
  time: WorldTime;
  webhook(name: string): Webhook | undefined;
  /** Without a signal only what the test button of Datadog fills. */
  variables(signal: Signal | undefined): Variables;
}

export interface Delivery {
  atMs: number;
  webhook: string;
  /** Undefined for a test notification. */
  signalId: string | undefined;
  /** From 1. */
  attempt: number;
  /** Of the answer; undefined where there was none. */
  status?: number;
  /** Why there was no answer. */
  error?: 'lost' | 'timeout' | 'unreachable' | 'connection';
  /** As sent; headers are not kept, since they hold secrets. */
  body: string;
}

interface Planned {
  webhook: string;
  signalId: string | undefined;
  attempt: number;
  request: WebhookRequest;
}

export class WebhookSender {
  /** Real-world milliseconds between a signal and its webhook [inferred]. */
  delayMs = 1000;
  /** Every delivery is up to so many real-world milliseconds later still, by chance, so that they overtake each other. */
  reorder = 0;
  /** How many times each notification is sent; 0 and 1 are once. */
  duplicate = 1;
  /** The share of notifications that never leave Datadog. */
  lossRate = 0;
  /** Under HIPAA "security alerts won't be sent to the webhook". */
  hipaa = false;
  /** Whether texts are escaped for JSON. Not documented; payloads of customers look as if they were not. */
  escapeVariables = false;
  /** Whether silence of `timeoutMs` is tried again. Not documented. */
  retryTimeouts = true;
  /** Wall time, because the receiver answers in wall time. */
  timeoutMs = 15_000;
  tries = 5;
  /** Real-world milliseconds before the second try, doubled before each further one [inferred]. */
  backoffMs = 5000;
  /** How many calls are on their way at once. */
  connections = 50;
  random = seededRandom(1);
  /** Every try, in the order in which they ended. */
  readonly deliveries: Delivery[] = [];
  /** Loopback addresses of origins in the outside world: `https://eks-audit.example` is `http://127.0.0.1:8080`. */
  readonly names = new Map<string, string>();
  readonly #options: WebhookSenderOptions;
  readonly #planned: DueTogether<Planned>;
  /** What is due, from `#nextWaiting` on. */
  #waiting: Planned[] = [];
  #nextWaiting = 0;
  readonly #underWay = new Set<AbortController>();
  #idle: (() => void)[] = [];
  #agent: Agent | undefined;
  #closed = false;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
    this.#planned = new DueTogether(options.time, 'send webhooks', (due) => {
      this.#waiting.push(...due);
      this.#next();
    });
  }

  /** A name without a webhook behind it is passed over in silence [inferred]. */
  notify(webhookName: string, signal: Signal): void {
    const request = this.#request(webhookName, signal);
    if (!request || this.hipaa || this.#closed) return;
    for (let copy = 0; copy < Math.max(1, this.duplicate); copy++) {
      const planned = { webhook: webhookName, signalId: signal.id, attempt: 1, request };
      if (this.random() < this.lossRate) this.#done(planned, { error: 'lost' });
      else this.#planned.plan([planned], this.delayMs + Math.floor(this.random() * this.reorder));
    }
  }

  /** The test button: one try, at once, with variables of signals left as they are written. */
  async test(webhookName: string): Promise<Delivery> {
    const request = this.#request(webhookName, undefined);
    if (!request) throw new Error(`No webhook ${webhookName}`);
    try {
      return await this.#attempt({ webhook: webhookName, signalId: undefined, attempt: 1, request });
    } finally {
      this.#next();
    }
  }

  /** Resolves when no call is on its way; what waits for the world's time is not waited for. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Cuts what is on its way; nothing is sent after this. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    this.#planned.clear();
    for (const call of this.#underWay) call.abort();
    await this.idle();
    await this.#agent?.destroy();
  }

  #request(webhookName: string, signal: Signal | undefined): WebhookRequest | undefined {
    const webhook = this.#options.webhook(webhookName);
    return webhook && requestOf(webhook, this.#options.variables(signal), this.escapeVariables);
  }

  #next(): void {
    while (this.#underWay.size < this.connections) {
      const planned = this.#waiting[this.#nextWaiting];
      if (!planned) break;
      this.#nextWaiting += 1;
      void this.#attempt(planned).then((delivery) => {
        if (this.#isRetried(delivery)) {
          this.#planned.plan(
            [{ ...planned, attempt: planned.attempt + 1 }],
            this.backoffMs * 2 ** (planned.attempt - 1),
          );
        }
        this.#next();
      });
    }
    if (!this.#isIdle()) return;
    this.#waiting = [];
    this.#nextWaiting = 0;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#underWay.size === 0 && this.#nextWaiting >= this.#waiting.length;
  }

  #isRetried({ attempt, status, error }: Delivery): boolean {
    if (this.#closed || attempt >= this.tries) return false;
    if (status !== undefined) return status >= 500;
    return error !== 'timeout' || this.retryTimeouts;
  }

  async #attempt(planned: Planned): Promise<Delivery> {
    const to = reachable(planned.request.url, this.names);
    if (!to) return this.#done(planned, { error: 'unreachable' });
    this.#agent ??= new Agent({ connections: this.connections });
    const call = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      call.abort();
    }, this.timeoutMs);
    this.#underWay.add(call);
    try {
      const status = await post(planned.request, to, { dispatcher: this.#agent, signal: call.signal });
      return this.#done(planned, { status });
    } catch {
      return this.#done(planned, { error: isLate ? 'timeout' : 'connection' });
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(call);
    }
  }

  #done({ webhook, signalId, attempt, request }: Planned, outcome: Pick<Delivery, 'status' | 'error'>): Delivery {
    const atMs = this.#options.time.now();
    const delivery: Delivery = { atMs, webhook, signalId, attempt, ...outcome, body: request.body };
    this.deliveries.push(delivery);
    return delivery;
  }
}
