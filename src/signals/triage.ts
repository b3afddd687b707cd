/**
 * The buttons of a signal's message. Each acts on the group's signals as Datadog has them at that moment: what somebody
 * changed there since the card was drawn is shown first, and nothing is done. Before Datadog is changed, the rows say
 * what is about to happen, so that the poller takes it for nobody else's doing; a click that is worked on twice changes
 * Datadog again; rows, card and thread note are one commit.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { permissionFor } from '../datadog/scopes.ts';
import { SIGNAL_QUERY, setAssignee, setState, type TriageOutcome } from '../datadog/signals.ts';
import { type DatadogUser, findUserByEmail } from '../datadog/users.ts';
import type { Db } from '../db/database.ts';
import { messageOf, UserError } from '../errors.ts';
import { postedAt, wasPut } from '../messages/store.ts';
import { content, section } from '../slack/blocks.ts';
import type { KnownPerson } from '../slack/people.ts';
import type { Asked } from '../slack/requests.ts';
import type { ReceiptEntry } from './card.ts';
import { cardKey, type Drawing, noteKey } from './drawing.ts';
import { getSignal, searchSignals } from './fetch.ts';
import { type Group, groupsById, lockGroup, lockGrouping, signalsToActOn, updateGroup } from './group-store.ts';
import type { Note } from './notes.ts';
import type { ArchiveReason, Signal, TriageState } from './signal.ts';
import { forgetIntents, intend, recordEvents, saveSignals, setTriaged } from './store.ts';
import { text } from './text.ts';
import { waitsAgain } from './waiting.ts';

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
  const acting = await begin(deps, request, ['open', 'under_review'], 'under_review');
  if (!acting) return;
  const { group, open } = acting;
  const t = text[request.language];
  const card = await deps.drawing.card(deps.db, group);
  const by = card?.taken?.by;
  if (by && !('userId' in by && by.userId === request.userId))
    throw new UserError((language) => text[language].refusal.alreadyTaken(by));
  // A double click.
  if (by && open === 0) return answer(request, t.done.taken(acting.ids.length));
  const user = await datadogUser(deps, request.person);
  const { outcome, assigned } = await inDatadog(deps, acting, async () => {
    const changed = await setState(deps.datadog, acting.ids, { state: 'under_review' });
    return { outcome: changed, assigned: await assign(deps, changed, user?.uuid) };
  });
  const withoutAssignee = !user || !assigned;
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: () => ({
      taken: { by: { userId: request.userId }, at: deps.clock.now().toISOString(), withoutAssignee },
    }),
    note: { ...triagedBy(acting), signals, withoutAssignee },
    event: { what: 'taken', by: { userId: request.userId }, in: 'slack' },
    // The other click of a double one was faster.
    isDone: ({ taken }) => !by && taken !== null && 'userId' in taken.by && taken.by.userId === request.userId,
    said: [t.done.taken(signals), withoutAssignee ? t.done.withoutAssignee : ''].filter(Boolean).join(' '),
  });
}

export async function release(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const acting = await begin(deps, request, ['open', 'under_review'], 'open');
  if (!acting) return;
  const outcome = await inDatadog(deps, acting, () => handBack(deps, acting.ids));
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: (group, now) => waitsAgain(deps.config, group, now),
    note: { ...triagedBy(acting), signals },
    event: { ...triagedBy(acting) },
    said: text[request.language].done.released(signals),
  });
}

export async function archive(
  deps: TriageDeps,
  request: GroupRequest,
  { reason, comment }: { reason: ArchiveReason; comment: string },
): Promise<void> {
  const acting = await begin(deps, request, ['open', 'under_review'], 'archived');
  if (!acting) return;
  // Datadog records every change under the owner of the key; only a comment can name the person.
  const by = `${comment ? `${comment} ` : ''}(by ${request.person.name} via eks-audit)`;
  const outcome = await inDatadog(deps, acting, () =>
    setState(deps.datadog, acting.ids, { state: 'archived', archiveReason: reason, archiveComment: by }),
  );
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: () => ({}),
    note: { ...triagedBy(acting), signals, reason, comment: comment || undefined },
    event: { ...triagedBy(acting), reason, ...(comment && { comment }) },
    said: text[request.language].done.archived(signals, reason),
  });
}

export async function reopen(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const acting = await begin(deps, request, ['archived'], 'open');
  if (!acting) return;
  const outcome = await inDatadog(deps, acting, () => handBack(deps, acting.ids));
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: (group, now) => waitsAgain(deps.config, group, now),
    note: { ...triagedBy(acting), from: 'archived', signals },
    event: { ...triagedBy(acting) },
    said: text[request.language].done.reopened(signals),
  });
}

function triagedBy({ request, wanted }: Acting) {
  return { what: 'triaged' as const, state: wanted, by: { userId: request.userId }, in: 'slack' as const };
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

/** One click on its way: what it acts on, and what it wants of it. */
interface Acting {
  request: GroupRequest;
  group: Group;
  ids: string[];
  wanted: TriageState;
  /** How many of them nobody has. */
  open: number;
}

