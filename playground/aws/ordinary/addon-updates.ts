/** After the control plane, EKS updates managed add-ons; Argo CD has updated an agent of its own before. */
import type { AuditEventDraft } from '../audit-event.ts';
import { eksLambda } from './actors.ts';
import { daemonsReplaced, nodeAgent } from './daemon-rollout.ts';
import { inTurn, MINUTE, type Moment, SECOND } from './moments.ts';
import { container, eksImage, type NodeAgent } from './objects.ts';
import { request } from './request.ts';
import type { Scene } from './scene.ts';

const KUBE_PROXY = 38 * MINUTE;
const GUARDDUTY = 45 * MINUTE;
const DATADOG = 9 * MINUTE;
const MONITORING = 50 * MINUTE;
const COREDNS = 42 * MINUTE;

export function addonUpdates(scene: Scene): Moment[] {
  const before = nodeAgent('kube-proxy');
  const containers = [container('kube-proxy', eksImage('kube-proxy:v1.34.1-eksbuild.2'), { privileged: true })];
  const kubeProxy = { ...before, spec: { ...before.spec, containers } };
  const guardDuty = nodeAgent('aws-guardduty-agent');
  return [
    ...inTurn(KUBE_PROXY, [...kubeProxyRights(scene), ...daemonSetPatched(scene, kubeProxy)], 250),
    ...daemonsReplaced(scene, kubeProxy, KUBE_PROXY + 4 * SECOND),
    ...inTurn(GUARDDUTY, daemonSetPatched(scene, guardDuty), 250),
    ...daemonsReplaced(scene, guardDuty, GUARDDUTY + SECOND),
    ...inTurn(COREDNS, coreDns(scene), 250),
    ...inTurn(MONITORING, daemonSetPatched(scene, nodeAgent('eks-node-monitoring-agent')), 250),
    ...daemonsReplaced(scene, nodeAgent('eks-node-monitoring-agent'), MONITORING + SECOND),
    ...daemonsReplaced(scene, nodeAgent('datadog'), DATADOG),
  ];
}

/** Server-side apply: the whole object is in the patch. */
function patched(scene: Scene, path: string, body: Record<string, unknown>): AuditEventDraft[] {
  const manager = eksLambda('addon-manager', scene.hour);
  return [
    request(manager, 'get', `${path}?timeout=10s`),
    request(manager, 'patch', `${path}?fieldManager=eks&force=true&timeout=10s`, { body, response: body }),
  ];
}

function daemonSetPatched(scene: Scene, { namespace, name, spec }: NodeAgent): AuditEventDraft[] {
  return patched(scene, `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`, {
    kind: 'DaemonSet',
    apiVersion: 'apps/v1',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { 'k8s-app': name } }, template: { spec } },
  });
}

/** And the role of the EBS CSI driver, which is an add-on as well. */
function coreDns(scene: Scene): AuditEventDraft[] {
  const system = '/api/v1/namespaces/kube-system';
  const roleArn = 'arn:aws:iam::111122223333:role/ebs-csi';
  const image = eksImage('coredns:v1.12.4-eksbuild.1');
  const spec = { containers: [container('coredns', image, { capabilities: { add: ['NET_BIND_SERVICE'] } })] };
  return [
    request(eksLambda('addon-manager', scene.hour), 'list', `${system}/configmaps?limit=500&timeout=10s`),
    ...patched(scene, `${system}/configmaps/coredns`, { kind: 'ConfigMap', apiVersion: 'v1' }),
    ...patched(scene, '/apis/apps/v1/namespaces/kube-system/deployments/coredns', {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'coredns' },
      spec: { template: { spec } },
    }),
    ...patched(scene, `${system}/serviceaccounts/ebs-csi-controller-sa`, {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: { name: 'ebs-csi-controller-sa', annotations: { 'eks.amazonaws.com/role-arn': roleArn } },
    }),
  ];
}

function kubeProxyRights(scene: Scene): AuditEventDraft[] {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const system = '/api/v1/namespaces/kube-system';
  const labels = { 'eks.amazonaws.com/component': 'kube-proxy' };
  const objects: [path: string, body: Record<string, unknown>][] = [
    [`${system}/serviceaccounts/kube-proxy`, { kind: 'ServiceAccount', apiVersion: 'v1' }],
    [`${system}/configmaps/kube-proxy`, { kind: 'ConfigMap', apiVersion: 'v1' }],
    [`${system}/configmaps/kube-proxy-config`, { kind: 'ConfigMap', apiVersion: 'v1' }],
    [
      `${rbac}/clusterroles/eks:kube-proxy-windows`,
      {
        kind: 'ClusterRole',
        apiVersion: 'rbac.authorization.k8s.io/v1',
        rules: [{ apiGroups: [''], resources: ['endpoints', 'services', 'nodes'], verbs: ['get', 'list', 'watch'] }],
      },
    ],
    [
      `${rbac}/clusterrolebindings/eks:kube-proxy`,
      {
        kind: 'ClusterRoleBinding',
        apiVersion: 'rbac.authorization.k8s.io/v1',
        subjects: [{ kind: 'ServiceAccount', name: 'kube-proxy', namespace: 'kube-system' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
      },
    ],
  ];
  return objects.flatMap(([path, body]) =>
    patched(scene, path, { ...body, metadata: { name: path.split('/').at(-1), labels } }),
  );
}
