/** The Lambda API as far as finding a Forwarder and letting CloudWatch Logs invoke it. */
import { functionArn, parseArn, roleArn } from './arn.ts';
import type { PolicyStatement } from './iam.ts';
import type { LambdaFunction, StoredStatement } from './lambda-function.ts';
import { principalsOf } from './lambda-function.ts';
import type { OperationRequest, Operations } from './operation.ts';
import { constraintFault, optionalText, page } from './operation.ts';
import { AwsFault } from './wire.ts';

/** Whatever MaxItems says (docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html). */
const LARGEST_PAGE = 50;
const POLICY_LIMIT_BYTES = 20_480;

export const lambdaOperations: Operations = {
  ListFunctions: {
    action: 'lambda:ListFunctions',
    resource: () => '*',
    run({ region, call }) {
      const asked = Number(call.query.get('MaxItems') ?? LARGEST_PAGE);
      if (!Number.isInteger(asked) || asked < 1 || asked > 10_000)
        throw constraintFault(
          'InvalidParameterValueException',
          'maxItems',
          String(asked),
          'Member must have value less than or equal to 10000',
        );
      const badMarker = new AwsFault('InvalidParameterValueException', 'Invalid value for Marker');
      const functions = [...region.functions.values()].map(listed);
      const { items, next } = page(functions, Math.min(asked, LARGEST_PAGE), call.query.get('Marker'), badMarker);
      return { Functions: items, NextMarker: next ?? null };
    },
  },

  GetFunctionConfiguration: {
    action: 'lambda:GetFunctionConfiguration',
    resource: functionResource,
    run(request) {
      const fn = existingFunction(request);
      return { ...listed(fn), State: fn.state, LastUpdateStatus: fn.lastUpdateStatus };
    },
  },

  ListTags: {
    action: 'lambda:ListTags',
    resource: functionResource,
    run(request) {
      return { Tags: existingFunction(request).tags };
    },
  },

  GetPolicy: {
    action: 'lambda:GetPolicy',
    resource: functionResource,
    run(request) {
      const fn = find(request);
      if (!fn || fn.statements.length === 0)
        throw new AwsFault('ResourceNotFoundException', 'The resource you requested does not exist.');
      return { Policy: fn.policyDocument(), RevisionId: fn.policyRevision };
    },
  },

  AddPermission: {
    writes: true,
    status: 201,
    action: 'lambda:AddPermission',
    resource: functionResource,
    conditions: ({ input }) => ({ 'lambda:Principal': optionalText(input, 'Principal') ?? '' }),
    run(request) {
      const { aws, input } = request;
      const sid = statementId(input);
      const fn = existingFunction(request);
      const statement = newStatement(fn, sid, input);
      checkRevision(fn, optionalText(input, 'RevisionId'));
      if (fn.statement(sid))
        throw new AwsFault(
          'ResourceConflictException',
          `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      const size = Buffer.byteLength(fn.policyDocument([...fn.statements, statement]));
      if (size > POLICY_LIMIT_BYTES)
        throw new AwsFault(
          'PolicyLengthExceededException',
          `The final policy size (${size}) is bigger than the limit (${POLICY_LIMIT_BYTES}).`,
        );
      fn.allow(statement, aws.time.now() + aws.permissionPropagationMs / aws.time.speed);
      return { Statement: JSON.stringify(statement) };
    },
  },

  RemovePermission: {
    writes: true,
    status: 204,
    action: 'lambda:RemovePermission',
    resource: functionResource,
    conditions(request) {
      const statement = find(request)?.statement(optionalText(request.input, 'StatementId') ?? '');
      return statement ? { 'lambda:Principal': principalsOf(statement)[0] ?? '' } : {};
    },
    run(request) {
      const fn = find(request);
      const sid = optionalText(request.input, 'StatementId') ?? '';
      if (!fn) throw new AwsFault('ResourceNotFoundException', `No policy found for: ${functionResource(request)}`);
      if (fn.statements.length === 0)
        throw new AwsFault('ResourceNotFoundException', 'No policy is associated with the given resource.');
      if (!fn.statement(sid))
        throw new AwsFault('ResourceNotFoundException', `Statement ${sid} is not found in resource policy.`);
      checkRevision(fn, request.call.query.get('RevisionId') ?? undefined);
      fn.disallow(sid);
    },
  },
};

/** A member of ListFunctions: with the environment in clear, without tags and state. */
function listed(fn: LambdaFunction): Record<string, unknown> {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: fn.runtime,
    Role: roleArn(fn.region, fn.account, `${fn.name}-role`),
    Handler: fn.handlerName,
    CodeSize: 1024,
    Description: fn.description,
    Timeout: 120,
    MemorySize: 1024,
    LastModified: fn.lastModified,
    CodeSha256: 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
    Version: '$LATEST',
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: fn.revision,
    Layers: fn.layers.map((layer) => ({ Arn: layer, CodeSize: 2048 })),
    PackageType: 'Zip',
    Architectures: ['arm64'],
    ...environment(fn),
  };
}

/** Left out when there is none, as AWS does. */
function environment(fn: LambdaFunction): Record<string, unknown> {
  if (fn.environmentError) return { Environment: { Error: fn.environmentError } };
  return Object.keys(fn.env).length > 0 ? { Environment: { Variables: fn.env } } : {};
}

function newStatement(fn: LambdaFunction, sid: string, input: Record<string, unknown>): StoredStatement {
  const principal = optionalText(input, 'Principal') ?? '';
  const sourceArn = optionalText(input, 'SourceArn');
  const sourceAccount = optionalText(input, 'SourceAccount');
  const condition: NonNullable<PolicyStatement['Condition']> = {
    ...(sourceAccount ? { StringEquals: { 'AWS:SourceAccount': sourceAccount } } : {}),
    ...(sourceArn ? { ArnLike: { 'AWS:SourceArn': sourceArn } } : {}),
  };
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: policyPrincipal(principal),
    Action: optionalText(input, 'Action') ?? '',
    Resource: fn.arn,
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

function policyPrincipal(principal: string): '*' | Record<string, string> {
  if (principal === '*') return '*';
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal)) return { Service: principal };
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[a-z-]*:(iam|sts)::\d{12}:.+$/.test(principal)) return { AWS: principal };
  throw new AwsFault(
    'InvalidParameterValueException',
    'The provided principal was invalid. Please check the principal and try again.',
  );
}

function statementId(input: Record<string, unknown>): string {
  const sid = optionalText(input, 'StatementId');
  if (sid === undefined || !/^[a-zA-Z0-9-_]+$/.test(sid))
    throw constraintFault(
      'ValidationException',
      'statementId',
      sid,
      'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)',
    );
  if (sid.length > 100)
    throw constraintFault(
      'ValidationException',
      'statementId',
      sid,
      'Member must have length less than or equal to 100',
    );
  return sid;
}

function checkRevision(fn: LambdaFunction, revision: string | undefined): void {
  if (revision !== undefined && revision !== fn.policyRevision)
    throw new AwsFault(
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
    );
}

function existingFunction(request: OperationRequest): LambdaFunction {
  const fn = find(request);
  if (!fn) throw new AwsFault('ResourceNotFoundException', `Function not found: ${functionResource(request)}`);
  return fn;
}

function find(request: OperationRequest): LambdaFunction | undefined {
  const parsed = parseArn(functionResource(request));
  const { account, region, functions } = request.region;
  if (parsed?.account !== account || parsed.region !== region) return undefined;
  return functions.get(parsed.resource.split(':')[1] ?? '');
}

/** The function may be named by name, by `account:function:name` or by ARN; qualifiers are not kept. */
function functionResource({ region, input }: OperationRequest): string {
  const named = optionalText(input, 'FunctionName') ?? optionalText(input, 'Resource') ?? '';
  const parsed = parseArn(named);
  if (parsed) return functionArn(parsed.region, parsed.account, parsed.resource.split(':')[1] ?? '');
  const parts = named.split(':');
  const [account, name] = parts[1] === 'function' ? [parts[0], parts[2]] : [region.account, parts[0]];
  return functionArn(region.region, account ?? region.account, name ?? '');
}
