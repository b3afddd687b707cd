/**
 * The buttons of a signal's message. Each acts on the group's signals as Datadog has them at that moment: what somebody
 * changed there since the card was drawn is shown first, and nothing is done. Datadog is changed before our rows, and
 * may be changed again by a click that is worked on twice; rows, card and thread note are one commit.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { permissionFor } from '../datadog/scopes.ts';
import { SIGNAL_QUERY, type StateChange, setAssignee, setState, type TriageOutcome } from '../datadog/signals.ts';
import { type DatadogUser, findUserByEmail } from '../datadog/users.ts';
import type { Db } from '../db/database.ts';
import { messageOf, UserError } from '../errors.ts';
import { postedAt } from '../messages/store.ts';
import { content, section } from '../slack/blocks.ts';
import type { KnownPerson } from '../slack/people.ts';
import type { Asked } from '../slack/requests.ts';
import type { ReceiptEntry } from './card.ts';
import { cardKey, type Drawing } from './drawing.ts';
import { getSignal, searchSignals } from './fetch.ts';
import { type Group, groupsById, lockGroup, lockGrouping, signalIdsOf, updateGroup } from './group-store.ts';
import type { Note } from './notes.ts';
import type { ArchiveReason, Signal, TriageState } from './signal.ts';
import { earliest, recordEvents, saveSignals, setTriaged } from './store.ts';
import { text } from './text.ts';

export interface TriageDeps {
  db: Db;
  datadog: Datadog;
  clock: Clock;
  config: Config;
  drawing: Drawing;
  log: Logger;
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
};

/** Read one by one up to here, searched for beyond. */
const FEW = 5;
/** Of Datadog's 1,000 at most: parsing and storing a page must not hold up the event loop. */
const PAGE = 200;
const MOST_PAGES = 25;
const MARGIN_MS = 10 * 60_000;

export async function take(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const { group, ids, open } = await begin(deps, request, ['open', 'under_review'], 'under_review');
  const t = text[request.language];
  const by = group.taken?.by;
  if (by && !('userId' in by && by.userId === request.userId))
    throw new UserError((language) => text[language].refusal.alreadyTaken(by));
  // A double click.
  if (by && open === 0) return answer(request, t.done.taken(ids.length));
  const user = await datadogUser(deps, request.person);
  const outcome = await inDatadog(() => changeState(deps, ids, { state: 'under_review' }, user));
  await settle(deps, request, group, outcome, {
    state: 'under_review',
    group: { taken: { by: { userId: request.userId }, at: deps.clock.now().toISOString(), withoutAssignee: !user } },
    note: {
      what: 'triaged',
      state: 'under_review',
      by: { userId: request.userId },
      in: 'slack',
      signals: outcome.changed.length,
      withoutAssignee: !user,
    },
    event: { what: 'taken', by: { userId: request.userId }, in: 'slack' },
    // The other click of a double one was faster.
    isDone: ({ taken }) => !by && taken !== null && 'userId' in taken.by && taken.by.userId === request.userId,
    said: [t.done.taken(outcome.changed.length), user ? '' : t.done.withoutAssignee].filter(Boolean).join(' '),
  });
}

export async function release(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const { group, ids } = await begin(deps, request, ['open', 'under_review'], 'open');
  const outcome = await inDatadog(() => changeState(deps, ids, { state: 'open' }, undefined));
  await settle(deps, request, group, outcome, {
    state: 'open',
    group: { taken: null },
    note: {
      what: 'triaged',
      state: 'open',
      by: { userId: request.userId },
      in: 'slack',
      signals: outcome.changed.length,
    },
    event: { what: 'triaged', state: 'open', by: { userId: request.userId }, in: 'slack' },
    said: text[request.language].done.released(outcome.changed.length),
  });
}

export async function archive(
  deps: TriageDeps,
  request: GroupRequest,
  { reason, comment }: { reason: ArchiveReason; comment: string },
): Promise<void> {
  const { group, ids } = await begin(deps, request, ['open', 'under_review'], 'archived');
  // Datadog records every change under the owner of the key; only a comment can name the person.
  const by = `${comment ? `${comment} ` : ''}(by ${request.person.name} via eks-audit)`;
  const outcome = await inDatadog(() =>
    setState(deps.datadog, ids, { state: 'archived', archiveReason: reason, archiveComment: by }),
  );
  await settle(deps, request, group, outcome, {
    state: 'archived',
    group: {},
    note: {
      what: 'triaged',
      state: 'archived',
      by: { userId: request.userId },
      in: 'slack',
      signals: outcome.changed.length,
      reason,
      comment: comment || undefined,
    },
    event: { what: 'triaged', state: 'archived', by: { userId: request.userId }, in: 'slack', reason },
    said: text[request.language].done.archived(outcome.changed.length, reason),
  });
}

