/**
 * Detection rules in Datadog. Names are not unique and a repeated POST makes a second rule, so ours are found by
 * their tags before anything is created; nothing here is retried.
 */
import { z } from 'zod';
import type { Datadog } from './client.ts';
import { DatadogError } from './client.ts';

export const OWN_TAG = 'managed-by:eks-audit';
export const ID_TAG = 'eks-audit-id:';

export type RuleSeverity = 'info' | 'low' | 'medium' | 'high' | 'critical';

export interface RuleQuery {
  name: string;
  query: string;
  dataSource: 'logs';
  aggregation: 'count' | 'cardinality' | 'new_value';
  groupByFields: string[];
  distinctFields: string[];
  /** For new values; the first one once more as `metric`, which older readers of the API expect. */
  metrics?: string[];
  metric?: string;
}

/** Durations in seconds, but in `newValueOptions` days. */
export interface RuleOptions {
  detectionMethod: 'threshold' | 'new_value';
  evaluationWindow?: number;
  keepAlive: number;
  maxSignalDuration: number;
  decreaseCriticalityBasedOnEnv?: boolean;
  newValueOptions?: {
    forgetAfter: number;
    learningDuration: number;
    learningMethod: 'duration';
    learningThreshold: 0;
    instantaneousBaseline: boolean;
  };
}

export interface RuleCase {
  name: string;
  status: RuleSeverity;
  /** Without one for new values. */
  condition?: string;
  notifications: string[];
}

/** The body of POST /api/v2/security_monitoring/rules; the wire's casing is the client's. */
export interface RulePayload {
  name: string;
  type: 'log_detection';
  isEnabled: boolean;
  message: string;
  hasExtendedTitle: boolean;
  tags: string[];
  queries: RuleQuery[];
  options: RuleOptions;
  cases: RuleCase[];
}

export interface ExistingRule {
  id: string;
  name: string;
  enabled: boolean;
  /** Of our rule pack; undefined for a rule that is not from it. */
  packId: string | undefined;
  wire: Record<string, unknown>;
}

/** The most Datadog gives at once. */
const PAGE_SIZE = 100;

const rule = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  isEnabled: z.boolean().default(false),
  tags: z.array(z.string()).nullish(),
});
const rules = z.looseObject({ data: z.array(rule).nullish() });

/** All rules that carry our mark. New ones may be missing for a while: lists lag behind. */
export async function listOwnRules(datadog: Datadog): Promise<ExistingRule[]> {
  const listed = new Map<string, z.infer<typeof rule>>();
  for (let pageNumber = 0; ; pageNumber++) {
    const page = { pageSize: PAGE_SIZE, pageNumber, query: OWN_TAG };
    const { data } = rules.parse(await datadog.call('security', 'listSecurityMonitoringRules', page));
    const before = listed.size;
    for (const wire of data ?? []) listed.set(wire.id, wire);
    // The counts in the answer are those of the page, so only a short page tells the end.
    if ((data ?? []).length < PAGE_SIZE || listed.size === before) break;
  }
  return [...listed.values()].filter((wire) => wire.tags?.includes(OWN_TAG)).map(existingRule);
}

/** Undefined when there is no such rule (any more). */
export async function getRule(datadog: Datadog, id: string): Promise<ExistingRule | undefined> {
  try {
    return existingRule(rule.parse(await datadog.call('security', 'getSecurityMonitoringRule', { ruleId: id })));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Has Datadog judge a rule without making it; throws `DatadogError` of kind `invalid` with its reasons. */
export async function validateRule(datadog: Datadog, payload: RulePayload): Promise<void> {
  await datadog.call('security', 'validateSecurityMonitoringRule', { body: { ...payload } });
}

export async function createRule(datadog: Datadog, payload: RulePayload): Promise<ExistingRule> {
  return existingRule(
    rule.parse(await datadog.call('security', 'createSecurityMonitoringRule', { body: { ...payload } })),
  );
}

/**
 * Replaces everything the payload names, `isEnabled` and the notifications of its cases included: start from the rule
 * as it is. The detection method cannot change (DataDog/terraform-provider-datadog#3392).
 */
export async function updateRule(datadog: Datadog, id: string, payload: RulePayload): Promise<ExistingRule> {
  const { type: _, ...body } = payload;
  return existingRule(rule.parse(await datadog.call('security', 'updateSecurityMonitoringRule', { ruleId: id, body })));
}

/** A rule that is already gone is deleted. */
export async function deleteRule(datadog: Datadog, id: string): Promise<void> {
  try {
    await datadog.call('security', 'deleteSecurityMonitoringRule', { ruleId: id });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function existingRule(wire: z.infer<typeof rule>): ExistingRule {
  const idTag = wire.tags?.find((tag) => tag.startsWith(ID_TAG));
  return { id: wire.id, name: wire.name, enabled: wire.isEnabled, packId: idTag?.slice(ID_TAG.length), wire };
}

function isGone(error: unknown): boolean {
  return error instanceof DatadogError && error.kind === 'not-found';
}
