/**
 * What a cluster's control plane says when nobody does anything: nodes renew leases, controllers elect leaders,
 * watches end. Written in the shape of public EKS samples, with EKS's own actors.
 */
import type { AuditEventDraft } from './audit-event.ts';
import type { LogType } from './cluster.ts';

const NODES = ['ip-10-0-12-34.ec2.internal', 'ip-10-0-20-15.ec2.internal', 'ip-10-0-33-7.ec2.internal'];
const EVENTS_PER_TICK = 4;

/** The next few background events; the sequence makes them go round. */
export function backgroundEvents(sequence: number): AuditEventDraft[] {
  return Array.from({ length: EVENTS_PER_TICK }, (_, index) => {
    const turn = sequence * EVENTS_PER_TICK + index;
    const node = NODES[turn % NODES.length] ?? '';
    return (TEMPLATES[turn % TEMPLATES.length] ?? nodeLease)(node);
  });
}

/** One line of a component that does not write JSON (klog, or the authenticator's logfmt). */
export function componentLine(type: Exclude<LogType, 'audit'>, sequence: number, nowMs: number): string {
  const at = new Date(nowMs).toISOString();
  const klogTime = `${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 23)}000`;
  switch (type) {
    case 'api':
      return `I${klogTime}      10 controller.go:615] quota admission added evaluator for: pods`;
    case 'controllerManager':
      return `I${klogTime}      11 replica_set.go:679] "Finished syncing" kind="ReplicaSet" key="default/api-7c9d8b6f5" duration="${20 + (sequence % 60)}µs"`;
    case 'scheduler':
      return `I${klogTime}      10 schedule_one.go:286] "Successfully bound pod to node" pod="default/api-7c9d8b6f5-x2x4q" node="${NODES[0]}" evaluatedNodes=3 feasibleNodes=2`;
    case 'authenticator':
      return `time="${at.slice(0, 19)}Z" level=info msg="access granted" arn="arn:aws:iam::111122223333:role/Developer" client="127.0.0.1:${40_000 + (sequence % 9000)}" groups="[developers]" method=POST path=/authenticate username=developer`;
  }
}

const TEMPLATES = [
  nodeLease,
  corednsWatch,
  nodeStatus,
  leaderLease,
  kubeletConfigMap,
  eksPoll,
  awsNodeWatch,
  tokenReview,
];

