/** What time brings about: escalation, the daily digest, the end of a mute, the end of a storm. */
import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { putMessages } from '../messages/store.ts';
import type { Drawing, Told } from './drawing.ts';
import {
  dueGroups,
  dueStorms,
  type Group,
  lockGrouping,
  type Storm,
  signalIdsOf,
  summarise,
  updateGroup,
  updateStorm,
} from './group-store.ts';
import { signalsUrl } from './links.ts';
import { digestView } from './list-views.ts';
import { groupLines } from './lists.ts';
import { recordEvents } from './store.ts';

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

/** Works on groups and storms whose time has come; true when there may be more. */
export async function workOnDue(deps: DueDeps): Promise<boolean> {
  const { db, clock } = deps;
  return await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const now = clock.now();
    for (const storm of await dueStorms(trx, now)) await storms(deps, trx, storm, now);
    const groups = await dueGroups(trx, now, BATCH);
    await escalate(
      deps,
      trx,
      groups.filter((group) => group.deliver === 'post'),
      now,
    );
    const digests = Map.groupBy(
      groups.filter((group) => group.deliver === 'digest'),
      (group) => `${group.channel} ${group.due_at?.toISOString()}`,
    );
    for (const told of digests.values()) await digest(deps, trx, told, now);
    return groups.length === BATCH;
  });
}

async function escalate(deps: DueDeps, trx: Trx, groups: readonly Group[], now: Date): Promise<void> {
  if (groups.length === 0) return;
  const summaries = await summarise(
    trx,
    groups.map((group) => group.id),
  );
  const told: Told[] = [];
  const changed: Group[] = [];
  for (const group of groups) {
    const { escalate: way } = group.route;
    const open = summaries.get(group.id)?.counts.open ?? 0;
    const muted = group.mute !== null && new Date(group.mute.until) > now;
    if (muted && !group.taken && open > 0) {
      await updateGroup(trx, group.id, { due_at: new Date(group.mute?.until ?? now) });
      continue;
    }
    await updateGroup(trx, group.id, { due_at: null });
    if (!way || group.taken || open === 0 || group.escalated_at) continue;
    const escalated = { ...group, escalated_at: now };
    await updateGroup(trx, group.id, { escalated_at: now });
    changed.push(escalated);
    told.push({
      group: escalated,
      note: { what: 'escalated', mention: way.mention, afterMs: way.afterMs },
      key: 'escalated',
    });
    const ids = await signalIdsOf(trx, group.id, ['open']);
    const event = { at: now, what: 'escalated' as const, mention: way.mention };
    await recordEvents(
      trx,
      ids.map(({ id }) => ({ signalId: id, event })),
    );
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
  await putMessages(trx, [{ key, channel: first.channel, content }], now);
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
  const unfolded = (folded as unknown as Group[]).map((group) => ({ ...group, storm_id: null }));
  for (const { id } of unfolded) await updateGroup(trx, id, { storm_id: null });
  await drawing.draw(trx, unfolded, []);
}
