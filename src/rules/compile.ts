/** A rule of the pack as Datadog takes it, and what becomes of one that Datadog has already. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExistingRule, RuleCase, RuleOptions, RulePayload, RuleQuery, RuleSeverity } from '../datadog/rules.ts';
import { CONTENT_TAG, ID_TAG, OWN_TAG } from '../datadog/rules.ts';
import { type Difference, differences, isOwnedTag, ownedFields } from './owned-fields.ts';
import type { PackRule } from './pack.ts';

export function compileRule(rule: PackRule): RulePayload {
  return marked({
    name: rule.title.en,
    type: 'log_detection',
    isEnabled: rule.enabled,
    message: messageFor(rule),
    hasExtendedTitle: rule.title.en.includes('{{'),
    tags: [...rule.tags, OWN_TAG, `${ID_TAG}${rule.id}`],
    queries: queriesOf(rule),
    options: optionsOf(rule),
    cases: casesOf(rule),
  });
}

/** With the hash of what is ours, by which an edit by people is told from a newer pack. */
export function marked(payload: RulePayload): RulePayload {
  const tags = payload.tags.filter((tag) => !tag.startsWith(CONTENT_TAG));
  return { ...payload, tags: [...tags, `${CONTENT_TAG}${contentOf(payload)}`] };
}

/** Whether it is still as this bot wrote it last. One that was written before there was a hash is taken as edited. */
export function isUntouched(existing: Pick<ExistingRule, 'wire' | 'content'>): boolean {
  return existing.content !== undefined && contentOf(existing.wire) === existing.content;
}

/** Twelve hex digits that change when, and only when, something we own in Datadog would. */
function contentOf(rule: RulePayload | Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(ownedFields(rule)))
    .digest('hex')
    .slice(0, 12);
}

/** What mends an edited rule: ours again, but on or off, notifying and tagged as people left it. */
export function repairPayload(rule: PackRule, existing: ExistingRule): RulePayload {
  const wanted = compileRule(rule);
  const theirs = people.parse(existing.wire);
  return {
    ...wanted,
    isEnabled: existing.enabled,
    tags: [...new Set([...wanted.tags, ...theirs.tags.filter((tag) => !isOwnedTag(tag))])],
    cases: wanted.cases.map((wantedCase, index) => ({
      ...wantedCase,
      notifications: theirs.cases[index]?.notifications ?? [],
    })),
  };
}

/** The hash of a rule of the pack. */
export function ruleContent(rule: PackRule): string {
  return contentOf(compileRule(rule));
}

/** Where the rule in Datadog is not as the pack has it. */
export function differs(existing: Pick<ExistingRule, 'wire'>, rule: PackRule): Difference[] {
  return differsFrom(existing, compileRule(rule));
}

/** The same against what was or would be sent. */
export function differsFrom(existing: Pick<ExistingRule, 'wire'>, payload: RulePayload): Difference[] {
  const ours = ownedFields(payload);
  const theirs = ownedFields(existing.wire);
  // A second tactic beside ours is somebody's addition.
  const tags = ours.tags.every((tag) => theirs.tags.includes(tag)) ? ours.tags : theirs.tags;
  return differences(ours, { ...theirs, tags });
}

function messageFor(rule: PackRule): string {
  // Datadog projects the attributes a message mentions into the signal, where triage needs them.
  const facts =
    '{{@usr.name}} ({{@network.client.ip}}) · {{@aws.awslogs.logGroup}} · AWS account {{@aws.awslogs.owner}}';
  const { en, ja } = rule.triage;
  return [
    facts,
    `## What to do first\n${numbered(en)}`,
    ...(ja === en ? [] : [`## 最初に行うこと\n${numbered(ja)}`]),
    `## References\n${rule.references.map((url) => `- ${url}`).join('\n')}`,
  ].join('\n\n');
}

function numbered(steps: readonly string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
}

function queriesOf({ queries, detection, group_by }: PackRule): RuleQuery[] {
  return Object.entries(queries).map(([name, query]) => {
    const common = { query, dataSource: 'logs' as const, groupByFields: [...group_by], distinctFields: [] };
    if (detection.method === 'new_value') {
      const [metric = ''] = detection.of;
      // A named query of new values is refused (DataDog/terraform-provider-datadog#1394).
      return { name: '', ...common, aggregation: 'new_value', metrics: [...detection.of], metric };
    }
    if (!detection.distinct) return { name, ...common, aggregation: 'count' };
    return { name, ...common, aggregation: 'cardinality', distinctFields: [...detection.distinct] };
  });
}

function optionsOf({ detection }: PackRule): RuleOptions {
  const common = {
    keepAlive: detection.keep_alive,
    maxSignalDuration: detection.max_signal_duration,
    ...(detection.decrease_criticality_based_on_env && { decreaseCriticalityBasedOnEnv: true }),
  };
  if (detection.method === 'threshold')
    return { detectionMethod: 'threshold', evaluationWindow: detection.evaluation_window, ...common };
  // An evaluation window has been refused for new values (DataDog/terraform-provider-datadog#1347): left out.
  return {
    detectionMethod: 'new_value',
    ...common,
    newValueOptions: {
      forgetAfter: detection.forget_after_days,
      learningDuration: detection.learn_for_days,
      learningMethod: 'duration',
      learningThreshold: 0,
      instantaneousBaseline: true,
    },
  };
}

function casesOf({ cases }: PackRule): RuleCase[] {
  return cases.map(({ name = '', condition, severity }) => ({
    name,
    status: severity,
    ...(condition !== undefined && { condition }),
    notifications: [],
  }));
}

/** The worst a rule raises. */
export function severityOf({ cases }: Pick<PackRule, 'cases'>): RuleSeverity {
  return cases.map(({ severity }) => severity).reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a));
}

/** From the least to the most severe. */
const RANK: readonly RuleSeverity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** What people decide about a rule of ours. */
const people = z.object({
  tags: z.array(z.string()).default([]),
  cases: z.array(z.object({ notifications: z.array(z.string()).default([]) })).default([]),
});
