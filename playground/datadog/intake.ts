/**
 * What arrives at Datadog's log intake: the Forwarder's batch, whose API key and site must be those of this
 * organisation. The field names are those of DataDog/datadog-serverless-functions aws/logs_monitoring.
 */
import type { LogEvent } from '../../src/rules/query.ts';
import { standardiseKubernetesAudit } from './kubernetes-audit-pipeline.ts';

export interface IntakeEntry {
  message: string;
  /** Milliseconds since the epoch. */
  timestamp?: number;
  id?: string;
  aws?: {
    awslogs?: { logGroup?: string; logStream?: string; owner?: string };
    invoked_function_arn?: string;
  };
  ddsource?: string;
  ddsourcecategory?: string;
  /** Comma separated `key:value` pairs. */
  ddtags?: string;
  service?: string;
  host?: string;
}

export interface ForwarderBatch {
  apiKey: string;
  /** `DD_SITE` of the Forwarder, e.g. `datadoghq.eu`. */
  site: string;
  entries: IntakeEntry[];
}

export interface RejectedIntake {
  atMs: number;
  reason: 'wrong api key' | 'wrong site' | 'older than 18 hours';
  site: string;
  entries: number;
}

/** "Log events can be submitted with a timestamp that is up to 18 hours in the past" (API reference, submitLog). */
export const OLDEST_ACCEPTED_MS = 18 * 3600 * 1000;

/**
 * Sources by log stream of an EKS control-plane group. The Forwarder did this itself before 4.6.0
 * (`process_eks_logs`); since DataDog/datadog-serverless-functions#939 the backend does.
 */
const EKS_STREAMS: readonly (readonly [prefix: string, source: string])[] = [
  ['kube-apiserver-audit-', 'kubernetes.audit'],
  ['kube-scheduler-', 'kube_scheduler'],
  ['kube-apiserver-', 'kube-apiserver'],
  ['kube-controller-manager-', 'kube-controller-manager'],
  ['authenticator-', 'aws-iam-authenticator'],
];

const RESERVED = new Set([
  'message',
  'ddsource',
  'ddsourcecategory',
  'ddtags',
  'host',
  'hostname',
  'service',
  'status',
]);

/** The event as pipelines leave it; `datadog.cloud_siem` is not yet on it. */
export function receiveEntry(entry: IntakeEntry | Record<string, unknown>, nowMs: number): LogEvent {
  const fields: Record<string, unknown> = { ...entry };
  const tags = tagList(fields.ddtags);
  const source = sourceOf(fields, tags);
  const message = typeof fields.message === 'string' ? fields.message : JSON.stringify(fields.message ?? '');
  const sent = Object.fromEntries(Object.entries(fields).filter(([name]) => !RESERVED.has(name)));
  const attributes: Record<string, unknown> = { ...sent, ...jsonObject(message) };
  if (source === 'kubernetes.audit') standardiseKubernetesAudit(attributes);
  const host = text(fields.host) ?? text(fields.hostname);
  const service = text(fields.service);
  return {
    message,
    tags: [...(source ? [`source:${source}`] : []), ...tags],
    attributes,
    status: text(fields.status) ?? 'info',
    timestamp: typeof fields.timestamp === 'number' ? fields.timestamp : nowMs,
    ...(source && { source }),
    ...(host && { host }),
    ...(service && { service }),
  };
}

function sourceOf(fields: Record<string, unknown>, tags: string[]): string | undefined {
  const sent = text(fields.ddsource);
  // DD_SOURCE on the Forwarder wins over everything and says so with this tag.
  if (sent !== 'cloudwatch' || tags.includes('source_overridden:true')) return sent;
  const awslogs = (fields.aws as IntakeEntry['aws'])?.awslogs;
  if (!awslogs?.logGroup?.startsWith('/aws/eks/')) return sent;
  const stream = awslogs.logStream ?? '';
  return EKS_STREAMS.find(([prefix]) => stream.startsWith(prefix))?.[1] ?? 'eks';
}

export function tagList(ddtags: unknown): string[] {
  if (typeof ddtags !== 'string') return [];
  return ddtags
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '');
}

function jsonObject(message: string): Record<string, unknown> {
  if (!message.startsWith('{')) return {};
  try {
    return JSON.parse(message) as Record<string, unknown>;
  } catch {
    // A record cut short on the way stays text, as in Datadog.
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
