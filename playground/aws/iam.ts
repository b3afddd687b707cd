/**
 * IAM's decision for one request: identity policies, trust policies and Lambda resource policies all go through
 * this evaluator (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
 */
import { parseArn } from './arn.ts';

type OneOrMany = string | string[];

export interface PolicyStatement {
  Sid?: string;
  Effect?: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, OneOrMany>;
  Action: OneOrMany;
  Resource?: OneOrMany;
  Condition?: Record<string, Record<string, OneOrMany>>;
}

export interface AccessQuestion {
  /** As in policies: `eks:UpdateClusterConfig`. */
  action: string;
  resource: string;
  /** Condition keys present in the request; a key that is absent is absent for `Null` too. */
  context: Record<string, string>;
}

export type Decision = 'allowed' | 'implicitly denied' | 'explicitly denied';

export function decide(statements: PolicyStatement[], question: AccessQuestion): Decision {
  const applying = statements.filter((statement) => applies(statement, question));
  if (applying.some((statement) => statement.Effect === 'Deny')) return 'explicitly denied';
  return applying.length > 0 ? 'allowed' : 'implicitly denied';
}

/** An action pattern alone (`eks:Describe*`) is short for a statement that allows it everywhere. */
export function statementsOf(allow: (string | PolicyStatement)[]): PolicyStatement[] {
  return allow.map((entry) => (typeof entry === 'string' ? { Effect: 'Allow', Action: entry, Resource: '*' } : entry));
}

export function conditionsHold(conditions: PolicyStatement['Condition'], context: Record<string, string>): boolean {
  const present = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) =>
      conditionHolds(operator, present.get(key.toLowerCase()), many(expected)),
    ),
  );
}

/** `*` stands for any text, `?` for one character. */
export function matchesWildcard(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** ArnLike compares each of the six parts on its own, so that `*` in one part does not reach into the next. */
export function arnLike(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  const expected = parseArn(pattern);
  const actual = parseArn(value);
  if (!expected || !actual) return false;
  return (['partition', 'service', 'region', 'account', 'resource'] as const).every((part) =>
    matchesWildcard(expected[part], actual[part]),
  );
}

function applies(statement: PolicyStatement, question: AccessQuestion): boolean {
  return (
    many(statement.Action).some((action) => matchesWildcard(action.toLowerCase(), question.action.toLowerCase())) &&
    many(statement.Resource ?? '*').some((resource) => matchesWildcard(resource, question.resource)) &&
    conditionsHold(statement.Condition, question.context)
  );
}

function conditionHolds(operator: string, actual: string | undefined, expected: string[]): boolean {
  if (operator === 'Null') return expected.includes(String(actual === undefined));
  const base = operator.replace(/IfExists$/, '');
  if (actual === undefined) return base !== operator || base === 'StringNotEquals' || base === 'StringNotLike';
  switch (base) {
    case 'StringEquals':
      return expected.includes(actual);
    case 'StringNotEquals':
      return !expected.includes(actual);
    case 'StringEqualsIgnoreCase':
    case 'Bool':
      return expected.some((value) => value.toLowerCase() === actual.toLowerCase());
    case 'StringLike':
      return expected.some((pattern) => matchesWildcard(pattern, actual));
    case 'StringNotLike':
      return !expected.some((pattern) => matchesWildcard(pattern, actual));
    case 'ArnLike':
    case 'ArnEquals':
      return expected.some((pattern) => arnLike(pattern, actual));
    default:
      return false;
  }
}

export function many(value: OneOrMany): string[] {
  return Array.isArray(value) ? value : [value];
}
