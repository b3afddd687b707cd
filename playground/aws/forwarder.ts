/**
 * The Datadog Forwarder as a Lambda function: what its template installs, and how it turns CloudWatch Logs payloads
 * into Datadog intake posts (github.com/DataDog/datadog-serverless-functions, aws/logs_monitoring).
 */
import { gunzipSync } from 'node:zlib';
import { functionArn, logGroupArn, partitionOf } from './arn.ts';
import type { PolicyStatement } from './iam.ts';
import type { FunctionSeed, LogsPayload } from './lambda-function.ts';
import { LambdaFunction } from './lambda-function.ts';

/** One log as the Forwarder posts it to `/api/v2/logs`. */
export interface IntakeEntry {
  id: string;
  timestamp: number;
  message: string;
  aws: { awslogs: { logGroup: string; logStream: string; owner: string }; invoked_function_arn: string };
  ddsourcecategory: 'aws';
  ddsource: string;
  ddtags: string;
  host: string;
  service: string;
}

/** One POST to the intake of `site`. */
export interface ForwarderBatch {
  apiKey: string;
  site: string;
  entries: IntakeEntry[];
}

export interface ForwarderSeed {
  account: string;
  region: string;
  name?: string;
  tags?: Record<string, string>;
  env?: Record<string, string>;
  version?: string;
  /** `template` is the permission the CloudFormation template grants; hand-made installs often have none. */
  policy: 'template' | 'none' | PolicyStatement[];
  apiKey: string;
  site: string;
}

export type Ship = (batch: ForwarderBatch) => void | Promise<void>;

/** What happened to the logs inside the Forwarder, for tests. */
export interface ForwarderFate {
  version: string;
  shipped: number;
  /** Excluded by its environment or too large. */
  dropped: number;
  /** In posts that failed: the Forwarder does not retry. */
  lost: number;
  lastFailure?: unknown;
}

interface DecodedPayload {
  owner: string;
  logGroup: string;
  logStream: string;
  logEvents: { id: string; timestamp: number; message: string }[];
}

const MAX_ITEM_BYTES = 512_000;
const MAX_BATCH_ITEMS = 400;
const MAX_BATCH_BYTES = 4_000_000;

/** Until 4.6.0 the Forwarder itself told the control plane components apart; since then Datadog does. */
const SOURCE_BY_STREAM: [string, string][] = [
  ['kube-apiserver-audit-', 'kubernetes.audit'],
  ['kube-scheduler-', 'kube_scheduler'],
  ['kube-apiserver-', 'kube-apiserver'],
  ['kube-controller-manager-', 'kube-controller-manager'],
  ['authenticator-', 'aws-iam-authenticator'],
];

export class Forwarder extends LambdaFunction {
  readonly fate: ForwarderFate;
  readonly #apiKey: string;
  readonly #ship: Ship;

  constructor(seed: ForwarderSeed, ship: Ship) {
    super(templateFunction(seed));
    this.fate = { version: seed.version ?? '5.4.11', shipped: 0, dropped: 0, lost: 0 };
    this.#apiKey = seed.apiKey;
    this.#ship = ship;
    this.run = (payload) => this.#forward(payload);
  }

