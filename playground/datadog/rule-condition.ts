/**
 * The conditions of rule cases: `a > 3 && failed >= 1`. A comparison is label, operator, number, in that order.
 */

const COMPARISON = /^\s*(\S+?)\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/;

/** Undefined for a condition the rule's queries can answer. The sentences are inferred. */
export function conditionProblem(condition: string, labels: readonly string[]): string | undefined {
  if (condition.trim() === '') return 'Rule case condition cannot be empty';
  for (const comparison of condition.replace(/[()]/g, ' ').split(/&&|\|\|/)) {
    const parts = COMPARISON.exec(comparison);
    if (!parts) return `Invalid rule case condition: ${condition}`;
    if (!labels.includes(parts[1] ?? '')) return `Unknown query "${parts[1]}" in rule case condition: ${condition}`;
  }
  return undefined;
}

export type Measured = (label: string) => number;
export type Condition = (measured: Measured) => boolean;

/** `&&` binds tighter than `||`. What cannot be read never holds: a seeded rule is not validated. */
export function compileCondition(condition: string): Condition {
  const tokens = condition.split(/(\(|\)|&&|\|\|)/).filter((token) => token.trim() !== '');
  let at = 0;

  function either(): Condition {
    const terms = [both()];
    while (tokens[at] === '||') {
      at += 1;
      terms.push(both());
    }
    return (measured) => terms.some((term) => term(measured));
  }

  function both(): Condition {
    const terms = [single()];
    while (tokens[at] === '&&') {
      at += 1;
      terms.push(single());
    }
    return (measured) => terms.every((term) => term(measured));
  }

  function single(): Condition {
    const token = tokens[at] ?? '';
    at += 1;
    if (token !== '(') return comparison(token);
    const inner = either();
    at += 1;
    return inner;
  }

  const compiled = either();
  return at === tokens.length ? compiled : () => false;
}

function comparison(text: string): Condition {
  const [, label = '', operator = '', number = ''] = COMPARISON.exec(text) ?? [];
  const bound = Number(number);
  switch (operator) {
    case '>':
      return (measured) => measured(label) > bound;
    case '>=':
      return (measured) => measured(label) >= bound;
    case '<':
      return (measured) => measured(label) < bound;
    case '<=':
      return (measured) => measured(label) <= bound;
    case '==':
      return (measured) => measured(label) === bound;
    case '!=':
      return (measured) => measured(label) !== bound;
    default:
      return () => false;
  }
}
