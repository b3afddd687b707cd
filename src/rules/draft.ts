/**
 * A rule somebody is writing in Slack: what the dialog's steps collect, and what Datadog is sent in the end. It begins
 * with a query, with a pasted Log Explorer address, or with a rule that is there. Pure.
 */
import { z } from 'zod';
import {
  type ExistingRule,
  ID_TAG,
  OWN_TAG,
  type RuleOptions,
  type RulePayload,
  type RuleSeverity,
} from '../datadog/rules.ts';
import { marked } from './compile.ts';
import { comparisonsOf } from './condition.ts';
import { severitySchema } from './pack-schema.ts';

export const METHODS = ['threshold', 'new_value'] as const;

/** Durations in seconds, as Datadog takes them; `keepAlive` ends at six hours. */
export const WINDOWS = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;
export const KEEP_ALIVES = [0, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600] as const;

export const CLUSTER_FIELDS = ['@aws.awslogs.owner', '@aws.awslogs.logGroup'] as const;
export const SOURCE = 'source:kubernetes.audit';
/** Of rules made on request; the pack's ids have no such beginning. */
export const CUSTOM = 'custom-';

export const Draft = z.object({
  query: z.string(),
  /** Where the query is tried: a pasted address brings its own window. */
  from: z.string(),
  to: z.string(),
  method: z.enum(METHODS),
  name: z.string(),
  severity: severitySchema,
  groupBy: z.array(z.string()),
  /** Threshold: count different combinations of these instead of events. */
  distinct: z.array(z.string()),
  moreThan: z.number().int(),
  window: z.number().int(),
  /** New value: of which attributes. */
  of: z.array(z.string()),
  learnDays: z.number().int(),
  forgetDays: z.number().int(),
  keepAlive: z.number().int(),
  maxDuration: z.number().int(),
  message: z.string(),
  tags: z.array(z.string()),
  /** What was done to the query without being asked. */
  notes: z.array(z.enum(['misspelled', 'source-added', 'queries-joined', 'cases-left'])),
  /** The rule it began with. */
  base: z
    .object({
      id: z.string(),
      name: z.string(),
      version: z.number().optional(),
      edit: z.boolean(),
      /** By which it is found again. */
      key: z.string().optional(),
    })
    .optional(),
});
export type Draft = z.infer<typeof Draft>;
export type DraftNote = Draft['notes'][number];

const DAY_MS = 86_400_000;

export function newDraft(typed: string, now: Date): Draft {
  const { query, notes } = cleanQuery(typed);
  return {
    ...EMPTY,
    query,
    notes,
    from: new Date(now.getTime() - DAY_MS).toISOString(),
    to: now.toISOString(),
  };
}

/**
 * What suits a method where nothing is said. Of new values each is a signal of its own, in each cluster
 * (DataDog/documentation#9765 for `keepAlive: 0`).
 */
export const SUITS: Record<Draft['method'], Pick<Draft, 'groupBy' | 'keepAlive' | 'maxDuration'>> = {
  threshold: { groupBy: [...CLUSTER_FIELDS, '@usr.name'], keepAlive: 3600, maxDuration: 21_600 },
  new_value: { groupBy: [...CLUSTER_FIELDS], keepAlive: 0, maxDuration: 600 },
};

const EMPTY: Omit<Draft, 'query' | 'from' | 'to' | 'notes'> = {
  method: 'threshold',
  ...SUITS.threshold,
  name: '',
  severity: 'medium',
  distinct: [],
  moreThan: 0,
  window: 300,
  of: ['@usr.name'],
  learnDays: 7,
  forgetDays: 28,
  message: '',
  tags: [],
};

/** A query as people paste it: the runbook's misspelling mended, typographic quotes straight, the source named. */
export function cleanQuery(typed: string): { query: string; notes: DraftNote[] } {
  const notes: DraftNote[] = [];
  let query = typed.replace(/[“”„]/g, '"').replace(/\s+/g, ' ').trim();
  if (query.includes('kubernetes.aduit')) {
    query = query.replaceAll('kubernetes.aduit', 'kubernetes.audit');
    notes.push('misspelled');
  }
  if (query !== '' && !query.includes('kubernetes.audit')) {
    query = `${SOURCE} ${/\sOR\s/.test(query) ? `(${query})` : query}`;
    notes.push('source-added');
  }
  return { query, notes };
}

/** The query and the window of a Log Explorer address; undefined for any other text. */
export function fromExplorerUrl(typed: string): { query: string; from?: Date; to?: Date } | undefined {
  if (!isAddress(typed) || !URL.canParse(typed)) return undefined;
  const { pathname, searchParams } = new URL(typed);
  const query = searchParams.get('query');
  if (!/^\/logs(\/|$)/.test(pathname) || query === null) return undefined;
  const [from, to] = [searchParams.get('from_ts'), searchParams.get('to_ts')].map(timeOf);
  return { query, ...(from && to && from < to ? { from, to } : {}) };
}

