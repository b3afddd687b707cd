/**
 * A security signal as the organisation knows it; signal-shapes.ts has the JSON shapes in which the API shows it.
 */
import type { LogEvent } from '../../src/rules/query.ts';
import type { Severity } from './rule.ts';
import type { DatadogUser } from './users.ts';

export interface SignalSample {
  /** `AQAAA…`: the log's id. */
  eventId: string;
  event: LogEvent;
}

export interface SignalRule {
  id: string;
  name: string;
  /** The display name, `Log Detection`, not the API's `log_detection`. */
  type: string;
  detectionMethod: string;
  version: number;
  isDefault: boolean;
  defaultId?: string | undefined;
}

export type SignalState = 'open' | 'under_review' | 'archived';

export interface SignalTriage {
  state: SignalState;
  archiveReason: string;
  archiveComment?: string;
  archiveCommentAtMs?: number;
  archiveCommentUser?: DatadogUser;
  assignee?: DatadogUser;
  incidentIds: number[];
  stateUpdatedAtMs?: number;
  stateUpdatedBy?: DatadogUser;
  /** Whoever changed anything last. */
  updatedBy?: DatadogUser;
}

export interface Signal {
  /** `AQAAA…`. */
  id: string;
  /** When it was raised, milliseconds since the epoch; so are all `…Ms`. */
  timestampMs: number;
  /** Rises with every update; the optimistic lock of triage. */
  version: number;
  severity: Severity;
  title: string;
  /** The rule's message, rendered, without the `%%%` around it. */
  message: string;
  rule: SignalRule;
  ruleCase: { status: Severity; name: string; condition: string; notifications: string[] };
  queries: { name: string; query: string; aggregation: string; groupByFields: string[]; metric?: string }[];
  firstSeenMs: number;
  lastSeenMs: number;
  eventsMatched: number;
  /** `@usr.name` and the like. */
  groupByPaths: string[];
  /** `@usr.id:jane`. */
  entities: string[];
  /** Attributes of the logs that are projected into the signal (`usr`, `network`, …). */
  projected: Record<string, unknown>;
  /** Lower case, as signals show them. */
  tags: string[];
  services: string[];
  host?: string;
  samples: SignalSample[];
  /** The query of the logs behind it, with the group's values. */
  relatedQuery: string;
  triage: SignalTriage;
}
