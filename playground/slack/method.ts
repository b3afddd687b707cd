/** What every Web API method is made of: its scopes, tier and handler; how it reads arguments and how it refuses. */
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';
import type { Channel } from './model.ts';
import type { Slack } from './state.ts';
import type { BlocksError } from './validate-blocks.ts';
import { worded } from './validate-schema.ts';

export interface Method {
  /** Bot scopes it needs; what depends on the kind of channel is asked for in the handler. */
  scopes: string[];
  token: 'bot' | 'app' | 'none';
  /** Calls per minute that Slack promises at least (tiers 2, 3, 4); none for specially limited methods. */
  perMinute?: 20 | 50 | 100;
  writes: boolean;
  handle(slack: Slack, args: JsonObject): JsonObject | Promise<JsonObject>;
}

/** Thrown by a method: becomes HTTP 200 with `ok: false`. */
export class Refusal extends Error {
  readonly body: JsonObject;

  constructor(error: string, more: JsonObject = {}) {
    super(error);
    this.body = { ok: false, error, ...more };
  }
}

export function invalidArguments(...messages: string[]): Refusal {
  return new Refusal('invalid_arguments', { response_metadata: { messages: messages.map((m) => `[ERROR] ${m}`) } });
}

/** Platform errors of Block Kit carry their reasons twice, in `errors` and in response_metadata. */
export function refuseBlocks({ error, problems }: BlocksError): Refusal {
  if (problems.length === 0) return new Refusal(error);
  const errors = problems.map(worded);
  const response_metadata = { messages: errors.map((message) => `[ERROR] ${message}`) };
  // Views answer invalid_arguments, which has no `errors`.
  return new Refusal(error, error === 'invalid_arguments' ? { response_metadata } : { errors, response_metadata });
}

export function stringArg(args: JsonObject, name: string): string | undefined {
  const value = args[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredArg(args: JsonObject, name: string): string {
  const value = stringArg(args, name);
  if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
  return value;
}

export function boolArg(args: JsonObject, name: string, otherwise = false): boolean {
  const value = args[name];
  if (value === undefined || value === '') return otherwise;
  return value === true || value === 'true' || value === '1' || value === 1;
}

export function numberArg(args: JsonObject, name: string, otherwise: number): number {
  const value = Number(args[name] ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
}

/** A nested value: itself in a JSON body, a JSON string in a form. `undefined` when it does not parse. */
export function nested(value: Json | undefined): Json | undefined {
  return typeof value === 'string' ? parseJson(value) : value;
}

export function objectArg(args: JsonObject, name: string): JsonObject {
  const value = nested(args[name]);
  if (args[name] === undefined) throw invalidArguments(`missing required field: ${name}`);
  if (!isObject(value)) throw invalidArguments(`must provide an object [json-pointer:/${name}]`);
  return value;
}

export function needScope(slack: Slack, scope: string): void {
  if (slack.scopes.has(scope)) return;
  throw new Refusal('missing_scope', { needed: scope, provided: [...slack.scopes].join(',') });
}

/** A conversation the bot can know of: private ones and direct messages only as a member. */
export function knownChannel(slack: Slack, id: string | undefined, family?: 'read' | 'history'): Channel {
  const channel = slack.channels.get(id ?? '');
  if (!channel) throw new Refusal('channel_not_found');
  if (channel.isPrivate && !channel.members.has(slack.bot.userId)) throw new Refusal('channel_not_found');
  if (family) needScope(slack, `${scopeFamily(channel)}:${family}`);
  return channel;
}

export function scopeFamily(channel: Channel): 'im' | 'groups' | 'channels' {
  if (channel.kind === 'im') return 'im';
  return channel.isPrivate ? 'groups' : 'channels';
}

/** One page of a list, and the cursor of the next as Slack writes it (empty at the end). */
export function page<T>(items: T[], args: JsonObject, defaultLimit: number): { items: T[]; nextCursor: string } {
  const cursor = stringArg(args, 'cursor');
  const offset = cursor ? Number(/^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]) : 0;
  if (Number.isNaN(offset)) throw new Refusal('invalid_cursor');
  const limit = Math.min(Math.max(numberArg(args, 'limit', defaultLimit), 1), 1000);
  const end = offset + limit;
  const nextCursor = end < items.length ? Buffer.from(`offset:${end}`).toString('base64') : '';
  return { items: items.slice(offset, end), nextCursor };
}