export function isAddress(typed: string): boolean {
  return /^\s*https?:\/\//i.test(typed);
}

function timeOf(text: string | null): Date | undefined {
  const at = text !== null && /^\d{12,14}$/.test(text) ? new Date(Number(text)) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

const wireRule = z.looseObject({
  name: z.string().default(''),
  message: z.string().default(''),
  version: z.number().optional(),
  tags: z.array(z.string()).nullish(),
  queries: z
    .array(
      z.looseObject({
        query: z.string(),
        groupByFields: z.array(z.string()).nullish(),
        distinctFields: z.array(z.string()).nullish(),
        metrics: z.array(z.string()).nullish(),
        aggregation: z.enum(['', 'count', 'cardinality', 'new_value']).nullish(),
      }),
    )
    .min(1),
  cases: z.array(z.looseObject({ status: severitySchema, condition: z.string().nullish() })).min(1),
  options: z.looseObject({
    detectionMethod: z.enum(METHODS),
    evaluationWindow: z.number().nullish(),
    keepAlive: z.number().nullish(),
    maxSignalDuration: z.number().nullish(),
    newValueOptions: z
      .looseObject({ forgetAfter: z.number().nullish(), learningDuration: z.number().nullish() })
      .nullish(),
  }),
});

/** Undefined for a rule of a method this dialog does not know; then only Datadog's own page can change it. */
export function draftOf(existing: ExistingRule, edit: boolean, now: Date): Draft | undefined {
  const read = wireRule.safeParse(existing.wire);
  if (!read.success) return undefined;
  const { name, message, version, tags, queries, cases, options } = read.data;
  const [first] = queries;
  const [ruleCase] = cases;
  const moreThan = mostWithout(ruleCase?.condition ?? '');
  if (!first || !ruleCase || moreThan === undefined) return undefined;
  const begun = newDraft(queries.map(({ query }) => (queries.length > 1 ? `(${query})` : query)).join(' OR '), now);
  const clusterless = CLUSTER_FIELDS.filter((field) => !first.groupByFields?.includes(field));
  const { detectionMethod: method, newValueOptions } = options;
  return {
    ...begun,
    method,
    name: edit ? name : `${name} (copy)`,
    severity: ruleCase.status,
    // A copy tells clusters apart, which shipped rules do not.
    groupBy: [...(edit ? [] : clusterless), ...(first.groupByFields ?? [])],
    distinct: first.distinctFields ?? [],
    moreThan,
    window: options.evaluationWindow || begun.window,
    of: first.metrics?.length ? first.metrics : begun.of,
    learnDays: newValueOptions?.learningDuration ?? begun.learnDays,
    forgetDays: newValueOptions?.forgetAfter ?? begun.forgetDays,
    keepAlive: options.keepAlive ?? begun.keepAlive,
    maxDuration: options.maxSignalDuration ?? begun.maxDuration,
    message,
    tags: (tags ?? []).filter((tag) => !isOurTag(tag)),
    notes: [
      ...begun.notes,
      ...(queries.length > 1 ? (['queries-joined'] as const) : []),
      ...(cases.length > 1 ? (['cases-left'] as const) : []),
    ],
    base: {
      id: existing.id,
      name,
      edit,
      ...(version !== undefined && { version }),
      ...(existing.packId && { key: existing.packId }),
    },
  };
}

/** The number that must be exceeded: 4 of `a >= 5`. Undefined for a condition that says something else. */
function mostWithout(condition: string): number | undefined {
  if (condition.trim() === '') return 0;
  // Several queries become one: what was asked of the first of them is asked of all.
  const [first, ...rest] = comparisonsOf(condition);
  if (!first || rest.some((other) => !other || other.label === first.label)) return undefined;
  const { operator, number } = first;
  if (operator === '>') return Math.floor(number);
  return operator === '>=' ? Math.ceil(number) - 1 : undefined;
}

/** Tags the bot sets itself: a rule must not pass for another one. */
function isOurTag(tag: string): boolean {
  return /^(managed-by|eks-audit-id|eks-audit-content|source):/i.test(tag);
}

/** A list as people type it, without what is ours to say. */
export function tagsIn(typed: string): string[] {
  return [...new Set(wordsIn(typed))].filter((tag) => !isOurTag(tag));
}

/** `id` is the change's own: by it the rule is found again. */
export function payloadOf(draft: Draft, id: string): RulePayload {
  const common = {
    query: draft.query,
    dataSource: 'logs' as const,
    groupByFields: draft.groupBy,
    distinctFields: draft.method === 'threshold' ? draft.distinct : [],
  };
  const [metric = ''] = draft.of;
  return marked({
    name: draft.name,
    type: 'log_detection',
    isEnabled: true,
    message: draft.message.trim() || defaultMessage(draft),
    hasExtendedTitle: draft.name.includes('{{'),
    tags: [...new Set([SOURCE, ...draft.tags, OWN_TAG, `${ID_TAG}${id}`])],
    queries: [
      draft.method === 'new_value'
        ? { name: '', ...common, aggregation: 'new_value', metrics: draft.of, metric }
        : { name: 'a', ...common, aggregation: draft.distinct.length > 0 ? 'cardinality' : 'count' },
    ],
    options: optionsOf(draft),
    cases: [
      {
        name: '',
        status: draft.severity,
        ...(draft.method === 'threshold' && { condition: `a > ${draft.moreThan}` }),
        notifications: [],
      },
    ],
  });
}

function optionsOf(draft: Draft): RuleOptions {
  const { method: detectionMethod, window, keepAlive, maxDuration: maxSignalDuration, learnDays, forgetDays } = draft;
  if (detectionMethod === 'threshold')
    return { detectionMethod, evaluationWindow: window, keepAlive, maxSignalDuration };
  return {
    detectionMethod,
    keepAlive,
    maxSignalDuration,
    newValueOptions: {
      forgetAfter: forgetDays,
      learningDuration: learnDays,
      learningMethod: 'duration',
      learningThreshold: 0,
      instantaneousBaseline: true,
    },
  };
}

/** Datadog projects the attributes a message mentions into the signal, where triage needs them. */
function defaultMessage({ groupBy, of, method }: Draft): string {
  const named = [
    '@usr.name',
    '@network.client.ip',
    ...CLUSTER_FIELDS,
    ...groupBy,
    ...(method === 'new_value' ? of : []),
  ];
  return [...new Set(named)].map((field) => `{{${field}}}`).join(' · ');
}

/**
 * A list as people type it: commas or spaces between, `@` forgotten or not. Names that were `before` are left as they
 * are: without `@` they are tags.
 */
export function fieldsIn(typed: string, before: readonly string[] = []): string[] {
  const isWhole = (name: string) => before.includes(name) || /^[@#]|^(host|source|service|env)$/.test(name);
  return [...new Set(wordsIn(typed).map((name) => (isWhole(name) ? name : `@${name}`)))];
}

/** Commas of either language, or blanks between. */
function wordsIn(typed: string): string[] {
  return typed.split(/[\s,、，]+/).filter(Boolean);
}

export interface DraftProblem {
  field: keyof Draft;
  code: 'empty' | 'too-long' | 'not-a-field' | 'too-many' | 'window' | 'duration' | 'range';
}

const NAME_LIMIT = 200;
const MOST_VALUES = 5;

/** What can be said without asking Datadog; empty when nothing is wrong. */
export function problemsOf(draft: Draft): DraftProblem[] {
  const problems: DraftProblem[] = [];
  const bad = (field: keyof Draft, code: DraftProblem['code']) => void problems.push({ field, code });
  if (draft.name.trim() === '') bad('name', 'empty');
  if (draft.name.length > NAME_LIMIT) bad('name', 'too-long');
  for (const field of ['groupBy', 'distinct', 'of'] as const)
    if (draft[field].some((name) => !/^[@#]?[\w./-]+$/.test(name))) bad(field, 'not-a-field');
  if (draft.method === 'new_value') {
    if (draft.of.length === 0) bad('of', 'empty');
    if (draft.of.length > MOST_VALUES) bad('of', 'too-many');
    if (!(draft.learnDays >= 0 && draft.learnDays <= 30)) bad('learnDays', 'range');
    if (!(draft.forgetDays >= 1 && draft.forgetDays <= 30)) bad('forgetDays', 'range');
  } else {
    if (!(draft.moreThan >= 0 && draft.moreThan <= 1_000_000)) bad('moreThan', 'range');
    if (draft.window > draft.keepAlive) bad('keepAlive', 'window');
  }
  if (draft.keepAlive > draft.maxDuration) bad('maxDuration', 'duration');
  return problems;
}

/** Which input Datadog's own complaint belongs to: the one it names first. */
export function fieldOf(reason: string): keyof Draft | undefined {
  const known: [RegExp, keyof Draft][] = [
    [/quer(y|ies)/i, 'query'],
    [/keep ?alive/i, 'keepAlive'],
    [/max signal duration|maxSignalDuration/i, 'maxDuration'],
    [/evaluation ?window/i, 'window'],
    [/forget ?after/i, 'forgetDays'],
    [/learning ?duration/i, 'learnDays'],
    [/metric/i, 'of'],
    [/distinct/i, 'distinct'],
    [/group/i, 'groupBy'],
    [/name\b/i, 'name'],
    [/condition/i, 'moreThan'],
    [/status|severity/i, 'severity'],
  ];
  const named = known.flatMap(([words, field]) => {
    const at = reason.search(words);
    return at < 0 ? [] : [{ at, field }];
  });
  return named.sort((a, b) => a.at - b.at)[0]?.field;
}

export function worst(severities: readonly RuleSeverity[]): RuleSeverity {
  const order: readonly RuleSeverity[] = ['info', 'low', 'medium', 'high', 'critical'];
  return severities.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'info');
}
