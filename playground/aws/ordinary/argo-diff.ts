/**
 * Argo CD's server-side diff: whole objects, the dangerous ones of a platform among them, sent as if they were to be
 * applied. The API server answers what would become of them, and nothing changes.
 */
import type { AuditEventDraft } from '../audit-event.ts';
import { ACCOUNT } from './actors.ts';
import { applicationSpec, NODE_AGENTS } from './objects.ts';
import { type Actor, request } from './request.ts';

type Json = Record<string, unknown>;

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const EVERYTHING = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];

export function compared(actor: Actor): AuditEventDraft[] {
  return [...rights(), ...platform(), ...agents()].map(([path, body]) =>
    request(actor, 'patch', `${path}?dryRun=All&fieldManager=argocd-controller&force=true`, { body, response: body }),
  );
}

function rights(): [path: string, body: Json][] {
  const role = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const account = (name: string, namespace: string) => [{ kind: 'ServiceAccount', name, namespace }];
  return [
    [`${RBAC}/clusterroles/argocd-application-controller`, { kind: 'ClusterRole', rules: EVERYTHING }],
    [`${RBAC}/namespaces/ci/roles/runner`, { kind: 'Role', rules: EVERYTHING }],
    [
      `${RBAC}/clusterroles/tenant-operator`,
      {
        kind: 'ClusterRole',
        rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['bind', 'escalate'] }],
      },
    ],
    [
      `${RBAC}/clusterrolebindings/platform-deployer`,
      {
        kind: 'ClusterRoleBinding',
        subjects: account('deployer', 'platform'),
        roleRef: role('ClusterRole', 'cluster-admin'),
      },
    ],
    [
      `${RBAC}/namespaces/reports/rolebindings/settings-reader`,
      { kind: 'RoleBinding', subjects: account('default', 'reports'), roleRef: role('Role', 'settings-reader') },
    ],
    [
      '/api/v1/namespaces/kube-system/serviceaccounts/ebs-csi-controller-sa',
      {
        kind: 'ServiceAccount',
        metadata: { annotations: { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${ACCOUNT}:role/ebs-csi` } },
      },
    ],
  ];
}

function platform(): [path: string, body: Json][] {
  const service = { name: 'metrics-server', namespace: 'kube-system' };
  return [
    [
      '/api/v1/namespaces/ingress/services/ingress-nginx-controller',
      {
        kind: 'Service',
        metadata: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' } },
        spec: { type: 'LoadBalancer' },
      },
    ],
    ['/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io', { kind: 'APIService', spec: { service } }],
    [
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kube-prometheus-stack-admission',
      { kind: 'ValidatingWebhookConfiguration', webhooks: [{ name: 'rules', clientConfig: { service } }] },
    ],
    ['/api/v1/namespaces/kube-system/configmaps/coredns', { kind: 'ConfigMap' }],
    ['/api/v1/namespaces/kube-system/configmaps/aws-auth', { kind: 'ConfigMap', data: { mapRoles: '' } }],
    [
      '/apis/batch/v1/namespaces/batch/cronjobs/month-end',
      {
        kind: 'CronJob',
        spec: { jobTemplate: { spec: { template: { spec: applicationSpec('month-end', 'month-end:1') } } } },
      },
    ],
    [
      '/api/v1/namespaces/monitoring',
      { kind: 'Namespace', metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    ],
  ];
}

function agents(): [path: string, body: Json][] {
  return NODE_AGENTS.filter(({ namespace }) => namespace === 'datadog' || namespace === 'monitoring').map(
    ({ namespace, name, spec }) => [
      `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`,
      { kind: 'DaemonSet', spec: { template: { spec } } },
    ],
  );
}
