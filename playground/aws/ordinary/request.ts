/**
 * One request to the API server as EKS audits it, from who asked, the verb and the path. What the path names, which
 * level EKS's audit policy gives it and what the answer looks like follow from that, as they do in the API server.
 */
import type { AuditEvent, AuditEventDraft } from '../audit-event.ts';
import { uuidOf } from './naming.ts';

export interface Actor {
  user: AuditEventDraft['user'];
  userAgent: string;
  address: string;
  /** Why the request is allowed; empty where the node authorizer or a webhook decides. */
  reason: string;
}

export interface Answer {
  code?: number;
  /** What was sent. Kept only where the audit policy keeps bodies. */
  body?: unknown;
  /** What came back; the object sent, as the API server completes it, unless given. */
  response?: unknown;
  /** The name the API server made from `generateName`. */
  named?: string;
  stage?: AuditEvent['stage'];
}

type Reference = NonNullable<AuditEvent['objectRef']>;
type Json = Record<string, unknown>;

/** Groups whose requests EKS audits with bodies; custom resources, leases and endpoint slices are not among them. */
const GROUPS_WITH_BODIES = new Set([
  undefined,
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'metrics.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);
/** Bodies that would put secrets into the log. */
const SECRET_BODIES = new Set(['secrets', 'configmaps', 'tokenreviews']);
const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  422: 'Invalid',
  429: 'TooManyRequests',
};

export function request(actor: Actor, verb: string, uri: string, answer: Answer = {}): AuditEventDraft {
  const ref = referenceOf(uri, verb, answer.body);
  const level = ref ? levelOf(verb, ref, actor) : 'Metadata';
  const code = answer.code ?? (verb === 'create' ? 201 : 200);
  const failure = code >= 400 ? failureOf(code, verb, actor, ref) : undefined;
  const changes = verb !== 'get' && verb !== 'list' && verb !== 'watch';
  const response = failure ?? answer.response ?? (changes ? completed(answer) : undefined);
  return {
    verb,
    requestURI: uri,
    user: actor.user,
    level,
    stage: answer.stage ?? 'ResponseComplete',
    sourceIPs: [actor.address],
    userAgent: actor.userAgent,
    ...(ref && { objectRef: ref }),
    responseStatus: { metadata: {}, ...failure, code },
    ...(level !== 'Metadata' && answer.body !== undefined && { requestObject: answer.body }),
    ...(level === 'RequestResponse' && response !== undefined && { responseObject: response }),
    annotations:
      code === 401
        ? {}
        : {
            'authorization.k8s.io/decision': code === 403 ? 'forbid' : 'allow',
            'authorization.k8s.io/reason': code === 403 ? '' : actor.reason,
            ...(ref?.resource === 'pods' &&
              !ref.subresource &&
              verb === 'create' && { 'pod-security.kubernetes.io/enforce-policy': 'privileged:latest' }),
          },
  };
}

/** Nothing for paths that name no resource, such as `/readyz` and discovery. */
function referenceOf(uri: string, verb: string, body: unknown): Reference | undefined {
  const [path = '', parameters] = uri.split('?');
  const [, root, ...rest] = path.split('/');
  const apiGroup = root === 'apis' ? rest.shift() : undefined;
  const apiVersion = rest.shift();
  if ((root !== 'api' && root !== 'apis') || rest.length === 0 || apiVersion === undefined) return undefined;
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') rest.splice(0, 2);
  }
  const [resource = '', named, subresource] = rest;
  const selected = new URLSearchParams(parameters).get('fieldSelector')?.match(/^metadata\.name=([^,]+)$/)?.[1];
  const sent = verb === 'create' && isObject(body) && isObject(body.metadata) ? body.metadata.name : undefined;
  const name = named ?? selected ?? (typeof sent === 'string' ? sent : undefined);
  return {
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(apiGroup !== undefined && { apiGroup }),
    apiVersion,
    ...(subresource !== undefined && { subresource }),
  };
}

/** EKS's audit policy: https://docs.aws.amazon.com/eks/latest/best-practices/auditing-and-logging.html */
function levelOf(verb: string, ref: Reference, { user }: Actor): AuditEvent['level'] {
  const reads = verb === 'get' || verb === 'list' || verb === 'watch';
  if (ref.name === 'aws-auth' && ref.namespace === 'kube-system' && !reads) return 'RequestResponse';
  if (SECRET_BODIES.has(ref.resource)) return 'Metadata';
  if (ref.resource === 'serviceaccounts' && ref.subresource === 'token') return 'Metadata';
  if (!GROUPS_WITH_BODIES.has(ref.apiGroup)) return 'Metadata';
  if (reads || verb === 'deletecollection') return 'Request';
  if (user.groups.includes('system:nodes') && ref.subresource === 'status') return 'Request';
  return 'RequestResponse';
}

function failureOf(code: number, verb: string, { user }: Actor, ref: Reference | undefined): Json {
  const { resource = '', name, namespace = '' } = ref ?? {};
  const messages: Readonly<Record<number, string>> = {
    403: `${resource} is forbidden: User "${user.username}" cannot ${verb} resource "${resource}" in API group "${ref?.apiGroup ?? ''}" in the namespace "${namespace}"`,
    404: `${resource} "${name}" not found`,
    409: `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    429: "Cannot evict pod as it would violate the pod's disruption budget.",
  };
  return {
    status: 'Failure',
    message: messages[code] ?? REASONS[code] ?? '',
    reason: REASONS[code] ?? '',
    details: { ...(name !== undefined && { name }), kind: resource },
  };
}

function completed({ body, named }: Answer): Json | undefined {
  if (!isObject(body) || typeof body.kind !== 'string') return undefined;
  const metadata = isObject(body.metadata) ? body.metadata : {};
  const name = named ?? metadata.name;
  if (typeof name !== 'string') return body;
  return { ...body, metadata: { ...metadata, name, uid: uuidOf(name), resourceVersion: '8812345' } };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
