/**
 * A click on a signal's message, from its beginning to its end. It acts on the group's signals as Datadog has them at
 * that moment: what somebody changed there since the card was drawn is shown first, and nothing is done. Rows, card,
 * receipts and thread note are one commit; a click that is worked on twice is told once.
 */
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { postedAt, wasPut } from '../messages/store.ts';
import { content, section } from '../slack/blocks.ts';
import type { KnownPerson } from '../slack/people.ts';
import type { Asked } from '../slack/requests.ts';
import type { ReceiptEntry } from './card.ts';
import { asking, type ChangingDeps, clickOf, failureSays, type Outcome, readNow } from './changing.ts';
import { cardKey, type Drawing, noteKey } from './drawing.ts';
import {
  type ActedOn,
  type Group,
  groupIdsOf,
  groupsById,
  holdsNothingBut,
  lockGroup,
  lockGrouping,
  signalsToActOn,
  updateGroup,
} from './group-store.ts';
import type { Note } from './notes.ts';
import type { Signal, TriageState } from './signal.ts';
import {
  changedAfter,
  changedSince,
  forgetIntents,
  isUnderWay,
  recordEvents,
  saveSignals,
  setTriaged,
} from './store.ts';
import { text } from './text.ts';

export interface TriageDeps extends ChangingDeps {
  config: Config;
  drawing: Drawing;
  /** Refuses whoever may not triage, and says whom to ask. */
  requireAnalyst: (person: KnownPerson) => void;
  nudge: (work: 'messages' | 'signals-group') => void;
}

/** A click or submission about a group, by somebody read from Slack. */
export type GroupRequest = Asked & {
  person: KnownPerson;
  groupId: string;
  /** Where the clicked message stands; undefined where there is none, as in a modal. */
  message?: { channel: string; ts: string } | undefined;
  /** When the dialog was drawn: what joined the group later, nobody has seen in it. */
  asOf?: Date | undefined;
  /** The newest signal then, which the dialog showed. */
  signalId?: string | undefined;
};

/** One click on its way: what it acts on, and what it wants of it. */
export interface Acting {
  request: GroupRequest;
  group: Group;
  signals: ActedOn[];
  wanted: TriageState;
  begunAt: Date;
}

/** The group a click means, if the click came from a message of ours. */
export async function ourGroup({ db }: Pick<TriageDeps, 'db'>, request: GroupRequest): Promise<Group> {
  const [group] = await groupsById(db, [request.groupId]);
  if (!group) throw new UserError((language) => text[language].refusal.unknownGroup);
  if (request.message) {
    const posted = await postedAt(db, cardKey(group.id));
    if (posted && (posted.channel !== request.message.channel || posted.ts !== request.message.ts))
      throw new UserError((language) => text[language].refusal.notOurs(posted));
  }
  return group;
}

/**
 * The signals to act on; throws where there are none, or where Datadog has them in another state than the card.
 * Undefined for a click that came to its end before a crash: its answer may have got lost, its effect has not.
 */
export async function begin(
  deps: TriageDeps,
  request: GroupRequest,
  states: readonly TriageState[],
  wanted: TriageState,
): Promise<Acting | undefined> {
  const { db, clock } = deps;
  deps.requireAnalyst(request.person);
  const group = await ourGroup(deps, request);
  if (await wasPut(db, noteKey(group.id, request.id))) {
    await answer(request, text[request.language].done.already);
    return undefined;
  }
  const begunAt = clock.now();
  const signals = await signalsToActOn(db, group, states, { request, wanted, now: begunAt });
  if (signals.length === 0) {
    const which = states.includes('open') ? 'nothingOpen' : 'nothingArchived';
    throw new UserError((language) => text[language].refusal[which]);
  }
  const now = await asking(() => readNow(deps, signals));
  const before = new Map(signals.map((signal) => [signal.id, signal]));
  // What this person's click did before a crash is as it should be; anything else somebody else did, or is about to.
  const moved = now.filter((signal) => {
    const shown = before.get(signal.id);
    if (shown?.begun && signal.triage.state === wanted) return false;
    return (
      signal.triage.state !== shown?.state || (signal.triage.state === wanted && isUnderWayTo(shown, signal, begunAt))
    );
  });
  const [first] = moved;
  if (first) {
    await saveSignals(db, moved, { via: 'poll', askedAt: begunAt, now: clock.now() });
    deps.nudge('signals-group');
    const change = changeOf(first, before.get(first.id), begunAt);
    throw new UserError((language) => text[language].refusal.stale(change));
  }
  return { request, group, signals, wanted, begunAt };
}

