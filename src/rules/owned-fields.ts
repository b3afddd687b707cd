/**
 * What of a detection rule in Datadog is ours, in one normal form. The server adds fields, drops empty ones and fills
 * defaults, and people may enable a rule, have it notify somebody or tag it: none of that is an edit.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { CONTENT_TAG, type RulePayload } from '../datadog/rules.ts';

const OWNED_TAGS = ['source', 'security', 'tactic', 'technique', 'managed-by', 'eks-audit-id'];

/** The hash of the rest is ours, too, and no part of it. */
export function isOwnedTag(tag: string): boolean {
  return tag.startsWith(CONTENT_TAG) || OWNED_TAGS.some((key) => tag.startsWith(`${key}:`));
}

const text = z
  .string()
  .nullish()
  .transform((value) => (value ?? '').replaceAll('\r\n', '\n').trim());
const names = z
  .array(z.string())
  .nullish()
  .transform((value) => [...(value ?? [])].sort());
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}

const ownedQuery = z
  .object({
    query: text,
    aggregation: text,
    groupByFields: names,
    distinctFields: names,
    metrics: names,
    metric: text,
  })
  .transform(({ metric, metrics, aggregation, ...query }) => ({
    ...query,
    aggregation: aggregation || 'count',
    // `metrics: []` and `metric: ""` vanish on the server, and the one is filled from the other.
    metrics: metrics.length === 0 && metric ? [metric] : metrics,
  }));

const ownedOptions = z
  .object({
    detectionMethod: text,
    evaluationWindow: number,
    keepAlive: number,
    maxSignalDuration: number,
    decreaseCriticalityBasedOnEnv: flag,
    newValueOptions: z
      .object({
        forgetAfter: number,
        learningDuration: number,
        learningMethod: text,
        learningThreshold: number,
        instantaneousBaseline: flag,
      })
      .nullish(),
  })
  .transform(({ evaluationWindow, newValueOptions, ...options }) =>
    // A new-value rule may come back with a window of 0, which means none.
    options.detectionMethod === 'new_value' ? { ...options, newValueOptions } : { ...options, evaluationWindow },
  );

const owned = z.object({
  name: text,
  message: text,
  tags: z
    .array(z.string())
    .nullish()
    .transform((tags) => (tags ?? []).filter((tag) => isOwnedTag(tag) && !tag.startsWith(CONTENT_TAG)).sort()),
  queries: listOf(ownedQuery),
  cases: listOf(
    z.object({
      status: text,
      condition: z
        .string()
        .nullish()
        .transform((condition) => (condition ?? '').replaceAll(' ', '')),
    }),
  ),
  options: ownedOptions,
});

export type OwnedFields = z.infer<typeof owned>;

/** The same for a rule of ours and for what the server made of it. */
export function ownedFields(rule: RulePayload | Readonly<Record<string, unknown>>): OwnedFields {
  return owned.parse(rule);
}

/** One field in which a rule in Datadog is not as we have it. */
export interface Difference {
  /** Such as `queries[0].query` or `options.keepAlive`. */
  path: string;
  ours: unknown;
  theirs: unknown;
}

export function differences(ours: OwnedFields, theirs: OwnedFields): Difference[] {
  return fieldsThatDiffer(ours, theirs, '');
}

function fieldsThatDiffer(ours: unknown, theirs: unknown, path: string): Difference[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length && ours.every(isObject))
    return ours.flatMap((item, index) => fieldsThatDiffer(item, theirs[index], `${path}[${index}]`));
  if (isObject(ours) && isObject(theirs)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
    return keys.flatMap((key) => fieldsThatDiffer(ours[key], theirs[key], path ? `${path}.${key}` : key));
  }
  return [{ path, ours, theirs }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
