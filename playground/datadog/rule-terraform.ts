/**
 * `GET /rules/{id}/convert`: the rule as a Terraform resource, in the layout of the recorded answers (tabs, the
 * server's own field order, repeated blocks in the singular).
 */
import type { RuleConfiguration } from './rule.ts';

const BLOCK_NAMES: Readonly<Record<string, string>> = { queries: 'query', cases: 'case', filters: 'filter' };

export function terraformOf(rule: RuleConfiguration): string {
  const resource = rule.name.toLowerCase().replace(/[^a-z0-9_]+/g, '_');
  const { evaluationWindow, detectionMethod, keepAlive, maxSignalDuration, ...otherOptions } = rule.options;
  const options = { keepAlive, maxSignalDuration, detectionMethod, evaluationWindow, ...otherOptions };
  const body = {
    name: rule.name,
    enabled: rule.isEnabled,
    queries: rule.queries,
    options,
    cases: rule.cases,
    filters: rule.filters,
    message: rule.message,
    tags: rule.tags,
    hasExtendedTitle: rule.hasExtendedTitle,
    type: rule.type,
  };
  return `resource "datadog_security_monitoring_rule" "${resource}" {\n${fields(body, 1)}}\n`;
}

function fields(value: object, depth: number): string {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => line(key, field, depth))
    .join('');
}

function line(key: string, value: unknown, depth: number): string {
  const tabs = '\t'.repeat(depth);
  const name = (BLOCK_NAMES[key] ?? key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const blocks = key in BLOCK_NAMES ? (value as object[]) : isBlock(value) ? [value] : undefined;
  if (blocks) return blocks.map((block) => `${tabs}${name} {\n${fields(block, depth + 1)}${tabs}}\n`).join('');
  const shown = Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : JSON.stringify(value);
  return `${tabs}${name} = ${shown}\n`;
}

function isBlock(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
