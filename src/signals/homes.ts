/**
 * The group of a signal that has none yet, or leaves the one it had: one that is open, a new one, or one folded into the
 * storm of its channel. Called inside the grouping transaction.
 */
import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Config } from '../config.ts';
import type { Tables } from '../db/tables.ts';
import type { Metrics } from '../metrics.ts';
import type { ReceiptEntry } from './card.ts';
import type { Told } from './drawing.ts';
import {
  type Group,
  insertGroups,
  insertStorm,
  mutesOf,
  openGroups,
  postsSince,
  ragingStorms,
  type Storm,
  updateGroup,
  withoutOpenSignals,
} from './group-store.ts';
import type { Route } from './routing.ts';
import type { Signal, TriageState } from './signal.ts';
import type { SignalRow } from './store.ts';
import { dueFor, heldUntil, waitingSince, waitsAgain } from './waiting.ts';

type Trx = Transaction<Tables>;

export interface HomesDeps {
  config: Config;
  metrics: Pick<Metrics, 'signals'>;
}

/** So many messages a channel takes within `timing.storm_window`; the next one makes it a storm. */
const STORM_AFTER = 4;
/** A group takes new signals for so long after its last one; then people no longer look at that message. */
const GROUP_IDLE_MS = 24 * 3_600_000;

/** One signal on its way to its group. */
export interface Placed {
  row: SignalRow;
  signal: Signal;
  state: TriageState;
  route: Route;
  key: string;
  group: Group | undefined;
  /** Only its doorbell is known. */
  provisional: boolean;
}

/** Finds the group of each of the `homeless` among the batch that is `placed`; returns whom to call. */
export async function findHomes(
  deps: HomesDeps,
  trx: Trx,
  placed: readonly Placed[],
  homeless: readonly Placed[],
  happened: (signalId: string, event: ReceiptEntry) => void,
  now: Date,
): Promise<Told[]> {
  const { config } = deps;
  for (const { row, signal, route: way } of homeless) {
    // What is told nowhere comes by here whenever it changes.
    if (way.deliver === 'off' && row.group_id === null && row.severity === signal.severity) continue;
    happened(row.id, { at: now, what: 'routed', path: way.path, channel: way.channel, deliver: way.deliver });
    deps.metrics.signals.inc({ outcome: way.deliver });
  }
  const wanted = homeless.filter((p) => p.route.deliver !== 'off');
  if (wanted.length === 0) return [];
  const keys = [...new Set(wanted.map((p) => p.key))];
  // Of a group that others of the batch are in there must not be two versions.
  const homes = new Map(placed.flatMap(({ group }) => (group ? [[group.id, group]] : [])));
  const open = new Map((await openGroups(trx, keys)).map((group) => [group.key, homes.get(group.id) ?? group]));
  for (const group of open.values()) {
    if (!isStale(group, now)) continue;
    await updateGroup(trx, group.id, { closed_at: now });
    open.delete(group.key);
  }
  const newKeys = keys.filter((key) => !open.has(key));
  const channels = [...new Set(wanted.map((p) => p.route.channel))];
  const foldable = newKeys.length > 0 || [...open.values()].some((group) => group.storm_id !== null);
  const since = new Date(now.getTime() - config.timing.storm_window);
  const posts = foldable ? await postsSince(trx, channels, since, now) : new Map<string, number>();
  const storms = foldable ? await ragingStorms(trx, channels) : new Map<string, Storm>();
  const mutes = await mutesOf(trx, newKeys, now);
  // What was folded into a storm that is over gets a message of its own as soon as it has news.
  for (const group of open.values()) {
    if (!group.storm_id || storms.get(group.channel)?.id === group.storm_id) continue;
    group.unfolded_from = group.storm_id;
    group.storm_id = await stormFor(trx, group.channel, posts, storms, now);
    await updateGroup(trx, group.id, { storm_id: group.storm_id, unfolded_from: group.unfolded_from });
  }
  const unattended = await withoutOpenSignals(
    trx,
    [...open.values()].filter(callsSomebody).map(({ id }) => id),
    placed.filter(({ state }) => state !== 'open').map(({ row }) => row.id),
  );
  const made: Group[] = [];
  const told: Told[] = [];
  for (const p of wanted) {
    const existing = open.get(p.key);
    const group = existing ?? newGroup(config, p, mutes.get(p.key) ?? null, now);
    if (!existing) {
      const held = waitingSince(group) > now;
      if (group.deliver === 'post' && !held) group.storm_id = await stormFor(trx, group.channel, posts, storms, now);
      open.set(p.key, group);
      made.push(group);
      const { mention } = group.route;
      if (mention) told.push({ group, note: { what: 'folded', severity: group.severity, mention } });
    } else if (p.state === 'open' && unattended.delete(group.id)) {
      // Somebody in Datadog had everything in it; what joins now is nobody's.
      const again = waitsAgain(config, group, now);
      Object.assign(group, again);
      await updateGroup(trx, group.id, again);
    }
    p.group = group;
    happened(p.row.id, { at: now, what: 'grouped', groupId: group.id, first: !existing });
    if (group.storm_id) happened(p.row.id, { at: now, what: 'folded', stormId: group.storm_id });
  }
  await insertGroups(trx, made);
  return told;
}

/** Whoever took it in Slack sees on its card what joins. */
function callsSomebody({ deliver, taken, route: way }: Group): boolean {
  return deliver === 'post' && !taken && way.escalate !== undefined;
}

function isStale(group: Group, now: Date): boolean {
  return now.getTime() - group.last_at.getTime() > GROUP_IDLE_MS;
}

function newGroup(config: Config, { signal, route: way, key }: Placed, muted: Group['mute'], now: Date): Group {
  const mute = signal.severity === 'critical' ? null : muted;
  const since = heldUntil(signal.severity, way, mute, now) ?? now;
  return {
    id: randomUUID(),
    key,
    channel: way.channel,
    route: way,
    deliver: way.deliver,
    severity: signal.severity,
    opened_at: now,
    last_at: now,
    closed_at: null,
    storm_id: null,
    taken: null,
    mute,
    suppression: null,
    moved_to: null,
    escalated_at: null,
    due_at: dueFor(config, way, way.deliver === 'digest' ? now : since, mute),
    waiting_since: since,
    unfolded_from: null,
    drawn_at: now,
    draw_at: null,
  };
}

async function stormFor(
  trx: Trx,
  channel: string,
  posts: Map<string, number>,
  storms: Map<string, Storm>,
  now: Date,
): Promise<string | null> {
  const raging = storms.get(channel);
  if (raging) return raging.id;
  const begun = posts.get(channel) ?? 0;
  posts.set(channel, begun + 1);
  if (begun < STORM_AFTER) return null;
  const storm: Storm = {
    id: randomUUID(),
    channel,
    started_at: now,
    last_at: now,
    ended_at: null,
    drawn_at: null,
    due_at: now,
  };
  await insertStorm(trx, storm);
  storms.set(channel, storm);
  return storm.id;
}
