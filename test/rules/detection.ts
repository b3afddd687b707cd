/** The same events through our own preview and through the detection of the world, in the same words. */
import type { IntakeEntry } from '../../playground/datadog/intake.ts';
import { Datadog } from '../../playground/datadog/state.ts';
import { WorldTime } from '../../playground/time.ts';
import type { RuleOptions, RulePayload, RuleQuery, RuleSeverity } from '../../src/datadog/rules.ts';
import { auditLogEvent } from '../../src/rules/audit-event.ts';
import { backtest } from '../../src/rules/backtest.ts';
import { auditEntry, execBy, START } from '../playground/datadog-world.ts';

export interface Moment {
  /** Milliseconds since the rule began to watch. */
  at: number;
  /** An audit event. */
  event: Record<string, unknown>;
}

/** `medium at 60 s of 2 events`, in order. */
export function previewed(rule: RulePayload, moments: readonly Moment[]): string[] {
  const past = moments.map(({ at, event }) => ({ at, event: auditLogEvent(event) }));
  return backtest(rule, past, 0).map(({ at, severity, events }) => told(severity, at, events));
}

/**
 * Cloud SIEM of an organisation of its own, on a clock that stands still between the events. Before `ruleFromMs` there is
 * no rule: what happened by then is in the index, as its baseline.
 */
export function detected(rule: RulePayload, moments: readonly Moment[], ruleFromMs = 0): string[] {
  let now = START;
  const time = new WorldTime({ clock: { now: () => new Date(now) } });
  const datadog = new Datadog({ time });
  datadog.addUser({ email: 'eks-audit@example.com' });
  datadog.addSecurityFilter({ name: 'all ingested logs', query: '*', isBuiltin: true });
  datadog.detectionDelayMs = 0;
  for (const shipped of datadog.rules.all) shipped.isEnabled = false;
  const before = moments.filter(({ at }) => at < ruleFromMs);
  for (const { at, event } of before) datadog.addLog(logAt(at, event));
  now = START + ruleFromMs;
  datadog.addRule({ ...rule });
  for (const { at, event } of moments.slice(before.length)) {
    now = START + at;
    datadog.logs.receive([logAt(at, event)]);
    time.catchUp();
  }
  time.stop();
  if (time.errors.length > 0) throw new Error('an effect of the world failed', { cause: time.errors[0]?.error });
  return datadog.signals.map((signal) => told(signal.severity, signal.timestampMs - START, signal.eventsMatched));
}

/** Without the tag of an environment, which would take a level off some rules' severities. */
function logAt(at: number, event: Record<string, unknown>): IntakeEntry {
  return auditEntry(event, { timestamp: START + at, ddtags: '' });
}

function told(severity: string, at: number, events: number): string {
  return `${severity} at ${at / 1000} s of ${events} ${events === 1 ? 'event' : 'events'}`;
}

export interface Draft {
  options?: Partial<RuleOptions>;
  /** Threshold: of each query what it looks for and counts. The first is called a. */
  queries?: Partial<RuleQuery>[];
  cases?: [condition: string, severity: RuleSeverity][];
  /** New value: of which attributes, what it learns and when it forgets, in days. */
  of?: string[];
  learn?: number;
  forget?: number;
}

/** Fires at the first exec of a user; a case changes what it is about. */
export function ruleOf({
  options,
  queries = [{}],
  cases = [['a > 0', 'medium']],
  of,
  learn = 0,
  forget = 28,
}: Draft): RulePayload {
  const query = {
    query: 'source:kubernetes.audit',
    groupByFields: of ? [] : ['@usr.name'],
    distinctFields: [],
    dataSource: 'logs' as const,
  };
  const common = {
    name: 'a rule',
    type: 'log_detection' as const,
    isEnabled: true,
    message: '',
    hasExtendedTitle: false,
  };
  if (of) {
    const newValueOptions = {
      forgetAfter: forget,
      learningDuration: learn,
      learningMethod: 'duration' as const,
      learningThreshold: 0 as const,
      instantaneousBaseline: false,
    };
    return {
      ...common,
      tags: [],
      queries: [{ name: '', ...query, aggregation: 'new_value', metrics: of, metric: of[0] ?? '', ...queries[0] }],
      options: { detectionMethod: 'new_value', keepAlive: 0, maxSignalDuration: 600, newValueOptions, ...options },
      cases: [{ name: '', status: 'medium', notifications: [] }],
    };
  }
  return {
    ...common,
    tags: [],
    queries: queries.map((own, i) => ({
      name: 'ab'.charAt(i),
      ...query,
      aggregation: own.distinctFields ? 'cardinality' : 'count',
      ...own,
    })),
    options: {
      detectionMethod: 'threshold',
      evaluationWindow: 300,
      keepAlive: 600,
      maxSignalDuration: 3600,
      ...options,
    },
    cases: cases.map(([condition, status]) => ({ name: '', status, condition, notifications: [] })),
  };
}

/** So many seconds after the rule began to watch, who, and what else is said. */
export type Happening = [atS: number, user: string, audit?: Record<string, unknown>];

export function momentsOf(happenings: readonly Happening[]): Moment[] {
  return happenings.map(([atS, user, audit]) => ({ at: atS * 1000, event: execBy(user, audit) }));
}
