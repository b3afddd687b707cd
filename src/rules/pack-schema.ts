/**
 * What a file of the rule pack (`rules/*.yaml`) may say, with the messages its author reads when it says something
 * else. Allowed values are Datadog's own, so that a wrong one is found here and not by its API.
 */
import { z } from 'zod';
import { durationSchema } from '../config-values.ts';
import { comparisonsOf } from './condition.ts';
import { parseQuery } from './query.ts';

/** Seconds. All of Datadog's durations; `keepAlive` stops at six hours (recorded answer of its API). */
const SECONDS: Readonly<Record<string, number>> = {
  '0s': 0,
  '1m': 60,
  '5m': 300,
  '10m': 600,
  '15m': 900,
  '30m': 1800,
  '1h': 3600,
  '2h': 7200,
  '3h': 10_800,
  '6h': 21_600,
  '12h': 43_200,
  '1d': 86_400,
};
const LONGEST_KEEP_ALIVE = 21_600;

const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
const SOURCE = 'kubernetes.audit';

const text = z.string({ error: 'expected a text' }).trim().min(1, 'is empty; write a text');
const japanese = text.regex(JAPANESE, 'holds no Japanese; translate the English text');
/** Whoever writes for colleagues who all read English needs no Japanese; they read English everywhere then. */
const bilingual = z
  .strictObject({ en: text, ja: japanese.optional() }, { error: 'expected texts in en and ja' })
  .transform(({ en, ja = en }) => ({ en, ja }));
const attribute = z
  .string({ error: 'expected an attribute such as @usr.name' })
  .regex(/^@[\w./-]+$/, 'is not an attribute; write for example @usr.name');

const query = text.superRefine((value, ctx) => {
  try {
    parseQuery(value);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: `is not a query: ${(error as Error).message}` });
    return;
  }
  if (!value.startsWith(`source:${SOURCE} `))
    ctx.addIssue({ code: 'custom', message: `would look at every log; begin with source:${SOURCE}` });
});

const seconds = (longest: number) => {
  const allowed = Object.keys(SECONDS).filter((name) => (SECONDS[name] ?? 0) <= longest);
  return z.string({ error: `expected one of ${allowed.join(', ')}` }).transform((name, ctx) => {
    if (allowed.includes(name)) return SECONDS[name] ?? 0;
    ctx.addIssue({ code: 'custom', message: `"${name}" is not a duration Datadog takes; use ${allowed.join(', ')}` });
    return z.NEVER;
  });
};
const window = seconds(86_400);

const common = {
  keep_alive: seconds(LONGEST_KEEP_ALIVE),
  max_signal_duration: window,
  decrease_criticality_based_on_env: z.boolean({ error: 'expected true or false' }).default(false),
};

const days = (least: number) => {
  const message = `expected a number of days from ${least} to 30`;
  return z.number({ error: message }).int(message).min(least, message).max(30, message);
};

const threshold = z.strictObject({
  method: z.literal('threshold'),
  evaluation_window: window,
  /** Counts different combinations of these instead of events. */
  distinct: z.array(attribute).min(1, 'names no attribute').max(5, 'names more than five attributes').optional(),
  ...common,
});

const newValue = z.strictObject({
  method: z.literal('new_value'),
  of: z.array(attribute).min(1, 'names no attribute').max(5, 'names more than Datadog’s five attributes'),
  learn_for_days: days(0),
  forget_after_days: days(1),
  ...common,
});

const detection = z
  .discriminatedUnion('method', [threshold, newValue], { error: 'expected the method threshold or new_value' })
  .superRefine((value, ctx) => {
    if (value.method === 'threshold' && value.evaluation_window > value.keep_alive)
      ctx.addIssue({ code: 'custom', path: ['keep_alive'], message: 'must not be shorter than evaluation_window' });
    if (value.keep_alive > value.max_signal_duration)
      ctx.addIssue({ code: 'custom', path: ['max_signal_duration'], message: 'must not be shorter than keep_alive' });
  });

export const severitySchema = z.enum(['info', 'low', 'medium', 'high', 'critical'], {
  error: 'expected info, low, medium, high or critical',
});

/** The first case whose condition holds gives a signal its severity; a new value needs none. */
const ruleCase = z.strictObject({
  /** Shown behind the rule's name in Datadog. */
  name: text.optional(),
  condition: text.optional(),
  severity: severitySchema,
});

const queryName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not a name for a query; write for example failed_logins');

/** What tells clusters apart; the name alone is not unique over accounts. */
const CLUSTER = ['@aws.awslogs.owner', '@aws.awslogs.logGroup'];
const groupBy = z.array(attribute).superRefine((value, ctx) => {
  for (const needed of CLUSTER)
    if (!value.includes(needed))
      ctx.addIssue({ code: 'custom', message: `would mix clusters in one signal; add ${needed}` });
});

