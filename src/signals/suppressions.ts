/**
 * [Suppress…]: Datadog raises no such signal until a date. Whatever reduces sight needs a reason, an end and somebody
 * else's approval, so the dialog shows what it would have hidden, and an approver reads the same.
 */
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { type Approval, countedApprovers, openApproval, rejectedBy } from '../approvals/store.ts';
import { clusterQuery } from '../clusters/query.ts';
import { DatadogError } from '../datadog/client.ts';
import { createSuppression, findSuppression, type NewSuppression } from '../datadog/suppressions.ts';
import { type Db, toJson } from '../db/database.ts';
import { withLease } from '../db/leases.ts';
import type { Tables } from '../db/tables.ts';
import { messageOf, UserError } from '../errors.ts';
import { putMessage } from '../messages/store.ts';
import { approvalPolicy } from '../permissions.ts';
import { quoteValue } from '../rules/query.ts';
import { content, section } from '../slack/blocks.ts';
import { type GroupRequest, ourGroup, type TriageDeps } from './acting.ts';
import type { SuppressionPreview, SuppressionScope } from './card.ts';
import { type Group, groupsById, lockGroup, lockGrouping, updateGroup } from './group-store.ts';
import type { Note } from './notes.ts';
import { actorOf, onlyCluster, type Signal, type SignalCluster } from './signal.ts';
import { suppressionCard } from './suppression-views.ts';
import { text } from './text.ts';

type Trx = Transaction<Tables>;

export type SuppressionDeps = Omit<TriageDeps, 'nudge'> & {
  nudge: (work: 'messages' | 'signals-group' | 'suppressions' | 'approvals') => void;
};

/** What was asked for, as stored and approved. */
interface Wanted {
  scope: SuppressionScope;
  reason: string;
  rule: { id: string; name: string };
  actor: string | undefined;
  cluster: SignalCluster | undefined;
  preview: SuppressionPreview;
}

interface Row {
  id: string;
  group_id: string;
  wanted: Wanted;
  until: Date;
  requested_by: string;
  approval_id: string;
  state: Tables['suppressions']['state'];
  attempted_at: Date | null;
}

const DAY_MS = 24 * 3_600_000;
const PREVIEW_DAYS = 7;
const EXAMPLES = 3;
const MARK = 'managed-by:eks-audit';
/** Longer than the look-up and the creation take together. */
const LEASE_MS = 120_000;

/** By actor and cluster as far as the signal names them; nothing can be suppressed for a rule that is not known. */
export async function previews(db: Db, latest: Signal, now: Date): Promise<SuppressionPreview[]> {
  if (latest.rule.id === undefined) return [];
  const actor = actorOf(latest);
  const cluster = onlyCluster(latest);
  const scopes: SuppressionScope[] = [];
  if (actor !== undefined && cluster) scopes.push('rule-actor-cluster');
  if (actor !== undefined) scopes.push('rule-actor');
  if (cluster) scopes.push('rule-cluster');
  const { rows } = await sql<{ title: string | null; actor: string | null; cluster: string | null }>`
    select facts ->> 'title' as title, actor, cluster from signals
    where rule = ${latest.rule.name} and raised_at > ${new Date(now.getTime() - PREVIEW_DAYS * DAY_MS)}
    order by raised_at desc limit 5000`.execute(db);
  return scopes.map((scope) => {
    const hides = (row: (typeof rows)[number]) =>
      (scope === 'rule-cluster' || row.actor === actor) && (scope === 'rule-actor' || row.cluster === cluster?.name);
    const hidden = rows.filter(hides);
    const kept = rows.filter((row) => !hides(row));
    const titles = (some: typeof rows) =>
      some.slice(0, EXAMPLES).map((row) => [row.title, row.actor, row.cluster].filter(Boolean).join(' · '));
    return {
      scope,
      hidden: hidden.length,
      kept: kept.length,
      days: PREVIEW_DAYS,
      hiddenExamples: titles(hidden),
      keptExamples: titles(kept),
    };
  });
}

