/** What people did to signals in Datadog, told in the thread: one note for what one person did to many at once. */
import { sql, type Transaction } from 'kysely';
import { anyOf } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import type { Told } from './drawing.ts';
import type { Group } from './group-store.ts';
import type { Triage, TriageState } from './signal.ts';
import type { By } from './words.ts';

export interface ChangeInDatadog {
  group: Group;
  signalId: string;
  from: TriageState;
  triage: Triage;
  by: By;
}

interface ChangeInSlack {
  by: By;
  state: TriageState;
  at: Date;
}

/** Two people who change the same within minutes did not know of each other, and should. */
const CONFLICT_WITHIN_MS = 10 * 60_000;

export async function changesInDatadog(
  trx: Transaction<Tables>,
  changes: readonly ChangeInDatadog[],
  now: Date,
): Promise<Told[]> {
  if (changes.length === 0) return [];
  const inSlack = await recentlyInSlack(trx, changes, new Date(now.getTime() - CONFLICT_WITHIN_MS));
  const alike = Map.groupBy(changes, ({ group, from, triage, by }) =>
    JSON.stringify([group.id, from, triage.state, triage.archiveReason, by]),
  );
  return [...alike.values()].flatMap((same): Told[] => {
    const [first] = same;
    if (!first) return [];
    const { group, from, triage, by } = first;
    const earlier = same.map(({ signalId }) => inSlack.get(signalId)).find((change) => change !== undefined);
    if (earlier) {
      const later = { by, in: 'datadog' as const, state: triage.state, at: triage.at ? new Date(triage.at) : now };
      return [{ group, note: { what: 'conflict', later, earlier: { ...earlier, in: 'slack' } } }];
    }
    const { state, archiveReason: reason } = triage;
    return [
      {
        group,
        note: { what: 'triaged' as const, state, from, by, in: 'datadog' as const, reason, signals: same.length },
      },
    ];
  });
}

/** The last change somebody made here, by signal. */
async function recentlyInSlack(
  trx: Transaction<Tables>,
  changes: readonly ChangeInDatadog[],
  since: Date,
): Promise<Map<string, ChangeInSlack>> {
  const { rows } = await sql<{ signal_id: string; at: Date; by: By; state: TriageState | null }>`
    select distinct on (signal_id) signal_id, at, event -> 'by' as by, event ->> 'state' as state
    from signal_events
    where signal_id = ${anyOf(changes.map(({ signalId }) => signalId))} and at > ${since}
      and event ->> 'in' = 'slack' and event ->> 'what' in ('triaged', 'taken')
    order by signal_id, id desc`.execute(trx);
  return new Map(rows.map(({ signal_id, at, by, state }) => [signal_id, { by, state: state ?? 'under_review', at }]));
}
