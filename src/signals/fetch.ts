/** Signals as Datadog has them now: one by its id, or a page of those a query finds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Datadog } from '../datadog/client.ts';
import { getSignalData, type SignalSearch, searchSignalData } from '../datadog/signals.ts';
import { at, identifier } from './json.ts';
import { readSignal } from './read.ts';
import type { Signal } from './signal.ts';

/** Signals read in one turn of the event loop. */
const READ_AT_ONCE = 25;

export interface SignalPage {
  signals: Signal[];
  /** Where the next page begins; it may turn out empty. Undefined after the last. */
  cursor: string | undefined;
  /** How many items of this page could not be read as signals. */
  unread: number;
}

/** Undefined while Datadog does not have it: a new one may take a while to be readable. */
export async function getSignal(datadog: Datadog, id: string): Promise<Signal | undefined> {
  // An id that no signal has would become another address.
  if (identifier(id) === undefined) return undefined;
  const data = await getSignalData(datadog, id);
  return data === undefined ? undefined : readSignal(data);
}

/** Items whose id is `skipped` are not read; they are a page's larger part when only some of it is wanted. */
export async function searchSignals(
  datadog: Datadog,
  search: SignalSearch,
  skipped: (id: string) => boolean = () => false,
): Promise<SignalPage> {
  const page = await searchSignalData(datadog, search);
  const items = page.items.filter((item) => !skipped(identifier(at(item, ['id'])) ?? ''));
  const signals: Signal[] = [];
  for (const [i, item] of items.entries()) {
    // A page takes long enough to read for others to notice.
    if (i % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTurn();
    const signal = readSignal(item);
    if (signal) signals.push(signal);
  }
  return { signals, cursor: page.cursor, unread: items.length - signals.length };
}
