/** What Argo CD does for an application: applies what changed and prunes what Git no longer has. */
import type { AuditEventDraft } from '../audit-event.ts';
import { ACCOUNT } from './actors.ts';
import { tail } from './naming.ts';
import { applicationSpec } from './objects.ts';
import { type Actor, request } from './request.ts';
import type { Scene } from './scene.ts';

type Json = Record<string, unknown>;

const FIELD_MANAGER = 'fieldManager=argocd-controller';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** Each object is read, then patched with what changed; the answer is the whole object. */
export function applied({ payments: { image }, hour }: Scene, actor: Actor): AuditEventDraft[] {
  const patched = (path: string, kind: string, body: Json, rest: Json = {}) => [
    request(actor, 'get', path),
    request(actor, 'patch', `${path}?${FIELD_MANAGER}`, {
      body,
      response: { kind, metadata: { name: path.split('/').at(-1) }, ...body, ...rest },
    }),
  ];
  const created = (path: string, kind: string, name: string, rest: Json = {}) =>
    request(actor, 'create', `${path}?${FIELD_MANAGER}`, { body: { kind, metadata: { name }, ...rest } });
  const core = '/api/v1/namespaces/payments';
  const apps = '/apis/apps/v1/namespaces';
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'settings-reader' };
  const subjects = [{ kind: 'ServiceAccount', name: 'api', namespace: 'payments' }];
  const template = { metadata: { labels: { app: 'api' } }, spec: applicationSpec('api', image) };
  const agents = { 'datadog/daemonsets/datadog': 'agent', 'kube-system/deployments/cluster-autoscaler': 'autoscaler' };
  const report = `report-${tail(`report ${hour}`)}`;
  return [
    ...patched(core, 'Namespace', { metadata: { labels: { team: 'payments' } } }),
    ...patched(`${core}/serviceaccounts/api`, 'ServiceAccount', {
      metadata: { annotations: { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${ACCOUNT}:role/payments-api` } },
    }),
    ...patched(`${core}/configmaps/api-settings`, 'ConfigMap', { data: { FEATURE_INSTALMENTS: 'true' } }),
    created(`${core}/configmaps`, 'ConfigMap', 'api-limits'),
    ...patched(`${RBAC}/namespaces/payments/roles/settings-reader`, 'Role', { rules }),
    ...patched(`${RBAC}/namespaces/payments/rolebindings/settings-reader`, 'RoleBinding', { subjects }, { roleRef }),
    ...patched(`${RBAC}/clusterroles/payments-node-reader`, 'ClusterRole', {
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    }),
    ...patched(`${core}/services/ledger-internal`, 'Service', {
      metadata: {
        annotations: {
          'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal',
          'service.beta.kubernetes.io/aws-load-balancer-type': 'external',
        },
      },
      spec: { type: 'LoadBalancer' },
    }),
    ...patched('/api/v1/namespaces/ingress/services/ingress-nginx-controller', 'Service', {
      metadata: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' } },
      spec: { type: 'LoadBalancer' },
    }),
    ...patched(`${apps}/payments/deployments/api`, 'Deployment', { spec: { template } }),
    ...patched('/apis/batch/v1/namespaces/batch/cronjobs/invoice-export', 'CronJob', {
      spec: { schedule: '*/10 * * * *' },
    }),
    created('/apis/batch/v1/namespaces/batch/cronjobs', 'CronJob', report, {
      spec: { schedule: '0 6 * * 1', jobTemplate: { spec: { template: { spec: applicationSpec('report', image) } } } },
    }),
    ...patched('/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/api', 'NetworkPolicy', {
      spec: { policyTypes: ['Ingress'] },
    }),
    // A patch holds only what is new: an image.
    ...Object.entries(agents).flatMap(([path, name]) =>
      patched(`${apps}/${path}`, path.includes('daemonsets') ? 'DaemonSet' : 'Deployment', {
        spec: { template: { spec: { containers: [{ name, image: 'public.ecr.aws/platform/agent:2.0.1' }] } } },
      }),
    ),
  ];
}

export function pruned(actor: Actor): AuditEventDraft[] {
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' };
  const response = { kind: 'Status', apiVersion: 'v1', status: 'Success' };
  return [
    '/api/v1/namespaces/payments/configmaps/api-limits-2025',
    '/api/v1/namespaces/payments/services/api-canary',
    '/apis/apps/v1/namespaces/payments/deployments/api-canary',
    '/apis/external-secrets.io/v1/namespaces/payments/externalsecrets/api-canary',
  ].map((path) => request(actor, 'delete', path, { body, response }));
}
