/**
 * Changes of detection rules asked for in Slack, from the request to Datadog: the card in the approvals channel, the
 * approval, the call, the reading back. A creation whose answer was lost is looked for before it is repeated, and what
 * somebody changed in Datadog meanwhile is not overwritten.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { type Approval, countedApprovers, findApproval, openApproval, rejectedBy } from '../approvals/store.ts';
import type { Clock } from '../clock.ts';
import type { Config, Language } from '../config.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import {
  CONTENT_TAG,
  createRule,
  deleteRule,
  type ExistingRule,
  getRule,
  listOwnRules,
  type RulePayload,
  switchRule,
  updateRule,
} from '../datadog/rules.ts';
import { permissionFor } from '../datadog/scopes.ts';
import { ruleUrl } from '../datadog/sites.ts';
import type { Db } from '../db/database.ts';
import { withLease } from '../db/leases.ts';
import type { Tables } from '../db/tables.ts';
import { messageOf, UserError } from '../errors.ts';
import { putMessage } from '../messages/store.ts';
import { approvalPolicy } from '../permissions.ts';
import { content, section } from '../slack/blocks.ts';
import { mention } from '../slack/mrkdwn.ts';
import type { Asked } from '../slack/requests.ts';
import { changeCard } from './change-card.ts';
import { differsFrom } from './compile.ts';
import { CUSTOM, type Draft } from './draft.ts';
import type { RulePack } from './pack.ts';
import {
  dueChanges,
  findChange,
  insertAsked,
  nextDueChange,
  offUntil,
  type RuleChange,
  updateChange,
  type Wanted,
} from './store.ts';
import { text } from './text.ts';

type Trx = Transaction<Tables>;

export interface ChangeDeps {
  db: Db;
  datadog: Datadog;
  clock: Clock;
  config: Config;
  pack: RulePack;
  log: Logger;
  nudge: (work: 'messages' | 'approvals' | 'rule-changes') => void;
}

/** The lease that every change of rules is made under, onboarding's too. */
const LEASE = 'datadog:rules';
const DAY_MS = 86_400_000;

/** The tag a rule made on request is known by; an edited one keeps its own. */
export function customId(id: string, draft: Draft): string {
  return (draft.base?.edit && draft.base.key) || `${CUSTOM}${id}`;
}

/** Stores the request and asks the approvers; the same request twice is one. */
export async function askChange(
  deps: ChangeDeps,
  { userId, language }: Pick<Asked, 'userId' | 'language'>,
  asked: { id: string; kind: RuleChange['kind']; wanted: Wanted; until: Date | null },
): Promise<void> {
  const { db, clock, config } = deps;
  const now = clock.now();
  const { id, kind, wanted, until } = asked;
  await db.transaction().execute(async (trx) => {
    const before = await findChange(trx, id, true);
    if (before && before.state !== 'draft') return;
    const waiting = await trx
      .selectFrom('rule_changes')
      .select('wanted')
      .where('state', 'in', ['asked', 'approved'])
      .where('id', '!=', id)
      .execute();
    const same = waiting.some((row) => wanted.rule.id && (row.wanted as Wanted | null)?.rule.id === wanted.rule.id);
    if (same) throw new UserError((said) => text[said].refusal.pending(wanted.rule.name));
    const subject = { action: 'rule-change' as const, about: wanted.rule.name };
    const approvalId = await openApproval(
      trx,
      {
        subject,
        policy: approvalPolicy(config, subject),
        runId: id,
        planHash: hashOf(kind, wanted, until),
        requestedBy: userId,
        messageKey: messageKey(id),
        expiresAt: new Date(now.getTime() + config.approvals.expires_after),
      },
      now,
    );
    await insertAsked(trx, { id, kind, requested_by: userId, language, until, wanted, approvalId }, now);
    await showCard(deps, trx, id);
  });
  deps.nudge('messages');
  deps.nudge('approvals');
}

