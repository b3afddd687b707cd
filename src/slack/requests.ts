/**
 * A stored delivery as handlers see it: who asks (read from Slack), what, where to answer. The outermost layer of
 * every handler: a `UserError` becomes its text, anything unexpected a reference id for the person and everything for
 * the log.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config, Language } from '../config.ts';
import { isPassing } from '../db/lost-connections.ts';
import { messageOf, RetryableError, UserError } from '../errors.ts';
import { type Content, content, section } from './blocks.ts';
import type { Delivery } from './deliveries.ts';
import type { KnownPerson, People } from './people.ts';
import { text } from './text.ts';

export interface ReplyOptions {
  /** Show it to the whole channel: what [Share] does. */
  inChannel?: boolean;
  /** Take the place of the message whose button was clicked. */
  replace?: boolean;
}

/** Answers the person who asked. */
export type Reply = (content: Content, options?: ReplyOptions) => Promise<void>;

/** What a delivery says by itself. The user id is Slack's word; what that person may do is not known yet. */
export interface Asked {
  /** Unique per command, click or submission. */
  id: string;
  userId: string;
  /** As last known of this person, else the configured one. */
  language: Language;
  channel: string | undefined;
  reply: Reply;
}

export interface Command {
  text: string;
  triggerId: string;
}

export interface Click {
  actionId: string;
  value: string;
  triggerId: string;
  /** Where the clicked message stands; undefined for an ephemeral one. */
  message: { channel: string; ts: string } | undefined;
  /** The dialog it was clicked in. */
  viewId?: string | undefined;
}

export interface Submission {
  viewId: string;
  metadata: string;
  /** What was typed or chosen in an input, by block and action id. */
  field(block: string, action: string): string;
}

/** With the person read from Slack, a moment ago at most. */
export type Request = Asked & { person: KnownPerson };
export type CommandRequest = Request & Command;
export type ClickRequest = Request & Click;

export interface RequestDeps {
  config: Config;
  people: People;
  log: Logger;
  /** How to answer: through the `response_url`, or directly, since what comes out of a modal has none. */
  replyTo: (url: string, instead: Reply) => Reply;
  direct: (key: string, userId: string, content: Content) => Promise<void>;
}

type Body = Record<string, unknown>;

/** Reads the person, builds the request and runs `handle`; only `RetryableError` leaves it, and only while there is another attempt. */
export async function serve<A extends Asked>(
  deps: RequestDeps,
  delivery: Delivery,
  extend: (asked: Asked, body: Body) => A,
  handle: (request: A & Request) => Promise<void>,
): Promise<void> {
  await serveUnread(deps, delivery, extend, async (asked) => {
    const person = await deps.people.read(asked.userId);
    await handle({ ...asked, person, language: person.language });
  });
}

/** The same for what must not wait for Slack's word on the person (modals), or reads everyone concerned itself (approvals). */
export async function serveUnread<A extends Asked>(
  deps: RequestDeps,
  delivery: Delivery,
  extend: (asked: Asked, body: Body) => A,
  handle: (asked: A) => Promise<void>,
): Promise<void> {
  const { config, people, log } = deps;
  const { id, userId, body, kind, name } = delivery;
  const url = typeof body.response_url === 'string' ? body.response_url : undefined;
  let answers = 0;
  // Worked on again after a crash, a delivery says the same in the same order.
  const direct: Reply = (said) => deps.direct(answers++ === 0 ? `reply:${id}` : `reply:${id}:${answers}`, userId, said);
  const reply = url ? deps.replyTo(url, direct) : direct;
  const language = () => people.languageOf(userId) ?? config.language;
  try {
    await handle(extend({ id, userId, language: language(), channel: channelOf(body), reply }, body));
  } catch (error) {
    if (!delivery.last) {
      if (error instanceof RetryableError) throw error;
      if (isPassing(error)) throw new RetryableError(messageOf(error), { cause: error });
    }
    // What was begun before may be half done: to say that nothing was would be untrue.
    if (error instanceof UserError && error.cause !== undefined && delivery.resumed)
      throw new RetryableError(error.message, { cause: error.cause });
    if (error instanceof UserError) {
      const cause = error.cause === undefined ? undefined : messageOf(error.cause);
      log.info({ kind, name, user: userId, reason: error.message, cause }, 'a request was refused');
      return reply(notice(error.say(language())));
    }
    const reference = randomBytes(4).toString('hex');
    log.error({ reference, kind, name, user: userId, error }, 'a request failed');
    await reply(notice(text[language()].ourBug(reference)));
  }
}

export function toCommand(asked: Asked, body: Body): Asked & Command {
  return { ...asked, text: typedText(stringOf(body.text)), triggerId: stringOf(body.trigger_id) };
}

export function toClick(asked: Asked, body: Body): Asked & Click {
  const action = (body.actions as Body[])[0] ?? {};
  const container = body.container as Body;
  const ts = container.is_ephemeral === true ? undefined : container.message_ts;
  const selected = action.selected_option as { value?: unknown } | null | undefined;
  return {
    ...asked,
    actionId: stringOf(action.action_id),
    value: stringOf(action.value ?? selected?.value),
    triggerId: stringOf(body.trigger_id),
    message: asked.channel && typeof ts === 'string' ? { channel: asked.channel, ts } : undefined,
    viewId: typeof container.view_id === 'string' ? container.view_id : undefined,
  };
}

export function toSubmission(asked: Asked, body: Body): Asked & Submission {
  const view = body.view as {
    id: string;
    private_metadata?: string;
    state: { values: Record<string, Record<string, unknown>> };
  };
  return {
    ...asked,
    viewId: view.id,
    metadata: view.private_metadata ?? '',
    field(block, action) {
      const entered = view.state.values[block]?.[action] as
        | { value?: unknown; selected_option?: { value?: unknown } | null }
        | null
        | undefined;
      return stringOf(entered?.value ?? entered?.selected_option?.value);
    },
  };
}

/** Anything else than text was not sent by our own blocks. */
function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function notice(sentence: string): Content {
  return content(sentence, [section(sentence)]);
}

/** Slack sends `& < >` as entities, and links what looks like an address; people typed neither. */
function typedText(text: string): string {
  const unlinked = text.replace(/<(https?:[^|>]+)(?:\|[^>]*)?>/g, '$1');
  return unlinked.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function channelOf(body: Body): string | undefined {
  if (typeof body.channel_id === 'string') return body.channel_id;
  const channel = body.channel as { id?: unknown } | undefined;
  const container = body.container as { channel_id?: unknown } | undefined;
  const id = channel?.id ?? container?.channel_id;
  return typeof id === 'string' ? id : undefined;
}
