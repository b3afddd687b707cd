/**
 * Every detection rule over audit logs in one list: those of our pack, whether or not Datadog has them, Datadog's own,
 * those of ours that are no part of the pack (made on request, or left out by now), and everybody else's.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { closest } from '../closest.ts';
import type { ORIGINS, RULE_STATES } from '../commands.ts';
import type { Datadog } from '../datadog/client.ts';
import { type ExistingRule, listAuditRules, type RuleSeverity } from '../datadog/rules.ts';
import type { Db } from '../db/database.ts';
import { UserError } from '../errors.ts';
import { differs, isUntouched, severityOf } from './compile.ts';
import { worst } from './draft.ts';
import type { Difference } from './owned-fields.ts';
import type { PackRule, RulePack } from './pack.ts';
import { severitySchema } from './pack-schema.ts';
import { text } from './text.ts';

export type Origin = (typeof ORIGINS)[number];
export type RuleState = (typeof RULE_STATES)[number];

export interface CatalogueRule {
  /** What people type: the pack's id, or Datadog's. */
  key: string;
  name: string;
  origin: Origin;
  state: RuleState;
  severity: RuleSeverity;
  tactics: string[];
  /** Signals we saw of it in the last seven days. */
  signals: number;
  /** Where Datadog has a pack rule otherwise than the pack, field by field. */
  edits: Difference[];
  /** It differs because the pack went on; nobody edited it. */
  outdated: boolean;
  pack: PackRule | undefined;
  existing: ExistingRule | undefined;
}

export interface CatalogueDeps {
  datadog: Datadog;
  db: Db;
  clock: Clock;
  pack: RulePack;
}

const WEEK_MS = 7 * 86_400_000;

export async function catalogue({ datadog, db, clock, pack }: CatalogueDeps): Promise<CatalogueRule[]> {
  const [existing, signals] = await Promise.all([
    listAuditRules(datadog),
    signalsByRule(db, new Date(clock.now().getTime() - WEEK_MS)),
  ]);
  const ofPack = pack.rules.map((rule): CatalogueRule => {
    const found = existing.find(({ packId }) => packId === rule.id);
    const edits = found ? differs(found, rule) : [];
    const outdated = found !== undefined && edits.length > 0 && isUntouched(found);
    return {
      key: rule.id,
      name: rule.title.en,
      origin: 'pack',
      state: stateOf(found, edits.length > 0 && !outdated),
      severity: found ? worstOf(found) : severityOf(rule),
      tactics: tacticsIn(rule.tags),
      signals: signals.get(found?.name ?? rule.title.en) ?? 0,
      edits,
      outdated,
      pack: rule,
      existing: found,
    };
  });
  const known = new Set(ofPack.flatMap(({ existing }) => existing?.id ?? []));
  const others = existing
    .filter(({ id }) => !known.has(id))
    .map((found): CatalogueRule => {
      return {
        key: found.id,
        name: found.name,
        // Ours too: what the configuration leaves out by now.
        origin: found.shipped ? 'shipped' : found.packId ? 'bot' : 'other',
        state: found.enabled ? 'enabled' : 'disabled',
        severity: worstOf(found),
        tactics: tacticsIn(wire.parse(found.wire).tags ?? []),
        signals: signals.get(found.name) ?? 0,
        edits: [],
        outdated: false,
        pack: undefined,
        existing: found,
      };
    });
  return [...ofPack, ...others].sort(
    (a, b) => b.signals - a.signals || a.name.localeCompare(b.name) || a.key.localeCompare(b.key),
  );
}

const wire = z.looseObject({
  cases: z.array(z.looseObject({ status: severitySchema.catch('info') })).catch([]),
  tags: z.array(z.string()).nullish(),
});

function worstOf(found: ExistingRule): RuleSeverity {
  return worst(wire.parse(found.wire).cases.map(({ status }) => status));
}

function stateOf(found: ExistingRule | undefined, edited: boolean): RuleState {
  if (!found) return 'missing';
  if (!found.enabled) return 'disabled';
  return edited ? 'edited' : 'enabled';
}

/** `TA0002-execution` of `tactic:TA0002-execution`. */
function tacticsIn(tags: readonly string[]): string[] {
  return tags.filter((tag) => /^tactic:/i.test(tag)).map((tag) => tag.slice('tactic:'.length));
}

async function signalsByRule(db: Db, since: Date): Promise<Map<string, number>> {
  const { rows } = await sql<{ rule: string; signals: number }>`
    select rule, count(*)::int as signals from signals
    where raised_at > ${since} and rule is not null and via <> 'test' group by rule`.execute(db);
  return new Map(rows.map(({ rule, signals }) => [rule, signals]));
}

export interface Filter {
  words: readonly string[];
  tactic: string | undefined;
  from: Origin | undefined;
  state: RuleState | undefined;
}

export function filtered(rules: readonly CatalogueRule[], { words, tactic, from, state }: Filter): CatalogueRule[] {
  return rules.filter((rule) => {
    const said = [rule.key, rule.name, rule.pack?.title.ja ?? '', ...rule.tactics, rule.origin].join(' ').toLowerCase();
    return (
      words.every((word) => said.includes(word.toLowerCase())) &&
      (tactic === undefined || rule.tactics.some((known) => known.toLowerCase().includes(tactic.toLowerCase()))) &&
      (from === undefined || rule.origin === from) &&
      (state === undefined || rule.state === state)
    );
  });
}

/** By its key, else by its whole name, else by words only one rule has. Throws `UserError` with what was perhaps meant. */
export function findRule(rules: readonly CatalogueRule[], typed: string): CatalogueRule {
  const wanted = typed.trim().toLowerCase();
  const exact = rules.filter(({ key, name, pack, existing }) =>
    [key, name, pack?.title.ja, existing?.id, existing?.name].some((known) => known?.toLowerCase() === wanted),
  );
  const words = { words: wanted.split(/\s+/), tactic: undefined, from: undefined, state: undefined };
  const candidates = exact.length > 0 ? exact : filtered(rules, words);
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  const meant = closest(
    wanted,
    rules.flatMap(({ key, name, pack }) => [key, name, ...(pack ? [pack.title.ja] : [])]),
  );
  throw new UserError((language) =>
    candidates.length > 1
      ? text[language].refusal.ambiguous(
          typed,
          candidates.map(({ key, name }) => ({ key, name })),
        )
      : text[language].refusal.unknownRule(typed, meant),
  );
}
