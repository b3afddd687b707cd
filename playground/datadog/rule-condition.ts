/** What Datadog has against the condition of a rule's case. The sentences are inferred. */
import { comparisonsOf } from '../../src/rules/condition.ts';

/** Undefined for a condition the rule's queries can answer. */
export function conditionProblem(condition: string, labels: readonly string[]): string | undefined {
  if (condition.trim() === '') return 'Rule case condition cannot be empty';
  for (const comparison of comparisonsOf(condition)) {
    if (!comparison) return `Invalid rule case condition: ${condition}`;
    if (!labels.includes(comparison.label))
      return `Unknown query "${comparison.label}" in rule case condition: ${condition}`;
  }
  return undefined;
}
