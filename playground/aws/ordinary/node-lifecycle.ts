/** Karpenter replaces a node: a new one joins, the old one is drained and deleted, and its pods start elsewhere. */
import type { AuditEventDraft } from '../audit-event.ts';
import { controller, eks, kubelet, podOf, workload } from './actors.ts';
import { leads } from './control-plane.ts';
import { refusedMeanwhile } from './kubelets.ts';
import { inTurn, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { pick, tail } from './naming.ts';
import { applicationSpec, NODE_AGENTS } from './objects.ts';
import { endpointsFollow, podEnds, podStarts } from './pods.ts';
import { type Actor, request } from './request.ts';
import { DRAIN_AT, JOIN_AT, type Scene, settledNode } from './scene.ts';

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const CLAIMS = '/apis/karpenter.sh/v1/nodeclaims';
const EVICTED = ['recommendations', 'checkout', 'reviews'];

export function nodeLifecycle(scene: Scene): Moment[] {
  const karpenter = workload('kube-system', 'karpenter', 'karpenter/1.8.1', {
    pod: podOf('karpenter'),
    node: settledNode(scene, 0),
  });
  return [
    ...leads('karpenter', () => karpenter, 'karpenter-leader-election'),
    ...watches('karpenter', () => karpenter, [
      '/api/v1/nodes',
      '/api/v1/pods',
      CLAIMS,
      '/apis/policy/v1/poddisruptionbudgets',
    ]),
    ...joins(scene, karpenter, JOIN_AT * MINUTE),
    ...leaves(scene, karpenter, DRAIN_AT * MINUTE),
  ];
}

function joins(scene: Scene, karpenter: Actor, at: number): Moment[] {
  const claim = `default-${tail(`claim ${scene.joining.name}`)}`;
  const ready = at + MINUTE;
  return [
    ...inTurn(at, [
      request(karpenter, 'create', CLAIMS),
      request(karpenter, 'patch', `${CLAIMS}/${claim}`),
      request(karpenter, 'update', `${CLAIMS}/${claim}/status`),
    ]),
    ...inTurn(ready - 5 * SECOND, registered(scene)),
    ...inTurn(ready, servingCertificate(scene), 700),
    ...inTurn(ready + 2 * SECOND, labelled(scene, karpenter, ready), 150),
    ...NODE_AGENTS.flatMap(({ spec, ...owner }, index) =>
      podStarts(ready + (6 + index) * SECOND, {
        owner,
        spec,
        pod: `${owner.name}-${tail(`${owner.name} ${scene.joining.name}`)}`,
        node: scene.joining,
        account: owner.name,
      }),
    ),
    ...inTurn(ready + 20 * SECOND, [request(karpenter, 'update', `${CLAIMS}/${claim}/status`)]),
  ];
}

function registered({ joining }: Scene): AuditEventDraft[] {
  const actor = kubelet(joining);
  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const csiNode = `/apis/storage.k8s.io/v1/csinodes/${joining.name}`;
  const body = {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name: joining.name,
      labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'karpenter.sh/nodepool': 'default' },
    },
    spec: {
      taints: [
        { key: 'karpenter.sh/unregistered', effect: 'NoExecute' },
        { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
      ],
    },
    status: { nodeInfo: { kubeletVersion: joining.version, osImage: 'Amazon Linux 2023.9.20251027' } },
  };
  return [
    request(actor, 'create', '/api/v1/nodes', { body }),
    request(actor, 'get', `${lease}/${joining.name}?timeout=10s`, { code: 404 }),
    request(actor, 'create', `${lease}?timeout=10s`),
    request(actor, 'get', csiNode, { code: 404 }),
    request(actor, 'create', '/apis/storage.k8s.io/v1/csinodes', {
      body: {
        kind: 'CSINode',
        apiVersion: 'storage.k8s.io/v1',
        metadata: { name: joining.name },
        spec: { drivers: null },
      },
    }),
  ];
}

/** The kubelet asks for a serving certificate, EKS approves and signs. */
function servingCertificate({ joining }: Scene): AuditEventDraft[] {
  const csr = `csr-${tail(`csr ${joining.name}`)}`;
  const { user } = kubelet(joining);
  const body = {
    kind: 'CertificateSigningRequest',
    apiVersion: 'certificates.k8s.io/v1',
    metadata: { generateName: 'csr-', creationTimestamp: null },
    spec: {
      request: Buffer.from(`certificate request of ${joining.name}`).toString('base64'),
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    },
    status: {},
  };
  const approved = {
    ...body,
    metadata: { name: csr, generateName: 'csr-' },
    spec: { ...body.spec, username: user.username, uid: user.uid, groups: user.groups, extra: user.extra },
    status: {
      conditions: [
        {
          type: 'Approved',
          status: 'True',
          reason: 'AutoApproved',
          message: 'Auto approving self kubelet server certificate after SubjectAccessReview.',
        },
      ],
    },
  };
  const review = {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {
      resourceAttributes: {
        verb: 'create',
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        subresource: 'selfnodeserver',
      },
      user: user.username,
      groups: user.groups,
    },
  };
  const approver = eks('certificate-controller', 'eks-certificates-controller/v0.0.0 (linux/amd64) kubernetes/$Format');
  return [
    request(kubelet(joining), 'create', CSRS, { body, named: csr }),
    request(approver, 'create', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: review }),
    request(approver, 'update', `${CSRS}/${csr}/approval`, { body: approved }),
    request(approver, 'update', `${CSRS}/${csr}/status`, { body: approved }),
  ];
}

