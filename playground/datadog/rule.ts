/**
 * A detection rule as the API shows it, and what the server makes of one that is sent: it adds fields, fills
 * defaults and drops empty ones, so that a client may compare only the fields it owns.
 */

/** From least to most severe. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface RuleQuery {
  query: string;
  groupByFields: string[];
  hasOptionalGroupByFields: boolean;
  distinctFields: string[];
  metric?: string;
  metrics?: string[];
  aggregation: string;
  name: string;
  dataSource: string;
}

export interface RuleCase {
  name: string;
  status: Severity;
  notifications: string[];
  /** Absent for new-value rules. */
  condition?: string;
}

export interface NewValueOptions {
  /** Days. */
  forgetAfter?: number;
  /** Days. */
  learningDuration?: number;
  learningMethod?: string;
  learningThreshold?: number;
  instantaneousBaseline?: boolean;
  instantaneousBaselineTimeoutMinutes?: number;
}

/** Durations in seconds. */
export interface RuleOptions {
  detectionMethod: string;
  evaluationWindow?: number;
  maxSignalDuration?: number;
  keepAlive?: number;
  newValueOptions?: NewValueOptions;
  anomalyDetectionOptions?: Record<string, unknown>;
  [option: string]: unknown;
}

export interface RuleAuthor {
  handle: string;
  name: string;
}

export interface Rule {
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  isDefault: boolean;
  isPartner: boolean;
  isEnabled: boolean;
  isBeta: boolean;
  isDeleted: boolean;
  isDeprecated: boolean;
  queries: RuleQuery[];
  options: RuleOptions;
  cases: RuleCase[];
  message: string;
  tags: string[];
  /** The tags a shipped rule cannot lose. */
  defaultTags?: string[];
  hasExtendedTitle: boolean;
  type: string;
  filters: unknown[];
  version: number;
  id: string;
  blocking: boolean;
  metadata: { entities: unknown; sources: unknown };
  creationAuthorId: number;
  creator: RuleAuthor;
  updater: RuleAuthor;
  updateAuthorId?: number;
  updatedAt?: number;
  [passedThrough: string]: unknown;
}

/** What a client may say of a rule; unknown fields of a request are carried along (`referenceTables`, …). */
export type RuleConfiguration = Pick<
  Rule,
  'name' | 'isEnabled' | 'queries' | 'options' | 'cases' | 'message' | 'tags' | 'hasExtendedTitle' | 'type' | 'filters'
> &
  Record<string, unknown>;

type Json = Record<string, unknown>;

const CARRIED = ['referenceTables', 'groupSignalsBy', 'schedulingOptions', 'calculatedFields', 'thirdPartyCases'];

export function configurationOf(sent: Json): RuleConfiguration {
  const options = optionsOf(object(sent.options));
  return {
    name: text(sent.name),
    isEnabled: sent.isEnabled !== false,
    queries: list(sent.queries).map(queryOf),
    options,
    cases: list(sent.cases).map(caseOf),
    message: text(sent.message),
    tags: list(sent.tags).map(String),
    hasExtendedTitle: sent.hasExtendedTitle === true,
    type: text(sent.type) || 'log_detection',
    filters: list(sent.filters),
    ...Object.fromEntries(CARRIED.filter((field) => sent[field] !== undefined).map((field) => [field, sent[field]])),
  };
}

function queryOf(value: unknown): RuleQuery {
  const sent = object(value);
  const sentMetrics = list(sent.metrics).map(String);
  const metric = text(sent.metric) || sentMetrics[0];
  const metrics = sentMetrics.length > 0 ? sentMetrics : metric ? [metric] : [];
  return {
    query: text(sent.query),
    groupByFields: list(sent.groupByFields).map(String),
    hasOptionalGroupByFields: sent.hasOptionalGroupByFields === true,
    distinctFields: list(sent.distinctFields).map(String),
    // `metrics:[]` and `metric:""` vanish; the legacy `metric` is filled from the first of `metrics`.
    ...(metric && { metric, metrics }),
    aggregation: text(sent.aggregation) || 'count',
    name: text(sent.name),
    dataSource: text(sent.dataSource) || 'logs',
  };
}

/** Unnamed queries are a, b, c … in conditions. */
export function labelOf(query: Pick<RuleQuery, 'name'>, index: number): string {
  return query.name || String.fromCharCode(97 + index);
}

function caseOf(value: unknown): RuleCase {
  const sent = object(value);
  return {
    name: text(sent.name),
    status: text(sent.status) as Severity,
    notifications: list(sent.notifications).map(String),
    ...(text(sent.condition) && { condition: text(sent.condition) }),
  };
}

function optionsOf(sent: Json): RuleOptions {
  const { evaluationWindow, detectionMethod, maxSignalDuration, keepAlive, ...others } = sent;
  const options: RuleOptions = {
    ...(typeof evaluationWindow === 'number' && { evaluationWindow }),
    detectionMethod: text(detectionMethod) || 'threshold',
    ...(typeof maxSignalDuration === 'number' && { maxSignalDuration }),
    ...(typeof keepAlive === 'number' && { keepAlive }),
    ...others,
  };
  if (options.detectionMethod === 'anomaly_detection') {
    // Recorded: 900 sent, 1800 answered.
    if (options.evaluationWindow === 900) options.evaluationWindow = 1800;
    options.anomalyDetectionOptions = withBaseline(object(sent.anomalyDetectionOptions));
  }
  if (options.detectionMethod === 'new_value') {
    options.newValueOptions = withBaseline(object(sent.newValueOptions));
  }
  return options;
}

function withBaseline(options: Json): Json {
  return {
    ...options,
    instantaneousBaseline: options.instantaneousBaseline === true,
    instantaneousBaselineTimeoutMinutes: 30,
  };
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
