/** EKS applies its own manifests, with kubectl from inside the control plane, when a cluster is made or upgraded. */
import type { AuditEventDraft } from '../audit-event.ts';
import { binding, RBAC, READ, role } from './rbac.ts';
import { type Actor, request } from './request.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

export function eksBootstrap(): AuditEventDraft[] {
  const bootstrap: Actor = {
    user: { username: 'eks:cluster-bootstrap', groups: ['system:masters', 'system:authenticated'] },
    userAgent: 'kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9',
    address: '10.0.61.118',
    reason: '',
  };
  const user = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
  const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const objects: [path: string, body: Record<string, unknown>][] = [
    [`${RBAC}/clusterroles/eks:addon-manager`, role('eks:addon-manager', everything)],
    [
      `${RBAC}/clusterrolebindings/eks:addon-cluster-admin`,
      binding('eks:addon-cluster-admin', 'cluster-admin', user('eks:addon-manager')),
    ],
    [
      `${RBAC}/clusterroles/eks:az-poller`,
      role('eks:az-poller', [{ apiGroups: [''], resources: ['nodes'], verbs: READ }]),
    ],
    [`${RBAC}/clusterrolebindings/eks:az-poller`, binding('eks:az-poller', 'eks:az-poller', user('eks:az-poller'))],
    webhook('mutatingwebhookconfigurations/pod-identity-webhook', 'https://127.0.0.1:23443/mutate'),
    webhook('mutatingwebhookconfigurations/vpc-resource-mutating-webhook', 'https://127.0.0.1:22443/mutate-v1-pod'),
    webhook(
      'validatingwebhookconfigurations/vpc-resource-validating-webhook',
      'https://127.0.0.1:22443/validate-v1-pod',
    ),
  ];
  return objects.flatMap(([path, body]) => [
    request(bootstrap, 'get', path),
    request(bootstrap, 'patch', `${path}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict`, {
      body,
      response: body,
    }),
  ]);
}

/** They run beside the API server, not in the cluster. */
function webhook(path: string, url: string): [path: string, body: Record<string, unknown>] {
  const [resource, name = ''] = path.split('/');
  const kind = resource?.startsWith('mutating') ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
  const webhooks = [{ name: `${name}.amazonaws.com`, clientConfig: { url }, failurePolicy: 'Ignore' }];
  return [
    `${ADMISSION}/${path}`,
    { kind, apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name }, webhooks },
  ];
}
