/** More and fewer pods with the load, and a cluster autoscaler that finds nothing to do. */
import type { AuditEventDraft } from '../audit-event.ts';
import { controller, podOf, workload } from './actors.ts';
import { leads } from './control-plane.ts';
import { every, inTurn, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { tail } from './naming.ts';
import { applicationSpec } from './objects.ts';
import { endpointsFollow, podStarts, podStops } from './pods.ts';
import { request } from './request.ts';
import { type Scene, settledNode } from './scene.ts';

const UP = 16 * MINUTE;
const DOWN = 48 * MINUTE;

export function autoscaling(scene: Scene): Moment[] {
  const autoscaler = workload(
    'kube-system',
    'cluster-autoscaler',
    'cluster-autoscaler/v0.0.0 (linux/amd64) kubernetes/$Format',
    {
      pod: podOf('cluster-autoscaler'),
      node: settledNode(scene, 1),
    },
  );
  const set = podOf('checkout').replace(/-[^-]*$/, '');
  const pod = `${set}-${tail(`more load ${scene.hour}`)}`;
  const node = settledNode(scene, 3);
  const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:2.4.7';
  return [
    ...every('hpa', 90 * SECOND, (at) => measured(at)),
    ...inTurn(UP, rescaled(UP, 4)),
    ...podStarts(UP + SECOND, {
      owner: { kind: 'ReplicaSet', name: set, namespace: 'shop' },
      spec: applicationSpec('checkout', image),
      pod,
      node,
      account: 'checkout',
      secrets: ['checkout-database'],
    }),
    ...endpointsFollow(UP + 7 * SECOND, 'shop', 'checkout'),
    ...inTurn(DOWN, rescaled(DOWN, 3)),
    ...podStops(DOWN + SECOND, 'shop', pod, node, controller('replicaset-controller', DOWN)),
    ...endpointsFollow(DOWN + 3 * SECOND, 'shop', 'checkout'),
    ...inTurn(34 * MINUTE, nothingQueued(scene)),
    ...leads('cluster autoscaler', () => autoscaler, 'cluster-autoscaler'),
    ...watches('cluster autoscaler', () => autoscaler, ['/api/v1/nodes', '/api/v1/pods', '/apis/apps/v1/daemonsets']),
    ...every('cluster autoscaler status', 2 * MINUTE, () => [
      request(autoscaler, 'get', '/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status'),
      request(autoscaler, 'update', '/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status'),
    ]),
  ];
}

/** KEDA stops what has nothing to do. */
function nothingQueued(scene: Scene): AuditEventDraft[] {
  const keda = workload('keda', 'keda-operator', 'keda-operator/2.18.1', {
    pod: podOf('keda-operator'),
    node: settledNode(scene, 2),
  });
  const scale = '/apis/apps/v1/namespaces/batch/deployments/receipt-printer/scale';
  const metadata = { name: 'receipt-printer', namespace: 'batch' };
  return [
    request(keda, 'get', scale),
    request(keda, 'update', scale, {
      body: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata, spec: { replicas: 0 } },
    }),
  ];
}

function measured(at: number): AuditEventDraft[] {
  const actor = controller('horizontal-pod-autoscaler', at);
  const body = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { name: 'checkout', namespace: 'shop' },
  };
  return [
    request(actor, 'get', '/apis/apps/v1/namespaces/shop/deployments/checkout/scale'),
    request(actor, 'list', '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dcheckout'),
    request(actor, 'update', '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/checkout/status', { body }),
  ];
}

function rescaled(at: number, replicas: number): AuditEventDraft[] {
  const deployment = '/apis/apps/v1/namespaces/shop/deployments/checkout';
  const body = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: { replicas },
  };
  return [
    request(controller('horizontal-pod-autoscaler', at), 'update', `${deployment}/scale`, { body }),
    request(controller('deployment-controller', at), 'update', `${deployment}/status`, {
      body: { kind: 'Deployment', metadata: { name: 'checkout' } },
    }),
  ];
}