/**
 * The signals to act on; throws where there are none, or where Datadog has them in another state than the card.
 * Undefined for a click that came to its end before a crash: its answer may have got lost, its effect has not.
 */
async function begin(
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
  const shown = await signalsToActOn(db, group.id, states, request.id);
  if (shown.length === 0) {
    const which = states.includes('open') ? 'nothingOpen' : 'nothingArchived';
    throw new UserError((language) => text[language].refusal[which]);
  }
  const askedAt = clock.now();
  const now = await asking(() => readNow(deps, shown));
  const before = new Map(shown.map((signal) => [signal.id, signal]));
  // What this very click did before a crash is as it should be; anything else somebody else did.
  const moved = now.filter(({ id, triage }) => {
    const { state, begun } = before.get(id) ?? {};
    return triage.state !== state && !(begun && triage.state === wanted);
  });
  const [first] = moved;
  if (first) {
    await saveSignals(db, moved, { via: 'poll', askedAt, now: clock.now() });
    deps.nudge('signals-group');
    const { by, at, state } = first.triage;
    const change = { by: { name: by ?? 'Datadog' }, state, in: 'datadog' as const, at: at ? new Date(at) : askedAt };
    throw new UserError((language) => text[language].refusal.stale(change));
  }
  const ids = shown.map(({ id }) => id);
  return { request, group, ids, wanted, open: shown.filter(({ state }) => state === 'open').length };
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

/** Open for anybody: nobody has it in Datadog any more, either. */
async function handBack(deps: TriageDeps, ids: readonly string[]): Promise<TriageOutcome> {
  const outcome = await setState(deps.datadog, ids, { state: 'open' });
  await assign(deps, outcome, undefined);
  return outcome;
}

/** Who has it is told by the state too, so an assignee Datadog refuses does not undo the rest. False when it did. */
async function assign(
  { datadog, log }: TriageDeps,
  { changed }: TriageOutcome,
  userUuid: string | undefined,
): Promise<boolean> {
  if (changed.length === 0) return true;
  try {
    return (await setAssignee(datadog, changed, userUuid)).failed.length === 0;
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    log.warn({ error: messageOf(error) }, 'signals were changed in Datadog, but not who has them');
    return false;
  }
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
  group: (group: Group, now: Date) => Parameters<typeof updateGroup>[2];
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
  { request, group, ids, wanted }: Acting,
  { changed, failed }: TriageOutcome,
  { group: changeOf, note, event, isDone, said }: Settled,
): Promise<void> {
  const { db, clock, drawing } = deps;
  const t = text[request.language];
  const now = clock.now();
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const before = await lockGroup(trx, group.id);
    await forgetIntents(trx, request.id, ids);
    if (changed.length === 0 || (before && isDone?.(before))) return;
    await setTriaged(trx, changed, wanted, now);
    const change = changeOf(before ?? group, now);
    if (Object.keys(change).length > 0) await updateGroup(trx, group.id, change);
    const [current = group] = await groupsById(trx, [group.id]);
    await recordAll(trx, changed, { ...event, at: now } as ReceiptEntry);
    const finished = await drawing.draw(trx, [current], [{ group: current, note, key: request.id }]);
    for (const id of finished) await updateGroup(trx, id, { closed_at: now });
  });
  deps.nudge('messages');
  const [failure] = failed;
  if (!failure) return answer(request, said);
  const why = datadogSays(failure.kind, failure.reasons, 'editSecurityMonitoringSignalState', request.language);
  await answer(request, changed.length > 0 ? t.done.partly(changed.length, changed.length + failed.length, why) : why);
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

/** Changes Datadog, having said so first; what it refuses is said at once, and the click can be repeated. */
async function inDatadog<T>({ db, clock }: TriageDeps, acting: Acting, call: () => Promise<T>): Promise<T> {
  const { request, ids, wanted } = acting;
  await intend(db, ids, { state: wanted, request: request.id, at: clock.now().toISOString() });
  try {
    return await asking(call);
  } catch (error) {
    if (error instanceof UserError) await forgetIntents(db, request.id, ids);
    throw error;
  }
}

/** A person waits for Datadog: whatever is wrong with it is told in words. */
export async function asking<T>(call: () => Promise<T>): Promise<T> {
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