/** What the approvals desk asks about a change, and tells. */
export function createRuleChanges(deps: ChangeDeps) {
  const { db, clock, datadog, config, log } = deps;

  async function currentHash(trx: Trx, approval: Approval): Promise<string | undefined> {
    const change = await findChange(trx, approval.runId);
    return change?.state === 'asked' && change.wanted ? hashOf(change.kind, change.wanted, change.until) : undefined;
  }

  /** Somebody was counted, or the approval ended; called inside the deciding transaction. */
  async function approvalChanged(trx: Trx, approval: Approval): Promise<void> {
    const change = await findChange(trx, approval.runId);
    if (change?.state !== 'asked') return;
    if (approval.state === 'approved') await updateChange(trx, change.id, { state: 'approved', next_at: clock.now() });
    if (approval.state === 'rejected' || approval.state === 'expired') {
      await updateChange(trx, change.id, { state: approval.state });
      const by = await rejectedBy(trx, approval.id);
      await tell(trx, change, (language) =>
        by ? text[language].note.rejected(mention(by), approval.reason ?? '') : text[language].note.expired,
      );
    }
    await showCard(deps, trx, change.id);
  }

  /** Does what was approved, and switches on again what was off for a time; see `Queue.define`. */
  async function work(): Promise<Date | undefined> {
    for (const change of await dueChanges(db, clock.now())) {
      const again = new Date(clock.now().getTime() + config.timing.lookup_for / 4);
      try {
        await withLease({ db, clock }, LEASE, config.timing.lease * 2, () => carryOut(change, again));
      } catch (error) {
        await failed(change, error, again);
      }
      deps.nudge('messages');
    }
    return nextDueChange(db);
  }

  async function carryOut(change: RuleChange, again: Date): Promise<void> {
    const { wanted, kind } = change;
    if (!wanted) return updateChange(db, change.id, { next_at: null });
    if (change.state === 'active') return switchedOnAgain(change, wanted);
    if (kind === 'create') return created(change, wanted, again);
    const existing = wanted.rule.id ? await getRule(datadog, wanted.rule.id) : undefined;
    if (!existing) {
      if (kind === 'delete') return finish(change, 'done', (language) => text[language].note.deleted);
      return finish(change, 'refused', (language) => text[language].note.gone);
    }
    const version = (existing.wire as { version?: unknown }).version;
    // An edit is of all tags, also those that are no part of what the pack compares.
    const isDone =
      wanted.payload &&
      differsFrom(existing, wanted.payload).length === 0 &&
      (kind !== 'edit' || sameTags((existing.wire.tags as string[] | null) ?? [], wanted.payload.tags));
    // Our own earlier try raised the version, too, and left the rule as it was wanted.
    const moved = wanted.rule.version !== undefined && version !== wanted.rule.version && !isDone;
    if (moved && (kind === 'edit' || kind === 'restore' || kind === 'delete'))
      return finish(change, 'refused', (language) => text[language].note.moved);
    switch (kind) {
      case 'delete':
        await deleteRule(datadog, existing.id);
        return finish(change, 'done', (language) => text[language].note.deleted);
      case 'edit':
        if (wanted.payload && !isDone) await updateRule(datadog, existing.id, kept(wanted.payload, existing));
        return finish(change, 'done', (language) => text[language].note.edited);
      case 'restore':
        // Asked for as "enable": the pack's version comes back, and is on.
        if (wanted.payload && !isDone)
          await updateRule(datadog, existing.id, { ...kept(wanted.payload, existing), isEnabled: true });
        else if (!existing.enabled) await switchRule(datadog, existing, true);
        return finish(change, 'done', (language) => text[language].note.restored);
      case 'enable':
        if (!existing.enabled) await switchRule(datadog, existing, true);
        return finish(change, 'done', (language) => text[language].note.enabled);
      case 'disable': {
        const until = change.until ?? new Date(clock.now().getTime() + DAY_MS);
        // Approved late: switching it off for a moment helps nobody. One that was switched off before a crash goes on.
        if (until <= clock.now() && !change.attempted_at)
          return finish(change, 'refused', (language) => text[language].note.tooLate);
        await updateChange(db, change.id, { attempted_at: clock.now() });
        if (existing.enabled) await switchRule(datadog, existing, false);
        await finish(change, 'active', (language) => text[language].note.disabled(until), until);
      }
    }
  }

  async function created(change: RuleChange, wanted: Wanted, again: Date): Promise<void> {
    const { payload } = wanted;
    if (!payload) return updateChange(db, change.id, { next_at: null });
    const found = (await listOwnRules(datadog)).find(({ packId }) => packId === wanted.rule.key);
    const now = clock.now();
    if (!found && change.attempted_at && now.getTime() < change.attempted_at.getTime() + config.timing.lookup_for)
      return updateChange(db, change.id, { next_at: again });
    if (!found) await updateChange(db, change.id, { attempted_at: now });
    const rule = found ?? (await createRule(datadog, payload));
    // Read back: what was approved is what Datadog runs, or people are told where it differs.
    const stored = (await getRule(datadog, rule.id)) ?? rule;
    const changed = differsFrom(stored, payload).map(({ path }) => path);
    await updateChange(db, change.id, { wanted: { ...wanted, rule: { ...wanted.rule, id: rule.id } } });
    const learnDays = payload.options.newValueOptions?.learningDuration ?? 0;
    const learns = learnDays > 0 ? new Date(now.getTime() + learnDays * DAY_MS) : undefined;
    await finish(change, 'done', (language) => {
      const { note } = text[language];
      return [
        note.created,
        changed.length > 0 ? note.changedByDatadog(changed) : note.verified,
        learns && note.learning(learns),
      ]
        .filter(Boolean)
        .join(language === 'ja' ? '' : ' ');
    });
  }

  /** Somebody may have switched it on, or deleted it, meanwhile: both are fine. */
  async function switchedOnAgain(change: RuleChange, { rule }: Wanted): Promise<void> {
    const existing = rule.id ? await getRule(datadog, rule.id) : undefined;
    // Switched off anew for longer: that one switches it on.
    const until = rule.id ? await offUntil(db, rule.id, change.id) : undefined;
    if (until) return finish(change, 'ended', (language) => text[language].note.offLonger(until));
    if (existing && !existing.enabled) await switchRule(datadog, existing, true);
    await finish(change, 'ended', (language) => text[language].note[existing ? 'ended' : 'gone']);
  }

  async function failed(change: RuleChange, error: unknown, again: Date): Promise<void> {
    const refused = error instanceof DatadogError && (error.kind === 'invalid' || error.kind === 'denied');
    log.warn({ change: change.id, error: messageOf(error), refused }, 'a change of a rule could not be carried out');
    // What was switched off comes on again, however long Datadog refuses.
    if (!refused || change.state === 'active') return updateChange(db, change.id, { next_at: again });
    await finish(change, 'refused', (language) => text[language].note.refused(datadogSays(error, language)));
  }

  async function finish(
    change: RuleChange,
    state: RuleChange['state'],
    said: (language: Language) => string,
    nextAt: Date | null = null,
  ): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const locked = await findChange(trx, change.id, true);
      // Another replica was faster.
      if (!locked || locked.state !== change.state) return;
      await updateChange(trx, change.id, { state, next_at: nextAt });
      await tell(trx, change, said);
      await showCard(deps, trx, change.id);
    });
  }

  /** In the card's thread, and to whoever asked. */
  async function tell(trx: Trx, change: RuleChange, said: (language: Language) => string): Promise<void> {
    const now = clock.now();
    const name = change.wanted?.rule.name ?? '';
    const key = `${messageKey(change.id)}:${change.state}`;
    const inChannel = said(languageOf(config, config.approvals.channel));
    await putMessage(
      trx,
      {
        key,
        channel: config.approvals.channel,
        threadKey: messageKey(change.id),
        content: content(inChannel, [section(inChannel)]),
      },
      now,
    );
    const direct = text[change.language].note.direct(change.kind, name, said(change.language));
    await putMessage(
      trx,
      { key: `${key}:direct`, channel: change.requested_by, content: content(direct, [section(direct)]) },
      now,
    );
  }

  /** A rule of ours, but whom it notifies, whether it is on and how people tagged it is theirs. */
  function kept(payload: RulePayload, existing: ExistingRule): RulePayload {
    const cases = Array.isArray(existing.wire.cases) ? (existing.wire.cases as { notifications?: string[] }[]) : [];
    return {
      ...payload,
      isEnabled: existing.enabled,
      cases: payload.cases.map((one, i) => ({ ...one, notifications: cases[i]?.notifications ?? [] })),
    };
  }

  return { currentHash, approvalChanged, work };
}

