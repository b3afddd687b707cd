/**
 * What Datadog puts in the place of `$NAME` in a webhook's URL, payload and headers (docs.datadoghq.com/integrations/
 * webhooks). The text is replaced once: what a value itself contains stays as it is.
 */
import { facetValues } from '../../src/rules/facets.ts';
import type { Signal } from './signal.ts';
import { signalAsEvent } from './signal-shapes.ts';
import type { CustomVariable } from './webhooks.ts';

export interface Organisation {
  orgId: string;
  orgName: string;
  site: string;
}

/** An `object` stands in a payload without quotes around it. */
export type Variables = ReadonlyMap<string, { kind: 'text' | 'object'; value: string }>;

const REFERENCE = /\$([A-Z][A-Z0-9_]*)(\[[^\]]*\])?/g;

/** Names nobody defined stay as they are, which is how a test notification looks. */
export function substituted(template: string, variables: Variables, escapes: boolean): string {
  return template.replace(REFERENCE, (whole, name: string, index: string | undefined) => {
    const found = variables.get(`${name}${index ?? ''}`);
    if (found) return escapes && found.kind === 'text' ? JSON.stringify(found.value).slice(1, -1) : found.value;
    // `$TAGS[team]` of a signal without such a tag is empty; `$ID[…` is `$ID` and text.
    if (name === 'TAGS' && index !== undefined && variables.has(name)) return '';
    const plain = index === undefined ? undefined : variables.get(name);
    return plain ? `${plain.value}${index}` : whole;
  });
}

/** Which of the generic variables Datadog fills for signals is not documented; here all that have a meaning are. */
export function signalVariables(signal: Signal, organisation: Organisation): Map<string, string> {
  const text = {
    ...organisationTexts(organisation, signal.timestampMs),
    SECURITY_SIGNAL_ID: signal.id,
    SECURITY_SIGNAL_SEVERITY: signal.severity,
    SECURITY_SIGNAL_TITLE: signal.title,
    SECURITY_SIGNAL_MSG: signal.message,
    SECURITY_RULE_ID: signal.rule.id,
    SECURITY_RULE_NAME: signal.rule.name,
    SECURITY_RULE_TYPE: ruleTypeOf(signal),
    ID: signal.id,
    LAST_UPDATED: String(signal.lastSeenMs),
    EVENT_TITLE: signal.title,
    EVENT_MSG: signal.message,
    EVENT_TYPE: 'security_signal',
    LINK: `https://app.${organisation.site}/security/signal?event=${signal.id}`,
    TAGS: signal.tags.join(','),
    HOSTNAME: signal.host ?? '',
    PRIORITY: 'normal',
    ALERT_TRANSITION: 'Triggered',
    USER: '',
  };
  const tags = signal.tags.filter((tag) => tag.includes(':')).map((tag) => [tagKey(tag), tagValue(tag)] as const);
  return new Map([...Object.entries(text), ...tags]);
}

/** The variables that are JSON themselves. */
export function signalObjects(signal: Signal): Map<string, string> {
  return new Map(
    Object.entries({
      SECURITY_SIGNAL_ATTRIBUTES: JSON.stringify({ ...signal.projected, service: signal.services }),
      SECURITY_RULE_MATCHED_QUERIES: JSON.stringify(signal.queries.map(({ query }) => query)),
      SECURITY_RULE_GROUP_BY_FIELDS: JSON.stringify(groupByFields(signal)),
    }),
  );
}

export function variablesOf(
  signal: Signal | undefined,
  organisation: Organisation,
  nowMs: number,
  custom: Iterable<CustomVariable>,
): Variables {
  const texts = signal ? signalVariables(signal, organisation) : Object.entries(organisationTexts(organisation, nowMs));
  const all = new Map<string, { kind: 'text' | 'object'; value: string }>();
  for (const [name, value] of texts) all.set(name, { kind: 'text', value });
  if (signal) for (const [name, value] of signalObjects(signal)) all.set(name, { kind: 'object', value });
  for (const { name, value } of custom) all.set(name, { kind: 'text', value });
  return all;
}

/** `Log Detection`, as a signal shows it, is `log_detection` here and in the selectors of notification rules. */
export function ruleTypeOf({ rule }: Pick<Signal, 'rule'>): string {
  return rule.type.toLowerCase().replaceAll(' ', '_');
}

function organisationTexts({ orgId, orgName }: Organisation, atMs: number): Record<string, string> {
  return { ORG_ID: orgId, ORG_NAME: orgName, DATE: String(atMs) };
}

function groupByFields(signal: Signal): Record<string, unknown> {
  const event = signalAsEvent(signal);
  return Object.fromEntries(signal.groupByPaths.map((path) => [path, facetValues(event, path).join(', ')]));
}

function tagKey(tag: string): string {
  return `TAGS[${tag.slice(0, tag.indexOf(':'))}]`;
}

function tagValue(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1);
}