export async function reopen(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const { group, ids } = await begin(deps, request, ['archived'], 'open');
  const outcome = await inDatadog(() => setState(deps.datadog, ids, { state: 'open' }));
  await settle(deps, request, group, outcome, {
    state: 'open',
    group: { taken: null },
    note: {
      what: 'triaged',
      state: 'open',
      from: 'archived',
      by: { userId: request.userId },
      in: 'slack',
      signals: outcome.changed.length,
    },
    event: { what: 'triaged', state: 'open', by: { userId: request.userId }, in: 'slack' },
    said: text[request.language].done.reopened(outcome.changed.length),
  });
}

/** In Slack only: Datadog goes on, and the card goes on counting. */
export async function mute(deps: TriageDeps, request: GroupRequest, hours: number): Promise<void> {
  const { db, clock, drawing } = deps;
  deps.requireAnalyst(request.person);
  const group = await ourGroup(deps, request);
  const now = clock.now();
  const until = new Date(now.getTime() + hours * 3_600_000);
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const locked = await lockGroup(trx, group.id);
    if (!locked) throw new UserError((language) => text[language].refusal.unknownGroup);
    const card = await drawing.card(trx, locked);
    if (card?.severity === 'critical') throw new UserError((language) => text[language].refusal.criticalNotMuted);
    const muted: Group = { ...locked, mute: { until: until.toISOString(), by: request.userId } };
    // Its end is drawn and told.
    await updateGroup(trx, locked.id, {
      mute: muted.mute,
      due_at: earliest(locked.due_at ?? undefined, until) ?? until,
    });
    const ids = await signalIdsOf(trx, locked.id, ['open', 'under_review']);
    await recordAll(
      trx,
      ids.map(({ id }) => id),
      { at: now, what: 'muted', by: request.userId, until },
    );
    const note: Note = { what: 'muted', by: request.userId, until };
    await drawing.draw(trx, [muted], [{ group: muted, note, key: request.id }]);
  });
  deps.nudge('messages');
  await answer(request, text[request.language].done.muted(until));
}

/** A group folded into a storm gets its own message. */
export async function postSeparately(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const { db, drawing } = deps;
  deps.requireAnalyst(request.person);
  const { channel } = await ourGroup(deps, request);
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const group = await lockGroup(trx, request.groupId);
    if (!group?.storm_id) return;
    await updateGroup(trx, group.id, { storm_id: null });
    await drawing.draw(trx, [{ ...group, storm_id: null }], []);
  });
  deps.nudge('messages');
  await answer(request, text[request.language].done.postedSeparately(channel));
}

/** The group a click means, if the click came from a message of ours. */
export async function ourGroup({ db }: Pick<TriageDeps, 'db'>, request: GroupRequest): Promise<Group> {
  const [group] = await groupsById(db, [request.groupId]);
  if (!group) throw new UserError((language) => text[language].refusal.unknownGroup);
  if (request.message) {
    const posted = await postedAt(db, cardKey(group.id));
    if (posted && (posted.channel !== request.message.channel || posted.ts !== request.message.ts))
      throw new UserError((language) => text[language].refusal.notOurs);
  }
  return group;
}

/** The signals to act on; throws where there are none, or where Datadog has them in another state than the card. */
async function begin(
  deps: TriageDeps,
  request: GroupRequest,
  states: readonly TriageState[],
  wanted: TriageState,
): Promise<{ group: Group; ids: string[]; open: number }> {
  deps.requireAnalyst(request.person);
  const group = await ourGroup(deps, request);
  const shown = await signalIdsOf(deps.db, group.id, states);
  if (shown.length === 0) throw new UserError((language) => text[language].refusal.nothingOpen);
  const askedAt = deps.clock.now();
  const now = await inDatadog(() => readNow(deps, shown));
  const before = new Map(shown.map(({ id, state }) => [id, state]));
  // What is as it should be already was done by this very click, before a crash, or by somebody who wanted the same.
  const moved = now.filter(({ id, triage }) => triage.state !== before.get(id) && triage.state !== wanted);
  const [first] = moved;
  if (first) {
    await saveSignals(deps.db, moved, { via: 'poll', askedAt, now: deps.clock.now() });
    deps.nudge('signals-group');
    const { by, at, state } = first.triage;
    const change = { by: { name: by ?? 'Datadog' }, state, in: 'datadog' as const, at: at ? new Date(at) : askedAt };
    throw new UserError((language) => text[language].refusal.stale(change));
  }
  return { group, ids: shown.map(({ id }) => id), open: shown.filter(({ state }) => state === 'open').length };
}