/** The dialog was submitted: an approver is asked. */
export async function askSuppression(
  deps: SuppressionDeps,
  request: GroupRequest,
  asked: { scope: string; days: number; reason: string },
): Promise<void> {
  const { db, clock, config, drawing } = deps;
  deps.requireAnalyst(request.person);
  const group = await ourGroup(deps, request);
  const now = clock.now();
  const about = await shownSignal(deps, request, group);
  const preview = about && (await previews(db, about, now)).find(({ scope }) => scope === asked.scope);
  if (!preview || about?.rule.id === undefined) throw new UserError((language) => text[language].refusal.unknownGroup);
  const wanted: Wanted = {
    scope: preview.scope,
    reason: asked.reason,
    rule: { id: about.rule.id, name: about.rule.name },
    actor: preview.scope === 'rule-cluster' ? undefined : actorOf(about),
    cluster: preview.scope === 'rule-actor' ? undefined : onlyCluster(about),
    preview,
  };
  const until = new Date(now.getTime() + asked.days * DAY_MS);
  await db.transaction().execute(async (trx) => {
    await lockGrouping(trx);
    const locked = await lockGroup(trx, group.id);
    if (!locked || (await find(trx, request.id))) return;
    if (locked.suppression) throw new UserError((language) => text[language].refusal.suppressionPending);
    const subject = { action: 'suppress' as const, ...accountOf(config, wanted.cluster), about: wanted.rule.name };
    const approvalId = await openApproval(
      trx,
      {
        subject,
        policy: approvalPolicy(config, subject),
        runId: request.id,
        planHash: hashOf(wanted, until),
        requestedBy: request.userId,
        messageKey: messageKey(request.id),
        expiresAt: new Date(now.getTime() + config.approvals.expires_after),
      },
      now,
    );
    const row = { id: request.id, group_id: group.id, until, requested_by: request.userId, approval_id: approvalId };
    await trx
      .insertInto('suppressions')
      .values({ ...row, wanted: toJson(wanted), state: 'asked' })
      .execute();
    const suppression = { id: request.id, state: 'asked' as const, until: until.toISOString() };
    await updateGroup(trx, group.id, { suppression });
    const { channel } = config.approvals;
    const note: Note = { what: 'suppression-asked', by: request.userId, scope: wanted.scope, until, channel };
    const shown = { ...locked, suppression };
    await drawing.draw(trx, [shown], [{ group: shown, note, key: `${request.id}:asked` }]);
    await showApproval(deps, trx, { ...row, wanted, state: 'asked', attempted_at: null });
  });
  deps.nudge('messages');
  deps.nudge('approvals');
  const sentence = text[request.language].done.suppressionAsked(config.approvals.channel);
  await request.reply(content(sentence, [section(sentence)]));
}

/** What the dialog was about: another one may be the newest by now. A dialog of the version before names none. */
async function shownSignal(
  { db, drawing }: SuppressionDeps,
  { signalId }: GroupRequest,
  group: Group,
): Promise<Signal | undefined> {
  if (signalId === undefined) return (await drawing.card(db, group))?.latest;
  const row = await db
    .selectFrom('signals')
    .select('facts')
    .where('id', '=', signalId)
    .where('group_id', '=', group.id)
    .executeTakeFirst();
  return (row?.facts as Signal | null | undefined) ?? undefined;
}

/** What the approvals desk asks about a suppression, and tells. */
export function createSuppressions(deps: SuppressionDeps) {
  const { db, clock, datadog, drawing, log } = deps;

  async function currentHash(trx: Trx, approval: Approval): Promise<string | undefined> {
    const row = await find(trx, approval.runId);
    return row?.state === 'asked' ? hashOf(row.wanted, row.until) : undefined;
  }

  /** Somebody was counted, or the approval ended; called inside the deciding transaction. */
  async function approvalChanged(trx: Trx, approval: Approval): Promise<void> {
    const row = await find(trx, approval.runId);
    if (row?.state !== 'asked') return;
    await lockGrouping(trx);
    if (approval.state === 'approved') {
      await update(trx, row.id, { state: 'approved', next_at: clock.now() });
      await showApproval(deps, trx, row);
      return;
    }
    await showApproval(deps, trx, row);
    if (approval.state !== 'rejected' && approval.state !== 'expired') return;
    await update(trx, row.id, { state: approval.state, next_at: null });
    const by = await rejectedBy(trx, approval.id);
    await tell(
      trx,
      row,
      null,
      by
        ? { what: 'suppression-rejected', by, reason: approval.reason ?? '' }
        : { what: 'suppression-expired', unanswered: true },
    );
  }

  /** Creates what was approved and says what has ended; see `Queue.define`. */
  async function work(): Promise<Date | undefined> {
    const now = clock.now();
    const due = await db.selectFrom('suppressions').selectAll().where('next_at', '<=', now).execute();
    for (const row of due as unknown as Row[]) {
      if (row.state === 'approved') await create(row);
      else await ended(row);
      deps.nudge('messages');
    }
    const next = await db
      .selectFrom('suppressions')
      .select((e) => e.fn.min('next_at').as('at'))
      .where('next_at', '>', now)
      .executeTakeFirst();
    return next?.at ?? undefined;
  }

  /**
   * Looked up by its name first. A creation whose answer was lost may be missing from Datadog's list for a while, so it
   * is looked for until then before it is repeated.
   */
  async function create(row: Row): Promise<void> {
    const { lookup_for } = deps.config.timing;
    const later = new Date(clock.now().getTime() + lookup_for / 4);
    try {
      const wanted = toDatadog(row);
      const id = await withLease({ db, clock }, `suppression:${row.id}`, LEASE_MS, async () => {
        const existing = await findSuppression(datadog, wanted.name);
        if (existing) return existing.id;
        const now = clock.now();
        if (row.attempted_at && now.getTime() < row.attempted_at.getTime() + lookup_for) return undefined;
        await update(db, row.id, { attempted_at: now });
        return await createSuppression(datadog, wanted);
      });
      if (id === undefined) return update(db, row.id, { next_at: later });
      await db.transaction().execute(async (trx) => {
        await lockGrouping(trx);
        await update(trx, row.id, { state: 'active', datadog_id: id, next_at: row.until });
        const approvers = await countedApprovers(trx, row.approval_id);
        const suppression = { id: row.id, state: 'active' as const, until: row.until.toISOString() };
        await tell(trx, row, suppression, { what: 'suppression-approved', approvers, until: row.until });
      });
    } catch (error) {
      const refused = error instanceof DatadogError && (error.kind === 'invalid' || error.kind === 'denied');
      log.warn({ suppression: row.id, error: messageOf(error), refused }, 'a suppression could not be created');
      if (!refused) return update(db, row.id, { next_at: later });
      await db.transaction().execute(async (trx) => {
        await lockGrouping(trx);
        await update(trx, row.id, { state: 'refused', next_at: null });
        await showApproval(deps, trx, { ...row, state: 'refused' });
        await tell(trx, row, null, { what: 'suppression-refused', cause: messageOf(error) });
      });
    }
  }

  async function ended(row: Row): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await lockGrouping(trx);
      await update(trx, row.id, { state: 'ended', next_at: null });
      await tell(trx, row, null, { what: 'suppression-expired', unanswered: false });
    });
  }

  async function tell(
    trx: Trx,
    row: Row,
    suppression: Parameters<typeof updateGroup>[2]['suppression'] & (object | null),
    note: Note,
  ): Promise<void> {
    await updateGroup(trx, row.group_id, { suppression });
    const [group] = await groupsById(trx, [row.group_id]);
    if (group) await drawing.draw(trx, [group], [{ group, note, key: `${row.id}:${note.what}` }]);
  }

  return { currentHash, approvalChanged, work };
}

