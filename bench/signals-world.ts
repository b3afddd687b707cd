/** The playground's part in the figures of signals: raises them, rings for them, notes what reaches Slack. */
import { setTimeout as wait } from 'node:timers/promises';
import { addSignalWebhook, PEOPLE } from '../playground/acme.ts';
import type { SignalSeed } from '../playground/datadog/raise-signal.ts';
import { requestOf } from '../playground/datadog/webhook-request.ts';
import { variablesOf } from '../playground/datadog/webhook-variables.ts';
import type { Message, View } from '../playground/slack/model.ts';
import type { World } from '../playground/world.ts';

/** Signals of cluster `bench-7` go to a channel of their own, `C0BENCH7`. */
export const benchCluster = (lane: number) => `bench-${lane}`;
export const benchChannel = (lane: number) => `C0BENCH${lane}`;

/** What signals are told apart by wherever they turn up: the name of the user who raised them. */
export const benchUser = (i: number) => `bench-user-${i}-`;
const BENCH_USER = /bench-user-(\d+)-/g;

/** The card is edited about once a second. */
const LAST_EDITS_MS = 3_000;

export interface StormReport {
  /** Messages that Slack took. */
  posts: number;
  /** Calls Slack refused after it had said 429 once. */
  rejectedAfterFirst: number;
  /** Signals that neither a message nor the storm's list shows. */
  lost: number;
}

export function createSignalsWorld(world: World) {
  const { datadog, slack, door } = world;
  /** When the first message that names a signal's user arrived, as `Date.now()`. */
  const arrived = new Map<number, number>();

  /** Datadog's side of step 9, and a channel for each lane. */
  function prepare(lanes: number, paced: boolean): void {
    slack.limits.perChannel = paced;
    // An audit event every now and then leaves the machine to the bot.
    world.aws.backgroundEveryMs = 3_600_000;
    addSignalWebhook(world);
    datadog.sender.delayMs = 0;
    for (let lane = 0; lane < lanes; lane++)
      slack.addChannel({ id: benchChannel(lane), name: benchCluster(lane), members: Object.values(PEOPLE) });
    door.onBoundary = (phase, { call }) => {
      if (phase !== 'arrived' || call.operation !== 'chat.postMessage') return true;
      const at = performance.timeOrigin + performance.now();
      for (const i of usersIn(call.body.toString())) if (!arrived.has(i)) arrived.set(i, at);
      return true;
    };
  }

  /**
   * Raises a signal that is posted, unless its severity says otherwise; returns the body Datadog's webhook would send,
   * and sends it itself with `notify`.
   */
  function raise(seed: SignalSeed): string {
    const signal = datadog.raiseSignal({ severity: 'medium', ...seed });
    const webhook = datadog.webhook('eks-audit');
    if (!webhook) throw new Error('the webhook is gone');
    return requestOf(webhook, variablesOf(signal, datadog, world.time.now(), []), false).body;
  }

  function arrivals(): Record<number, number> {
    const seen = Object.fromEntries(arrived);
    arrived.clear();
    // A long measurement would keep every call it made.
    door.recorded.length = 0;
    return seen;
  }

  /** What a storm of the signals `first` to `first + count - 1` left in its channel; reads the whole list behind its card. */
  async function stormReport(lane: number, first: number, count: number): Promise<StormReport> {
    const channel = benchChannel(lane);
    const { messages } = slack.channel(channel);
    const card = await slack.until(() => messages.find((m) => JSON.stringify(m).includes('storm.show')), 15_000);
    await wait(LAST_EDITS_MS);
    const posts = door.recorded.filter(({ call }) => call.operation === 'chat.postMessage');
    const here = posts.filter(({ call }) => new URLSearchParams(call.body.toString()).get('channel') === channel);
    const statuses = here.map(({ answer }) => answer?.status);
    const refused = statuses.indexOf(429);
    const seen = new Set(messages.flatMap((message) => usersIn(JSON.stringify([message.blocks, message.attachments]))));
    for (const i of await listed(card)) seen.add(i);
    const wanted = Array.from({ length: count }, (_, i) => first + i);
    return {
      posts: messages.filter((message) => message.fromBot).length,
      rejectedAfterFirst: refused < 0 ? 0 : statuses.slice(refused + 1).filter((status) => status === 429).length,
      lost: wanted.filter((i) => !seen.has(i)).length,
    };
  }

  /** Turns every page of the list, faster than a person and than Slack would let one. */
  async function listed(card: Message): Promise<number[]> {
    const seen: number[] = [];
    slack.limits.perMethod = false;
    await slack.click(PEOPLE.ana, { channel: card.channel, ts: card.ts }, 'storm.show');
    for (;;) {
      const page = await nextPage();
      const text = JSON.stringify(page.content);
      seen.push(...usersIn(text));
      if (!text.includes('"text":"Next"')) break;
      await slack.click(PEOPLE.ana, page, 'Next');
    }
    slack.limits.perMethod = true;
    return seen;
  }

  async function nextPage(): Promise<View> {
    for (;;) {
      const view = await slack.nextView(PEOPLE.ana, 10_000);
      if (view.content.callback_id !== 'loading') return view;
    }
  }

  return { prepare, raise, arrivals, stormReport };
}

function usersIn(text: string): number[] {
  return [...text.matchAll(BENCH_USER)].map(([, i]) => Number(i));
}
