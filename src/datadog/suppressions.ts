/**
 * Suppressions: signals Datadog does not raise until a date. Names are not unique and nothing here is retried, so look
 * for the name before creating, and once more when the answer to a creation was lost.
 */
import { z } from 'zod';
import { type Datadog, DatadogError } from './client.ts';

export interface NewSuppression {
  name: string;
  description: string;
  /** Which rules: `type:log_detection ruleId:abc-def-ghi`. */
  ruleQuery: string;
  /** Which of their signals: `@usr.name:ci-bot`. */
  suppressionQuery: string;
  expiresAt: Date;
  tags: string[];
}

export interface Suppression {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  ruleQuery: string;
  suppressionQuery: string;
  /** Logs the rule does not even see; ours have none. */
  exclusionQuery: string;
  startsAt: Date | undefined;
  expiresAt: Date | undefined;
  /** Datadog sorts them. */
  tags: string[];
  createdBy: string | undefined;
}

const PAGE_SIZE = 100;

/** Milliseconds. A date JavaScript cannot hold is none. */
const date = z
  .number()
  .nullish()
  .transform((ms) => (typeof ms === 'number' && Math.abs(ms) <= 8.64e15 ? new Date(ms) : undefined));

const suppression = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({
    name: z.string().nullish(),
    description: z.string().nullish(),
    enabled: z.boolean().nullish(),
    rule_query: z.string().nullish(),
    suppression_query: z.string().nullish(),
    data_exclusion_query: z.string().nullish(),
    start_date: date,
    expiration_date: date,
    tags: z.array(z.string()).nullish(),
    creator: z.looseObject({ handle: z.string().nullish(), name: z.string().nullish() }).nullish(),
  }),
});
const suppressions = z.looseObject({
  data: z.array(suppression).nullish(),
  meta: z.looseObject({ page: z.looseObject({ totalCount: z.number().nullish() }).nullish() }).nullish(),
});

/** All of them, whoever made them, the expired too. */
export async function listSuppressions(datadog: Datadog): Promise<Suppression[]> {
  const listed = new Map<string, Suppression>();
  for (let pageNumber = 0; ; pageNumber++) {
    const page = { pageSize: PAGE_SIZE, pageNumber };
    const answer = suppressions.parse(await datadog.call('security', 'listSecurityMonitoringSuppressions', page));
    const data = answer.data ?? [];
    const before = listed.size;
    for (const wire of data) listed.set(wire.id, toSuppression(wire));
    const total = answer.meta?.page?.totalCount;
    const last = typeof total === 'number' ? listed.size >= total : data.length < PAGE_SIZE;
    // A page with nothing new ends it whatever the count says.
    if (last || listed.size === before) return [...listed.values()];
  }
}

/** The first of this very name. */
export async function findSuppression(datadog: Datadog, name: string): Promise<Suppression | undefined> {
  return (await listSuppressions(datadog)).find((found) => found.name === name);
}

/** Its id. */
export async function createSuppression(datadog: Datadog, wanted: NewSuppression): Promise<string> {
  const body = requestOf(wanted);
  const answer = await datadog.call('security', 'createSecurityMonitoringSuppression', { body });
  return z.looseObject({ data: suppression }).parse(answer).data.id;
}

/** Has Datadog judge it without making it; throws `DatadogError` of kind `invalid` with its reasons. */
export async function validateSuppression(datadog: Datadog, wanted: NewSuppression): Promise<void> {
  const body = requestOf(wanted);
  await datadog.call('security', 'validateSecurityMonitoringSuppression', { body });
}

/** One that is already gone is deleted. */
export async function deleteSuppression(datadog: Datadog, suppressionId: string): Promise<void> {
  try {
    await datadog.call('security', 'deleteSecurityMonitoringSuppression', { suppressionId });
  } catch (error) {
    if (!(error instanceof DatadogError && error.kind === 'not-found')) throw error;
  }
}

function requestOf({ expiresAt, ...fields }: NewSuppression): unknown {
  const attributes = { ...fields, enabled: true, expirationDate: expiresAt.getTime() };
  return { data: { type: 'suppressions', attributes } };
}

function toSuppression({ id, attributes }: z.infer<typeof suppression>): Suppression {
  const { creator } = attributes;
  return {
    id,
    name: attributes.name ?? '',
    description: attributes.description ?? '',
    enabled: attributes.enabled ?? false,
    ruleQuery: attributes.rule_query ?? '',
    suppressionQuery: attributes.suppression_query ?? '',
    exclusionQuery: attributes.data_exclusion_query ?? '',
    startsAt: attributes.start_date,
    expiresAt: attributes.expiration_date,
    tags: attributes.tags ?? [],
    createdBy: creator?.name || creator?.handle || undefined,
  };
}