async function showApproval({ config, clock, drawing }: SuppressionDeps, trx: Trx, row: Row): Promise<void> {
  const approval = await trx
    .selectFrom('approvals')
    .selectAll()
    .where('id', '=', row.approval_id)
    .executeTakeFirstOrThrow();
  const { required } = approval.policy as { required: number };
  const approvers = await countedApprovers(trx, approval.id);
  const by = await rejectedBy(trx, approval.id);
  const { channel } = config.approvals;
  const card = suppressionCard(
    {
      approvalId: approval.id,
      state: row.state === 'refused' ? 'refused' : approval.state === 'void' ? 'expired' : approval.state,
      requestedBy: row.requested_by,
      scope: { rule: row.wanted.rule.name, actor: row.wanted.actor, cluster: row.wanted.cluster?.name },
      preview: row.wanted.preview,
      until: row.until,
      reason: row.wanted.reason,
      missing: Math.max(0, required - approvers.length),
      expiresAt: approval.expires_at,
      approvers,
      rejection: by ? { by, reason: approval.reason ?? '' } : undefined,
    },
    drawing.languageOf(channel),
  );
  await putMessage(trx, { key: messageKey(row.id), channel, content: card }, clock.now());
}

/** Its name is unique by our own id: that is how it is found again. */
function toDatadog({ id, wanted, until, requested_by }: Row): NewSuppression {
  const { actor, cluster, rule, reason } = wanted;
  const query = [actor && `@usr.name:${quoteValue(actor)}`, cluster && clusterQuery({ ...cluster, region: undefined })];
  return {
    name: `eks-audit ${createHash('sha256').update(id).digest('hex').slice(0, 16)}: ${rule.name}`.slice(0, 200),
    description: `${reason} (asked for by Slack user ${requested_by})`.slice(0, 1000),
    ruleQuery: `type:log_detection ruleId:${rule.id}`,
    suppressionQuery: query.filter(Boolean).join(' '),
    expiresAt: until,
    tags: [MARK],
  };
}

/** Every cluster, where the suppression names none; its tags are not known here, so rules about any tag hold. */
function accountOf(config: TriageDeps['config'], cluster: SignalCluster | undefined) {
  const account = config.aws.accounts.find(({ id }) => id === cluster?.accountId);
  return {
    accountId: cluster?.accountId,
    accountName: account?.name,
    cluster: cluster?.name,
    region: cluster?.region,
  };
}

function hashOf({ scope, rule, actor, cluster, reason }: Wanted, until: Date): string {
  const approved = JSON.stringify([scope, rule.id, actor, cluster, reason, until.toISOString()]);
  return createHash('sha256').update(approved).digest('hex');
}

function messageKey(id: string): string {
  return `suppression:${id}`;
}

async function find(trx: Trx, id: string): Promise<Row | undefined> {
  const row = await trx.selectFrom('suppressions').selectAll().where('id', '=', id).executeTakeFirst();
  return row as unknown as Row | undefined;
}

async function update(
  db: Db | Trx,
  id: string,
  change: { state?: Row['state']; datadog_id?: string; next_at?: Date | null; attempted_at?: Date },
): Promise<void> {
  await db.updateTable('suppressions').set(change).where('id', '=', id).execute();
}
