/**
 * Suppressions: which signals of which rules are not raised, or which logs a rule does not see.
 */
import { matches, parseQuery } from '../../src/rules/query.ts';
import type { Rule } from './rule.ts';

export interface SuppressionAttributes {
  /** Milliseconds since the epoch, as are all dates here. */
  creation_date: number;
  creator: { handle: string; name: string };
  data_exclusion_query: string;
  description?: string;
  editable: boolean;
  enabled: boolean;
  expiration_date?: number;
  name: string;
  rule_query: string;
  start_date?: number;
  suppression_query: string;
  tags: string[];
  update_date: number;
  updater: { handle: string; name: string };
  version: number;
}

export interface Suppression {
  id: string;
  type: 'suppressions';
  attributes: SuppressionAttributes;
}

/** Whether the suppression is meant for this rule and in force at this moment. */
export function suppressionApplies(suppression: Suppression, rule: Rule, nowMs: number): boolean {
  const { enabled, start_date: start, expiration_date: end, rule_query: query } = suppression.attributes;
  if (!enabled || (start !== undefined && nowMs < start) || (end !== undefined && nowMs >= end)) return false;
  return affectsRule(query, rule);
}

export function affectsRule(ruleQuery: string, rule: Rule): boolean {
  const tags = [...rule.tags, `type:${rule.type}`, `ruleId:${rule.id}`];
  return matches(parseQuery(ruleQuery), { message: rule.name, tags, attributes: {} });
}
