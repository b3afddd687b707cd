/**
 * What people and intruders do to a cluster, as the audit events it leaves behind: `cluster.record(execIntoPod({…}))`.
 * Shapes follow public EKS samples (panther-labs/panther-analysis, ocsf/examples).
 */
import type { AuditEventDraft } from './audit-event.ts';
import { serviceAccount } from './audit-traffic.ts';

export interface Person {
  account?: string;
  role?: string;
  /** The STS session, often an e-mail address. */
  session?: string;
  groups?: string[];
}

/** An IAM caller mapped by an access entry: `@` becomes `-` in the user name, the extras keep it. */
export function iamUser(person: Person = {}): AuditEventDraft['user'] {
  const account = person.account ?? '111122223333';
  const role = person.role ?? 'AWSReservedSSO_PlatformAdmin_0a1b2c3d4e5f6071';
  const session = person.session ?? 'jane.doe@example.com';
  const principalId = 'AROAEXAMPLEROLEID0001';
  return {
    username: `arn:aws:sts::${account}:assumed-role/${role}/${session.replaceAll('@', '-')}`,
    uid: `aws-iam-authenticator:${account}:${principalId}`,
    groups: [...(person.groups ?? []), 'system:authenticated'],
    extra: {
      accessKeyId: ['ASIAEXAMPLEKEYID0001'],
      arn: [`arn:aws:sts::${account}:assumed-role/${role}/${session}`],
      canonicalArn: [`arn:aws:iam::${account}:role/${role}`],
      principalId: [principalId],
      sessionName: [session],
      'sigs.k8s.io/aws-iam-authenticator/principalId': [principalId],
    },
  };
}

export interface PodTarget {
  by?: Person;
  namespace?: string;
  pod?: string;
  sourceIp?: string;
}

/** kubectl 1.31 and later exec over WebSocket: the verb is `get` and the code 101, not `create`. */
export function execIntoPod(target: PodTarget & { command?: string[]; legacy?: boolean } = {}): AuditEventDraft {
  const namespace = target.namespace ?? 'payments';
  const pod = target.pod ?? 'api-7c9d8b6f5-x2x4q';
  const command = (target.command ?? ['sh', '-c', 'id']).map((word) => `command=${encodeURIComponent(word)}`).join('&');
  return {
    verb: target.legacy ? 'create' : 'get',
    requestURI: `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${command}&container=api&stdin=true&stdout=true&tty=true`,
    user: iamUser(target.by),
    level: 'Request',
    stage: 'ResponseStarted',
    sourceIPs: [target.sourceIp ?? '203.0.113.24'],
    userAgent: `kubectl/${target.legacy ? 'v1.29.4' : 'v1.33.1'} (darwin/arm64) kubernetes/8adc0f0`,
    objectRef: { resource: 'pods', namespace, name: pod, apiVersion: 'v1', subresource: 'exec' },
    responseStatus: { metadata: {}, code: 101 },
  };
}

/** A workload reads every secret of the cluster. */
export function listAllSecrets(options: { namespace?: string; name?: string } = {}): AuditEventDraft {
  const namespace = options.namespace ?? 'ci';
  const name = options.name ?? 'runner';
  return {
    verb: 'list',
    requestURI: '/api/v1/secrets?limit=500',
    user: serviceAccount(namespace, name, `${name}-5f6d7c8b9-abcde`),
    level: 'Metadata',
    sourceIPs: ['10.0.12.34'],
    userAgent: 'kubectl/v1.32.0 (linux/amd64) kubernetes/70d3cc9',
    objectRef: { resource: 'secrets', apiVersion: 'v1' },
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': `RBAC: allowed by ClusterRoleBinding "${namespace}-${name}" of ClusterRole "cluster-admin" to ServiceAccount "${name}/${namespace}"`,
    },
  };
}

/** The break-glass user binds cluster-admin to a service account. */
export function bindClusterAdmin(options: { account?: string; name?: string } = {}): AuditEventDraft {
  const account = options.account ?? '111122223333';
  const name = options.name ?? 'helper-admin';
  const binding = {
    kind: 'ClusterRoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name, creationTimestamp: null },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'kube-system' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  };
  return {
    verb: 'create',
    requestURI:
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?fieldManager=kubectl-create&fieldValidation=Strict',
    user: {
      username: 'kubernetes-admin',
      uid: `aws-iam-authenticator:${account}:AIDAEXAMPLEUSERID0002`,
      groups: ['system:masters', 'system:authenticated'],
      extra: {
        accessKeyId: ['AKIAEXAMPLEKEYID0002'],
        arn: [`arn:aws:iam::${account}:user/breakglass`],
        canonicalArn: [`arn:aws:iam::${account}:user/breakglass`],
        principalId: ['AIDAEXAMPLEUSERID0002'],
        sessionName: [''],
      },
    },
    level: 'RequestResponse',
    sourceIPs: ['198.51.100.7'],
    userAgent: 'kubectl/v1.31.4 (linux/amd64) kubernetes/a78aa47',
    objectRef: {
      resource: 'clusterrolebindings',
      name,
      apiGroup: 'rbac.authorization.k8s.io',
      apiVersion: 'v1',
    },
    requestObject: binding,
    responseObject: { ...binding, metadata: { name, uid: '5d0d9e6f-8f6a-4b8b-a8f2-9b8f3d2c1e04' } },
  };
}

/** Somebody without credentials knocks at the API server and is refused. */
export function anonymousRequest(options: { sourceIp?: string; namespace?: string } = {}): AuditEventDraft {
  const namespace = options.namespace ?? 'kube-system';
  return {
    verb: 'list',
    requestURI: `/api/v1/namespaces/${namespace}/pods`,
    user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    level: 'Request',
    sourceIPs: [options.sourceIp ?? '192.0.2.66'],
    userAgent: 'curl/8.5.0',
    objectRef: { resource: 'pods', namespace, apiVersion: 'v1' },
    responseStatus: {
      metadata: {},
      status: 'Failure',
      message: `pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "${namespace}"`,
      reason: 'Forbidden',
      details: { kind: 'pods' },
      code: 403,
    },
    annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
  };
}

/** A pod with the host's root mounted and its processes in view. */
export function createPrivilegedPod(target: PodTarget = {}): AuditEventDraft {
  const namespace = target.namespace ?? 'default';
  const name = target.pod ?? 'debug';
  const person = { role: 'Developer', session: 'bob', groups: ['developers'], ...target.by };
  return {
    verb: 'create',
    requestURI: `/api/v1/namespaces/${namespace}/pods?fieldManager=kubectl-client-side-apply&fieldValidation=Strict`,
    user: iamUser(person),
    level: 'RequestResponse',
    sourceIPs: [target.sourceIp ?? '203.0.113.80'],
    objectRef: { resource: 'pods', namespace, name, apiVersion: 'v1' },
    requestObject: {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name, namespace, creationTimestamp: null },
      spec: {
        hostPID: true,
        containers: [
          {
            name,
            image: 'public.ecr.aws/docker/library/alpine:3.20',
            command: ['sleep', '3600'],
            securityContext: { privileged: true },
            volumeMounts: [{ name: 'host', mountPath: '/host' }],
          },
        ],
        volumes: [{ name: 'host', hostPath: { path: '/' } }],
      },
    },
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason':
        'RBAC: allowed by RoleBinding "dev-edit/default" of ClusterRole "edit" to Group "developers"',
      'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
    },
  };
}
