/** The one HTTP door of AWS: recognises service, operation and caller, authorizes, runs, answers in the right protocol. */
import type { Answer, Call, RawCall, Service } from '../http.ts';
import { json } from '../http.ts';
import { eksOperations } from './eks.ts';
import { decide } from './iam.ts';
import type { Identity } from './identities.ts';
import { lambdaOperations } from './lambda.ts';
import { logEventOperations } from './log-events.ts';
import { logGroupOperations } from './log-groups.ts';
import { metricsOperations } from './metrics.ts';
import type { Operation, OperationRequest, Operations } from './operation.ts';
import { parseQuery } from './query-protocol.ts';
import { credentialScope } from './sigv4.ts';
import type { Aws } from './state.ts';
import { stsOperations } from './sts.ts';
import { subscriptionFilterOperations } from './subscription-filters.ts';
import { AwsFault, awsError, queryAnswer, throttled } from './wire.ts';

/** By signing name. */
export const operations: Record<string, Operations> = {
  eks: eksOperations,
  logs: { ...logGroupOperations, ...subscriptionFilterOperations, ...logEventOperations },
  lambda: lambdaOperations,
  sts: stsOperations,
  monitoring: metricsOperations,
};

/** REST paths; named groups become inputs. */
const REST_ROUTES: Record<string, [method: string, path: RegExp, operation: string][]> = {
  eks: [
    ['GET', /^\/clusters\/?$/, 'ListClusters'],
    ['GET', /^\/clusters\/(?<name>[^/]+)$/, 'DescribeCluster'],
    ['POST', /^\/clusters\/(?<name>[^/]+)\/update-config$/, 'UpdateClusterConfig'],
    ['GET', /^\/clusters\/(?<name>[^/]+)\/updates\/?$/, 'ListUpdates'],
    ['GET', /^\/clusters\/(?<name>[^/]+)\/updates\/(?<updateId>[^/]+)$/, 'DescribeUpdate'],
  ],
  lambda: [
    ['GET', /^\/2015-03-31\/functions\/?$/, 'ListFunctions'],
    ['GET', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/, 'GetFunctionConfiguration'],
    ['GET', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/policy$/, 'GetPolicy'],
    ['POST', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/policy$/, 'AddPermission'],
    ['DELETE', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/policy\/(?<StatementId>[^/]+)$/, 'RemovePermission'],
    ['GET', /^\/2017-03-31\/tags\/(?<Resource>.+)$/, 'ListTags'],
  ],
};

const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const CLOUDWATCH_NAMESPACE = 'http://monitoring.amazonaws.com/doc/2010-08-01/';

export function awsService(aws: Aws): Service {
  return {
    name: 'aws',
    identify: (raw) => identify(aws, raw),
    writes: (call) => operations[call.service]?.[call.operation]?.writes ?? false,
    handle: (call) => handle(aws, call),
  };
}

function identify(aws: Aws, raw: RawCall): Call {
  const scope = credentialScope(raw.headers);
  if (!scope) return { ...raw, service: 'aws', operation: 'Unknown' };
  const identity = aws.identities.find(scope.accessKeyId, scope.sessionToken);
  const known = typeof identity === 'object' ? { account: identity.account, principal: identity.arn } : {};
  return {
    ...raw,
    service: scope.service,
    operation: operationName(scope.service, raw),
    region: scope.region,
    ...known,
  };
}

function operationName(service: string, raw: RawCall): string {
  const target = raw.headers['x-amz-target'];
  if (target) return target.split('.').at(-1) ?? 'Unknown';
  const rest = REST_ROUTES[service]?.find(([method, path]) => method === raw.method && path.test(raw.path));
  if (rest) return rest[2];
  return isForm(raw) ? (new URLSearchParams(raw.body.toString()).get('Action') ?? 'Unknown') : 'Unknown';
}

