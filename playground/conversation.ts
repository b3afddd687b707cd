/**
 * The demo's voice: people type and click, the bot answers, and both are printed as a conversation. What a story waits
 * for and does not get ends it with an error, so a demo that prints to its end has come true.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../src/errors.ts';
import { CHANNELS, PEOPLE } from './acme.ts';
import type { TimelineEntry, View } from './slack/model.ts';
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

  /** Fills in and submits the dialog this person sees. */
  async fillsIn(who: Who, dialog: View, values: Record<string, string>): Promise<void> {
    this.#print('');
    for (const [label, value] of Object.entries(values)) this.#print(`@${who} fills in ${label}: ${value}`);
    const { errors, failure } = await this.#world.slack.submit(PEOPLE[who], dialog.id, values);
    const refused = failure ?? Object.values(errors)[0];
    if (refused) throw new Error(`the dialog was not accepted from ${who}: ${refused}`);
  }

  /** The dialog in front of this person, as soon as it says `text`; before, it may have said that it is being read. */
  async dialog(who: Who, text: string): Promise<View> {
    const { slack } = this.#world;
    const says = (view: View | undefined) => view && slack.render(view).includes(text) && view;
    const view = await slack.until(() => says(slack.modalOf(PEOPLE[who])), WAIT_MS);
    this.#print(`\n@${who} sees a dialog`);
    for (const line of slack.render(view).split('\n')) this.#print(`${INDENT}${line}`);
    return view;
  }

  async turnsPage(who: Who, label: string, dialog: View): Promise<void> {
    this.#print(`\n@${who} clicks [${label}]`);
    await this.#world.slack.click(PEOPLE[who], dialog, label);
  }

  async closes(who: Who): Promise<void> {
    const view = this.#world.slack.modalOf(PEOPLE[who]);
    if (view) await this.#world.slack.closeView(PEOPLE[who], view.id);
  }

  /** What somebody does outside Slack. */
  does(whose: string, what: string): void {
    this.#print(`\n${whose}: ${what}`);
  }

  /** The next thing only this person sees that contains `text`. */
  async tells(who: Who, text: string): Promise<TimelineEntry> {
    return this.#show(await this.#next(PEOPLE[who], text));
  }

  /**
   * The next post or edit in a channel that contains `text`; what came before it is printed too, as it happened.
   * With more texts it goes on until each was said, in whatever order.
   */
  async posts(where: Where, text: string, ...more: string[]): Promise<TimelineEntry> {
    let wanted: TimelineEntry | undefined;
    let missing = more;
    for (;;) {
      const entry = await this.#next(CHANNELS[where], '', [...(wanted ? [] : [text]), ...missing].join(' | '));
      this.#show(entry);
      const said = this.#world.slack.render(entry);
      if (said.includes(text)) wanted ??= entry;
      missing = missing.filter((other) => !said.includes(other));
      if (wanted && missing.length === 0) return wanted;
    }
  }

  /** Fails the story if anything is posted in the channel within `forMs` on the wall's clock, as the bot works on that. */
  async staysSilent(where: Where, what: string, forMs: number): Promise<void> {
    const { slack } = this.#world;
    await pause(forMs);
    const [entry] = slack.unread(CHANNELS[where]);
    if (entry) throw new Error(`the story did not come true: ${what}\n${slack.render(entry)}`);
    this.#print(`   ✓ ${what}`);
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

  async #next(where: string, text: string, waitsFor = text): Promise<TimelineEntry> {
    const { slack } = this.#world;
    try {
      return await slack.nextMessage(where, (entry) => slack.render(entry).includes(text), WAIT_MS);
    } catch (error) {
      throw new Error(`nobody said “${waitsFor}”: ${messageOf(error)}`, { cause: error });
    }
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
