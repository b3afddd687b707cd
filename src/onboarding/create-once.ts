/**
 * Creating what Datadog would happily create twice. The attempt is written down before the call; when its answer is
 * lost, the thing is looked for a while (lists lag behind) before the call is repeated.
 */
import type { Applied, ApplyContext } from './step.ts';

export async function createOnce(
  { begun, clock, config, remember }: ApplyContext,
  work: { find: () => Promise<{ id: string } | undefined>; create: () => Promise<{ id: string }> },
): Promise<Applied> {
  const found = await work.find();
  if (found) return { outcome: 'done', result: { id: found.id } };
  const tried = (begun.result as { triedAt?: string } | null)?.triedAt;
  const now = clock.now();
  if (tried && now.getTime() - Date.parse(tried) < config.timing.lookup_for) {
    return { outcome: 'wait', finding: { code: 'answer-lost' }, result: begun.result };
  }
  await remember({ triedAt: now.toISOString() });
  const created = await work.create();
  return { outcome: 'done', result: { id: created.id } };
}
