/** `/eks-audit signals [--since 24h]` and `where <signal id>`: what is open, and what became of one. */
import type { Clock } from '../clock.ts';
import { type Config, type Language, parseDuration } from '../config.ts';
import { signalUrl } from '../datadog/sites.ts';
import type { Db } from '../db/database.ts';
import { UserError } from '../errors.ts';
import { postedAt } from '../messages/store.ts';
import type { Content } from '../slack/blocks.ts';
import type { Receipt, ReceiptEntry } from './card.ts';
import { cardKey, stormKey } from './drawing.ts';
import { groupsById } from './group-store.ts';
import { receiptView, signalsList } from './list-views.ts';
import { groupLines, permalink } from './lists.ts';

import { findSignal, type SignalRow, signalEvents } from './store.ts';
import { text } from './text.ts';

export interface SignalCommandDeps {
  db: Db;
  clock: Clock;
  config: Config;
  workspaceUrl: () => string;
}

const SHOWN = 20;
const HOUR_MS = 3_600_000;
const LONGEST_HOURS = 90 * 24;

/** Open groups of signals, the most severe first. */
export async function signals(deps: SignalCommandDeps, since: string, language: Language): Promise<Content> {
  const hours = hoursOf(since);
  const from = new Date(deps.clock.now().getTime() - hours * HOUR_MS);
  const { lines, groups } = await groupLines(deps.db, deps, { since: from, openOnly: true, limit: SHOWN });
  return signalsList(lines, { sinceHours: hours, total: groups }, language);
}

function hoursOf(since: string): number {
  let hours: number;
  try {
    hours = parseDuration(since) / HOUR_MS;
  } catch {
    hours = Number.NaN;
  }
  if (hours > 0 && hours <= LONGEST_HOURS) return hours;
  throw new UserError((language) => text[language].refusal.badSince(since));
}

/** Everything on record about one signal; `typed` may be its id or its address in Datadog. */
export async function where(deps: SignalCommandDeps, typed: string, language: Language): Promise<Content> {
  const id = /[?&]event=([^&\s]+)/.exec(typed)?.[1] ?? typed;
  return receiptView(await receiptOf(deps, id), language);
}

async function receiptOf({ db, config, workspaceUrl }: SignalCommandDeps, signalId: string): Promise<Receipt> {
  const link = signalUrl(config, signalId);
  const row = await findSignal(db, signalId);
  if (!row) return { signalId, title: undefined, severity: undefined, entries: [], permalink: undefined, link };
  const posted = await messageOf(db, row);
  return {
    signalId,
    title: row.facts?.title || row.doorbell?.title,
    severity: row.severity ?? undefined,
    entries: [...received(row), ...(await signalEvents(db, signalId)), ...posted.entries].sort(
      (a, b) => a.at.getTime() - b.at.getTime(),
    ),
    permalink: posted.at && permalink(workspaceUrl(), posted.at.channel, posted.at.ts),
    link,
  };
}

function received({ received_at: at, via, doorbells }: SignalRow): ReceiptEntry[] {
  const first: ReceiptEntry = { at, what: 'received', via };
  return doorbells > 1 ? [first, { at, what: 'repeated', via: 'webhook' }] : [first];
}

/** The card it stands on: its group's own, or the storm's. Slack's `ts` is the time of the post. */
async function messageOf(
  db: Db,
  row: SignalRow,
): Promise<{ at: { channel: string; ts: string } | undefined; entries: ReceiptEntry[] }> {
  const [group] = row.group_id ? await groupsById(db, [row.group_id]) : [];
  if (!group) return { at: undefined, entries: [] };
  const own = await postedAt(db, cardKey(group.id));
  const at = own ?? (group.storm_id ? await postedAt(db, stormKey(group.storm_id)) : undefined);
  if (!at) return { at, entries: [] };
  const posted = new Date(Number(at.ts) * 1000);
  return { at, entries: [{ at: posted, what: 'posted', channel: at.channel, repeated: false }] };
}