  async #forward(payload: LogsPayload): Promise<void> {
    const entries = this.#entries(decodeLogsPayload(payload));
    for (const batch of batches(entries)) {
      try {
        await this.#ship({
          apiKey: this.env.DD_API_KEY ?? this.#apiKey,
          site: this.env.DD_SITE ?? 'datadoghq.com',
          entries: batch,
        });
        this.fate.shipped += batch.length;
      } catch (error) {
        this.fate.lost += batch.length;
        this.fate.lastFailure = error;
      }
    }
  }

  #entries(logs: DecodedPayload): IntakeEntry[] {
    if (this.env.DD_FORWARD_LOG?.toLowerCase() === 'false') {
      this.fate.dropped += logs.logEvents.length;
      return [];
    }
    const include = this.env.INCLUDE_AT_MATCH ? new RegExp(this.env.INCLUDE_AT_MATCH) : undefined;
    const exclude = this.env.EXCLUDE_AT_MATCH ? new RegExp(this.env.EXCLUDE_AT_MATCH) : undefined;
    const kept = logs.logEvents
      .filter((event) => (include?.test(event.message) ?? true) && !(exclude?.test(event.message) ?? false))
      .map((event) => this.#entry(logs, event))
      .filter((entry) => Buffer.byteLength(JSON.stringify(entry)) <= MAX_ITEM_BYTES);
    this.fate.dropped += logs.logEvents.length - kept.length;
    return kept;
  }

  #entry(logs: DecodedPayload, event: DecodedPayload['logEvents'][number]): IntakeEntry {
    const source = this.env.DD_SOURCE ?? this.#source(logs.logStream);
    const tags = [
      this.env.DD_TAGS,
      `forwardername:${this.name.toLowerCase()}`,
      `forwarder_version:${this.fate.version}`,
      this.env.DD_SOURCE === undefined ? undefined : 'source_overridden:true',
    ].filter((tag) => tag);
    const service = /(?:^|,)service:([^,]+)/.exec(this.env.DD_TAGS ?? '')?.[1];
    return {
      id: event.id,
      timestamp: event.timestamp,
      message: event.message,
      aws: {
        awslogs: { logGroup: logs.logGroup, logStream: logs.logStream, owner: logs.owner },
        invoked_function_arn: this.arn,
      },
      ddsourcecategory: 'aws',
      ddsource: source,
      ddtags: tags.join(','),
      host: logs.logGroup,
      service: service ?? source,
    };
  }

  #source(logStream: string): string {
    const [major = 0, minor = 0] = this.fate.version.split('.').map(Number);
    if (major > 4 || (major === 4 && minor >= 6)) return 'cloudwatch';
    return SOURCE_BY_STREAM.find(([prefix]) => logStream.startsWith(prefix))?.[1] ?? 'eks';
  }
}

export function decodeLogsPayload(payload: LogsPayload): DecodedPayload {
  return JSON.parse(gunzipSync(Buffer.from(payload.awslogs.data, 'base64')).toString()) as DecodedPayload;
}

function* batches(entries: IntakeEntry[]): Generator<IntakeEntry[]> {
  let batch: IntakeEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (batch.length > 0 && (batch.length >= MAX_BATCH_ITEMS || bytes + size > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** The function as the template installs it; the name is CloudFormation's, not `DatadogForwarder`. */
function templateFunction(seed: ForwarderSeed): FunctionSeed {
  const { account, region } = seed;
  const partition = partitionOf(region);
  const name = seed.name ?? 'datadog-forwarder-Forwarder-1A2B3C4D5E6F';
  return {
    account,
    region,
    name,
    description: 'Pushes logs, metrics and traces from AWS to Datadog.',
    runtime: 'python3.14',
    handler: 'lambda_function.lambda_handler',
    layers: [`arn:${partition}:lambda:${region}:464622532012:layer:Datadog-Forwarder:110`],
    tags: seed.tags ?? {
      dd_forwarder_version: seed.version ?? '5.4.11',
      'aws:cloudformation:logical-id': 'Forwarder',
      'aws:cloudformation:stack-name': 'datadog-forwarder',
    },
    env: {
      DD_SITE: seed.site,
      DD_API_KEY_SECRET_ARN: `arn:${partition}:secretsmanager:${region}:${account}:secret:DdApiKeySecret-Xy12Ab`,
      DD_ENRICH_CLOUDWATCH_TAGS: 'true',
      DD_STORE_FAILED_EVENTS: 'true',
      ...seed.env,
    },
    policy: policyOf(seed, name),
  };
}

function policyOf(seed: ForwarderSeed, name: string): PolicyStatement[] {
  if (seed.policy === 'none') return [];
  if (seed.policy !== 'template') return seed.policy;
  const { account, region } = seed;
  return [
    {
      Sid: 'datadog-forwarder-CloudWatchLogsInvokePermission-Q7W8E9R0',
      Effect: 'Allow',
      Principal: { Service: 'logs.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: functionArn(region, account, name),
      Condition: {
        StringEquals: { 'AWS:SourceAccount': account },
        ArnLike: { 'AWS:SourceArn': `${logGroupArn(region, account, '*')}:*` },
      },
    },
  ];
}
