/** The add-ons every EKS cluster has: DNS, proxies, networking, volumes, metrics, and internal load balancers. */
import type { AuditEventDraft } from '../audit-event.ts';
import { controller, podOf, workload } from './actors.ts';
import { leads } from './control-plane.ts';
import { every, inTurn, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { tail } from './naming.ts';
import { type Actor, request } from './request.ts';
import { nodesAt, type Scene, settledNode } from './scene.ts';

export function clusterAddons(scene: Scene): Moment[] {
  const dns = podFor(scene, 1, 'kube-system', 'coredns', 'Go-http-client/2.0');
  const metrics = podFor(
    scene,
    0,
    'kube-system',
    'metrics-server',
    'metrics-server/v0.8.0 (linux/amd64) kubernetes/4d9ea91',
  );
  return [
    ...watches('dns', () => dns, [
      '/api/v1/services',
      '/api/v1/namespaces',
      '/apis/discovery.k8s.io/v1/endpointslices',
    ]),
    ...onEveryNode(scene),
    ...volumes(scene),
    ...watches('metrics', () => metrics, [
      '/api/v1/nodes',
      '/api/v1/pods',
      '/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Dextension-apiserver-authentication',
    ]),
    ...every('metrics asked', 2 * MINUTE, () => mayAsk(metrics)),
    ...loadBalancers(scene),
  ];
}

function podFor(
  scene: Scene,
  index: number,
  namespace: string,
  name: string,
  userAgent: string,
  account = name,
): Actor {
  return workload(namespace, account, userAgent, { pod: podOf(name), node: settledNode(scene, index) });
}

function onEveryNode(scene: Scene): Moment[] {
  return nodesAt(scene, 0).flatMap((node) => {
    const proxy = workload('kube-system', 'kube-proxy', 'kube-proxy/v1.33.5 (linux/amd64) kubernetes/0862ded', {
      pod: `kube-proxy-${tail(`kube-proxy ${node.name}`)}`,
      node,
    });
    const network = workload('kube-system', 'aws-node', 'aws-k8s-agent/v0.0.0 (linux/amd64) kubernetes/$Format', {
      pod: `aws-node-${tail(`aws-node ${node.name}`)}`,
      node,
    });
    return [
      ...watches(`${node.name} proxy`, () => proxy, ['/api/v1/services', '/apis/discovery.k8s.io/v1/endpointslices']),
      ...watches(`${node.name} network`, () => network, [
        '/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs',
        '/apis/networking.k8s.aws/v1alpha1/policyendpoints',
      ]),
      ...every(`${node.name} own node`, 20 * MINUTE, () => request(network, 'get', `/api/v1/nodes/${node.name}`)),
    ];
  });
}

/** The busiest caller of a quiet cluster: every sidecar elects a leader of its own. */
function volumes(scene: Scene): Moment[] {
  const sidecar = (name: string) =>
    podFor(
      scene,
      2,
      'kube-system',
      'ebs-csi-controller',
      `${name}/v5.3.0 (linux/amd64) kubernetes/$Format`,
      'ebs-csi-controller-sa',
    );
  const provisioner = sidecar('csi-provisioner');
  return [
    ...['external-attacher-leader-ebs-csi-aws-com', 'ebs-csi-aws-com', 'external-resizer-ebs-csi-aws-com'].flatMap(
      (lease) => leads(lease, () => sidecar(lease.split('-ebs')[0] ?? lease), lease),
    ),
    ...watches('volumes', () => provisioner, ['/api/v1/persistentvolumeclaims', '/apis/storage.k8s.io/v1/csinodes']),
    ...inTurn(56 * MINUTE, [
      request(provisioner, 'delete', `/api/v1/persistentvolumes/pvc-${tail(`gone ${scene.hour}`, 12)}`),
    ]),
    ...inTurn(14 * MINUTE, claimBound(provisioner, sidecar('csi-attacher'), 14 * MINUTE, scene), 400),
  ];
}

function claimBound(provisioner: Actor, attacher: Actor, at: number, scene: Scene): AuditEventDraft[] {
  const claim = `data-search-${tail(`claim ${scene.hour}`)}`;
  const uri = `/api/v1/namespaces/shop/persistentvolumeclaims/${claim}`;
  const volume = `pvc-${tail(`volume ${scene.hour}`, 12)}`;
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gp3',
    resources: { requests: { storage: '20Gi' } },
  };
  const body = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata: { name: claim, namespace: 'shop' }, spec };
  const attachment = {
    kind: 'VolumeAttachment',
    apiVersion: 'storage.k8s.io/v1',
    metadata: { name: `csi-${volume}` },
    spec: {
      attacher: 'ebs.csi.aws.com',
      source: { persistentVolumeName: volume },
      nodeName: settledNode(scene, 2).name,
    },
  };
  const binder = controller('persistent-volume-binder', at);
  const attachments = '/apis/storage.k8s.io/v1/volumeattachments';
  return [
    request(controller('statefulset-controller', at), 'create', '/api/v1/namespaces/shop/persistentvolumeclaims', {
      body,
    }),
    request(binder, 'update', uri, { body }),
    request(provisioner, 'create', '/api/v1/persistentvolumes', {
      body: {
        kind: 'PersistentVolume',
        apiVersion: 'v1',
        metadata: { name: volume },
        spec: { ...spec, csi: { driver: 'ebs.csi.aws.com', fsType: 'ext4', volumeHandle: 'vol-0a1b2c3d4e5f60718' } },
      },
    }),
    request(binder, 'update', `/api/v1/persistentvolumes/${volume}`, {
      body: { kind: 'PersistentVolume', metadata: { name: volume } },
    }),
    request(binder, 'update', `${uri}/status`, { body, code: 409 }),
    request(binder, 'update', `${uri}/status`, { body }),
    request(controller('attachdetach-controller', at), 'create', attachments, { body: attachment }),
    request(attacher, 'patch', `${attachments}/csi-${volume}/status`, { body: { status: { attached: true } } }),
  ];
}

