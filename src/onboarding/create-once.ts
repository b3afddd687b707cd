/**
 * Creating what Datadog would happily create twice. The attempt is written down before the call; when its answer is
 * lost, or another run has just made the same, the thing is looked for a while (lists lag behind) before the call is
 * made or repeated.
 */
import { sql } from 'kysely';
import { DatadogError, type DatadogFailureKind } from '../datadog/client.ts';
import type { Db } from '../db/database.ts';
import type { Change } from './change.ts';
import type { Applied, ApplyContext } from './step.ts';

const REFUSALS: ReadonlySet<DatadogFailureKind> = new Set(['denied', 'invalid', 'conflict', 'throttled']);

export async function createOnce(
  { begun, clock, config, db, remember, runId }: ApplyContext,
  change: Change,
  work: { find: () => Promise<{ id: string } | undefined>; create: () => Promise<{ id: string }> },
): Promise<Applied> {
  const found = await work.find();
  if (found) return { outcome: 'done', result: { id: found.id } };
  const tried = (begun.result as { triedAt?: string } | null)?.triedAt;
  const now = clock.now();
  const since = new Date(now.getTime() - config.timing.lookup_for);
  if (tried && Date.parse(tried) > since.getTime())
    return { outcome: 'wait', finding: { code: 'answer-lost' }, result: begun.result };
  if (await madeByAnotherRun(db, runId, change, since)) return { outcome: 'wait', finding: { code: 'shared-busy' } };
  await remember({ triedAt: now.toISOString() });
  try {
    const created = await work.create();
    return { outcome: 'done', result: { id: created.id } };
  } catch (error) {
    // A refusal is an answer: nothing was made, so there is nothing to look for before the next try.
    if (error instanceof DatadogError && REFUSALS.has(error.kind)) await remember(null);
    throw error;
  }
}

/** What is shared beyond a cluster is planned by the runs of several. */
async function madeByAnotherRun(db: Db, runId: string, change: Change, since: Date): Promise<boolean> {
  const { step, target, operation } = change;
  const entry = await db
    .selectFrom('journal')
    .select('id')
    .where('run_id', '!=', runId)
    .where('step', '=', step)
    .where('target', '=', target)
    .where('operation', '=', operation)
    .where('state', 'in', ['begun', 'done'])
    .where((e) => e.or([e('ended_at', '>', since), sql<boolean>`result->>'triedAt' > ${since.toISOString()}`]))
    .executeTakeFirst();
  return entry !== undefined;
}
