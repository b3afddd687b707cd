/** An AWS world on a clock the test moves, with the real SDK clients pointed at it. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EKSClient } from '@aws-sdk/client-eks';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import type { Cluster } from '../../playground/aws/cluster.ts';
import type { Forwarder, ForwarderBatch, ForwarderSeed } from '../../playground/aws/forwarder.ts';
import type { PolicyStatement } from '../../playground/aws/iam.ts';
import { awsService } from '../../playground/aws/routes.ts';
import { Aws } from '../../playground/aws/state.ts';
import { Door } from '../../playground/http.ts';
import { WorldTime } from '../../playground/time.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const GROUP = '/aws/eks/prod-a/cluster';
export const AUDIT_ONLY = '{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/EksAuditOperator`;

export interface AwsWorld extends AsyncDisposable {
  aws: Aws;
  door: Door;
  time: WorldTime;
  shipped: ForwarderBatch[];
  /** Moves the clock second by second, letting every consequence happen. */
  pass(seconds: number): Promise<void>;
  clients: Clients;
  clientsAs(role: { allow: (string | PolicyStatement)[]; session?: string }, region?: string): Clients;
  clientsWith(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): Clients;
}

export interface Clients {
  eks: EKSClient;
  logs: CloudWatchLogsClient;
  lambda: LambdaClient;
  sts: STSClient;
  metrics: CloudWatchClient;
}

export async function startAws(): Promise<AwsWorld> {
  let now = Date.now();
  const time = new WorldTime({ clock: { now: () => new Date(now) } });
  const shipped: ForwarderBatch[] = [];
  const aws = new Aws({ time, ship: (batch) => void shipped.push(batch) });
  const door = new Door();
  const url = await door.open(awsService(aws));
  const clientsWith: AwsWorld['clientsWith'] = (credentials) => clientsAt(url, REGION, credentials);
  const everything = aws.addRole({ arn: `arn:aws:iam::${ACCOUNT}:role/Everything`, allow: ['*'] });
  const clientsAs: AwsWorld['clientsAs'] = ({ allow, session }, region = REGION) => {
    const role = aws.addRole({ arn: ROLE, allow });
    return clientsAt(url, region, aws.identities.issue(role, session ?? 'test', 3600));
  };
  return {
    aws,
    door,
    time,
    shipped,
    async pass(seconds) {
      for (let second = 0; second < seconds; second += 1) {
        now += 1000;
        time.catchUp();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    clients: clientsWith(aws.identities.issue(everything, 'test', 3600)),
    clientsAs,
    clientsWith,
    async [Symbol.asyncDispose]() {
      time.stop();
      await door.close();
      if (time.errors.length > 0) throw new Error('an effect of the world failed', { cause: time.errors[0]?.error });
    },
  };
}

export function clientsAt(
  endpoint: string,
  region: string,
  key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
): Clients {
  const credentials = {
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    ...(key.sessionToken ? { sessionToken: key.sessionToken } : {}),
  };
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    eks: new EKSClient(config),
    logs: new CloudWatchLogsClient(config),
    lambda: new LambdaClient(config),
    sts: new STSClient(config),
    metrics: new CloudWatchClient(config),
  };
}

/** A cluster without audit logs, or with the given log types. */
export function addCluster(world: AwsWorld, seed: Partial<Parameters<Aws['addCluster']>[0]> = {}): Cluster {
  return world.aws.addCluster({ account: ACCOUNT, region: REGION, name: 'prod-a', ...seed });
}

export function addForwarder(world: AwsWorld, seed: Partial<ForwarderSeed> = {}): Forwarder {
  return world.aws.addForwarder({
    account: ACCOUNT,
    region: REGION,
    policy: 'template',
    apiKey: 'intake-key',
    site: 'datadoghq.com',
    ...seed,
  });
}

/** A cluster under audit whose filter feeds a Forwarder: everything that makes logs flow. */
export function addWiredCluster(world: AwsWorld, pattern = AUDIT_ONLY): { cluster: Cluster; forwarder: Forwarder } {
  const cluster = addCluster(world, { logging: ['audit'] });
  const forwarder = addForwarder(world);
  world.aws.addFilter({ group: group(world), name: 'eks-audit', pattern, destinationArn: forwarder.arn });
  return { cluster, forwarder };
}

export function group(world: AwsWorld, name = GROUP) {
  const found = world.aws.logGroup(ACCOUNT, REGION, name);
  if (!found) throw new Error(`no log group ${name}`);
  return found;
}

export function entries(world: AwsWorld) {
  return world.shipped.flatMap((batch) => batch.entries);
}

/** What the SDK made of a refusal. */
export async function refusal(sent: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> {
  try {
    await sent;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, ...($metadata?.httpStatusCode ? { status: $metadata.httpStatusCode } : {}) };
  }
  throw new Error('the call succeeded');
}
