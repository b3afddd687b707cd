/**
 * The rules of our pack are present, enabled and as we wrote them. Ours are known by tag; names repeat and mean nothing.
 * What people edited is shown as drift and left alone.
 */
import { DatadogError } from '../../datadog/client.ts';
import { createRule, deleteRule, listOwnRules } from '../../datadog/rules.ts';
import { withLease } from '../../db/leases.ts';
import { compileRule, differs, ruleContent } from '../../rules/compile.ts';
import type { Change } from '../change.ts';
import { createOnce } from '../create-once.ts';
import type { NewRule } from '../finding.ts';
import type { Applied, ApplyContext, Step } from '../step.ts';

export const detectionRules: Step = {
  id: 'detection-rules',
  scope: 'organisation',
  async check({ datadog, pack }) {
    if (pack.rules.length === 0)
      return { step: 'detection-rules', state: 'in-sync', finding: { code: 'rules-none-chosen' } };
    const existing = await listOwnRules(datadog);
    const missing: NewRule[] = [];
    const edited: string[] = [];
    for (const rule of pack.rules) {
      const found = existing.find((e) => e.packId === rule.id);
      if (!found) missing.push({ packId: rule.id, title: rule.title.en, content: ruleContent(rule) });
      else if (!found.enabled || differs(found, rule).length > 0) edited.push(rule.title.en);
    }
    if (missing.length > 0)
      return { step: 'detection-rules', state: 'missing', finding: { code: 'rules-missing', missing, edited } };
    if (edited.length > 0)
      return { step: 'detection-rules', state: 'drifted', finding: { code: 'rules-edited', edited } };
    return { step: 'detection-rules', state: 'in-sync', finding: { code: 'rules-in-sync', count: pack.rules.length } };
  },
  plan({ finding }) {
    if (finding.code !== 'rules-missing') return [];
    return finding.missing.map(({ packId, title, content }) => ({
      step: 'detection-rules',
      target: packId,
      operation: 'create-rule',
      values: { title, content },
    }));
  },
  apply(context, change) {
    return withLease(context, 'datadog:rules', context.config.timing.lease * 2, () => applyShared(context, change));
  },
  undo(change) {
    if (change.operation !== 'create-rule') return [];
    return [{ step: 'detection-rules', target: change.target, operation: 'delete-rule', values: change.values }];
  },
};

/** Inside the lease the rules are looked up again: two clusters enabled at once make one set of rules. */
async function applyShared(context: ApplyContext, change: Change): Promise<Applied> {
  const { datadog, pack } = context;
  if (change.operation === 'create-rule') {
    const rule = pack.rules.find((r) => r.id === change.target);
    if (!rule || ruleContent(rule) !== change.values.content)
      return { outcome: 'stop', finding: { code: 'plan-changed' } };
    try {
      return await createOnce(context, change, {
        find: async () => (await listOwnRules(datadog)).find((e) => e.packId === rule.id),
        create: () => createRule(datadog, compileRule(rule)),
      });
    } catch (error) {
      if (!(error instanceof DatadogError) || error.kind !== 'invalid') throw error;
      return { outcome: 'stop', finding: { code: 'rules-rejected', rule: rule.title.en, reasons: error.reasons } };
    }
  }
  if (change.operation === 'delete-rule') {
    const rule = pack.rules.find((r) => r.id === change.target);
    for (const existing of await listOwnRules(datadog)) {
      // A rule that somebody edited is theirs by now: it stays, and the plan said so.
      if (existing.packId === change.target && rule && differs(existing, rule).length === 0)
        await deleteRule(datadog, existing.id);
    }
  }
  return { outcome: 'done' };
}
