/**
 * Whether Cloud SIEM is on and looks at Kubernetes audit logs. No endpoint says so; content packs and security filters
 * together are the evidence.
 */
import { z } from 'zod';
import type { Datadog } from './client.ts';
import { DatadogError } from './client.ts';

export interface SecurityFilter {
  name: string;
  query: string;
  enabled: boolean;
}

/** `onboarding` means that Cloud SIEM is not active; undefined that the pack is not listed. */
export interface PackState {
  status: string;
  activation: string | undefined;
  onboarding: boolean;
}

/** As it stands in the address of the pack's page in Datadog. */
const PACK = 'kubernetes-audit-logs';

const filters = z.looseObject({
  data: z
    .array(
      z.looseObject({
        attributes: z.looseObject({
          name: z.string().default(''),
          query: z.string().default(''),
          is_enabled: z.boolean().default(false),
        }),
      }),
    )
    .nullish(),
});

const packs = z.looseObject({
  data: z
    .array(
      z.looseObject({
        id: z.string(),
        attributes: z.looseObject({
          status: z.string().default(''),
          details: z.looseObject({ type: z.string().optional(), cp_activation: z.string().optional() }).nullish(),
        }),
      }),
    )
    .nullish(),
});

export async function listSecurityFilters(datadog: Datadog): Promise<SecurityFilter[]> {
  const answer = filters.parse(await datadog.call('security', 'listSecurityFilters'));
  return (answer.data ?? []).map((f) => ({
    name: f.attributes.name,
    query: f.attributes.query,
    enabled: f.attributes.is_enabled,
  }));
}

/** The state of the Kubernetes audit content pack; undefined when the organisation does not have the endpoint or the pack. */
export async function packState(datadog: Datadog): Promise<PackState | undefined> {
  try {
    const answer = packs.parse(await datadog.call('security', 'getContentPacksStates'));
    const pack = (answer.data ?? []).find((p) => p.id === PACK);
    if (!pack) return undefined;
    const { status, details } = pack.attributes;
    return { status, activation: details?.cp_activation, onboarding: details?.type === 'onboarding' };
  } catch (error) {
    // The endpoint is marked unstable and may not exist everywhere; the filters decide then.
    if (error instanceof DatadogError && (error.kind === 'not-found' || error.kind === 'denied')) return undefined;
    throw error;
  }
}
