/**
 * What analysts do with cards while the bot dies and comes back, by what they see in Slack. Slack delivers a click once:
 * who sees an error, or is told to, tries again. And what somebody does in Datadog's own pages.
 */
import type { Message, View } from '../../playground/slack/model.ts';
import type { World } from '../../playground/world.ts';
import { SIGNAL_MODALS } from '../../src/signals/modals.ts';
import { SIGNAL_ACTIONS } from '../../src/signals/views.ts';

export type Deed = 'take' | 'archive' | 'in Datadog';
export const DEEDS: readonly Deed[] = ['take', 'archive', 'in Datadog'];

/** One thing somebody did to the signal of one card. */
export interface Act {
  deed: Deed;
  who: string;
  signalId: string;
  /** Deliveries that reached Slack's side: each may leave a note of its own. */
  clicks: number;
}

export interface Office {
  world: World;
  /** Resolves when somebody answers Slack. */
  open: () => Promise<void>;
  /** Throws when it has lasted too long since the last start of a bot. */
  patience: (complaint: string) => () => void;
}

export const COMMENT = 'a drill';
export const REASON = 'testing_or_maintenance';
export const DANA = 'dana@acme.example';

const LOOK_AGAIN_MS = 40;
/** How long somebody who was told something waits for the card to change all the same. */
const TOLD_MS = 1_200;
const DIALOG_WITHIN_MS = 4_000;

/** `find` looks for the card anew: where it was posted again, the last one is the one that is kept up. */
export async function performs(office: Office, act: Act, find: () => Message): Promise<void> {
  const { world } = office;
  const { deed, who, signalId } = act;
  const check = office.patience(`${deed} of ${signalId} has no effect`);
  if (deed === 'in Datadog') {
    world.datadog.triage(signalId, { state: 'archived', archiveReason: 'remediated', by: DANA });
    while (!isDone(office, act, find())) await pause(check);
    return;
  }
  while (!isDone(office, act, find())) {
    check();
    await office.open();
    const told = tellings(office, who);
    const taken = deed === 'take' ? await takes(office, act, find()) : await archives(office, act, find());
    if (!taken) {
      await sleep(LOOK_AGAIN_MS);
      continue;
    }
    // What was acknowledged has its effect, unless the bot says why not.
    let toldAt: number | undefined;
    while (!isDone(office, act, find())) {
      if (tellings(office, who) > told) toldAt ??= Date.now();
      if (toldAt !== undefined && Date.now() - toldAt > TOLD_MS) break;
      await pause(check);
    }
  }
}

/** True when Slack says that the bot has the click. */
async function takes({ world }: Office, act: Act, card: Message): Promise<boolean> {
  if (!shows(card, SIGNAL_ACTIONS.take)) return false;
  act.clicks += 1;
  const { failure } = await world.slack.click(act.who, card, SIGNAL_ACTIONS.take, { confirm: 'accept' });
  return failure === undefined;
}

async function archives(office: Office, act: Act, card: Message): Promise<boolean> {
  const { slack } = office.world;
  if (!shows(card, SIGNAL_ACTIONS.archive)) return false;
  await closeAll(office, act.who);
  const { failure } = await slack.click(act.who, card, SIGNAL_ACTIONS.archive, { confirm: 'accept' });
  const view = failure ? undefined : await archiveDialog(office, act.who);
  if (!view) return false;
  act.clicks += 1;
  const answer = await slack.submit(act.who, view.id, { value: REASON, text: COMMENT });
  return answer.failure === undefined;
}

async function archiveDialog({ world: { slack } }: Office, who: string): Promise<View | undefined> {
  const deadline = Date.now() + DIALOG_WITHIN_MS;
  while (Date.now() < deadline) {
    const view = slack.modalOf(who);
    if (view?.content.callback_id === SIGNAL_MODALS.archive) return view;
    if (view && view.content.callback_id !== 'loading') return undefined;
    await sleep(LOOK_AGAIN_MS);
  }
  return undefined;
}

async function closeAll({ world: { slack } }: Office, who: string): Promise<void> {
  const view = slack.modalOf(who);
  if (view) await slack.closeView(who, view.id, { all: true });
}

/** In Datadog, and on the card. */
function isDone({ world }: Office, { deed, signalId }: Act, card: Message): boolean {
  const triage = world.datadog.signals.find(({ id }) => id === signalId)?.triage;
  if (deed === 'take') return triage?.state === 'under_review' && shows(card, SIGNAL_ACTIONS.release);
  return triage?.state === 'archived' && shows(card, SIGNAL_ACTIONS.reopen);
}

function shows(card: Message, actionId: string): boolean {
  return JSON.stringify([card.blocks, card.attachments]).includes(`"${actionId}"`);
}

/** In answer to a click only they see it, in answer to a dialog it is a direct message. */
function tellings({ world: { slack } }: Office, who: string): number {
  const direct = [...slack.channels.values()].find(({ user }) => user === who);
  return slack.ephemerals.filter((message) => message.ephemeralFor === who).length + (direct?.messages.length ?? 0);
}

async function pause(check: () => void): Promise<void> {
  check();
  await sleep(LOOK_AGAIN_MS);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