async function readNow(
  { datadog, clock }: TriageDeps,
  signals: readonly { id: string; raised_at: Date }[],
): Promise<Signal[]> {
  if (signals.length <= FEW) {
    const read = await Promise.all(signals.map(({ id }) => getSignal(datadog, id)));
    return read.filter((signal) => signal !== undefined);
  }
  const wanted = new Set(signals.map(({ id }) => id));
  const from = new Date(Math.min(...signals.map(({ raised_at }) => raised_at.getTime())) - MARGIN_MS);
  const found: Signal[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < wanted.size; page++) {
    const to = new Date(clock.now().getTime() + MARGIN_MS);
    const answer = await searchSignals(datadog, { query: SIGNAL_QUERY, from, to, cursor, limit: PAGE });
    found.push(...answer.signals.filter(({ id }) => wanted.has(id)));
    cursor = answer.cursor;
    if (!cursor) break;
  }
  return found;
}

async function changeState(
  { datadog }: TriageDeps,
  ids: readonly string[],
  change: StateChange,
  user: DatadogUser | undefined,
): Promise<TriageOutcome> {
  const outcome = await setState(datadog, ids, change);
  // Who has it is told by the state too, so an assignee Datadog refuses does not undo the rest.
  if (outcome.changed.length > 0) await setAssignee(datadog, outcome.changed, user?.uuid);
  return outcome;
}

/** Undefined where Slack tells no address, or Datadog knows nobody with it. */
async function datadogUser({ datadog, log }: TriageDeps, person: KnownPerson): Promise<DatadogUser | undefined> {
  if (!person.email) return undefined;
  try {
    return await findUserByEmail(datadog, person.email);
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'a person could not be looked up in Datadog, so nobody is assigned there');
    return undefined;
  }
}

interface Settled {
  state: TriageState;
  group: Parameters<typeof updateGroup>[2];
  note: Note;
  event: WithoutTime<ReceiptEntry>;
  /** Whether the group as it is by now needs no telling any more. */
  isDone?: (current: Group) => boolean;
  said: string;
}

/** Of each member of the union, not of what they have in common. */
type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

async function settle(
  deps: TriageDeps,
  request: GroupRequest,
  group: Group,
  { changed, failed }: TriageOutcome,
  { state, group: change, note, event, isDone, said }: Settled,
): Promise<void> {
  const { db, clock, drawing } = deps;
  const t = text[request.language];
  if (changed.length > 0) {
    const now = clock.now();
    await db.transaction().execute(async (trx) => {
      await lockGrouping(trx);
      const before = await lockGroup(trx, group.id);
      if (before && isDone?.(before)) return;
      await setTriaged(trx, changed, state, now);
      if (Object.keys(change).length > 0) await updateGroup(trx, group.id, change);
      const [current = group] = await groupsById(trx, [group.id]);
      await recordAll(trx, changed, { ...event, at: now } as ReceiptEntry);
      const finished = await drawing.draw(trx, [current], [{ group: current, note, key: request.id }]);
      for (const id of finished) await updateGroup(trx, id, { closed_at: now });
    });
    deps.nudge('messages');
  }
  const [failure] = failed;
  if (!failure) return answer(request, said);
  const why = datadogSays(failure.kind, failure.reasons, 'editSecurityMonitoringSignalState', request.language);
  await answer(request, changed.length > 0 ? t.done.partly(changed.length, changed.length + failed.length, why) : why);
}

async function recordAll(
  trx: Parameters<typeof recordEvents>[0],
  ids: readonly string[],
  event: ReceiptEntry,
): Promise<void> {
  await recordEvents(
    trx,
    ids.map((signalId) => ({ signalId, event })),
  );
}

async function answer(request: Asked, sentence: string): Promise<void> {
  await request.reply(content(sentence, [section(sentence)]));
}

/** A person waits: what Datadog refuses is said at once, and the click can be repeated. */
export async function inDatadog<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    const { kind, reasons, method } = error;
    throw new UserError((language) => datadogSays(kind, reasons, method, language), { cause: error });
  }
}

function datadogSays(
  kind: DatadogError['kind'],
  reasons: readonly string[],
  method: string,
  language: Language,
): string {
  const { refusal } = text[language];
  const scope = permissionFor(method);
  if (kind === 'denied' && scope) return refusal.datadogDenied(scope);
  if (kind === 'unreachable' || kind === 'throttled') return refusal.datadogUnreachable;
  return refusal.datadogRefused(reasons.join('; ') || kind);
}
