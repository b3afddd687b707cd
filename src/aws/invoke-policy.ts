/**
 * Whether a Lambda resource policy lets CloudWatch Logs invoke the function for one log group. Pure. Policies are
 * written in many ways: with wildcards, without a source account, with either service principal, for everyone.
 */

export interface PolicyStatement {
  Sid?: string;
  Effect?: string;
  Principal?: string | { Service?: string | string[]; AWS?: string | string[] };
  Action?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** `groupArn` is the group's ARN with the trailing `:*`, as CloudWatch Logs presents it. */
export function allowsLogs(statements: readonly PolicyStatement[], groupArn: string, accountId: string): boolean {
  return statements.some((s) => s.Effect === 'Allow' && statementAllows(s, groupArn, accountId));
}

function statementAllows(statement: PolicyStatement, groupArn: string, accountId: string): boolean {
  const actions = [statement.Action ?? []].flat();
  if (!actions.some((a) => a === '*' || a === 'lambda:*' || a.toLowerCase() === 'lambda:invokefunction')) return false;
  const services = logsServices(groupArn.split(':')[3] ?? '');
  if (!principals(statement).some((p) => p === '*' || services.includes(p))) return false;
  for (const [operator, tests] of Object.entries(statement.Condition ?? {})) {
    // An operator we do not know may say the opposite; then the statement does not count.
    if (!/^(StringEquals|StringLike|ArnEquals|ArnLike)(IfExists)?$/i.test(operator)) return false;
    for (const [key, expected] of Object.entries(tests)) {
      const values = [expected].flat();
      const actual =
        key.toLowerCase() === 'aws:sourceaccount'
          ? accountId
          : key.toLowerCase() === 'aws:sourcearn'
            ? groupArn
            : undefined;
      if (actual === undefined) return false;
      const like = !/^StringEquals/i.test(operator);
      if (!values.some((value) => (like ? arnLike(value, actual) : value === actual))) return false;
    }
  }
  return true;
}

/** CloudWatch Logs comes as itself or as itself in a Region. */
function logsServices(region: string): string[] {
  const names = ['logs', `logs.${region}`];
  return names.flatMap((name) => [`${name}.amazonaws.com`, `${name}.amazonaws.com.cn`]);
}

function principals(statement: PolicyStatement): string[] {
  const principal = statement.Principal;
  if (typeof principal === 'string') return [principal];
  return [principal?.Service ?? [], principal?.AWS ?? []].flat();
}

/** `*` is any run of characters and `?` one, as IAM's ArnLike and StringLike have it. */
function arnLike(pattern: string, actual: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(actual);
}
