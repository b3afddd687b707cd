/** Buttons that act on the message alone and leave Datadog as it is: [Mute…], and [Post separately] in a storm's list. */
import { UserError } from '../errors.ts';
import { answer, type GroupRequest, ourGroup, recordAll, type TriageDeps } from './acting.ts';
import { type Group, lockGroup, lockGrouping, signalIdsOf, updateGroup } from './group-store.ts';
import type { Note } from './notes.ts';
import { earliest } from './store.ts';
import { text } from './text.ts';

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
      due_at: earliest(locked.due_at, until) ?? until,
    });
    const ids = await signalIdsOf(trx, locked.id, ['open', 'under_review']);
    await recordAll(trx, ids, { at: now, what: 'muted', by: request.userId, until });
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
    const apart = { storm_id: null, unfolded_from: group.storm_id };
    await updateGroup(trx, group.id, apart);
    await drawing.draw(trx, [{ ...group, ...apart }], []);
  });
  deps.nudge('messages');
  await answer(request, text[request.language].done.postedSeparately(channel));
}