function handle(aws: Aws, call: Call): Answer {
  const scope = credentialScope(call.headers);
  if (!scope)
    return awsError('aws', 'MissingAuthenticationTokenException', 'Missing Authentication Token', { status: 403 });
  const { service } = call;
  const identity = aws.identities.find(scope.accessKeyId, scope.sessionToken);
  if (identity === 'expired') return expiredKey(service);
  if (identity === 'unknown' || aws.disabledRegions.has(scope.region)) return unknownKey(service);
  const operation = operations[service]?.[call.operation];
  if (!operation) return awsError(service, 'UnknownOperationException', `no ${service} ${call.operation} here`);
  if (aws.enforceRates && !aws.rates.take(identity.account, scope.region, service, call.operation))
    return throttled(service);
  try {
    const region = aws.region(identity.account, scope.region);
    const request: OperationRequest = { aws, region, identity, call, input: inputOf(call) };
    authorize(operation, request);
    return success(call, operation, operation.run(request));
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    // A client that speaks the old query protocol expects XML from CloudWatch too.
    return awsError(isForm(call) ? 'sts' : service, error.code, error.message, error.details);
  }
}

/** Query services have names of their own (github.com/boto/boto3 issue 1431, sj26/sidekiq-cloudwatchmetrics issue 48). */
function expiredKey(service: string): Answer {
  const code = service === 'sts' || service === 'monitoring' ? 'ExpiredToken' : 'ExpiredTokenException';
  return awsError(service, code, 'The security token included in the request is expired');
}

function unknownKey(service: string): Answer {
  const code = service === 'sts' || service === 'monitoring' ? 'InvalidClientTokenId' : 'UnrecognizedClientException';
  return awsError(service, code, 'The security token included in the request is invalid.');
}

function inputOf(call: Call): Record<string, unknown> {
  const route = REST_ROUTES[call.service]?.find(([method, path]) => method === call.method && path.test(call.path));
  const fromPath = route?.[1].exec(call.path)?.groups ?? {};
  if (isForm(call)) return parseQuery(new URLSearchParams(call.body.toString()));
  if (call.body.length === 0) return fromPath;
  try {
    return { ...(JSON.parse(call.body.toString()) as Record<string, unknown>), ...fromPath };
  } catch {
    throw new AwsFault('SerializationException', 'Could not parse request body into JSON');
  }
}

function authorize(operation: Operation, request: OperationRequest): void {
  const { action } = operation;
  if (!action) return;
  const { identity } = request;
  const resource = operation.resource(request);
  const question = { action, resource, context: operation.conditions?.(request) ?? {} };
  let decision = decide(identity.role.allow, question);
  if (decision === 'allowed' && identity.sessionPolicy) decision = decide(identity.sessionPolicy, question);
  if (decision !== 'allowed') throw denial(request.call.service, identity, action, resource, decision);
}

/** Logs, Lambda and CloudWatch explain the denial; EKS and STS do not. */
function denial(service: string, identity: Identity, action: string, resource: string, decision: string): AwsFault {
  const sentence = `User: ${identity.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  const because =
    decision === 'explicitly denied'
      ? ' with an explicit deny in an identity-based policy'
      : ` because no identity-based policy allows the ${action} action`;
  const terse = service === 'eks' || service === 'sts';
  const code = service === 'sts' || service === 'monitoring' ? 'AccessDenied' : 'AccessDeniedException';
  return new AwsFault(code, terse ? sentence : sentence + because);
}

function success(call: Call, operation: Operation, result: unknown): Answer {
  if (isForm(call))
    return queryAnswer(call.operation, call.service === 'sts' ? STS_NAMESPACE : CLOUDWATCH_NAMESPACE, result);
  const contentType =
    { logs: 'application/x-amz-json-1.1', monitoring: 'application/x-amz-json-1.0' }[call.service] ??
    'application/json';
  const status = operation.status ?? 200;
  if (result === undefined) return { status, headers: { 'content-type': contentType } };
  return json(status, result, { 'content-type': contentType });
}

function isForm(raw: RawCall): boolean {
  return raw.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}
