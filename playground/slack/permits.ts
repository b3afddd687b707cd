/**
 * The short-lived permits Slack hands to the bot with each interaction: a trigger_id opens one view within three
 * seconds, a response_url answers five times within thirty minutes.
 */
import type { WorldTime } from '../time.ts';
import { newSecret, newTriggerId, randomDigits } from './identifiers.ts';
import type { Message } from './model.ts';
import { type Moment, TwoClocks } from './two-clocks.ts';

const TRIGGER_LIFE_MS = 3_000;
const RESPONSE_URL_LIFE_MS = 30 * 60_000;
const RESPONSE_URL_USES = 5;

export interface Trigger {
  id: string;
  user: string;
  born: Moment;
  exchanged: boolean;
  /** The view whose button or submission made it, which views.push stacks upon. */
  viewId: string | undefined;
}

export interface ResponseUrl {
  path: string;
  channel: string;
  user: string;
  born: Moment;
  uses: number;
  /** The message the button was on; none for a slash command. */
  original: { channel: string; ts: string } | undefined;
}

export class Permits {
  readonly triggers = new Map<string, Trigger>();
  readonly responseUrls = new Map<string, ResponseUrl>();
  readonly #clocks: TwoClocks;
  readonly #teamId: string;

  constructor(time: WorldTime, teamId: string) {
    this.#clocks = new TwoClocks(time);
    this.#teamId = teamId;
  }

  newTrigger(user: string, viewId?: string): Trigger {
    const trigger: Trigger = { id: newTriggerId(), user, born: this.#clocks.now(), exchanged: false, viewId };
    this.triggers.set(trigger.id, trigger);
    return trigger;
  }

  triggerExpired(trigger: Trigger): boolean {
    return this.#clocks.age(trigger.born) > TRIGGER_LIFE_MS;
  }

  newResponseUrl(family: 'commands' | 'actions', user: string, channel: string, original?: Message): ResponseUrl {
    const url: ResponseUrl = {
      path: `/${family}/${this.#teamId}/${randomDigits(14)}/${newSecret()}`,
      channel,
      user,
      born: this.#clocks.now(),
      uses: 0,
      original: original && { channel: original.channel, ts: original.ts },
    };
    this.responseUrls.set(url.path, url);
    return url;
  }

  /** Why a response_url no longer works, as Slack names it. */
  responseUrlSpent(url: ResponseUrl): 'used_url' | 'expired_url' | undefined {
    if (url.uses >= RESPONSE_URL_USES) return 'used_url';
    return this.#clocks.age(url.born) > RESPONSE_URL_LIFE_MS ? 'expired_url' : undefined;
  }
}
