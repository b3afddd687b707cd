/**
 * AWS Lambda, as far as the Datadog Forwarder is concerned. Its environment may hold an API key in clear text, so it
 * leaves this file only as the few facts named here. https://docs.aws.amazon.com/lambda/latest/api
 */
import {
  AddPermissionCommand,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  type LambdaClient,
  ListTagsCommand,
  paginateListFunctions,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { awsFailure, isAwsError } from './errors.ts';
import type { PolicyStatement } from './invoke-policy.ts';

/** What is worth knowing of a Datadog Forwarder's environment; never its values beyond these. */
export interface ForwarderFunction {
  arn: string;
  name: string;
  version: string | undefined;
  site: string | undefined;
  /** Overrides the source of everything it forwards, so that nothing is `kubernetes.audit` any more. */
  sourceOverride: string | undefined;
  forwardsLogs: boolean;
  includePattern: boolean;
  excludePattern: boolean;
  /** Without it a batch that Datadog refuses once is lost. */
  storesFailedEvents: boolean;
  /** The environment is encrypted with a key the reader may not use: the facts above are unknown. */
  environmentHidden: boolean;
}

const DESCRIPTION = 'Pushes logs, metrics and traces from AWS to Datadog.';
const KEY_VARIABLES = ['DD_API_KEY', 'DD_API_KEY_SECRET_ARN', 'DD_API_KEY_SSM_NAME', 'DD_KMS_API_KEY'];

/** Every function of the Region that looks like a Datadog Forwarder, by the marks the public template leaves. */
export async function findForwarders(lambda: LambdaClient): Promise<ForwarderFunction[]> {
  const found: ForwarderFunction[] = [];
  for await (const page of paginateListFunctions({ client: lambda }, {})) {
    for (const fn of page.Functions ?? []) if (looksLikeForwarder(fn)) found.push(await toForwarder(lambda, fn));
  }
  return found;
}

/** As metrics and log groups call it: `arn:aws:lambda:<region>:<account>:function:<name>`, perhaps with a version. */
export function functionNameOf(arn: string): string {
  return arn.split(':')[6] ?? arn;
}

/** The Forwarder with this ARN, or undefined when there is no such function. */
export async function describeForwarder(lambda: LambdaClient, arn: string): Promise<ForwarderFunction | undefined> {
  try {
    return await toForwarder(lambda, await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn })));
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** The function's resource policy and its size in bytes, which AWS limits to 20 480. */
export async function getPolicy(
  lambda: LambdaClient,
  arn: string,
): Promise<{ statements: PolicyStatement[]; bytes: number }> {
  try {
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: arn }));
    const document = JSON.parse(Policy ?? '{}') as { Statement?: PolicyStatement[] };
    return { statements: document.Statement ?? [], bytes: Buffer.byteLength(Policy ?? '') };
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return { statements: [], bytes: 0 };
    throw error;
  }
}

export interface InvokePermission {
  sid: string;
  sourceArn: string;
  sourceAccount: string;
}

/** `exists`: a statement of that id was there already; whether its content fits is the caller's question. */
export async function addPermission(
  lambda: LambdaClient,
  arn: string,
  permission: InvokePermission,
): Promise<'added' | 'exists' | 'policy-full'> {
  try {
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: arn,
        StatementId: permission.sid,
        Action: 'lambda:InvokeFunction',
        Principal: arn.startsWith('arn:aws-cn:') ? 'logs.amazonaws.com.cn' : 'logs.amazonaws.com',
        SourceArn: permission.sourceArn,
        SourceAccount: permission.sourceAccount,
      }),
    );
    return 'added';
  } catch (error) {
    if (isAwsError(error, 'ResourceConflictException')) return 'exists';
    if (isAwsError(error, 'PolicyLengthExceededException')) return 'policy-full';
    throw error;
  }
}

/** Removes a statement; one that is already gone is a success. */
export async function removePermission(lambda: LambdaClient, arn: string, sid: string): Promise<void> {
  try {
    await lambda.send(new RemovePermissionCommand({ FunctionName: arn, StatementId: sid }));
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
  }
}

function looksLikeForwarder(fn: FunctionConfiguration): boolean {
  const variables = fn.Environment?.Variables ?? {};
  const hasLayer = (name: string) => (fn.Layers ?? []).some((layer) => layer.Arn?.includes(`:layer:${name}:`));
  // Datadog's serverless monitoring sets the same two variables on every function it watches.
  // https://docs.datadoghq.com/serverless/aws_lambda/configuration/
  const isWatched =
    'DD_LAMBDA_HANDLER' in variables ||
    variables.AWS_LAMBDA_EXEC_WRAPPER === '/opt/datadog_wrapper' ||
    ['Datadog-Extension', 'Datadog-Extension-ARM'].some(hasLayer);
  return (
    fn.Description === DESCRIPTION ||
    hasLayer('Datadog-Forwarder') ||
    (variables.DD_SITE !== undefined && KEY_VARIABLES.some((name) => name in variables) && !isWatched)
  );
}

async function toForwarder(lambda: LambdaClient, fn: FunctionConfiguration): Promise<ForwarderFunction> {
  const arn = fn.FunctionArn ?? '';
  const variables = fn.Environment?.Variables ?? {};
  return {
    arn,
    name: fn.FunctionName ?? '',
    version: await forwarderVersion(lambda, arn),
    site: variables.DD_SITE,
    sourceOverride: variables.DD_SOURCE || undefined,
    forwardsLogs: variables.DD_FORWARD_LOG?.toLowerCase() !== 'false',
    includePattern: Boolean(variables.INCLUDE_AT_MATCH),
    excludePattern: Boolean(variables.EXCLUDE_AT_MATCH),
    storesFailedEvents: variables.DD_STORE_FAILED_EVENTS?.toLowerCase() === 'true',
    environmentHidden: fn.Environment?.Error !== undefined,
  };
}

/** The template tags its function with the version; hand-made Forwarders have no such tag, and reading it is optional. */
async function forwarderVersion(lambda: LambdaClient, arn: string): Promise<string | undefined> {
  try {
    const { Tags } = await lambda.send(new ListTagsCommand({ Resource: arn }));
    return Tags?.dd_forwarder_version;
  } catch (error) {
    if (awsFailure(error).kind === 'denied') return undefined;
    throw error;
  }
}
