/**
 * One EKS audit event as Cloud SIEM sees it: the raw record, the Forwarder's envelope, and the standard attributes
 * that Datadog's "Kubernetes Audit" pipeline adds. The pipeline's definition is not public; the names are those that
 * Datadog's own rules for this source query.
 */
import type { LogEvent } from './query.ts';

export interface AuditOrigin {
  /** The AWS account that owns the log group. */
  account: string;
  cluster: string;
  region: string;
  /** Another than `kubernetes.audit` stands for a clone of the pipeline: the attributes are the same. */
  source: string;
}

const SOMEWHERE: AuditOrigin = {
  account: '111122223333',
  cluster: 'prod-a',
  region: 'us-east-1',
  source: 'kubernetes.audit',
};

export function auditLogEvent(
  audit: Readonly<Record<string, unknown>>,
  origin: Readonly<Partial<AuditOrigin>> = {},
): LogEvent {
  const { account, cluster, region, source } = { ...SOMEWHERE, ...origin };
  const logGroup = `/aws/eks/${cluster}/cluster`;
  const aws = {
    awslogs: { logGroup, logStream: 'kube-apiserver-audit-4ddc5b2b1c3b', owner: account },
    invoked_function_arn: `arn:aws:lambda:${region}:${account}:function:DatadogForwarder`,
  };
  return {
    message: JSON.stringify(audit),
    tags: [`source:${source}`],
    attributes: { aws, ...audit, ...standardAttributes(audit) },
    source,
    host: logGroup,
    service: 'cloudwatch',
    status: 'info',
  };
}

function standardAttributes(audit: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const username = text(field(audit.user, 'username'));
  // The Kubernetes verb, not the HTTP method: an exec over WebSocket is `get`.
  const method = text(audit.verb);
  const code = field(audit.responseStatus, 'code');
  const path = text(audit.requestURI)?.split('?')[0];
  const ip = Array.isArray(audit.sourceIPs) ? text(audit.sourceIPs[0]) : undefined;
  const http = {
    ...(method !== undefined && { method }),
    ...(typeof code === 'number' && { status_code: code }),
    ...(path !== undefined && { url_details: { path } }),
  };
  return {
    ...(username !== undefined && { usr: { name: username, id: username } }),
    ...(Object.keys(http).length > 0 && { http }),
    ...(ip !== undefined && { network: { client: { ip } } }),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
