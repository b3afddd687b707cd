/**
 * What Olivia and Arjun do, by what they see in Slack. Slack delivers a command or a click once: when it shows an
 * error, the person tries again, as people do. What was acknowledged must have its effect without that.
 */
import { CHANNELS, PEOPLE } from '../../playground/acme.ts';
import type { Message } from '../../playground/slack/model.ts';
import type { Slack } from '../../playground/slack/state.ts';
import type { BotProcess } from './bot-process.ts';
import type { Rows } from './commits.ts';

export interface Stage {
  slack: Slack;
  bot: BotProcess;
  /** Wall milliseconds within which anything that must happen happens, counted anew from each start of the bot. */
  patienceMs: number;
  /** How often Arjun has clicked so far. */
  clicks: number;
}

const LOOK_AGAIN_MS = 50;
/** Looking into the bot costs it work. */
const ASK_AGAIN_MS = 250;
/** How long a person looks at "click again" before doing so. */
const CLICK_AGAIN_MS = 500;

export async function types(stage: Stage, line: string): Promise<void> {
  const patience = new Patience(stage);
  for (;;) {
    await stage.bot.ready();
    const { failure } = await stage.slack.slash(PEOPLE.olivia, CHANNELS.platform, line);
    if (!failure) return;
    patience.check(`${line} is answered with ${failure}`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The card of the `index`-th request. */
export function seesCard(stage: Stage, index: number): Promise<Message> {
  return sees(stage, `card ${index + 1}`, () => cards(stage.slack)[index]);
}

/** Arjun approves; clicks again when told so. */
export async function approves(stage: Stage, card: Message): Promise<void> {
  const { slack, bot } = stage;
  const patience = new Patience(stage);
  for (;;) {
    await bot.ready();
    patience.check(`the card cannot be approved: ${card.text}`);
    const told = tellings(slack, PEOPLE.arjun).length;
    if (!canApprove(card)) return;
    stage.clicks += 1;
    const { failure } = await slack.click(PEOPLE.arjun, card, 'Approve', { confirm: 'accept' });
    if (failure) {
      await sleep(LOOK_AGAIN_MS);
      continue;
    }
    const answer = await sees(stage, 'an effect of the click', () => {
      if (!canApprove(card)) return 'decided';
      return tellings(slack, PEOPLE.arjun)[told]?.text.includes('click again') && 'again';
    });
    if (answer === 'decided') return;
    await sleep(CLICK_AGAIN_MS);
  }
}

/** The first messages of the approvals channel: one card per request. */
function cards(slack: Slack): Message[] {
  return slack.channel(CHANNELS.approvals).messages.filter((m) => m.fromBot && !m.deleted && !m.threadTs);
}

function canApprove(card: Message): boolean {
  return JSON.stringify(card.blocks).includes('"Approve"');
}

function tellings(slack: Slack, user: string): Message[] {
  return slack.ephemerals.filter((m) => m.ephemeralFor === user);
}

/** Waits until nothing is left to do: every request worked on, every message in Slack, no run at work. */
export async function settled(stage: Stage): Promise<Rows> {
  const patience = new Patience(stage);
  for (;;) {
    const open = (await stage.bot.unfinished()) ?? ['the bot is down'];
    const rows = open.length === 0 ? await stage.bot.rows() : undefined;
    if (rows) return rows;
    patience.check(`not finished: ${open.join('; ')}`);
    await sleep(ASK_AGAIN_MS);
  }
}

async function sees<T>(stage: Stage, what: string, look: () => T | undefined | false): Promise<T> {
  const patience = new Patience(stage);
  for (;;) {
    const seen = look();
    if (seen) return seen;
    patience.check(`${what} did not appear`);
    await sleep(LOOK_AGAIN_MS);
  }
}

class Patience {
  readonly #stage: Stage;
  #starts = 0;
  #deadline = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Throws `complaint` when it has lasted too long. */
  check(complaint: string): void {
    const { bot, patienceMs } = this.#stage;
    if (bot.starts !== this.#starts) this.#deadline = Date.now() + patienceMs;
    this.#starts = bot.starts;
    if (Date.now() > this.#deadline) throw new Error(`${complaint}, after ${patienceMs} ms`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
