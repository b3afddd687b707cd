/** What time brings about: escalation, the daily digest, the end of a mute, the end of a storm, a growing card. */
import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { putMessages } from '../messages/store.ts';
import type { Drawing, Told } from './drawing.ts';
import {
  dueForDigest,
  dueGroups,
  dueStorms,
  type Group,
  lockGrouping,
  type Storm,
  signalIdsOf,
  takeToDraw,
  updateGroup,
  updateStorm,
} from './group-store.ts';
import { signalsUrl } from './links.ts';
import { digestView } from './list-views.ts';
import { groupLines } from './lists.ts';
import { defaultChannel } from './routing.ts';
import { recordEvents } from './store.ts';
import { summarise } from './summaries.ts';
import { waitingSince } from './waiting.ts';

type Trx = Transaction<Tables>;

export interface DueDeps {
  db: Db;
  clock: Clock;
  config: Config;
  drawing: Drawing;
  /** From `auth.test`, for links to messages. */
  workspaceUrl: () => string;
}

const BATCH = 100;
/** A digest is read at breakfast. */
const DIGEST_LINES = 20;
const DAY_MS = 24 * 3_600_000;
/** So few folded groups get messages of their own when the storm is over; more would be another storm. */
const UNFOLD_AT_MOST = 3;

/** Works on groups and storms whose time has come. */
export async function workOnDue(deps: DueDeps): Promise<void> {
  const { db, clock } = deps;
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const now = clock.now();
    for (const storm of await dueStorms(trx, now)) await storms(deps, trx, storm, now);
    await lookAtPosted(deps, trx, await dueGroups(trx, now, BATCH), now);
    await deps.drawing.draw(trx, await takeToDraw(trx, now, BATCH), []);
    const digests = Map.groupBy(
      await dueForDigest(trx, now),
      ({ channel, due_at }) => `${channel} ${due_at?.toISOString()}`,
    );
    for (const told of digests.values()) await digest(deps, trx, told, now);
  });
}

/** The end of a mute, and what waited for it: escalation. */
async function lookAtPosted(deps: DueDeps, trx: Trx, groups: readonly Group[], now: Date): Promise<void> {
  if (groups.length === 0) return;
  const summaries = await summarise(
    trx,
    groups.map((group) => group.id),
  );
  const told: Told[] = [];
  const changed: Group[] = [];
  for (const group of groups) {
    const { escalate: way } = group.route;
    const { counts, severity, test = false } = summaries.get(group.id) ?? {};
    const muteEnds = group.mute && new Date(group.mute.until);
    if (muteEnds && muteEnds > now && severity !== 'critical') {
      await updateGroup(trx, group.id, { due_at: muteEnds });
      continue;
    }
    let current = group;
    if (muteEnds) {
      current = { ...current, mute: null };
      if (counts && counts.open + counts.under_review > 0)
        told.push({
          group: current,
          note: { what: 'unmuted', by: undefined },
          key: `unmuted:${muteEnds.toISOString()}`,
        });
    }
    // A test has no button to take it with.
    const waits = way && !test && !group.taken && (counts?.open ?? 0) > 0 && !group.escalated_at ? way : undefined;
    const escalatesAt = new Date(waitingSince(current).getTime() + (waits?.afterMs ?? 0));
    if (waits && escalatesAt <= now) {
      current = { ...current, escalated_at: now };
      const { mention, afterMs } = waits;
      const key = `escalated:${escalatesAt.toISOString()}`;
      told.push({ group: current, note: { what: 'escalated', mention, afterMs }, key });
      const event = { at: now, what: 'escalated' as const, mention };
      const ids = await signalIdsOf(trx, group.id, ['open']);
      await recordEvents(
        trx,
        ids.map((signalId) => ({ signalId, event })),
      );
    }
    const { mute, escalated_at } = current;
    await updateGroup(trx, group.id, { mute, escalated_at, due_at: waits && escalatesAt > now ? escalatesAt : null });
    if (current !== group) changed.push(current);
  }
  await deps.drawing.draw(trx, changed, told);
}

async function digest(deps: DueDeps, trx: Trx, groups: readonly Group[], now: Date): Promise<void> {
  const { config, drawing } = deps;
  const [first] = groups;
  if (!first) return;
  const ids = groups.map((group) => group.id);
  const lines = await groupLines(trx, deps, { ids, limit: DIGEST_LINES });
  const from = new Date(Math.min(...groups.map((group) => group.opened_at.getTime())));
  const content = digestView(
    {
      from,
      to: now,
      signals: lines.signals,
      lines: lines.lines,
      more: lines.groups - lines.lines.length,
      link: signalsUrl(config, new Date(Math.min(from.getTime(), now.getTime() - DAY_MS)), now),
    },
    drawing.languageOf(first.channel),
  );
  const key = `digest:${first.channel}:${first.due_at?.toISOString() ?? ''}:${first.id}`;
  await putMessages(trx, [{ key, channel: first.channel, content, fallback: defaultChannel(config) }], now);
  await trx.updateTable('signal_groups').set({ due_at: null, closed_at: now }).where('id', 'in', ids).execute();
  await sql`
    insert into signal_events (signal_id, at, event)
    select id, ${now}, jsonb_build_object('what', 'digested', 'channel', ${first.channel}::text)
    from signals where group_id in (${sql.join(ids)})`.execute(trx);
}

/** Either it is time to draw the card again, or nothing came for a while and it is over. */
async function storms({ config, drawing }: DueDeps, trx: Trx, storm: Storm, now: Date): Promise<void> {
  const over = new Date(storm.last_at.getTime() + config.timing.storm_window);
  if (over > now) {
    await drawing.drawStorm(trx, storm);
    await updateStorm(trx, storm.id, { drawn_at: now, due_at: over });
    return;
  }
  const ended = { ...storm, ended_at: now };
  await updateStorm(trx, storm.id, { ended_at: now, due_at: null, drawn_at: now });
  await drawing.drawStorm(trx, ended);
  const folded = await trx
    .selectFrom('signal_groups')
    .selectAll()
    .where('storm_id', '=', storm.id)
    .where('closed_at', 'is', null)
    .limit(UNFOLD_AT_MOST + 1)
    .execute();
  if (folded.length > UNFOLD_AT_MOST) return;
  const apart = { storm_id: null, unfolded_from: storm.id };
  const unfolded = (folded as unknown as Group[]).map((group) => ({ ...group, ...apart }));
  for (const { id } of unfolded) await updateGroup(trx, id, apart);
  await drawing.draw(trx, unfolded, []);
}
