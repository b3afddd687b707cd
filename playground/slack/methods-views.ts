/** views.* and blocks.validate: modals opened by a trigger, stacked three deep, changed under a hash. */
import { newViewHash } from './identifiers.ts';
import { isObject, type JsonObject, objects, text } from './json.ts';
import {
  invalidArguments,
  type Method,
  nested,
  objectArg,
  Refusal,
  refuseBlocks,
  requiredArg,
  stringArg,
} from './method.ts';
import type { View } from './model.ts';
import { normaliseBlocks } from './normalise-blocks.ts';
import type { Trigger } from './permits.ts';
import type { Slack } from './state.ts';
import { type BlocksError, validateAttachments, validateMessageBlocks, validateView } from './validate-blocks.ts';
import { worded } from './validate-schema.ts';
import { viewOnWire } from './wire.ts';

const MAX_STACK = 3;
const MAX_VALIDATED_CHARACTERS = 100_000;

export const viewMethods: Record<string, Method> = {
  'views.open': { scopes: [], token: 'bot', perMinute: 100, writes: true, handle: open },
  'views.push': { scopes: [], token: 'bot', perMinute: 100, writes: true, handle: push },
  'views.update': { scopes: [], token: 'bot', perMinute: 100, writes: true, handle: update },
  'blocks.validate': { scopes: [], token: 'none', writes: false, handle: validate },
};

function open(slack: Slack, args: JsonObject): JsonObject {
  const content = viewContent(slack, args);
  const trigger = exchange(slack, requiredArg(args, 'trigger_id'));
  return { ok: true, view: viewOnWire(slack, openModal(slack, trigger.user, content)) };
}

function push(slack: Slack, args: JsonObject): JsonObject {
  const content = viewContent(slack, args);
  const trigger = exchange(slack, requiredArg(args, 'trigger_id'));
  if (!trigger.viewId || !slack.modalStacks.get(trigger.user)?.length) throw new Refusal('not_found');
  return { ok: true, view: viewOnWire(slack, pushModal(slack, trigger.user, content)) };
}

function update(slack: Slack, args: JsonObject): JsonObject {
  const viewId = stringArg(args, 'view_id');
  const externalId = stringArg(args, 'external_id');
  if (viewId && externalId) throw invalidArguments('Cannot provide both `view_id` and `external_id`');
  if (!viewId && !externalId) throw invalidArguments('missing required field: view_id');
  const view = [...slack.views.values()].find(
    (v) => v.open && (viewId ? v.id === viewId : v.content.external_id === externalId),
  );
  if (!view) throw new Refusal('not_found');
  const content = viewContent(slack, args, view);
  const hash = stringArg(args, 'hash');
  if (hash && hash !== view.hash) throw new Refusal('hash_conflict');
  replaceModal(slack, view, content);
  return { ok: true, view: viewOnWire(slack, view) };
}

/** A new root: whatever modal was open before is gone. */
export function openModal(slack: Slack, user: string, content: JsonObject): View {
  closeStack(slack, user);
  return pushModal(slack, user, content);
}

export function pushModal(slack: Slack, user: string, content: JsonObject): View {
  const stack = slack.modalStacks.get(user) ?? [];
  if (stack.length >= MAX_STACK) throw new Refusal('push_limit_reached');
  const view = slack.newView(user, 'modal', content, stack.at(-1));
  slack.modalStacks.set(user, [...stack, view]);
  slack.showView(view);
  return view;
}

/** What people typed stays where block_id and action_id stay. */
export function replaceModal(slack: Slack, view: View, content: JsonObject): void {
  view.content = content;
  view.errors = {};
  view.hash = newViewHash();
  slack.showView(view);
}

export function closeStack(slack: Slack, user: string): void {
  for (const view of slack.modalStacks.get(user) ?? []) view.open = false;
  slack.modalStacks.set(user, []);
}

/** The view as stored, or a refusal when it is not valid. */
export function acceptView(slack: Slack, view: JsonObject, replacing?: View): JsonObject {
  const problem = validateView(view);
  if (problem) throw refuseBlocks(problem);
  const externalId = text(view.external_id);
  const taken = [...slack.views.values()].some(
    (v) => v.open && v !== replacing && externalId !== '' && v.content.external_id === externalId,
  );
  if (taken) throw new Refusal('duplicate_external_id');
  const { type: _, ...rest } = view;
  const titled = (value: unknown) => (isObject(value) ? { emoji: true, ...value } : null);
  return {
    ...rest,
    title: titled(view.title),
    submit: titled(view.submit),
    close: titled(view.close),
    blocks: normaliseBlocks(objects(view.blocks)),
  };
}

function viewContent(slack: Slack, args: JsonObject, replacing?: View): JsonObject {
  return acceptView(slack, objectArg(args, 'view'), replacing);
}

function exchange(slack: Slack, id: string): Trigger {
  const trigger = slack.permits.triggers.get(id);
  if (!trigger) throw new Refusal('invalid_trigger_id');
  if (trigger.exchanged) throw new Refusal('exchanged_trigger_id');
  if (slack.permits.triggerExpired(trigger)) throw new Refusal('expired_trigger_id');
  trigger.exchanged = true;
  return trigger;
}

function validate(_slack: Slack, args: JsonObject): JsonObject {
  const given = (['blocks', 'view', 'message'] as const).filter((name) => args[name] !== undefined);
  const [what] = given;
  if (!what || given.length > 1) throw invalidArguments('must provide exactly one of `blocks`, `view` or `message`');
  const value = nested(args[what]) ?? null;
  if (JSON.stringify(value).length > MAX_VALIDATED_CHARACTERS) throw invalidArguments('payload too large');
  const found = {
    blocks: () => validateMessageBlocks(value),
    view: () => validateView(value),
    message: () => validateMessage(value),
  }[what]();
  if (!found) return { ok: true };
  const errors = found.problems.map((problem) => ({ ...problem }));
  const response_metadata = { messages: found.problems.map((problem) => `[ERROR] ${worded(problem)}`) };
  return { ok: false, error: `invalid_${what}`, errors, response_metadata };
}

function validateMessage(message: unknown): BlocksError | undefined {
  if (!isObject(message)) return { error: 'invalid_message', problems: [] };
  const blocks = message.blocks === undefined ? undefined : validateMessageBlocks(message.blocks);
  return blocks ?? (message.attachments === undefined ? undefined : validateAttachments(message.attachments));
}