/** Everybody who keeps something on a node writes it down. */
function labelled({ joining }: Scene, karpenter: Actor, at: number): AuditEventDraft[] {
  const uri = `/api/v1/nodes/${joining.name}`;
  const cloud = eks(
    'cloud-controller-manager',
    'aws-cloud-controller-manager/v1.33.0 (linux/amd64) kubernetes/6fc9a7b',
  );
  const network = eks('vpc-resource-controller', 'vpc-resource-controller/v1.7.0');
  return [
    request(cloud, 'patch', uri, {
      body: {
        metadata: {
          labels: { 'topology.kubernetes.io/zone': 'us-east-1a', 'node.kubernetes.io/instance-type': 'm7i.xlarge' },
        },
        spec: { providerID: `aws:///us-east-1a/${joining.instance}` },
      },
    }),
    request(controller('node-controller', at), 'patch', uri, {
      body: {
        spec: {
          taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: '2026-11-20T09:30:02Z' }],
        },
      },
    }),
    request(controller('ttl-controller', at), 'patch', uri, {
      body: { metadata: { annotations: { 'node.alpha.kubernetes.io/ttl': '0' } } },
    }),
    request(karpenter, 'patch', uri, {
      body: {
        metadata: { finalizers: ['karpenter.sh/termination'], labels: { 'karpenter.sh/registered': 'true' } },
        spec: { taints: null },
      },
    }),
    request(network, 'create', '/apis/vpcresources.k8s.aws/v1alpha1/cninodes'),
    request(network, 'patch', `${uri}/status`, {
      body: { status: { capacity: { 'vpc.amazonaws.com/pod-eni': '18' } } },
    }),
    request(kubelet(joining), 'patch', `${uri}/status?timeout=10s`, {
      body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    }),
  ];
}

function leaves(scene: Scene, karpenter: Actor, at: number): Moment[] {
  const { leaving, hour } = scene;
  const uri = `/api/v1/nodes/${leaving.name}`;
  const claim = `default-${tail(`claim ${leaving.name}`)}`;
  const taints = [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }];
  const evicted = EVICTED.map((name) => [name, podOf(name, `before ${hour}`), podOf(name, hour)] as const);
  const gone = at + 2 * MINUTE;
  return [
    ...inTurn(at, [request(karpenter, 'patch', uri, { body: { spec: { taints } } })]),
    ...evicted.flatMap(([name, before, after], index) => {
      const start = at + (2 + index) * SECOND;
      const image = `111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/${name}:2.4.${pick(name, 9)}`;
      const owner = { kind: 'ReplicaSet' as const, name: after.replace(/-[^-]*$/, ''), namespace: 'shop' };
      return [
        ...evictions(karpenter, start, before, index),
        ...podEnds(start + 12 * SECOND, 'shop', before, leaving),
        ...podStarts(start + SECOND, {
          owner,
          spec: applicationSpec(name, image),
          pod: after,
          node: scene.joining,
          account: name,
          secrets: [`${name}-database`],
        }),
        ...endpointsFollow(start + 14 * SECOND, 'shop', name),
      ];
    }),
    ...inTurn(at + 30 * SECOND, refusedMeanwhile(leaving, EVICTED)),
    ...inTurn(gone, [
      request(karpenter, 'delete', `${CLAIMS}/${claim}`),
      request(karpenter, 'delete', uri, {
        response: { kind: 'Node', apiVersion: 'v1', metadata: { name: leaving.name } },
      }),
      request(karpenter, 'patch', uri, { body: { metadata: { finalizers: null } } }),
    ]),
    ...NODE_AGENTS.flatMap(({ name, namespace }, index) => {
      const pod = `${name}-${tail(`${name} ${leaving.name}`)}`;
      const collector = controller('pod-garbage-collector', gone);
      return inTurn(gone + (20 + index) * SECOND, [
        request(collector, 'patch', `/api/v1/namespaces/${namespace}/pods/${pod}/status`, {
          body: { status: { phase: 'Failed' } },
        }),
        request(collector, 'delete', `/api/v1/namespaces/${namespace}/pods/${pod}`, {
          body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 },
        }),
      ]);
    }),
  ];
}

/** A disruption budget holds the first attempts up. */
function evictions(karpenter: Actor, at: number, pod: string, refusals: number): Moment[] {
  const uri = `/api/v1/namespaces/shop/pods/${pod}/eviction`;
  const body = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: pod, namespace: 'shop' } };
  const refused = Array.from({ length: refusals }, () => request(karpenter, 'create', uri, { body, code: 429 }));
  return inTurn(at, [...refused, request(karpenter, 'create', uri, { body })], 3 * SECOND);
}
