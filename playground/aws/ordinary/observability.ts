/** Those who watch: Prometheus, kube-state-metrics, Datadog's agents and GuardDuty's. They read a lot and write little. */
import type { AuditEventDraft } from '../audit-event.ts';
import { podOf, workload } from './actors.ts';
import { leads } from './control-plane.ts';
import { every, inTurn, MINUTE, type Moment, watches } from './moments.ts';
import { tail } from './naming.ts';
import { type Actor, request } from './request.ts';
import { DRAIN_AT, nodesAt, type Scene, settledNode } from './scene.ts';

const STATE = [
  '/api/v1/pods',
  '/api/v1/nodes',
  '/api/v1/namespaces',
  '/api/v1/secrets',
  '/api/v1/configmaps',
  '/api/v1/services',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/replicasets',
  '/apis/batch/v1/jobs',
  '/apis/autoscaling/v2/horizontalpodautoscalers',
];

export function observability(scene: Scene): Moment[] {
  const at = (namespace: string, name: string, userAgent: string, pod: string, node: number) =>
    workload(namespace, name, userAgent, { pod, node: settledNode(scene, node) });
  const prometheus = at(
    'monitoring',
    'kube-prometheus-stack-prometheus',
    'Prometheus/3.7.2',
    'prometheus-kube-prometheus-stack-prometheus-0',
    2,
  );
  const state = at(
    'monitoring',
    'kube-prometheus-stack-kube-state-metrics',
    'kube-state-metrics/v2.17.0',
    podOf('kube-state-metrics'),
    3,
  );
  const operator = at(
    'monitoring',
    'kube-prometheus-stack-operator',
    'PrometheusOperator/0.86.1',
    podOf('kube-prometheus-stack-operator'),
    0,
  );
  const cluster = at(
    'datadog',
    'datadog-cluster-agent',
    'datadog-cluster-agent/7.71.1',
    podOf('datadog-cluster-agent'),
    1,
  );
  return [
    ...watches('prometheus', () => prometheus, [
      '/api/v1/nodes',
      '/api/v1/pods',
      '/apis/discovery.k8s.io/v1/endpointslices',
    ]),
    ...every('prometheus scrapes', 2 * MINUTE, () => request(prometheus, 'get', '/metrics')),
    ...watches('state', () => state, STATE),
    ...watches('operator', () => operator, ['/apis/monitoring.coreos.com/v1/servicemonitors', '/api/v1/secrets']),
    ...inTurn(37 * MINUTE, [
      request(operator, 'update', '/api/v1/namespaces/monitoring/secrets/prometheus-kube-prometheus-stack-prometheus'),
    ]),
    ...inTurn((DRAIN_AT + 2) * MINUTE, permissions(operator)),
    ...every('fargate', 5 * MINUTE, () => fargate(scene)),
    ...leads('datadog', () => cluster, 'datadog-leader-election', 'datadog'),
    ...watches('datadog', () => cluster, [
      ...STATE,
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      '/apis/rbac.authorization.k8s.io/v1/rolebindings',
    ]),
    ...every('datadog webhook', 20 * MINUTE, () => webhook(cluster)),
    ...nodesAt(scene, 0).flatMap((node) => [
      ...onNode('datadog', 'datadog', 'datadog-agent/7.71.1', scene, node.name),
      ...onNode('amazon-guardduty', 'aws-guardduty-agent', 'Go-http-client/2.0', scene, node.name),
    ]),
  ];
}

/** The operator was on the drained node. When it starts it asks about each verb it needs, one by one. */
function permissions(actor: Actor): AuditEventDraft[] {
  const kinds = ['prometheuses', 'prometheusagents', 'alertmanagers', 'thanosrulers'];
  const asked: [group: string, resource: string, verbs: string[]][] = [
    ['storage.k8s.io', 'storageclasses', ['get']],
    ['events.k8s.io', 'events', ['create', 'patch']],
    ['monitoring.coreos.com', 'scrapeconfigs', ['get', 'list', 'watch']],
    ...kinds.flatMap((kind): [string, string, string[]][] => [
      ['monitoring.coreos.com', kind, ['get', 'list', 'watch']],
      ['monitoring.coreos.com', `${kind}/status`, ['update']],
    ]),
  ];
  return asked.flatMap(([group, resource, verbs]) =>
    verbs.map((verb) => {
      const spec = { resourceAttributes: { group, resource, verb } };
      const body = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec };
      return request(actor, 'create', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body });
    }),
  );
}

/** Nothing else reaches the kubelet of a Fargate node: metrics come through the API server. */
function fargate(scene: Scene): AuditEventDraft[] {
  const collector = workload('fargate-container-insights', 'adot-collector', 'otelcol-contrib/0.139.0', {
    pod: 'adot-collector-0',
    node: scene.fargate,
  });
  const proxy = `/api/v1/nodes/${scene.fargate.name}/proxy`;
  return [
    request(collector, 'list', '/api/v1/nodes?limit=500'),
    request(collector, 'get', `${proxy}/metrics/cadvisor`),
    request(collector, 'get', `${proxy}/stats/summary`),
  ];
}

/** The cluster agent keeps the certificate of its admission webhook up to date. */
function webhook(actor: Actor): AuditEventDraft[] {
  const uri = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/datadog-webhook';
  const body = {
    kind: 'MutatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    metadata: { name: 'datadog-webhook' },
    webhooks: [
      {
        name: 'datadog.webhook.agent.config',
        clientConfig: {
          caBundle: Buffer.from('authority').toString('base64'),
          service: { name: 'datadog-admission-controller', namespace: 'datadog', path: '/injectconfig' },
        },
        failurePolicy: 'Ignore',
        objectSelector: { matchLabels: { 'admission.datadoghq.com/enabled': 'true' } },
      },
    ],
  };
  return [
    request(actor, 'get', '/api/v1/namespaces/datadog/secrets/webhook-certificate'),
    request(actor, 'get', uri),
    request(actor, 'update', uri, { body }),
    request(actor, 'get', '/api/v1/namespaces/datadog/configmaps/datadog-cluster-id'),
  ];
}

function onNode(namespace: string, name: string, userAgent: string, scene: Scene, nodeName: string): Moment[] {
  const node = nodesAt(scene, 0).find((one) => one.name === nodeName) ?? settledNode(scene, 0);
  const actor = workload(namespace, name, userAgent, { pod: `${name}-${tail(`${name} ${node.name}`)}`, node });
  return every(`${name} on ${nodeName}`, 12 * MINUTE, () => [
    request(actor, 'get', `/api/v1/nodes/${node.name}`),
    request(actor, 'list', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node.name}&limit=500`),
  ]);
}
