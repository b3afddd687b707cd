/**
 * Finds the message each due signal belongs to, and draws what changed. One short transaction per batch, one at a time
 * over all replicas: whatever came in is routed, put into its group (a new one, an open one, or a storm's), and the
 * cards, thread notes and receipts that follow are rows of the same commit. A card that merely grows is drawn at `draw_at`.
 */
import type { Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import type { ReceiptEntry } from './card.ts';
import { type ChangeInDatadog, changesInDatadog } from './datadog-changes.ts';
import { provisionalSignal, silentDoorbell } from './doorbell.ts';
import type { Drawing, Told } from './drawing.ts';
import {
  endedStorms,
  type Group,
  groupsById,
  lockGrouping,
  openGroups,
  ragingStorms,
  touchGroups,
  updateGroup,
  updateStorm,
} from './group-store.ts';
import { findHomes, type HomesDeps, type Placed } from './homes.ts';
import { groupKey, type Route, route } from './routing.ts';
import { actorOf, onlyCluster, type Signal, severityRank, type TriageState } from './signal.ts';
import {
  dueForGrouping,
  earliest,
  type Grouped,
  isUnderWay,
  recordEvents,
  type SignalRow,
  saveGrouped,
} from './store.ts';
import { summarise } from './summaries.ts';
import { dueFor, heldUntil, waitingSince, waitsAgain } from './waiting.ts';

type Trx = Transaction<Tables>;

export interface GroupingDeps extends HomesDeps {
  db: Db;
  clock: Clock;
  drawing: Drawing;
}

/** Signals grouped in one transaction: the embedded database answers nobody else meanwhile, not even a doorbell. */
const BATCH = 50;
/** The group of a signal that goes nowhere as far as its doorbell tells. */
const NOWHERE = 'nowhere';
/** Of PostgreSQL's `integer`: one count beyond it would fail the whole batch, again and again. */
const LARGEST_INTEGER = 2_147_483_647;
/** A live card is redrawn at most so often; its row keeps only the last version anyway. */
const STORM_DRAW_MS = 1_000;

/** Groups a batch of due signals. */
export async function groupDue(deps: GroupingDeps): Promise<void> {
  const { db, clock, config } = deps;
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const now = clock.now();
    const unreadSince = new Date(now.getTime() - config.timing.signal_read_for);
    const rows = await dueForGrouping(trx, now, unreadSince, BATCH);
    if (rows.length > 0) await placeAll(deps, trx, rows, now);
  });
}

