/** The buttons of a signal's message that change it in Datadog: take, hand back, archive, reopen. */
import { UserError } from '../errors.ts';
import { type Acting, answer, begin, type GroupRequest, settle, type TriageDeps } from './acting.ts';
import { assign, changeState, datadogUser, type Outcome } from './changing.ts';
import type { ArchiveReason } from './signal.ts';
import { text } from './text.ts';
import { waitsAgain } from './waiting.ts';

export async function take(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const acting = await begin(deps, request, ['open', 'under_review'], 'under_review');
  if (!acting) return;
  const t = text[request.language];
  const by = (await deps.drawing.card(deps.db, acting.group))?.taken?.by;
  const user = await datadogUser(deps, request.person);
  const own = by && ('userId' in by ? by.userId === request.userId : by.name === user?.name);
  if (by && !own) throw new UserError((language) => text[language].refusal.alreadyTaken(by));
  // Of a message of one's own, what has joined it since.
  const signals = acting.signals.filter(({ state, begun }) => !own || begun || state === 'open');
  // A double click.
  if (signals.length === 0) return answer(request, t.done.taken(acting.signals.length));
  const outcome = await changeState(deps, { ...acting, signals });
  const assigned = await assign(deps, outcome, user?.uuid);
  const withoutAssignee = !user || !assigned;
  const n = outcome.changed.length;
  await settle(deps, { ...acting, signals }, outcome, {
    group: ({ taken }, now) => {
      const before = own ? taken : null;
      return {
        taken: {
          by: { userId: request.userId },
          at: before?.at ?? now.toISOString(),
          withoutAssignee: withoutAssignee || (before?.withoutAssignee ?? false),
        },
      };
    },
    note: { ...triagedBy(acting), signals: n, withoutAssignee },
    event: { what: 'taken', by: { userId: request.userId }, in: 'slack' },
    said: [t.done.taken(n), withoutAssignee ? t.done.withoutAssignee : ''].filter(Boolean).join(' '),
  });
}

export async function release(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const acting = await begin(deps, request, ['open', 'under_review'], 'open');
  if (!acting) return;
  const card = await deps.drawing.card(deps.db, acting.group);
  const t = text[request.language];
  // A double click.
  if (!card?.taken && acting.signals.every(({ state, begun }) => state === 'open' && !begun))
    return answer(request, t.done.already);
  const outcome = await handBack(deps, acting);
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: (group, now) => waitsAgain(deps.config, group, now),
    note: { ...triagedBy(acting), signals },
    event: { ...triagedBy(acting) },
    said: t.done.released(signals),
  });
}

export async function archive(
  deps: TriageDeps,
  request: GroupRequest,
  { reason, comment }: { reason: ArchiveReason; comment: string },
): Promise<void> {
  const acting = await begin(deps, request, ['open', 'under_review'], 'archived');
  if (!acting) return;
  // Datadog records every change under the owner of the key; only a comment can name the person.
  const by = `${comment ? `${comment} ` : ''}(by ${request.person.name} via eks-audit)`;
  const outcome = await changeState(deps, acting, { archiveReason: reason, archiveComment: by });
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: () => ({}),
    note: { ...triagedBy(acting), signals, reason, comment: comment || undefined },
    event: { ...triagedBy(acting), reason, ...(comment && { comment }) },
    said: text[request.language].done.archived(signals, reason),
  });
}

export async function reopen(deps: TriageDeps, request: GroupRequest): Promise<void> {
  const acting = await begin(deps, request, ['archived'], 'open');
  if (!acting) return;
  const outcome = await handBack(deps, acting);
  const signals = outcome.changed.length;
  await settle(deps, acting, outcome, {
    group: (group, now) => waitsAgain(deps.config, group, now),
    note: { ...triagedBy(acting), from: 'archived', signals },
    event: { ...triagedBy(acting) },
    said: text[request.language].done.reopened(signals),
  });
}

function triagedBy({ request, wanted }: Acting) {
  return { what: 'triaged' as const, state: wanted, by: { userId: request.userId }, in: 'slack' as const };
}

/** Open for anybody: nobody has it in Datadog any more, either. */
async function handBack(deps: TriageDeps, acting: Acting): Promise<Outcome> {
  const outcome = await changeState(deps, acting);
  await assign(deps, outcome, undefined);
  return outcome;
}
