/**
 * The conditions of a rule's cases: `a > 3 && failed >= 1`. A comparison is label, operator, number, in that order.
 * https://docs.datadoghq.com/security/cloud_siem/detect_and_monitor/custom_detection_rules/
 */

const COMPARISON = /^\s*(\S+?)\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/;

/** One comparison of a condition; undefined where it cannot be read. */
export function comparisonsOf(condition: string): ({ label: string; operator: string; number: number } | undefined)[] {
  return condition
    .replace(/[()]/g, ' ')
    .split(/&&|\|\|/)
    .map((comparison) => {
      const [, label = '', operator = '', number = ''] = COMPARISON.exec(comparison) ?? [];
      return operator ? { label, operator, number: Number(number) } : undefined;
    });
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
