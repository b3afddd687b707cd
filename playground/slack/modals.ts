/** People filling in, submitting and closing modals, and what the bot's answer to a submission does. */
import { dispatch } from './dispatch.ts';
import {
  choose,
  collectState,
  type Entered,
  elementsOf,
  isEmptyState,
  namesOf,
  type Placed,
  stateOf,
} from './inputs.ts';
import { isObject, type JsonObject, objects, parseJson, text } from './json.ts';
import { Refusal } from './method.ts';
import { acceptView, closeStack, pushModal, replaceModal } from './methods-views.ts';
import type { View } from './model.ts';
import { viewClosedPayload, viewSubmissionPayload } from './payloads.ts';
import { type ActResult, actor } from './people.ts';
import type { Slack } from './state.ts';

export interface SubmitResult extends ActResult {
  /** block_id → message, when the bot refused the submission. */
  errors: Record<string, string>;
  /** The view now in front of the person; none when the modal has closed. */
  view: View | undefined;
}

/** `values` name inputs by block_id, action_id or label. Throws where the client would not submit. */
export async function submit(
  slack: Slack,
  userId: string,
  viewId: string,
  values: Record<string, Entered> = {},
): Promise<SubmitResult> {
  const user = actor(slack, userId);
  const view = slack.views.get(viewId);
  const stack = slack.modalStacks.get(user.id) ?? [];
  if (!view || stack.at(-1) !== view) throw new Error(`the view ${viewId} is not in front of ${user.name}`);
  fillIn(view, values);
  refuseUnfinished(view);
  const trigger = slack.permits.newTrigger(user.id, view.id);
  const ack = await dispatch(slack, 'interactive', viewSubmissionPayload(slack, user, view, trigger));
  const failure = ack.failure;
  if (failure) slack.fail(failure, user.id, undefined);
  else applyResponse(slack, view, parseJson(ack.body));
  const front = slack.modalStacks.get(user.id)?.at(-1);
  return { ackMs: ack.ackMs, status: ack.status, triggerId: trigger.id, failure, errors: view.errors, view: front };
}

/** Cancel closes this view, the cross (`all`) the whole stack; the bot hears of it only if the view asked to. */
export async function closeView(
  slack: Slack,
  userId: string,
  viewId: string,
  options: { all?: boolean } = {},
): Promise<void> {
  const user = actor(slack, userId);
  const stack = slack.modalStacks.get(user.id) ?? [];
  const view = stack.at(-1);
  if (!view || view.id !== viewId) throw new Error(`the view ${viewId} is not in front of ${user.name}`);
  const all = options.all === true || view.content.clear_on_close === true;
  const closed = all ? [...stack].reverse() : [view];
  for (const one of closed) closeOne(slack, one);
  for (const one of closed) {
    if (one.content.notify_on_close !== true) continue;
    const ack = await dispatch(slack, 'interactive', viewClosedPayload(slack, user, one, all));
    if (ack.failure) slack.fail(ack.failure, user.id, undefined);
  }
}

function fillIn(view: View, values: Record<string, Entered>): void {
  const placed = elementsOf(objects(view.content.blocks));
  for (const [name, entered] of Object.entries(values)) {
    const target = placed.find((candidate) => namesOf(candidate).includes(name));
    if (!target)
      throw new Error(`no input called ${name}; there are: ${placed.map((p) => namesOf(p).join(' / ')).join('; ')}`);
    choose(view.chosen, target, stateOf(target.element, entered));
  }
}

/** The client checks these before it sends anything. */
function refuseUnfinished(view: View): void {
  const blocks = objects(view.content.blocks);
  if (!view.content.submit) throw new Error('this view has no submit button');
  const state = collectState(blocks, view.chosen);
  for (const placed of elementsOf(blocks.filter((block) => block.type === 'input'))) {
    const entered = state[text(placed.block.block_id)]?.[text(placed.element.action_id)] ?? {};
    const problem = unfinished(placed, entered);
    if (problem) throw new Error(`Slack would not submit ${namesOf(placed).join(' / ')}: ${problem}`);
  }
}

function unfinished({ block, element }: Placed, entered: JsonObject): string | undefined {
  if (isEmptyState(entered)) return block.optional === true ? undefined : 'it is required';
  const value = text(entered.value);
  if (element.type === 'number_input') {
    if (Number.isNaN(Number(value))) return 'it must be a number';
    if (element.is_decimal_allowed === false && !/^-?\d+$/.test(value)) return 'it must be a whole number';
    if (element.min_value !== undefined && Number(value) < Number(element.min_value)) return 'it is too small';
    if (element.max_value !== undefined && Number(value) > Number(element.max_value)) return 'it is too large';
  }
  if (element.type === 'url_text_input' && !URL.canParse(value)) return 'it must be a URL';
  if (element.type === 'email_text_input' && !/^\S+@\S+$/.test(value)) return 'it must be an email address';
  if (element.type !== 'plain_text_input') return undefined;
  if (value.length < Number(element.min_length ?? 0)) return 'it is too short';
  return value.length > Number(element.max_length ?? 3000) ? 'it is too long' : undefined;
}

/** Anything the client cannot make sense of leaves the modal open with "We had some trouble connecting." */
function applyResponse(slack: Slack, view: View, response: unknown): void {
  view.errors = {};
  try {
    if (!isObject(response) || response.response_action === undefined) closeOne(slack, view);
    else if (response.response_action === 'clear') closeStack(slack, view.user);
    else if (response.response_action === 'errors') showErrors(slack, view, response.errors);
    else showNextView(slack, view, response);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    slack.fail(error.message, view.user, undefined);
  }
}

function showNextView(slack: Slack, view: View, response: JsonObject): void {
  if (!isObject(response.view)) throw new Refusal('invalid_response_action');
  if (response.response_action === 'update') replaceModal(slack, view, acceptView(slack, response.view, view));
  else if (response.response_action === 'push') pushModal(slack, view.user, acceptView(slack, response.view));
  else throw new Refusal('invalid_response_action');
}

function showErrors(slack: Slack, view: View, errors: unknown): void {
  const inputs = objects(view.content.blocks).filter((block) => block.type === 'input');
  const known = isObject(errors) ? Object.entries(errors) : [];
  const placeable = known.every(([blockId]) => inputs.some((block) => block.block_id === blockId));
  if (known.length === 0 || !placeable) throw new Refusal('invalid_response_action');
  view.errors = Object.fromEntries(known.map(([blockId, message]) => [blockId, text(message)]));
  slack.showView(view);
}

function closeOne(slack: Slack, view: View): void {
  view.open = false;
  const rest = (slack.modalStacks.get(view.user) ?? []).filter((other) => other !== view);
  slack.modalStacks.set(view.user, rest);
}
