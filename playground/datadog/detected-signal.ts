/**
 * Writes the signal of what a rule found, and keeps it up to date while more is found. The raised message and title
 * stay as they were (DataDog/documentation content/en/security/notifications/variables.md): counts in them lag.
 */
import { quoteValue } from '../../src/rules/query.ts';
import type { GroupValues } from './detection-groups.ts';
import type { Evidence } from './evidence.ts';
import { mentionedAttributes, rendered } from './message-template.ts';
import type { Rule, RuleCase, Severity } from './rule.ts';
import { SEVERITIES } from './rule.ts';
import type { Signal } from './signal.ts';

export interface Found {
  rule: Rule;
  /** The id of a shipped rule in Datadog's documentation. */
  defaultId?: string | undefined;
  ruleCase: RuleCase;
  group: GroupValues;
  evidence: Evidence;
}

/** Which attributes of the logs the rule's signals show: those it groups by, and those its texts mention. */
export function projectedPaths(rule: Rule): Set<string> {
  const grouped = rule.queries.flatMap((query) => query.groupByFields).filter((path) => path.startsWith('@'));
  const metrics = rule.queries.flatMap((query) => (query.aggregation === 'new_value' ? (query.metrics ?? []) : []));
  return new Set([...grouped, ...metrics, ...mentionedAttributes(`${rule.name} ${rule.message}`)]);
}

export function signalOf(found: Found, id: string, atMs: number): Signal {
  const { rule, ruleCase, group, evidence } = found;
  const severity = severityOf(found);
  const facts = { rule, caseName: ruleCase.name, severity, atMs, evidence };
  const name = rendered(rule.name, facts);
  return {
    id,
    timestampMs: atMs,
    version: 1,
    severity,
    // "PAM Configuration Files Modification - pam_modification" is a recorded title: rule and case.
    title: ruleCase.name ? `${name} - ${ruleCase.name}` : name,
    message: rendered(rule.message, facts),
    rule: {
      id: rule.id,
      name: rule.name,
      type: displayType(rule.type),
      detectionMethod: rule.options.detectionMethod,
      version: rule.version,
      isDefault: rule.isDefault,
      ...(found.defaultId && { defaultId: found.defaultId }),
    },
    ruleCase: caseShown(ruleCase),
    queries: rule.queries.map(({ name: label, query, aggregation, groupByFields, metric }) => ({
      name: label,
      query,
      aggregation,
      groupByFields,
      ...(metric && { metric }),
    })),
    groupByPaths: [...group.paths],
    relatedQuery: relatedQuery(rule, group),
    ...growing(found),
    triage: { state: 'open', archiveReason: 'none', incidentIds: [] },
  };
}

/** Brings an open signal up to date; whether its severity rose. An archived one grows as well [inferred]. */
export function grow(signal: Signal, found: Found): boolean {
  const rose = SEVERITIES.indexOf(severityOf(found)) > SEVERITIES.indexOf(signal.severity);
  if (rose) {
    signal.severity = severityOf(found);
    signal.ruleCase = caseShown(found.ruleCase);
  }
  Object.assign(signal, growing(found));
  signal.version += 1;
  return rose;
}

type Growing = Pick<
  Signal,
  'firstSeenMs' | 'lastSeenMs' | 'eventsMatched' | 'entities' | 'projected' | 'tags' | 'services' | 'host' | 'samples'
>;

function growing({ rule, group, evidence }: Found): Growing {
  return {
    firstSeenMs: evidence.firstSeenMs,
    lastSeenMs: evidence.lastSeenMs,
    eventsMatched: evidence.eventsMatched,
    entities: entitiesOf(group, evidence),
    projected: nested(evidence),
    tags: signalTags(rule, evidence.tags),
    services: [...evidence.services],
    ...(evidence.host && { host: evidence.host }),
    samples: [...evidence.samples],
  };
}

/** Recorded: a signal has the tags of its logs beside those of its rule, all in lower case. */
export function signalTags(rule: Rule, logTags: Iterable<string>): string[] {
  return [...new Set([...rule.tags, ...logTags].map((tag) => tag.toLowerCase()))];
}

/** The fields Datadog takes for people and machines [inferred from the recorded entities]. */
const ENTITY_PATHS = ['@usr.id', '@usr.name', '@network.client.ip', 'host'];

function entitiesOf({ paths, values }: GroupValues, evidence: Evidence): string[] {
  const grouped = paths.flatMap((path, index) => (ENTITY_PATHS.includes(path) ? [`${path}:${values[index]}`] : []));
  const seen = ENTITY_PATHS.flatMap((path) => evidence.valuesAt(path).map((value) => `${path}:${value}`));
  return [...new Set([...grouped, ...seen, ...(evidence.host ? [`host:${evidence.host}`] : [])])];
}

/** One value stands alone, several are a list. */
function nested({ values }: Evidence): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, found] of values) {
    if (found.size === 0) continue;
    const names = path.slice(1).split('.');
    if (names.includes('__proto__')) continue;
    let target = root;
    for (const name of names.slice(0, -1)) {
      const inner = Object.hasOwn(target, name) ? target[name] : undefined;
      const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
      target[name] = next;
      target = next;
    }
    const all = [...found];
    target[names.at(-1) ?? ''] = all.length === 1 ? all[0] : all;
  }
  return root;
}

function caseShown({ status, name, condition = '', notifications }: RuleCase): Signal['ruleCase'] {
  return { status, name, condition, notifications };
}

/** One level lower where the environment is none that matters, if the rule says so. */
function severityOf({ rule, ruleCase, evidence }: Found): Severity {
  const isMinor = [...evidence.tags].some((tag) => /^env:(staging|test|dev)/.test(tag));
  if (rule.options.decreaseCriticalityBasedOnEnv !== true || !isMinor) return ruleCase.status;
  return SEVERITIES[Math.max(0, SEVERITIES.indexOf(ruleCase.status) - 1)] ?? ruleCase.status;
}

/** `log_detection` is shown as `Log Detection`. */
function displayType(type: string): string {
  return type.replace(/(^|_)([a-z])/g, (_, gap: string, letter: string) => (gap ? ' ' : '') + letter.toUpperCase());
}

function relatedQuery(rule: Rule, { paths, values }: GroupValues): string {
  const queries = rule.queries.map(({ query }) => `(${query})`);
  const rules = queries.length === 1 ? queries[0] : `(${queries.join(' OR ')})`;
  const group = paths.flatMap((path, index) => {
    const value = values[index];
    return value === undefined ? [] : [`${path}:${quoteValue(String(value))}`];
  });
  return [rules, ...group].join(' ');
}
