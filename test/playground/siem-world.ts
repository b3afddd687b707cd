/** A Datadog organisation whose Cloud SIEM analyses everything, with logs and rules as its tests need them. */
import type { IntakeEntry } from '../../playground/datadog/intake.ts';
import type { Rule } from '../../playground/datadog/rule.ts';
import { auditEntry, type DatadogWorld, execBy, openDatadog } from './datadog-world.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Nothing is raised but by the rules that a test adds. */
export async function openSiem(options: { speed?: number } = {}): Promise<DatadogWorld> {
  const world = await openDatadog(options);
  world.datadog.addSecurityFilter({ name: 'all ingested logs', query: '*', isBuiltin: true });
  for (const rule of world.datadog.rules.all) rule.isEnabled = false;
  world.datadog.detectionDelayMs = 0;
  return world;
}

export interface RuleDraft {
  query?: Record<string, unknown>;
  queries?: Record<string, unknown>[];
  options?: Record<string, unknown>;
  cases?: Record<string, unknown>[];
  [field: string]: unknown;
}

/** Fires at the first exec of a user; a draft changes what its test is about. */
export function addRule(
  { datadog }: DatadogWorld,
  { query, queries, options, cases, ...others }: RuleDraft = {},
): Rule {
  return datadog.addRule({
    name: 'exec into a pod',
    message: 'Ask {{@usr.name}}.',
    tags: ['source:kubernetes.audit', 'tactic:TA0002-execution'],
    queries: queries ?? [{ query: 'source:kubernetes.audit', groupByFields: ['@usr.name'], ...query }],
    options: {
      detectionMethod: 'threshold',
      evaluationWindow: 300,
      keepAlive: 600,
      maxSignalDuration: 3600,
      ...options,
    },
    cases: cases ?? [{ status: 'medium', condition: 'a > 0' }],
    ...others,
  });
}

export function addNewValueRule(
  world: DatadogWorld,
  newValueOptions: Record<string, unknown>,
  draft: RuleDraft = {},
): Rule {
  return addRule(world, {
    query: { aggregation: 'new_value', metrics: ['@usr.name'], groupByFields: ['@aws.awslogs.logGroup'] },
    cases: [{ status: 'medium' }],
    ...draft,
    options: {
      detectionMethod: 'new_value',
      evaluationWindow: 0,
      keepAlive: 0,
      maxSignalDuration: 600,
      newValueOptions,
      ...draft.options,
    },
  });
}

/** A log of this moment arrives, and what follows from it at once has followed. */
export function arrives({ datadog, time, pass }: DatadogWorld, entry: IntakeEntry): void {
  datadog.logs.receive([{ ...entry, timestamp: time.now() }]);
  pass(0);
}

export function execs(world: DatadogWorld, user: string, audit: Record<string, unknown> = {}, over = {}): void {
  arrives(world, auditEntry(execBy(user, audit), over));
}

/** What was raised, shortly. */
export function raised({ datadog }: DatadogWorld): string[] {
  return datadog.signals.map(({ severity, entities, eventsMatched }) => {
    const user = entities.find((entity) => entity.startsWith('@usr.name:'));
    return `${severity} ${user?.slice('@usr.name:'.length) ?? '-'} ${eventsMatched}`;
  });
}