/** Whoever asks for metrics, the aggregated API asks the API server about them. */
function mayAsk(metrics: Actor): AuditEventDraft[] {
  const body = {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {
      resourceAttributes: {
        namespace: 'shop',
        verb: 'list',
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        resource: 'pods',
      },
      user: 'system:serviceaccount:kube-system:horizontal-pod-autoscaler',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    },
  };
  return [request(metrics, 'create', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body })];
}

function loadBalancers(scene: Scene): Moment[] {
  const actor = podFor(scene, 3, 'kube-system', 'aws-load-balancer-controller', 'elbv2.k8s.aws/v2.14.0');
  const service = '/api/v1/namespaces/payments/services/ledger-internal';
  const ingress = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web';
  const status = {
    loadBalancer: { ingress: [{ hostname: 'internal-k8s-shop-web-0a1b2c3d4e.elb.us-east-1.amazonaws.com' }] },
  };
  return [
    ...leads('load balancers', () => actor, 'aws-load-balancer-controller-leader'),
    ...watches('load balancers', () => actor, [
      '/api/v1/services',
      '/apis/networking.k8s.io/v1/ingresses',
      '/apis/discovery.k8s.io/v1/endpointslices',
      '/apis/elbv2.k8s.aws/v1beta1/targetgroupbindings',
    ]),
    ...inTurn(
      9 * MINUTE,
      [
        request(actor, 'patch', service, { body: { metadata: { finalizers: ['service.k8s.aws/resources'] } } }),
        request(actor, 'patch', `${service}/status`, { body: { status } }),
        request(actor, 'create', '/apis/elbv2.k8s.aws/v1beta1/namespaces/payments/targetgroupbindings'),
        request(actor, 'patch', `${ingress}/status`, { body: { status } }),
        request(actor, 'patch', '/api/v1/namespaces/ingress/services/ingress-nginx-controller/status', {
          body: { status: { loadBalancer: { ingress: [{ hostname: 'k8s-ingress.elb.us-east-1.amazonaws.com' }] } } },
          response: {
            kind: 'Service',
            metadata: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' } },
            spec: { type: 'LoadBalancer' },
          },
        }),
      ],
      2 * SECOND,
    ),
  ];
}
