/** One Lambda function: its configuration, who may invoke it, and what it does when invoked. */
import { randomUUID } from 'node:crypto';
import { functionArn } from './arn.ts';
import type { PolicyStatement } from './iam.ts';
import { conditionsHold, many, matchesWildcard } from './iam.ts';

export interface FunctionSeed {
  account: string;
  region: string;
  name: string;
  description?: string;
  runtime?: string;
  handler?: string;
  layers?: string[];
  tags?: Record<string, string>;
  env?: Record<string, string>;
  policy?: PolicyStatement[];
  lastModified?: string;
}

export interface StoredStatement extends PolicyStatement {
  Sid: string;
}

/** What CloudWatch Logs hands over; the content is gzip in base64. */
export interface LogsPayload {
  awslogs: { data: string };
}

export class LambdaFunction {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly runtime: string;
  readonly handlerName: string;
  readonly layers: string[];
  readonly tags: Record<string, string>;
  /** The plain environment; a test changes it to see the red flags. */
  readonly env: Record<string, string>;
  /** Set when the environment is encrypted with a key the reader may not use: variables are then not shown. */
  environmentError: { ErrorCode: string; Message: string } | undefined;
  state: 'Active' | 'Inactive' | 'Pending' | 'Failed' = 'Active';
  lastUpdateStatus: 'Successful' | 'InProgress' | 'Failed' = 'Successful';
  readonly statements: StoredStatement[] = [];
  policyRevision: string = randomUUID();
  readonly revision: string = randomUUID();
  readonly lastModified: string;
  /** What runs on each invocation; a foreign function only counts. */
  run: (payload: LogsPayload) => void | Promise<void> = () => {};
  readonly #visibleFromMs = new Map<StoredStatement, number>();

  constructor(seed: FunctionSeed) {
    this.account = seed.account;
    this.region = seed.region;
    this.name = seed.name;
    this.arn = functionArn(seed.region, seed.account, seed.name);
    this.description = seed.description ?? '';
    this.runtime = seed.runtime ?? 'nodejs24.x';
    this.handlerName = seed.handler ?? 'index.handler';
    this.layers = seed.layers ?? [];
    this.tags = { ...seed.tags };
    this.env = { ...seed.env };
    this.lastModified = seed.lastModified ?? '2026-08-20T09:12:44.000+0000';
    for (const statement of seed.policy ?? []) this.allow({ Sid: `seed-${this.statements.length}`, ...statement }, 0);
  }

  statement(sid: string): StoredStatement | undefined {
    return this.statements.find((statement) => statement.Sid === sid);
  }

  allow(statement: StoredStatement, visibleFromMs: number): void {
    this.statements.push(statement);
    this.#visibleFromMs.set(statement, visibleFromMs);
    this.policyRevision = randomUUID();
  }

  disallow(sid: string): boolean {
    const index = this.statements.findIndex((statement) => statement.Sid === sid);
    if (index < 0) return false;
    this.statements.splice(index, 1);
    this.policyRevision = randomUUID();
    return true;
  }

  policyDocument(statements: StoredStatement[] = this.statements): string {
    return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
  }

  /** Whether CloudWatch Logs may invoke this function for the log group, as far as it can see by now. */
  invocableByLogs(group: { account: string; region: string; arn: string }, nowMs: number): boolean {
    if (this.state === 'Failed') return false;
    const context = { 'AWS:SourceArn': `${group.arn}:*`, 'AWS:SourceAccount': group.account };
    const principals = ['*', 'logs.amazonaws.com', `logs.${group.region}.amazonaws.com`, 'logs.amazonaws.com.cn'];
    const applying = this.statements.filter(
      (statement) =>
        (this.#visibleFromMs.get(statement) ?? 0) <= nowMs &&
        principalsOf(statement).some((principal) => principals.includes(principal)) &&
        many(statement.Action).some((action) => matchesWildcard(action, 'lambda:InvokeFunction')) &&
        conditionsHold(statement.Condition, context),
    );
    return applying.length > 0 && applying.every((statement) => statement.Effect !== 'Deny');
  }
}

export function principalsOf(statement: PolicyStatement): string[] {
  if (statement.Principal === undefined) return [];
  if (typeof statement.Principal === 'string') return [statement.Principal];
  return Object.values(statement.Principal).flat();
}
