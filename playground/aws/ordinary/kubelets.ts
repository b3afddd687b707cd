/** What the kubelets of nodes that are up say, and what the API server is asked about those who ask the kubelets. */
import type { AuditEventDraft } from '../audit-event.ts';
import { kubelet, type Node } from './actors.ts';
import { every, HOUR, MINUTE, type Moment, SECOND, type Span, watches } from './moments.ts';
import { tail } from './naming.ts';
import { type Actor, request } from './request.ts';
import { DRAIN_AT, JOIN_AT, type Scene, timeAt } from './scene.ts';

/** Service accounts whose pods are on every node; their kubelet renews the tokens of each after most of an hour. */
const ACCOUNTS = [
  ['kube-system', 'aws-node'],
  ['kube-system', 'kube-proxy'],
  ['kube-system', 'ebs-csi-node-sa'],
  ['datadog', 'datadog'],
  ['monitoring', 'kube-prometheus-stack-prometheus-node-exporter'],
  ['payments', 'api'],
  ['shop', 'web'],
] as const;

export function kubelets(scene: Scene): Moment[] {
  const nodes: [Node, Span][] = [
    ...scene.settled.map((node): [Node, Span] => [node, {}]),
    [scene.leaving, { until: (DRAIN_AT + 3) * MINUTE }],
    [scene.joining, { from: (JOIN_AT + 1) * MINUTE }],
  ];
  return [...nodes.flatMap(([node, span]) => alive(scene, node, span)), ...heartbeat(scene, scene.fargate, {})];
}

function alive(scene: Scene, node: Node, span: Span): Moment[] {
  const actor = kubelet(node);
  return [
    ...heartbeat(scene, node, span),
    ...every(`${node.name} token review`, 4 * MINUTE, () => reviews(actor), span),
    ...every(`${node.name} tokens`, (HOUR * 0.8) / ACCOUNTS.length, (_, turn) => tokenRequest(actor, turn), span),
    ...watches(node.name, () => actor, watchedBy(node), span),
    // Deleted between two syncs: the kubelet finds out by asking.
    ...every(`${node.name} gone`, 25 * MINUTE, (_, turn) => goneMeanwhile(actor, turn), span),
  ];
}

function heartbeat(scene: Scene, node: Node, span: Span): Moment[] {
  const actor = kubelet(node);
  return [
    ...every(
      `${node.name} lease`,
      40 * SECOND,
      () =>
        request(
          actor,
          'update',
          `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node.name}?timeout=10s`,
        ),
      span,
    ),
    ...every(`${node.name} status`, 5 * MINUTE, (at) => status(actor, node, timeAt(scene, at)), span),
  ];
}

function status(actor: Actor, node: Node, lastHeartbeatTime: string): AuditEventDraft {
  const types = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({ type }));
  const conditions = types.map(({ type }) => ({ lastHeartbeatTime, type }));
  const body = { status: { '$setElementOrder/conditions': types, conditions } };
  return request(actor, 'patch', `/api/v1/nodes/${node.name}/status?timeout=10s`, { body });
}

/** Metrics are scraped from the kubelet, which asks the API server who it is that scrapes, and whether they may. */
function reviews(actor: Actor): AuditEventDraft[] {
  const [namespace, name] = ['kube-system', 'metrics-server'];
  const review = {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {
      resourceAttributes: { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'metrics' },
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    },
    status: { allowed: false },
  };
  return [
    request(actor, 'create', '/apis/authentication.k8s.io/v1/tokenreviews'),
    request(actor, 'create', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      body: review,
      response: { ...review, status: { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding' } },
    }),
  ];
}

function tokenRequest(actor: Actor, turn: number): AuditEventDraft {
  const [namespace, name] = ACCOUNTS[turn % ACCOUNTS.length] ?? ACCOUNTS[0];
  return request(actor, 'create', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`);
}

function watchedBy(node: Node): string[] {
  const byName = (namespace: string, resource: string, name: string) =>
    `/api/v1/namespaces/${namespace}/${resource}?fieldSelector=metadata.name%3D${name}`;
  return [
    `/api/v1/pods?fieldSelector=spec.nodeName%3D${node.name}`,
    '/api/v1/services',
    '/apis/node.k8s.io/v1/runtimeclasses',
    '/apis/storage.k8s.io/v1/csidrivers',
    byName('kube-system', 'configmaps', 'kube-root-ca.crt'),
    byName('kube-system', 'configmaps', 'kube-proxy-config'),
    byName('payments', 'secrets', 'api-database'),
    byName('payments', 'configmaps', 'api-settings'),
    byName('shop', 'secrets', 'web-database'),
    byName('datadog', 'secrets', 'datadog-secret'),
    byName('kube-system', 'secrets', 'aws-load-balancer-tls'),
  ];
}

/** The node authorizer hands out only what pods of the node use, and they have just gone. */
export function refusedMeanwhile(node: Node, applications: readonly string[]): AuditEventDraft[] {
  const actor = kubelet(node);
  const named = (resource: string, name: string) =>
    `/api/v1/namespaces/shop/${resource}?fieldSelector=metadata.name%3D${name}&limit=500&resourceVersion=0`;
  return applications.flatMap((name) => [
    request(actor, 'list', named('secrets', `${name}-database`), { code: 403 }),
    request(actor, 'list', named('configmaps', `${name}-settings`), { code: 403 }),
    request(actor, 'create', `/api/v1/namespaces/shop/serviceaccounts/${name}/token`, { code: 403 }),
    request(actor, 'get', `/api/v1/namespaces/shop/persistentvolumeclaims/${name}`, { code: 403 }),
  ]);
}

function goneMeanwhile(actor: Actor, turn: number): AuditEventDraft {
  const job = `invoice-export-${29_400_000 + turn}`;
  return request(actor, 'get', `/api/v1/namespaces/batch/pods/${job}-${tail(job)}`, { code: 404 });
}