async function placeAll(deps: GroupingDeps, trx: Trx, rows: readonly SignalRow[], now: Date): Promise<void> {
  const { config } = deps;
  const placed = rows.map((row) => place(config, row));
  const events: { signalId: string; event: ReceiptEntry }[] = [];
  const happened = (signalId: string, event: ReceiptEntry) => void events.push({ signalId, event });
  const told: Told[] = [];
  const changes: ChangeInDatadog[] = [];
  const completed = new Set<string>();
  const touched = new Map<string, Group>();
  const leftStorms = new Set<string>();
  const risen = new Set<string>();

  const known = new Map(
    (await groupsById(trx, [...new Set(rows.flatMap((row) => row.group_id ?? []))])).map((group) => [group.id, group]),
  );
  const homeless: Placed[] = [];
  for (const p of placed) {
    const home = p.row.group_id ? known.get(p.row.group_id) : undefined;
    if (!p.row.severity && !p.provisional) happened(p.row.id, { at: now, what: 'read' });
    if (p.row.severity && p.signal.severity !== p.row.severity)
      happened(p.row.id, { at: now, what: 'severity', from: p.row.severity, to: p.signal.severity });
    if (home && !leaves(p, home)) {
      // Its card went out with what the doorbell said.
      if (!p.provisional && home.key === `unread ${p.row.id}`) completed.add(p.row.id);
      await settleIn(deps, trx, p, home);
      p.group = home;
    } else {
      if (home) {
        told.push({ group: home, note: { what: 'moved', to: p.route.channel } });
        await updateGroup(trx, home.id, { moved_to: p.route.channel });
        touched.set(home.id, { ...home, moved_to: p.route.channel });
        const storm = home.storm_id ?? home.unfolded_from;
        if (storm) leftStorms.add(storm);
      }
      homeless.push(p);
    }
  }
  // Read before its signals leave: a card that none is left on still says what it was about, and where that went.
  const left = await summarise(trx, [...touched.keys()]);
  told.push(...(await findHomes(deps, trx, placed, homeless, happened, now)));

  for (const { row, signal, state, group, route: way } of placed) {
    if (!group) continue;
    const before = touched.get(group.id) ?? group;
    const worse = severityRank(signal.severity) > severityRank(before.severity);
    if (worse) risen.add(group.id);
    // An edit notifies nobody; a card that goes out with this commit does, but not one that is folded into a storm.
    if (worse && (group.opened_at < now || group.storm_id) && state !== 'archived')
      told.push({ group, note: { what: 'raised', from: before.severity, to: signal.severity, mention: way.mention } });
    const elsewhere = state !== row.state && row.group_id !== null && !isOurs(row, state, now);
    // Whoever had it there has handed it back, or opened again what nobody was called for any more.
    const unattended = before.deliver === 'post' && (before.taken !== null || before.due_at === null);
    const released = elsewhere && state === 'open' && unattended ? waitsAgain(deps.config, before, now) : undefined;
    if (released) await updateGroup(trx, group.id, released);
    touched.set(group.id, {
      ...before,
      ...(worse ? await worsen(deps, trx, before, signal, way, now) : {}),
      ...released,
    });
    if (elsewhere) {
      const by = { name: signal.triage.by ?? 'Datadog' };
      changes.push({ group, signalId: row.id, from: row.state, triage: { ...signal.triage, state }, by });
      happened(row.id, { at: now, what: 'triaged', state, by, in: 'datadog' });
    }
    if (completed.has(row.id)) told.push({ group, note: { what: 'completed' }, key: `completed:${row.id}` });
  }
  told.push(...(await changesInDatadog(trx, changes, now)));
  await saveGrouped(trx, placed.map(toRow), now);
  const changed = [...touched.values()];
  const news = new Set([
    ...told.map(({ group }) => group.id),
    ...placed.filter(({ row, state }) => row.severity !== null || state !== 'open').map(({ group }) => group?.id),
  ]);
  const later = (group: Group) => (news.has(group.id) ? undefined : drawnLater(config, group, now));
  const drawn = changed.filter((group) => !later(group));
  // A new group was stored as it is, unless another one of its signals is worse.
  await touchGroups(
    trx,
    changed
      .filter((group) => group.opened_at < now || risen.has(group.id))
      .map((group) => ({ ...group, ...(later(group) ?? { drawn_at: now, draw_at: null }) })),
    now,
  );
  await recordEvents(trx, events);
  const finished = await deps.drawing.draw(trx, drawn, told, left);
  // Everything was archived or has moved on: what comes next is a new message.
  for (const id of finished) await updateGroup(trx, id, { closed_at: now });
  // Nobody shall look there for what has gone; while it rages it is drawn again in any case.
  for (const storm of await endedStorms(trx, [...leftStorms])) await deps.drawing.drawStorm(trx, storm);
  const opened = changed.filter((group) => group.opened_at >= now);
  await keepStormsGoing(deps, trx, changed, new Set(opened.map(({ storm_id }) => storm_id)), now);
}

/** Slack is told of a card once in a while only, so signals that merely join are not added up anew each time. */
function drawnLater(
  { timing }: Config,
  { deliver, storm_id, drawn_at, opened_at }: Group,
  now: Date,
): Pick<Group, 'drawn_at' | 'draw_at'> | undefined {
  if (deliver !== 'post' || storm_id || !drawn_at || opened_at >= now) return undefined;
  const at = new Date(drawn_at.getTime() + timing.message_pace);
  return at > now && drawn_at <= now ? { drawn_at, draw_at: at } : undefined;
}

/** A click of ours is changing it to this; it tells that itself. */
function isOurs({ intent }: SignalRow, state: TriageState, now: Date): boolean {
  return intent?.state === state && isUnderWay(intent, now);
}

/** The worst of a message's signals decides whom it mentions, when it escalates and whether it may wait. */
async function worsen(
  { config }: GroupingDeps,
  trx: Trx,
  group: Group,
  { severity }: Signal,
  way: Route,
  now: Date,
): Promise<Partial<Group>> {
  if (group.deliver !== 'post' || way.deliver !== 'post' || way.channel !== group.channel) return { severity };
  const before = waitingSince(group);
  // Others are called for the worse one, when nobody takes it from now on.
  const others = group.escalated_at !== null && way.escalate?.mention !== group.route.escalate?.mention;
  const since = before > now || others ? (heldUntil(severity, way, group.mute, now) ?? now) : before;
  const due = dueFor(config, way, since, group.mute);
  const change = {
    route: way,
    waiting_since: since,
    due_at: earliest(group.due_at, due) ?? null,
    ...(others && { escalated_at: null }),
  };
  await updateGroup(trx, group.id, change);
  return { ...change, severity };
}

