/**
 * What EKS itself runs for every cluster, under names of its own (`eks:…`). Its volume is most of what an idle cluster
 * says. https://docs.aws.amazon.com/eks/latest/userguide/default-roles-users.html
 */
import type { AuditEventDraft } from '../audit-event.ts';
import { eks, eksLambda, podOf } from './actors.ts';
import { leads } from './control-plane.ts';
import { every, inTurn, MINUTE, type Moment, SECOND, UPGRADE, watches } from './moments.ts';
import { podEnds } from './pods.ts';
import { request } from './request.ts';
import { type Scene, settledNode } from './scene.ts';

const AWS_AUTH = '/api/v1/namespaces/kube-system/configmaps/aws-auth';

const METRICS = eks('k8s-metrics', 'eks-k8s-metrics/v0.0.0 (linux/amd64) kubernetes/$Format');
const CLOUD = eks('cloud-controller-manager', 'aws-cloud-controller-manager/v1.33.0 (linux/amd64) kubernetes/6fc9a7b');
const POLICIES = eks('network-policy-controller', 'controller/v0.0.0 (linux/amd64) kubernetes/$Format');
const DNS_SCALER = eks('coredns-autoscaler', 'coredns-autoscaler/v0.0.0 (linux/amd64) kubernetes/$Format');
const NETWORK = eks('vpc-resource-controller', 'vpc-resource-controller/v1.7.0');
const ZONES = eks('az-poller');
const CERTIFICATES = eks(
  'certificate-controller',
  'eks-certificates-controller/v0.0.0 (linux/amd64) kubernetes/$Format',
);
const AUTHENTICATOR = eks('authenticator', 'aws-iam-authenticator/v0.0.0 (linux/amd64) kubernetes/$Format');
const FARGATE = eks('fargate-scheduler', 'kube-scheduler/v0.0.0 (linux/amd64) kubernetes/$Format/scheduler');
const POD_IDENTITY = eks('pod-identity-mutating-webhook', 'webhook/v0.0.0 (linux/amd64) kubernetes/$Format');

export function eksServices(scene: Scene): Moment[] {
  return [
    ...every('k8s metrics', 75 * SECOND, measured),
    ...leads('cloud controller', () => CLOUD, 'cloud-controller-manager?timeout=5s'),
    ...leads('policies', () => POLICIES, 'amazon-network-policy-controller-k8s'),
    ...leads('dns scaler', () => DNS_SCALER, 'coredns-autoscaler'),
    ...leads('network', () => NETWORK, 'cp-vpc-resource-controller'),
    ...leads('certificates', () => CERTIFICATES, 'eks-certificates-controller'),
    ...leads('fargate scheduler', () => FARGATE, 'eks-fargate-scheduler'),
    ...every('zones', 30 * SECOND, (_, turn) => zones(turn)),
    ...deniedAfterUpgrade(),
    ...every('dns size', 3 * MINUTE, () =>
      request(DNS_SCALER, 'get', '/apis/apps/v1/namespaces/kube-system/deployments/coredns'),
    ),
    ...watches('eks', () => NETWORK, ['/api/v1/nodes', '/apis/vpcresources.k8s.aws/v1alpha1/cninodes', '/api/v1/pods']),
    ...watches('eks', () => POLICIES, ['/apis/networking.k8s.io/v1/networkpolicies', '/api/v1/namespaces']),
    ...watches('eks', () => CLOUD, ['/api/v1/nodes', '/api/v1/services']),
    ...watches('eks', () => POD_IDENTITY, ['/api/v1/serviceaccounts']),
    ...watches('eks', () => AUTHENTICATOR, [
      '/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth',
    ]),
    ...watches('eks', () => eks('nodewatcher'), ['/api/v1/nodes']),
    ...watches('eks', () => eks('cluster-event-watcher'), ['/api/v1/nodes']),
    ...watches('eks', () => FARGATE, ['/api/v1/pods', '/api/v1/nodes']),
    ...every('addon manager', 10 * MINUTE, (_, turn) => addonHealth(scene, turn)),
    ...every('node manager', 15 * MINUTE, () =>
      request(eksLambda('node-manager', scene.hour), 'get', `${AWS_AUTH}?timeout=19s`),
    ),
    ...inTurn(52 * MINUTE, nodeRoleMapped(scene)),
    ...inTurn(44 * MINUTE, fargatePod(scene)),
    ...nodeEmptied(scene),
  ];
}

