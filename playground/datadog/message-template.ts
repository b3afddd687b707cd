/**
 * The templates in a rule's name and message (`{{@usr.name}}`, `{{events_matched}}`), as documented in
 * DataDog/documentation content/en/security/notifications/variables.md. Conditions (`{{#if}}`) are not simulated and
 * stay as they are.
 */
import type { Evidence } from './evidence.ts';
import type { Rule, Severity } from './rule.ts';
import { SEVERITIES } from './rule.ts';

export interface TemplateFacts {
  rule: Pick<Rule, 'id' | 'name'>;
  caseName: string;
  severity: Severity;
  /** When the signal is raised, milliseconds since the epoch. */
  atMs: number;
  evidence: Evidence;
}

const VARIABLE = /\{\{\s*([^{}#/\s][^{}\s]*)\s*\}\}/g;

/** The attributes a text mentions, which is why the signal carries them. */
export function mentionedAttributes(text: string): string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, name = '']) => (name.startsWith('@') ? [name] : []));
}

/** Values are put in as they are: whoever writes the logs writes into the message. */
export function rendered(text: string, facts: TemplateFacts): string {
  return text.replace(VARIABLE, (_whole, name: string) => textFor(name, facts));
}

function textFor(name: string, { rule, caseName, severity, atMs, evidence }: TemplateFacts): string {
  if (name.startsWith('@')) return evidence.valuesAt(name).join(', ');
  const [, label] = /^events_matched_per_query\.(.+)$/.exec(name) ?? [];
  if (label !== undefined) return String(evidence.matchedPerQuery.get(label) ?? 0);
  const [, moment, epoch] = /^(timestamp|first_seen|last_seen)(_epoch)?$/.exec(name) ?? [];
  if (moment !== undefined) {
    const ms = moment === 'timestamp' ? atMs : moment === 'first_seen' ? evidence.firstSeenMs : evidence.lastSeenMs;
    return epoch ? String(ms) : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  }
  switch (name) {
    case 'rule_name':
      return rule.name;
    case 'rule_id':
      return rule.id;
    case 'case_name':
      return caseName;
    case 'severity':
      return String(SEVERITIES.indexOf(severity));
    case 'events_matched':
      return String(evidence.eventsMatched);
    default:
      return tagValues(name, evidence);
  }
}

/** `{{env.name}}` and `{{env}}` are the value of the tag `env`. */
function tagValues(name: string, { tags }: Evidence): string {
  const prefix = `${name.replace(/\.name$/, '')}:`;
  return [...tags].flatMap((tag) => (tag.startsWith(prefix) ? [tag.slice(prefix.length)] : [])).join(', ');
}
