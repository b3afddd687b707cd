/**
 * A stored delivery as handlers see it: who asks (read from Slack), what, where to answer. The outermost layer of
 * every handler: a `UserError` becomes its text, anything unexpected a reference id for the person and everything for
 * the log.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config, Language } from '../config.ts';
import { RetryableError, UserError } from '../errors.ts';
import { type Reply, replyTo } from '../messages/reply.ts';
import { content, section } from './blocks.ts';
import type { Delivery } from './deliveries.ts';
import type { KnownPerson, People } from './people.ts';
import { text } from './text.ts';

export interface Request {
  /** Unique per command, click or submission. */
  id: string;
  userId: string;
  person: KnownPerson;
  language: Language;
  channel: string | undefined;
  reply: Reply;
}

export interface CommandRequest extends Request {
  text: string;
}

export interface ClickRequest extends Request {
  actionId: string;
  value: string;
  triggerId: string;
  /** Where the clicked message stands; undefined for an ephemeral one. */
  message: { channel: string; ts: string } | undefined;
}

export interface SubmissionRequest extends Request {
  metadata: string;
  /** Text of an input by block and action id. */
  field(block: string, action: string): string;
}

export interface RequestDeps {
  config: Config;
  people: People;
  log: Logger;
}

type Body = Record<string, unknown>;

/** Builds the request and runs `handle`; only `RetryableError` leaves it. */
export async function serve<R extends Request>(
  deps: RequestDeps,
  delivery: Delivery,
  extend: (request: Request, body: Body) => R,
  handle: (request: R) => Promise<void>,
): Promise<void> {
  const { config, people, log } = deps;
  const body = delivery.body;
  const url = typeof body.response_url === 'string' ? body.response_url : undefined;
  const reply = replyTo(url, { log, timeoutMs: config.timing.http_timeout });
  let language = config.language;
  try {
    const person = await people.read(delivery.userId);
    language = person.language;
    await handle(
      extend({ id: delivery.id, userId: delivery.userId, person, language, channel: channelOf(body), reply }, body),
    );
  } catch (error) {
    if (error instanceof RetryableError) throw error;
    if (error instanceof UserError) {
      log.info(
        { kind: delivery.kind, name: delivery.name, user: delivery.userId, reason: error.message, cause: error.cause },
        'a request was refused',
      );
      const said = error.say(language);
      return reply(content(said, [section(said)]));
    }
    const reference = randomBytes(4).toString('hex');
    log.error(
      { reference, kind: delivery.kind, name: delivery.name, user: delivery.userId, error },
      'a request failed',
    );
    const said = text[language].ourBug(reference);
    await reply(content(said, [section(said)]));
  }
}

export function toCommand(request: Request, body: Body): CommandRequest {
  return { ...request, text: typedText(String(body.text ?? '')) };
}

export function toClick(request: Request, body: Body): ClickRequest {
  const action = (body.actions as Body[])[0] ?? {};
  const container = body.container as Body;
  const ts = container.is_ephemeral === true ? undefined : container.message_ts;
  const selected = action.selected_option as { value?: unknown } | undefined;
  return {
    ...request,
    actionId: String(action.action_id ?? ''),
    value: String(action.value ?? selected?.value ?? ''),
    triggerId: String(body.trigger_id ?? ''),
    message: request.channel && typeof ts === 'string' ? { channel: request.channel, ts } : undefined,
  };
}

export function toSubmission(request: Request, body: Body): SubmissionRequest {
  const view = body.view as {
    private_metadata?: string;
    state: { values: Record<string, Record<string, { value?: unknown }>> };
  };
  return {
    ...request,
    metadata: view.private_metadata ?? '',
    field: (block, action) => String(view.state.values[block]?.[action]?.value ?? ''),
  };
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
