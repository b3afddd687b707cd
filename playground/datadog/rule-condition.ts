/**
 * The conditions of rule cases: `a > 3 && failed >= 1`. A comparison is label, operator, number, in that order.
 */

/** Undefined for a condition the rule's queries can answer. The sentences are inferred. */
export function conditionProblem(condition: string, labels: readonly string[]): string | undefined {
  if (condition.trim() === '') return 'Rule case condition cannot be empty';
  for (const comparison of condition.replace(/[()]/g, ' ').split(/&&|\|\|/)) {
    const parts = /^\s*(\S+?)\s*(>=|<=|==|!=|>|<)\s*-?\d+(\.\d+)?\s*$/.exec(comparison);
    if (!parts) return `Invalid rule case condition: ${condition}`;
    if (!labels.includes(parts[1] ?? '')) return `Unknown query "${parts[1]}" in rule case condition: ${condition}`;
  }
  return undefined;
}