const REQUIRED_TAGS: readonly (readonly [example: string, pattern: RegExp])[] = [
  [`source:${SOURCE}`, /^source:kubernetes\.audit$/],
  ['security:attack', /^security:attack$/],
  ['tactic:TA0002-execution', /^tactic:TA\d{4}-[a-z-]+$/],
  ['technique:T1609-container-administration-command', /^technique:T\d{4}(\.\d{3})?-[a-z-]+$/],
];
const tags = z.array(text).superRefine((value, ctx) => {
  for (const [example, pattern] of REQUIRED_TAGS)
    if (!value.some((tag) => pattern.test(tag)))
      ctx.addIssue({ code: 'custom', message: `lacks a tag such as ${example}` });
  for (const tag of value)
    if (/^(managed-by|eks-audit-id):/.test(tag))
      ctx.addIssue({ code: 'custom', message: `must not contain ${tag}; it is added when the rule is created` });
});

const json = z.record(z.string(), z.unknown(), { error: 'expected an audit event' });
const sample = z.strictObject({
  /** What the event shows, as the end of "it matches …". */
  it: text,
  source: text.default(SOURCE),
  /** The audit event as EKS writes it; the first of `match` unless given. */
  event: json.optional(),
  /** Merged into the event; null removes. */
  change: json.optional(),
});
const atLeastOne = z.array(sample).min(1, 'is empty; write at least one event');

/** One event of a sequence, or the same event several times; `{n}` in it is which time this is, from 1. */
const moment = z.strictObject({
  /** After the rule began to watch. */
  at: durationSchema,
  times: z.number().int().min(1).max(1000, 'expected 1000 at most').default(1),
  every: durationSchema.prefault('1s'),
  source: text.default(SOURCE),
  event: json.optional(),
  change: json.optional(),
});
const sequence = z.strictObject({
  it: text,
  events: z.array(moment).min(1, 'is empty; write at least one event'),
  /** The severities of the signals it raises, in their order, as they are in the end. */
  signals: z.array(severitySchema),
});

/** The second document of a file, behind `---`: what the rule is tested with. The bot itself never reads it. */
export const samplesSchema = z
  .strictObject({ match: atLeastOne, no_match: atLeastOne, sequences: z.array(sequence).default([]) })
  .superRefine((value, ctx) => {
    if (!value.match[0]?.event)
      ctx.addIssue({
        code: 'custom',
        path: ['match', 0, 'event'],
        message: 'missing. The first event is the one all changes start from.',
      });
  });

export const packFileSchema = z
  .strictObject({
    /** Stored in Datadog as a tag: never rename. */
    id: z
      .string({ error: 'expected an id' })
      .regex(/^[a-z][a-z0-9-]{2,62}$/, 'expected small letters, digits and hyphens'),
    title: bilingual,
    cases: z
      .array(ruleCase, { error: 'expected a list of cases, each with a severity' })
      .min(1, 'names no case; write at least one')
      .max(10, 'expected 10 cases at most'),
    queries: z
      .record(queryName, query)
      .refine((value) => Object.keys(value).length > 0, 'names no query; write at least one'),
    detection,
    group_by: groupBy,
    tags,
    /** Datadog's own rule that this one makes superfluous or adds to. */
    shipped: z
      .strictObject({
        relation: z.enum(['replaces', 'complements'], { error: 'expected replaces or complements' }),
        name: text,
        default_id: z
          .string({ error: 'expected an id such as 1d5-6cd-162' })
          .regex(/^[a-z0-9]{3}(-[a-z0-9]{3}){2}$/, 'expected an id such as 1d5-6cd-162'),
      })
      .optional(),
    references: z
      .array(z.url({ protocol: /^https$/, error: 'expected an https URL' }))
      .min(1, 'names no source; add a public URL'),
    triage: z
      .strictObject({ en: z.array(text).min(1, 'is empty'), ja: z.array(japanese).min(1, 'is empty').optional() })
      .transform(({ en, ja = en }) => ({ en, ja }))
      .refine((value) => value.en.length === value.ja.length, 'has not the same steps in English and Japanese'),
    noise: bilingual,
  })
  .superRefine((value, ctx) => {
    const problem = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message });
    const names = Object.keys(value.queries);
    if (value.detection.method === 'new_value') {
      if (names.length > 1) problem(['queries'], 'a new_value rule has exactly one query');
      if (value.cases.length > 1) problem(['cases'], 'a new_value rule has exactly one case');
      if (value.cases[0]?.condition) problem(['cases', 0, 'condition'], 'a new value has no condition; remove it');
      return;
    }
    for (const [i, { condition }] of value.cases.entries()) {
      const at = ['cases', i, 'condition'];
      if (!condition) {
        problem(at, `missing. Write for example ${names[0]} > 0.`);
        continue;
      }
      for (const comparison of comparisonsOf(condition)) {
        if (!comparison) problem(at, `cannot be read; write for example ${names[0]} > 0`);
        else if (!names.includes(comparison.label))
          problem(at, `names the query ${comparison.label}, which this rule does not have`);
      }
    }
  });
