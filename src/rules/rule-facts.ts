/** A rule as people read it, from the JSON Datadog sends or would be sent. Tolerant: other methods have other fields. */
import { z } from 'zod';
import type { RuleSeverity } from '../datadog/rules.ts';
import { severitySchema } from './pack-schema.ts';

export interface RuleFacts {
  queries: { name: string; query: string }[];
  method: string | undefined;
  /** Seconds. */
  window: number | undefined;
  keepAlive: number | undefined;
  maxDuration: number | undefined;
  learnDays: number | undefined;
  forgetDays: number | undefined;
  distinct: string[];
  of: string[];
  groupBy: string[];
  cases: { severity: RuleSeverity; condition: string | undefined; name: string }[];
  tags: string[];
}

const names = z
  .array(z.string())
  .nullish()
  .catch([])
  .transform((list) => list ?? []);
const number = z
  .number()
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);
const word = z
  .string()
  .nullish()
  .catch('')
  .transform((value) => value ?? '');

const wire = z.looseObject({
  queries: z
    .array(z.looseObject({ name: word, query: word, groupByFields: names, distinctFields: names, metrics: names }))
    .catch([]),
  options: z
    .looseObject({
      detectionMethod: word,
      evaluationWindow: number,
      keepAlive: number,
      maxSignalDuration: number,
      newValueOptions: z.looseObject({ learningDuration: number, forgetAfter: number }).nullish().catch(undefined),
    })
    .catch({
      detectionMethod: '',
      evaluationWindow: undefined,
      keepAlive: undefined,
      maxSignalDuration: undefined,
      newValueOptions: undefined,
    }),
  cases: z.array(z.looseObject({ status: severitySchema.catch('info'), condition: word, name: word })).catch([]),
  tags: names,
});

export function ruleFacts(rule: Readonly<Record<string, unknown>>): RuleFacts {
  const { queries, options, cases, tags } = wire.parse(rule);
  const [first] = queries;
  return {
    queries: queries.map(({ name, query }) => ({ name: queries.length > 1 ? name : '', query })),
    method: options.detectionMethod || undefined,
    window: options.evaluationWindow,
    keepAlive: options.keepAlive,
    maxDuration: options.maxSignalDuration,
    learnDays: options.newValueOptions?.learningDuration,
    forgetDays: options.newValueOptions?.forgetAfter,
    distinct: first?.distinctFields ?? [],
    of: first?.metrics ?? [],
    groupBy: first?.groupByFields ?? [],
    cases: cases.map(({ status, condition, name }) => ({ severity: status, condition: condition || undefined, name })),
    tags: tags.filter((tag) => !tag.startsWith('eks-audit-content:')),
  };
}