function place(config: Config, row: SignalRow): Placed {
  const provisional = row.facts === null;
  const signal = row.facts ?? provisionalSignal(row.doorbell ?? silentDoorbell(row.id), row.received_at);
  // What somebody here did after the question to Datadog left is newer than its answer.
  const outdated = row.triaged_at !== null && row.read_at !== null && row.triaged_at > row.read_at;
  const state = outdated || provisional ? row.state : signal.triage.state;
  const way = route(config, signal);
  return {
    row,
    signal,
    state,
    route: way,
    key: provisional ? `unread ${signal.id}` : keyOf(way, signal),
    group: undefined,
    provisional,
  };
}

/** What waits for the digest is kept apart, or what must be posted at once would wait with it. */
function keyOf(way: Route, signal: Signal): string {
  return way.deliver === 'digest' ? `digest ${groupKey(way, signal)}` : groupKey(way, signal);
}

/** A signal keeps its message, unless it became more severe and now goes somewhere else. */
function leaves({ row, signal, route: way }: Placed, home: Group): boolean {
  if (home.deliver !== 'post') return way.deliver === 'post';
  if (way.deliver !== 'post' || way.channel === home.channel) return false;
  const risen = row.severity !== null && severityRank(signal.severity) > severityRank(row.severity);
  // The card that went out before Datadog could be read may have gone to the wrong channel.
  const learnt = home.key === `unread ${row.id}`;
  return risen || learnt;
}

/** The first signal of a card that went out unread gives the card its real key, so that the next ones join it. */
async function settleIn(
  { config }: GroupingDeps,
  trx: Trx,
  { row, key, route: way, provisional }: Placed,
  home: Group,
): Promise<void> {
  if (provisional || home.key !== `unread ${row.id}`) return;
  const [taken] = await openGroups(trx, [key]);
  if (taken || way.deliver !== home.deliver) return;
  Object.assign(home, { key, route: way, due_at: dueFor(config, way, waitingSince(home), home.mute) });
  await updateGroup(trx, home.id, { key, route: way, due_at: home.due_at });
}

/**
 * A storm's card is drawn at once, then at most once a second. Only what would have been new messages makes it last, as
 * it made it begin: what is folded changes and grows for hours, and meanwhile nothing else in the channel would get a
 * message of its own.
 */
async function keepStormsGoing(
  deps: GroupingDeps,
  trx: Trx,
  changed: readonly Group[],
  grown: ReadonlySet<string | null | undefined>,
  now: Date,
): Promise<void> {
  const channels = new Set(changed.filter((group) => group.storm_id).map((group) => group.channel));
  for (const storm of (await ragingStorms(trx, [...channels])).values()) {
    const lastAt = grown.has(storm.id) ? now : storm.last_at;
    const drawAt = new Date((storm.drawn_at?.getTime() ?? 0) + STORM_DRAW_MS);
    if (drawAt <= now) await deps.drawing.drawStorm(trx, { ...storm, last_at: lastAt });
    const over = new Date(lastAt.getTime() + deps.config.timing.storm_window);
    await updateStorm(trx, storm.id, {
      last_at: lastAt,
      ...(drawAt <= now ? { drawn_at: now, due_at: over } : { due_at: drawAt }),
    });
  }
}

function toRow({ row, signal, state, group, provisional }: Placed): Grouped {
  const done = !provisional || row.work !== 'read';
  return {
    id: row.id,
    read_at: row.read_at,
    severity: signal.severity,
    state,
    events: Math.min(signal.events, LARGEST_INTEGER),
    rule: signal.rule.name || null,
    actor: actorOf(signal) ?? null,
    cluster: onlyCluster(signal)?.name ?? signal.clusters[0]?.name ?? null,
    first_seen: signal.firstSeen,
    last_seen: signal.lastSeen,
    raised_at: signal.at,
    // Not shown anywhere, and not asked for again before Datadog could be read.
    group_id: group?.id ?? (done ? null : NOWHERE),
    triaged: state !== row.state,
    done,
  };
}
