/**
 * The demo's voice: people type and click, the bot answers, and both are printed as a conversation. What a story waits
 * for and does not get ends it with an error, so a demo that prints to its end has come true.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CHANNELS, PEOPLE } from './acme.ts';
import type { TimelineEntry } from './slack/model.ts';
import type { World } from './world.ts';

export type Who = keyof typeof PEOPLE;
type Where = keyof typeof CHANNELS;

const WAIT_MS = 30_000;
const INDENT = '    ';

export class Conversation {
  readonly #world: World;
  readonly #print: (line: string) => void;
  /** Lines each message showed last, so that an edit prints only what is new. */
  readonly #shown = new Map<string, Set<string>>();

  constructor(world: World, print: (line: string) => void) {
    this.#world = world;
    this.#print = print;
  }

  /** A stage direction. */
  scene(text: string): void {
    this.#print(`\n── ${text}`);
  }

  async types(who: Who, line: string, where: Where = 'platform'): Promise<void> {
    this.#print(`\n@${who} in #${this.#world.slack.channel(CHANNELS[where]).name}: ${line}`);
    const result = await this.#world.slack.slash(PEOPLE[who], CHANNELS[where], line);
    if (result.failure) throw new Error(`Slack showed ${result.failure} to ${who}`);
  }

  async clicks(who: Who, label: string, on: TimelineEntry): Promise<void> {
    this.#print(`\n@${who} clicks [${label}]`);
    await this.#world.slack.click(PEOPLE[who], on, label, { confirm: 'accept' });
  }

  async fillsIn(who: Who, values: Record<string, string>): Promise<void> {
    const view = await this.#world.slack.nextView(PEOPLE[who], WAIT_MS);
    this.#print(`\n@${who} writes: ${Object.values(values).join(' ')}`);
    await this.#world.slack.submit(PEOPLE[who], view.id, values);
  }

  /** The next thing only this person sees that contains `text`. */
  async tells(who: Who, text: string): Promise<TimelineEntry> {
    return this.#show(await this.#next(PEOPLE[who], text));
  }

  /** The next post or edit in a channel that contains `text`; what came before it is printed too, as it happened. */
  async posts(where: Where, text: string): Promise<TimelineEntry> {
    for (;;) {
      const entry = await this.#next(CHANNELS[where], '');
      this.#show(entry);
      if (this.#world.slack.render(entry).includes(text)) return entry;
    }
  }

  /** Fails the story with `what` unless the world is so within a while. */
  async expects(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`the story did not come true: ${what}`);
      await pause(25);
    }
    this.#print(`   ✓ ${what}`);
  }

  async #next(where: string, text: string): Promise<TimelineEntry> {
    const { slack } = this.#world;
    return slack.nextMessage(where, (entry) => slack.render(entry).includes(text), WAIT_MS);
  }

  #show(entry: TimelineEntry): TimelineEntry {
    const [head = '', ...body] = this.#world.slack.render(entry).split('\n');
    const key = entry.message ? `${entry.message.channel}/${entry.message.ts}` : head;
    const before = this.#shown.get(key);
    this.#shown.set(key, new Set(body));
    const fresh = before && entry.kind === 'edit' ? body.filter((line) => !before.has(line)) : body;
    if (fresh.length === 0) return entry;
    this.#print(`\n${head.replace(', @eks-audit', ': @eks-audit')}`);
    for (const line of fresh) this.#print(`${INDENT}${line}`);
    return entry;
  }
}
