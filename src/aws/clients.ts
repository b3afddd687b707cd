/**
 * AWS clients, one per account, Region, service and session. A session is assumed with the role the work needs and
 * named after the run, so that CloudTrail leads from an API call to the requester and the approvers.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EKSClient } from '@aws-sdk/client-eks';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsAccount, Config } from '../config.ts';
import { createRedaction, type Redact, withoutSecrets } from '../redaction.ts';

/** Where a call goes and as whom. */
export interface AwsScope {
  accountId: string;
  region: string;
}

export type AwsRole = 'reader' | 'operator' | 'audit_off';

/** As whom a call is made. `session` ends up in CloudTrail: a run id for changes, `read` for looking. */
export interface AwsSession {
  role: AwsRole;
  session: string;
}

export const READING: AwsSession = { role: 'reader', session: 'eks-audit-read' };

export interface AwsClients {
  eks: EKSClient;
  logs: CloudWatchLogsClient;
  /** Without the SDK's retries: it takes CloudWatch Logs' permanent LimitExceededException for throttling. */
  logsOnce: CloudWatchLogsClient;
  lambda: LambdaClient;
  metrics: CloudWatchClient;
}

export interface Aws {
  account(accountId: string): AwsAccount;
  clients(scope: AwsScope, session?: AwsSession): AwsClients;
  close(): void;
}

/** Sessions of long-finished runs are forgotten beyond this many. */
const MAX_SESSIONS = 200;

export function createAws(config: Config, redact: Redact = createRedaction(config)): Aws {
  // One pool of connections for all clients; `proxyEnv` makes HTTPS_PROXY and NO_PROXY hold for every one of them.
  const options = { keepAlive: true, maxSockets: 50, proxyEnv: process.env };
  const requestHandler = new NodeHttpHandler({
    httpAgent: new HttpAgent(options),
    httpsAgent: new HttpsAgent(options),
    connectionTimeout: config.timing.http_timeout,
    requestTimeout: config.timing.http_timeout,
    throwOnRequestTimeout: true,
  });
  const sessions = new Map<string, AwsClients>();
  const base = fromNodeProviderChain();

  function account(accountId: string): AwsAccount {
    const found = config.aws.accounts.find((a) => a.id === accountId);
    if (!found) throw new Error(`account ${accountId} is not in the configuration`);
    return found;
  }

  function credentials(scope: AwsScope, { role, session }: AwsSession) {
    const { roles, external_id } = account(scope.accountId);
    // Without a role for switching audit off, the operator role is tried: IAM decides, not we.
    const arn = roles?.[role] ?? roles?.operator;
    if (!arn) return base;
    return fromTemporaryCredentials({
      masterCredentials: base,
      params: {
        RoleArn: arn,
        RoleSessionName: session.slice(0, 64),
        DurationSeconds: 3600,
        ...(external_id ? { ExternalId: external_id } : {}),
      },
      clientConfig: { region: scope.region, requestHandler },
    });
  }

  function clients(scope: AwsScope, session: AwsSession = READING): AwsClients {
    const key = [scope.accountId, scope.region, session.role, session.session].join('/');
    const known = sessions.get(key);
    if (known) return known;
    const common = { region: scope.region, credentials: credentials(scope, session), requestHandler, maxAttempts: 4 };
    const made: AwsClients = {
      eks: new EKSClient(common),
      logs: new CloudWatchLogsClient(common),
      logsOnce: new CloudWatchLogsClient({ ...common, maxAttempts: 1 }),
      lambda: new LambdaClient(common),
      metrics: new CloudWatchClient(common),
    };
    for (const client of Object.values(made)) redactErrors(client, redact);
    sessions.set(key, made);
    const oldest = sessions.keys().next().value;
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
    return made;
  }

  return { account, clients, close: () => requestHandler.destroy() };
}

/** What AWS, or a proxy before it, answers to a failed call is stored and shown, and may quote the call. */
function redactErrors(client: AwsClients[keyof AwsClients], redact: Redact): void {
  const sender = client as { send(...call: unknown[]): Promise<unknown> };
  const send = sender.send.bind(client);
  sender.send = async (...call) => {
    try {
      const answer = await send(...call);
      // EKS reports the failure of an update in an answer that succeeds.
      return client instanceof EKSClient ? withoutSecrets(answer, redact) : answer;
    } catch (error) {
      throw withoutSecrets(error, redact);
    }
  };
}

/** `aws`, `aws-cn` or `aws-us-gov`: ARNs take the partition of their Region. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  return 'aws';
}