function measured(): AuditEventDraft[] {
  return [
    request(METRICS, 'list', '/api/v1/nodes'),
    request(METRICS, 'list', '/api/v1/pods'),
    request(
      METRICS,
      'list',
      '/apis/apps/v1/namespaces/kube-system/deployments?fieldSelector=metadata.name%3Dvpc-resource-controller',
    ),
    request(METRICS, 'list', '/apis/apps/v1/namespaces/kube-system/daemonsets?fieldSelector=metadata.name%3Daws-node'),
    request(METRICS, 'get', '/metrics'),
  ];
}

function zones(turn: number): AuditEventDraft {
  return turn % 2 === 0
    ? request(ZONES, 'get', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/eks-az-poller')
    : request(ZONES, 'list', '/api/v1/nodes');
}

/** Real clusters show dozens of these: EKS's poller asks before its own role is there again. Nobody can mend it. */
function deniedAfterUpgrade(): Moment[] {
  const uri = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/eks-az-poller';
  return inTurn(
    UPGRADE + SECOND,
    Array.from({ length: 24 }, () => request(ZONES, 'get', uri, { code: 403 })),
    2 * SECOND,
  );
}

/** EKS shows whether an add-on is healthy. */
function addonHealth(scene: Scene, turn: number): AuditEventDraft[] {
  const manager = eksLambda('addon-manager', scene.hour);
  return [
    request(manager, 'get', '/apis/apps/v1/namespaces/kube-system/deployments/coredns?timeout=10s'),
    request(manager, 'get', '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy?timeout=10s'),
    request(manager, 'get', '/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node?timeout=10s'),
    ...(turn === 0
      ? [request(manager, 'get', '/apis/apps/v1/namespaces/kube-system/daemonsets/adot?timeout=10s', { code: 404 })]
      : []),
  ];
}

/** A managed node group was made: its role may join nodes. Done for the older way of mapping roles. */
function nodeRoleMapped(scene: Scene): AuditEventDraft[] {
  const role = (name: string) =>
    `- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: system:node:{{EC2PrivateDNSName}}\n`;
  const body = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'aws-auth', namespace: 'kube-system' },
    data: { mapRoles: role('prod-nodegroup-default') + role('prod-nodegroup-batch') },
  };
  const manager = eksLambda('node-manager', scene.hour);
  return [
    request(manager, 'get', `${AWS_AUTH}?timeout=19s`),
    request(manager, 'update', `${AWS_AUTH}?timeout=19s`, { body }),
  ];
}

/** The node group follows the control plane: its nodes are cordoned and emptied, one at a time. */
function nodeEmptied(scene: Scene): Moment[] {
  const manager = eksLambda('node-manager', scene.hour);
  const node = settledNode(scene, 3);
  const pod = podOf('ledger', scene.hour);
  const uri = `/api/v1/namespaces/payments/pods/${pod}`;
  const eviction = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: pod, namespace: 'payments' } };
  const at = 57 * MINUTE;
  return [
    ...inTurn(at, [
      request(manager, 'get', `/api/v1/nodes/${node.name}?timeout=19s`),
      request(manager, 'patch', `/api/v1/nodes/${node.name}?timeout=19s`, { body: { spec: { unschedulable: true } } }),
      request(manager, 'list', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node.name}&timeout=19s`),
      request(manager, 'create', `${uri}/eviction?timeout=19s`, { body: eviction }),
    ]),
    ...podEnds(at + 10 * SECOND, 'payments', pod, node),
  ];
}

function fargatePod(scene: Scene): AuditEventDraft[] {
  const pods = '/api/v1/namespaces/reports/pods';
  const pod = 'monthly-5d9c7b8f64-mz7qx';
  const binding = {
    kind: 'Binding',
    apiVersion: 'v1',
    metadata: { name: pod, namespace: 'reports' },
    target: { kind: 'Node', name: scene.fargate.name },
  };
  const annotations = {
    CapacityProvisioned: '0.25vCPU 0.5GB',
    Logging: 'LoggingDisabled: LOGGING_CONFIGMAP_NOT_FOUND',
  };
  return [
    request(FARGATE, 'get', '/api/v1/namespaces/aws-observability/configmaps/aws-logging', { code: 404 }),
    request(FARGATE, 'patch', `${pods}/${pod}`, {
      body: { metadata: { annotations, labels: { 'eks.amazonaws.com/fargate-profile': 'reports' } } },
    }),
    request(FARGATE, 'create', `${pods}/${pod}/binding`, { body: binding }),
    request(eks('fargate-manager'), 'get', AWS_AUTH),
  ];
}
