/**
 * The rules of our pack are present, enabled and as we wrote them. Ours are known by tag; names repeat and mean nothing.
 * What people edited is shown field by field and left alone; what only our pack changed is brought up to date. Rules of
 * Datadog's own that ours add to are switched on.
 */
import { DatadogError } from '../../datadog/client.ts';
import {
  createRule,
  deleteRule,
  type ExistingRule,
  getRule,
  listAuditRules,
  listOwnRules,
  switchRule,
  updateRule,
} from '../../datadog/rules.ts';
import { withLease } from '../../db/leases.ts';
import { compileRule, differs, isUntouched, repairPayload, ruleContent } from '../../rules/compile.ts';
import type { PackRule } from '../../rules/pack.ts';
import type { Change } from '../change.ts';
import { createOnce } from '../create-once.ts';
import type { ApartRule, EditedRule, FindingOf, NewRule, ShippedRule } from '../finding.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';

const STEP = 'detection-rules';
/** As step 9 names it. */
const WEBHOOK = '@webhook-eks-audit';

export const detectionRules: Step = {
  id: STEP,
  scope: 'organisation',
  async check({ datadog, pack }) {
    if (pack.rules.length === 0) return { step: STEP, state: 'in-sync', finding: { code: 'rules-none-chosen' } };
    const existing = await listAuditRules(datadog);
    const missing: NewRule[] = [];
    const outdated: NewRule[] = [];
    const edited: EditedRule[] = [];
    for (const rule of pack.rules) {
      const found = existing.find(({ packId }) => packId === rule.id);
      const wanted = { packId: rule.id, title: rule.title.en, content: ruleContent(rule) };
      if (!found) {
        missing.push(wanted);
        continue;
      }
      const fields = differs(found, rule).map(({ path }) => path);
      if (fields.length > 0 && isUntouched(found)) outdated.push(wanted);
      else if (fields.length > 0 || (rule.enabled && !found.enabled))
        edited.push({ title: rule.title.en, key: rule.id, fields });
    }
    const shippedOff = shippedThatServe(pack.rules, existing);
    const apart = apartFrom(existing);
    const more = apart.length > 0 ? { apart } : {};
    if (missing.length + outdated.length + shippedOff.length > 0)
      return {
        step: STEP,
        state: missing.length > 0 ? 'missing' : 'drifted',
        finding: { code: 'rules-missing', missing, outdated, shippedOff, edited, ...more },
      };
    if (edited.length > 0) return { step: STEP, state: 'drifted', finding: { code: 'rules-edited', edited, ...more } };
    return { step: STEP, state: 'in-sync', finding: { code: 'rules-in-sync', count: pack.rules.length, ...more } };
  },
  plan({ finding }) {
    return finding.code === 'rules-missing' ? changesFor(finding) : [];
  },
  apply(context, change) {
    return withLease(context, 'datadog:rules', context.config.timing.lease * 2, () => applyShared(context, change));
  },
  undo(change) {
    const gone = { step: STEP, target: change.target } as const;
    if (change.operation === 'create-rule') return [{ ...gone, operation: 'delete-rule', values: change.values }];
    if (change.operation === 'enable-shipped-rule')
      return [{ ...gone, operation: 'disable-shipped-rule', values: change.values }];
    return [];
  },
};

function changesFor({ missing, outdated, shippedOff }: FindingOf<'rules-missing'>): Change[] {
  return [
    ...missing.map(
      ({ packId, title, content }): Change => ({
        ...{ step: STEP, target: packId },
        ...{ operation: 'create-rule', values: { title, content } },
      }),
    ),
    ...outdated.map(
      ({ packId, title, content }): Change => ({
        ...{ step: STEP, target: packId },
        ...{ operation: 'update-rule', values: { title, content } },
      }),
    ),
    ...shippedOff.map(
      ({ id, name }): Change => ({
        ...{ step: STEP, target: id },
        ...{ operation: 'enable-shipped-rule', values: { title: name } },
      }),
    ),
  ];
}

/** Those a rule of the pack adds to, and none replaces: with both on, the same act would be told twice. */
function shippedThatServe(rules: readonly PackRule[], existing: readonly ExistingRule[]): ShippedRule[] {
  const named = (relation: 'complements' | 'replaces') =>
    new Set(rules.flatMap(({ shipped, enabled }) => (enabled && shipped?.relation === relation ? [shipped.name] : [])));
  const [complemented, replaced] = [named('complements'), named('replaces')];
  return existing
    .filter(({ shipped, enabled, name }) => shipped && !enabled && complemented.has(name) && !replaced.has(name))
    .map(({ id, name }) => ({ id, name }));
}

function apartFrom(existing: readonly ExistingRule[]): ApartRule[] {
  return existing.flatMap(({ name, shipped, packId, wire }): ApartRule[] => {
    if (shipped || packId) return [];
    if (wire.type !== 'log_detection') return [{ name, why: 'other-type' }];
    return JSON.stringify(wire.cases ?? '').includes(`"${WEBHOOK}"`) ? [{ name, why: 'names-webhook' }] : [];
  });
}

/** Inside the lease the rules are looked up again: two clusters enabled at once make one set of rules. */
async function applyShared(context: ApplyContext, change: Change): Promise<Applied> {
  const { datadog, pack } = context;
  const rule = pack.rules.find(({ id }) => id === change.target);
  try {
    switch (change.operation) {
      case 'create-rule':
        if (!rule || ruleContent(rule) !== change.values.content)
          return { outcome: 'stop', finding: { code: 'plan-changed' } };
        return await createOnce(context, change, {
          find: async () => (await listOwnRules(datadog)).find(({ packId }) => packId === rule.id),
          create: () => createRule(datadog, compileRule(rule)),
        });
      case 'update-rule': {
        if (!rule || ruleContent(rule) !== change.values.content)
          return { outcome: 'stop', finding: { code: 'plan-changed' } };
        const found = (await listOwnRules(datadog)).find(({ packId }) => packId === rule.id);
        // Edited a moment ago, or brought up to date by another run: both are left as they are.
        if (found && isUntouched(found) && differs(found, rule).length > 0)
          await updateRule(datadog, found.id, repairPayload(rule, found));
        return { outcome: 'done' };
      }
      case 'delete-rule':
        for (const existing of await listOwnRules(datadog)) {
          // A rule that somebody edited is theirs by now: it stays, and the plan said so.
          if (existing.packId === change.target && isUntouched(existing)) await deleteRule(datadog, existing.id);
        }
        return { outcome: 'done' };
      case 'enable-shipped-rule':
      case 'disable-shipped-rule': {
        const wanted = change.operation === 'enable-shipped-rule';
        const found = await getRule(datadog, change.target);
        if (found && found.enabled !== wanted) await switchRule(datadog, found, wanted);
        return { outcome: 'done' };
      }
      default:
        return { outcome: 'done' };
    }
  } catch (error) {
    if (!(error instanceof DatadogError) || error.kind !== 'invalid') throw error;
    const title = 'title' in change.values ? change.values.title : change.target;
    return { outcome: 'stop', finding: { code: 'rules-rejected', rule: title, reasons: error.reasons } };
  }
}