/** Our hash is no tag anybody chose. */
function sameTags(one: readonly string[], other: readonly string[]): boolean {
  const chosen = (tags: readonly string[]) => [...new Set(tags.filter((tag) => !tag.startsWith(CONTENT_TAG)))].sort();
  return isDeepStrictEqual(chosen(one), chosen(other));
}

async function showCard({ config, clock }: ChangeDeps, trx: Trx, id: string): Promise<void> {
  const change = await findChange(trx, id);
  if (!change?.wanted || !change.approval_id) return;
  const approval = await findApproval(trx, change.approval_id);
  if (!approval) return;
  const approvers = await countedApprovers(trx, approval.id);
  const by = await rejectedBy(trx, approval.id);
  const { channel } = config.approvals;
  const { rule } = change.wanted;
  const card = changeCard(
    {
      change: { ...change, wanted: change.wanted },
      approvalId: approval.id,
      missing: Math.max(0, approval.policy.required - approvers.length),
      expiresAt: approval.expiresAt,
      approvers,
      rejection: by ? { by, reason: approval.reason ?? '' } : undefined,
      url: rule.id ? ruleUrl(config, rule.id) : undefined,
    },
    languageOf(config, channel),
  );
  await putMessage(trx, { key: messageKey(id), channel, content: card }, clock.now());
}

function languageOf(config: Config, channel: string): Language {
  return config.channels[channel]?.language ?? config.language;
}

function messageKey(id: string): string {
  return `rule-change:${id}`;
}

function hashOf(kind: RuleChange['kind'], { rule, payload, reason }: Wanted, until: Date | null): string {
  const approved = JSON.stringify(sorted([kind, rule.id, rule.key, payload, reason, until?.toISOString()]));
  return createHash('sha256').update(approved).digest('hex');
}

/** The database keeps no order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** A failure of Datadog's in words for a person. */
export function datadogSays(error: DatadogError, language: Language): string {
  const { refusal } = text[language];
  const scope = permissionFor(error.method);
  if (error.kind === 'denied' && scope) return refusal.datadogDenied(scope);
  if (error.kind === 'unreachable' || error.kind === 'throttled') return refusal.datadogUnreachable;
  return refusal.datadogRefused(error.reasons.join('; ') || error.kind);
}
