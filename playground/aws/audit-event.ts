/** The Kubernetes audit event as EKS writes it, one JSON line each (audit.k8s.io/v1). */
import { randomUUID } from 'node:crypto';

export interface AuditEvent {
  kind: 'Event';
  apiVersion: 'audit.k8s.io/v1';
  level: 'Metadata' | 'Request' | 'RequestResponse';
  auditID: string;
  stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  requestURI: string;
  verb: string;
  user: { username: string; uid?: string; groups: string[]; extra?: Record<string, string[]> };
  /** Whom the user acts as (`kubectl --as`). */
  impersonatedUser?: { username: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  sourceIPs: string[];
  userAgent: string;
  objectRef?: {
    resource: string;
    namespace?: string;
    name?: string;
    apiGroup?: string;
    apiVersion?: string;
    subresource?: string;
  };
  responseStatus?: Record<string, unknown>;
  requestObject?: unknown;
  responseObject?: unknown;
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations?: Record<string, string>;
}

/** What a scenario says; everything it leaves out is filled in as the API server would. */
export type AuditEventDraft = Pick<AuditEvent, 'verb' | 'requestURI' | 'user'> & Partial<AuditEvent>;

export function completeEvent(draft: AuditEventDraft, nowMs: number): AuditEvent {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: draft.level ?? 'Request',
    auditID: draft.auditID ?? randomUUID(),
    stage: draft.stage ?? 'ResponseComplete',
    requestURI: draft.requestURI,
    verb: draft.verb,
    user: draft.user,
    ...(draft.impersonatedUser ? { impersonatedUser: draft.impersonatedUser } : {}),
    sourceIPs: draft.sourceIPs ?? ['10.0.12.34'],
    userAgent: draft.userAgent ?? 'kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0',
    ...(draft.objectRef ? { objectRef: draft.objectRef } : {}),
    responseStatus: draft.responseStatus ?? { metadata: {}, code: draft.verb === 'create' ? 201 : 200 },
    ...(draft.requestObject === undefined ? {} : { requestObject: draft.requestObject }),
    ...(draft.responseObject === undefined ? {} : { responseObject: draft.responseObject }),
    requestReceivedTimestamp: draft.requestReceivedTimestamp ?? microseconds(nowMs - 17),
    stageTimestamp: draft.stageTimestamp ?? microseconds(nowMs),
    annotations: draft.annotations ?? {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': '',
    },
  };
}

/** RFC 3339 with microseconds, as the API server writes it. */
export function microseconds(ms: number): string {
  const fraction = String(Math.floor(Math.random() * 1000)).padStart(3, '0');
  return new Date(ms).toISOString().replace('Z', `${fraction}Z`);
}