function nodeLease(node: string): AuditEventDraft {
  return {
    verb: 'update',
    requestURI: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}?timeout=10s`,
    user: { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
    level: 'Request',
    sourceIPs: [addressOf(node)],
    userAgent: 'kubelet/v1.33.1 (linux/amd64) kubernetes/8adc0f0',
    objectRef: {
      resource: 'leases',
      namespace: 'kube-node-lease',
      name: node,
      apiGroup: 'coordination.k8s.io',
      apiVersion: 'v1',
    },
  };
}

function nodeStatus(node: string): AuditEventDraft {
  return {
    verb: 'patch',
    requestURI: `/api/v1/nodes/${node}/status?timeout=10s`,
    user: {
      username: `system:node:${node}`,
      uid: `aws-iam-authenticator:111122223333:AROAEXAMPLENODEROLE01`,
      groups: ['system:bootstrappers', 'system:nodes', 'system:authenticated'],
    },
    level: 'Request',
    sourceIPs: [addressOf(node)],
    userAgent: 'kubelet/v1.33.1 (linux/amd64) kubernetes/8adc0f0',
    objectRef: { resource: 'nodes', name: node, apiVersion: 'v1', subresource: 'status' },
  };
}

function kubeletConfigMap(node: string): AuditEventDraft {
  return {
    verb: 'watch',
    requestURI:
      '/api/v1/namespaces/kube-system/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dcoredns&timeout=7m12s&watch=true',
    user: { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
    level: 'Metadata',
    sourceIPs: [addressOf(node)],
    userAgent: 'kubelet/v1.33.1 (linux/amd64) kubernetes/8adc0f0',
    objectRef: { resource: 'configmaps', namespace: 'kube-system', name: 'coredns', apiVersion: 'v1' },
  };
}

function corednsWatch(): AuditEventDraft {
  return {
    verb: 'watch',
    requestURI:
      '/apis/discovery.k8s.io/v1/endpointslices?allowWatchBookmarks=true&resourceVersion=8812001&timeout=5m56s&timeoutSeconds=356&watch=true',
    user: serviceAccount('kube-system', 'coredns', 'coredns-6b9575c64c-9k2mp'),
    level: 'Request',
    sourceIPs: ['10.0.20.15'],
    userAgent: 'Go-http-client/2.0',
    objectRef: { resource: 'endpointslices', apiGroup: 'discovery.k8s.io', apiVersion: 'v1' },
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason':
        'RBAC: allowed by ClusterRoleBinding "system:coredns" of ClusterRole "system:coredns" to ServiceAccount "coredns/kube-system"',
    },
  };
}

function awsNodeWatch(): AuditEventDraft {
  return {
    verb: 'watch',
    requestURI: '/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs?allowWatchBookmarks=true&timeout=6m31s&watch=true',
    user: serviceAccount('kube-system', 'aws-node', 'aws-node-7tq5z'),
    level: 'Request',
    sourceIPs: ['10.0.33.7'],
    userAgent: 'aws-k8s-agent/v0.0.0 (linux/amd64) kubernetes/$Format',
    objectRef: { resource: 'eniconfigs', apiGroup: 'crd.k8s.amazonaws.com', apiVersion: 'v1alpha1' },
  };
}

function leaderLease(): AuditEventDraft {
  return {
    verb: 'update',
    requestURI: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager?timeout=5s',
    user: { username: 'system:kube-controller-manager', groups: ['system:authenticated'] },
    level: 'Request',
    sourceIPs: ['10.0.61.118'],
    userAgent: 'kube-controller-manager/v1.33.1 (linux/amd64) kubernetes/8adc0f0/leader-election',
    objectRef: {
      resource: 'leases',
      namespace: 'kube-system',
      name: 'kube-controller-manager',
      apiGroup: 'coordination.k8s.io',
      apiVersion: 'v1',
    },
  };
}

/** EKS itself looks after its add-ons and fargate profiles; rules must not take it for an intruder. */
function eksPoll(): AuditEventDraft {
  return {
    verb: 'list',
    requestURI: '/api/v1/namespaces/kube-system/configmaps?limit=500',
    user: {
      username: 'eks:addon-manager',
      uid: 'aws-iam-authenticator:111122223333:AROAEXAMPLEEKSADDON1',
      groups: ['system:authenticated'],
      extra: {
        arn: ['arn:aws:sts::111122223333:assumed-role/AWSWesleyClusterManagerLambda-Add-AddonManagerRole/1763'],
        canonicalArn: ['arn:aws:iam::111122223333:role/AWSWesleyClusterManagerLambda-Add-AddonManagerRole'],
        sessionName: ['1763'],
      },
    },
    level: 'Metadata',
    sourceIPs: ['10.0.61.118'],
    userAgent: 'Go-http-client/2.0',
    objectRef: { resource: 'configmaps', namespace: 'kube-system', apiVersion: 'v1' },
  };
}

function tokenReview(node: string): AuditEventDraft {
  return {
    verb: 'create',
    requestURI: '/apis/authentication.k8s.io/v1/tokenreviews',
    user: { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
    level: 'Metadata',
    sourceIPs: [addressOf(node)],
    userAgent: 'kubelet/v1.33.1 (linux/amd64) kubernetes/8adc0f0',
    objectRef: { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io', apiVersion: 'v1' },
  };
}

export function serviceAccount(namespace: string, name: string, pod?: string): AuditEventDraft['user'] {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...(pod
      ? {
          extra: {
            'authentication.kubernetes.io/node-name': [NODES[1] ?? ''],
            'authentication.kubernetes.io/pod-name': [pod],
          },
        }
      : {}),
  };
}

function addressOf(node: string): string {
  return node.replace(/^ip-(.*)\.ec2\.internal$/, '$1').replaceAll('-', '.');
}