/** Datadog names the owner of our key for what somebody here is about to finish. */
function changeOf(signal: Signal, shown: ActedOn | undefined, now: Date) {
  const { state, by, at } = signal.triage;
  const intent = shown?.intent;
  if (intent?.by && isUnderWayTo(shown, signal, now)) return clickOf(intent, intent.by);
  return { by: { name: by ?? 'Datadog' }, state, in: 'datadog' as const, at: at ? new Date(at) : now };
}

function isUnderWayTo(shown: ActedOn | undefined, { triage }: Signal, now: Date): boolean {
  return isUnderWay(shown?.intent, now) && shown?.intent?.state === triage.state;
}

export interface Settled {
  group: (group: Group, now: Date) => Parameters<typeof updateGroup>[2];
  note: Note;
  event: WithoutTime<ReceiptEntry>;
  said: string;
}

/** Of each member of the union, not of what they have in common. */
type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

export async function settle(
  deps: TriageDeps,
  { request, group, signals, wanted, begunAt }: Acting,
  outcome: Outcome,
  { group: changeOfGroup, note, event, said }: Settled,
): Promise<void> {
  const { db, clock, drawing } = deps;
  const { changed, unsure } = outcome;
  const now = clock.now();
  await db.transaction().execute(async (trx) => {
    // From here on no signal moves.
    await lockGrouping(trx);
    const known = signals.map(({ id }) => id).filter((id) => !unsure.includes(id));
    const since = { state: wanted, since: begunAt };
    const later = changed.length > 0 && (await changedAfter(trx, changed, { requestId: request.id, ...since }));
    await forgetIntents(trx, request.id, known);
    if (!later) return;
    // The other click of a double one was faster, or this one itself where it was given up for dead.
    const told = await changedSince(trx, changed, { by: request.userId, ...since });
    if (changed.every((id) => told.has(id))) return;
    const lasting = changed.filter((id) => !later.has(id));
    if (lasting.length > 0) await setTriaged(trx, lasting, wanted, now);
    const homes = await groupIdsOf(trx, changed);
    if (lasting.length > 0)
      for (const id of homes) {
        // Others are in a message that the signal has moved to, and nobody clicked there.
        const whole = id === group.id || (await holdsNothingBut(trx, id, changed));
        const change = whole ? changeOfGroup((await lockGroup(trx, id)) ?? group, now) : {};
        if (Object.keys(change).length > 0) await updateGroup(trx, id, change);
      }
    await recordAll(trx, changed, { ...event, at: now } as ReceiptEntry);
    // Told where it was clicked, and where the signals are now.
    const current = await groupsById(trx, [...new Set([group.id, ...homes])]);
    const finished = await drawing.draw(
      trx,
      current,
      current.map((told) => ({ group: told, note, key: request.id })),
    );
    for (const id of finished) await updateGroup(trx, id, { closed_at: now });
  });
  deps.nudge('messages');
  await answer(request, failureSays(outcome, request.language) ?? said);
}

export async function recordAll(
  trx: Parameters<typeof recordEvents>[0],
  ids: readonly string[],
  event: ReceiptEntry,
): Promise<void> {
  await recordEvents(
    trx,
    ids.map((signalId) => ({ signalId, event })),
  );
}

export async function answer(request: Asked, sentence: string): Promise<void> {
  await request.reply(content(sentence, [section(sentence)]));
}
