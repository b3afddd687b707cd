/**
 * What a click asks of Datadog. Before anything is changed the rows say what is about to happen, so that the poller takes
 * it for nobody else's doing; where Datadog does not answer it is looked whether it did it, so that people are told what
 * is true.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Language } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { permissionFor } from '../datadog/scopes.ts';
import { SIGNAL_QUERY, type StateChange, setAssignee, setState, type TriageOutcome } from '../datadog/signals.ts';
import { type DatadogUser, findUserByEmail } from '../datadog/users.ts';
import type { Db } from '../db/database.ts';
import { messageOf, UserError } from '../errors.ts';
import { getSignal, searchSignals } from './fetch.ts';
import type { Signal, TriageState } from './signal.ts';
import { forgetIntents, type Intent, intend } from './store.ts';
import { text } from './text.ts';

export interface ChangingDeps {
  db: Db;
  datadog: Datadog;
  clock: Clock;
  log: Logger;
}

/** A signal as far as it must be known to read it again. */
type Raised = Pick<Signal, 'id'> & { raised_at: Date };
/** `begun`: this click was at it before, and Datadog may have changed it then. */
type Clicked = Raised & { begun: boolean };

export interface Outcome extends TriageOutcome {
  /** Of the failed: Datadog may have changed them all the same. */
  unsure: string[];
}

/** Read one by one up to here, searched for beyond. */
const FEW = 5;
/** Of Datadog's 1,000 at most: parsing and storing a page must not hold up the event loop. */
const PAGE = 200;
const MOST_PAGES = 25;
const MARGIN_MS = 10 * 60_000;

/** Throws what is to be said where nothing was changed; the click can be repeated then. */
export async function changeState(
  deps: ChangingDeps,
  click: { request: { id: string; userId: string }; wanted: TriageState; signals: readonly Clicked[] },
  archived: Omit<StateChange, 'state'> = {},
): Promise<Outcome> {
  const { db, clock } = deps;
  const { request, wanted, signals } = click;
  const ids = signals.map(({ id }) => id);
  const intent = { state: wanted, request: request.id, by: request.userId, at: clock.now().toISOString() };
  const other = await intend(db, ids, intent);
  if (other?.by) {
    const change = clickOf(other, other.by);
    throw new UserError((language) => text[language].refusal.stale(change));
  }
  try {
    return await asking(() => change(deps, signals, { state: wanted, ...archived }));
  } catch (error) {
    const untouched = signals.filter(({ begun }) => !begun).map(({ id }) => id);
    if (error instanceof UserError) await forgetIntents(db, request.id, untouched);
    throw error;
  }
}

/** What somebody here is about to finish, as people are told of it. */
export function clickOf({ state, at }: Intent, userId: string) {
  return { by: { userId }, state, in: 'slack' as const, at: new Date(at) };
}

async function change(deps: ChangingDeps, signals: readonly Raised[], wanted: StateChange): Promise<Outcome> {
  const ids = signals.map(({ id }) => id);
  const { changed, failed } = await setState(deps.datadog, ids, wanted).catch((error): TriageOutcome => {
    if (!(error instanceof DatadogError) || error.kind !== 'unreachable') throw error;
    const { kind, reasons } = error;
    return { changed: [], failed: ids.map((id) => ({ id, kind, reasons })) };
  });
  const unanswered = new Set(failed.filter(({ kind }) => kind === 'unreachable').map(({ id }) => id));
  if (unanswered.size === 0) return { changed, failed, unsure: [] };
  try {
    const now = await readNow(
      deps,
      signals.filter(({ id }) => unanswered.has(id)),
    );
    const done = new Set([
      ...changed,
      ...now.filter(({ triage }) => triage.state === wanted.state).map(({ id }) => id),
    ]);
    return { changed: ids.filter((id) => done.has(id)), failed: failed.filter(({ id }) => !done.has(id)), unsure: [] };
  } catch (error) {
    if (!(error instanceof DatadogError)) throw error;
    return { changed, failed, unsure: [...unanswered] };
  }
}

export async function readNow(
  { datadog, clock }: Pick<ChangingDeps, 'datadog' | 'clock'>,
  signals: readonly Raised[],
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
    const search = { query: SIGNAL_QUERY, from, to, cursor, limit: PAGE };
    const answer = await searchSignals(datadog, search, (id) => !wanted.has(id));
    found.push(...answer.signals);
    cursor = answer.cursor;
    if (!cursor) break;
  }
  return found;
}

/** Who has it is told by the state too, so an assignee Datadog refuses does not undo the rest. False when it did. */
export async function assign(
  { datadog, log }: Pick<ChangingDeps, 'datadog' | 'log'>,
  { changed }: Pick<Outcome, 'changed'>,
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
export async function datadogUser(
  { datadog, log }: Pick<ChangingDeps, 'datadog' | 'log'>,
  { email }: { email?: string | undefined },
): Promise<DatadogUser | undefined> {
  if (!email) return undefined;
  try {
    return await findUserByEmail(datadog, email);
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'a person could not be looked up in Datadog, so nobody is assigned there');
    return undefined;
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

/** What did not come to pass, and why; a sentence for whoever clicked. */
export function failureSays({ changed, failed, unsure }: Outcome, language: Language): string | undefined {
  const { done, refusal } = text[language];
  const [failure] = failed;
  if (!failure) return undefined;
  const total = changed.length + failed.length;
  if (changed.length === 0 && unsure.length > 0) return refusal.datadogSilent;
  if (changed.length > 0 && isBusy(failure.kind)) return done.partlyBusy(changed.length, total);
  const why = datadogSays(failure.kind, failure.reasons, 'editSecurityMonitoringSignalState', language);
  return changed.length > 0 ? done.partly(changed.length, total, why) : why;
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
  if (isBusy(kind)) return refusal.datadogUnreachable;
  return refusal.datadogRefused(reasons.join('; ') || kind);
}

function isBusy(kind: DatadogError['kind']): boolean {
  return kind === 'unreachable' || kind === 'throttled';
}
