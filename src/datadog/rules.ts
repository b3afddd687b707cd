/**
 * Detection rules in Datadog. Names are not unique and a repeated POST makes a second rule, so ours are found by
 * their tags before anything is created; nothing here is retried.
 */
import { z } from 'zod';
import type { Datadog } from './client.ts';
import { DatadogError } from './client.ts';

export const OWN_TAG = 'managed-by:eks-audit';
export const ID_TAG = 'eks-audit-id:';
/** What we wrote, as a hash: it tells whether people changed a rule since, or only our pack did. */
export const CONTENT_TAG = 'eks-audit-content:';

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
  /** Shipped by Datadog: only switching it on or off, and whom it notifies, can be changed. */
  shipped: boolean;
  /** Of our rule pack, or of a rule made on request; undefined for a rule that is neither. */
  packId: string | undefined;
  /** Hash of what we wrote; undefined for a rule that is not ours. */
  content: string | undefined;
  wire: Record<string, unknown>;
}

/** The most Datadog gives at once. */
const PAGE_SIZE = 100;

const rule = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  isEnabled: z.boolean().default(false),
  isDefault: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
});
const rules = z.looseObject({ data: z.array(rule).nullish() });

/** All rules that carry our mark. New ones may be missing for a while: lists lag behind. */
export async function listOwnRules(datadog: Datadog): Promise<ExistingRule[]> {
  return (await listRules(datadog, OWN_TAG)).filter(({ wire }) => (wire.tags as string[] | null)?.includes(OWN_TAG));
}

/** `query` filters by tags, type and source. */
async function listRules(datadog: Datadog, query: string): Promise<ExistingRule[]> {
  const listed = new Map<string, z.infer<typeof rule>>();
  for (let pageNumber = 0; ; pageNumber++) {
    const page = { pageSize: PAGE_SIZE, pageNumber, query };
    const { data } = rules.parse(await datadog.call('security', 'listSecurityMonitoringRules', page));
    const before = listed.size;
    for (const wire of data ?? []) listed.set(wire.id, wire);
    // The counts in the answer are those of the page, so only a short page tells the end.
    if ((data ?? []).length < PAGE_SIZE || listed.size === before) break;
  }
  return [...listed.values()].map(existingRule);
}

/** Shipped rules are tagged with the short source, most others with the log's own. */
const SOURCES = ['source:kubernetes', 'source:kubernetes.audit'];
const AUDIT_LOGS = /kubernetes\.audit|audit\.k8s\.io/;

/** Every rule over Kubernetes audit logs, whoever made it. */
export async function listAuditRules(datadog: Datadog): Promise<ExistingRule[]> {
  const lists = await Promise.all([OWN_TAG, ...SOURCES].map((query) => listRules(datadog, query)));
  const all = new Map(lists.flat().map((found) => [found.id, found]));
  return [...all.values()].filter(({ packId, wire }) => packId || AUDIT_LOGS.test(JSON.stringify(wire.queries ?? '')));
}

/** The same rule for Terraform, by Datadog's own conversion. */
export async function terraformOf(datadog: Datadog, id: string): Promise<string> {
  const answer = await datadog.call('security', 'convertExistingSecurityMonitoringRule', { ruleId: id });
  return z.looseObject({ terraformContent: z.string() }).parse(answer).terraformContent;
}

/**
 * Switches a rule on or off and leaves the rest of it as it is, whoever it belongs to. A shipped rule takes no more than
 * that; of any other the whole is sent back, because a part would drop the rest.
 */
export async function switchRule(datadog: Datadog, existing: ExistingRule, enabled: boolean): Promise<void> {
  const { wire } = existing;
  const rest = existing.shipped
    ? {}
    : pick(wire, ['name', 'message', 'tags', 'queries', 'options', 'cases', 'filters', 'hasExtendedTitle']);
  const body = { ...rest, isEnabled: enabled };
  await datadog.call('security', 'updateSecurityMonitoringRule', { ruleId: existing.id, body });
}

function pick(wire: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => wire[name] !== undefined).map((name) => [name, wire[name]]));
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
  const tagged = (start: string) => wire.tags?.find((tag) => tag.startsWith(start))?.slice(start.length);
  return {
    id: wire.id,
    name: wire.name,
    enabled: wire.isEnabled,
    shipped: wire.isDefault === true,
    packId: tagged(ID_TAG),
    content: tagged(CONTENT_TAG),
    wire,
  };
}

function isGone(error: unknown): boolean {
  return error instanceof DatadogError && error.kind === 'not-found';
}
