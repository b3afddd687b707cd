/**
 * Creating what Datadog would happily create twice. The attempt is written down before the call; when its answer is
 * lost, or another run has just made the same, the thing is looked for a while (lists lag behind) before the call is
 * made or repeated.
 */
import { DatadogError, type DatadogFailureKind } from '../datadog/client.ts';
import type { Change } from './change.ts';
import { madeByAnotherRun, type Tried } from './journal.ts';
import type { Applied, ApplyContext } from './step.ts';

const REFUSALS: ReadonlySet<DatadogFailureKind> = new Set(['denied', 'invalid', 'conflict', 'throttled']);

export async function createOnce(
  { begun, clock, config, db, remember, runId }: ApplyContext,
  change: Change,
  work: { find: () => Promise<{ id: string } | undefined>; create: () => Promise<{ id: string }> },
): Promise<Applied> {
  const found = await work.find();
  if (found) return { outcome: 'done', result: { id: found.id } };
  const tried = (begun.result as Tried | null)?.triedAt;
  const now = clock.now();
  const since = new Date(now.getTime() - config.timing.lookup_for);
  if (tried && Date.parse(tried) > since.getTime())
    return { outcome: 'wait', finding: { code: 'answer-lost' }, result: begun.result };
  if (await madeByAnotherRun(db, runId, change, since)) return { outcome: 'wait', finding: { code: 'shared-busy' } };
  await remember({ triedAt: now.toISOString() } satisfies Tried);
  try {
    const created = await work.create();
    return { outcome: 'done', result: { id: created.id } };
  } catch (error) {
    // A refusal is an answer: nothing was made, so there is nothing to look for before the next try.
    if (error instanceof DatadogError && REFUSALS.has(error.kind)) await remember(null);
    throw error;
  }
}
