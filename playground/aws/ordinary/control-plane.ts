/** The control plane with itself: leader elections, the API server's own objects, and what its controllers poll. */
import type { AuditEventDraft } from '../audit-event.ts';
import { apiServer, component, controller } from './actors.ts';
import { every, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { type Actor, request } from './request.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces';
/** Leader leases are renewed every two to five seconds; about one renewal in ten is told here. */
const RENEWAL = 40 * SECOND;

/** A leader reads its lease and writes it again. */
export function leads(label: string, actor: (at: number) => Actor, lease: string, namespace = 'kube-system'): Moment[] {
  const uri = `${LEASES}/${namespace}/leases/${lease}`;
  return every(label, RENEWAL, (at, turn) =>
    turn % 2 === 0 ? request(actor(at), 'get', uri) : request(actor(at), 'update', uri),
  );
}

export function controlPlane(): Moment[] {
  return [
    ...leads(
      'kcm leads',
      (at) => component('kube-controller-manager', at, 'leader-election'),
      'kube-controller-manager?timeout=5s',
    ),
    ...leads(
      'scheduler leads',
      (at) => component('kube-scheduler', at, 'leader-election'),
      'kube-scheduler?timeout=5s',
    ),
    ...every('apiserver identity', 30 * SECOND, (at) =>
      request(apiServer(at), 'update', `${LEASES}/kube-system/leases/apiserver-5k2wq7h3xjz4nmb6?timeout=10s`),
    ),
    ...every('apiserver itself', 50 * SECOND, (at) => itself(apiServer(at))),
    ...every('quota discovery', 2 * MINUTE, (at, turn) => discovery(turn, at)),
    ...watchesOfControllers(),
  ];
}

function itself(actor: Actor): AuditEventDraft[] {
  return [
    request(actor, 'get', '/api/v1/namespaces/default/services/kubernetes'),
    request(actor, 'get', '/api/v1/namespaces/default/endpoints/kubernetes'),
    request(actor, 'get', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'),
    request(actor, 'list', '/api/v1/namespaces/kube-system/configmaps?limit=500'),
  ];
}

/** Quota and garbage collection look for new kinds of objects. */
function discovery(turn: number, at: number): AuditEventDraft[] {
  const actor = controller(turn % 2 === 0 ? 'resourcequota-controller' : 'generic-garbage-collector', at);
  return ['/api', '/apis', '/apis/metrics.k8s.io/v1beta1'].map((path) => request(actor, 'get', `${path}?timeout=32s`));
}

function watchesOfControllers(): Moment[] {
  return [
    ...watches('kcm', (at) => component('kube-controller-manager', at, 'shared-informers'), [
      '/api/v1/pods',
      '/api/v1/nodes',
      '/api/v1/secrets',
      '/api/v1/serviceaccounts',
      '/apis/apps/v1/replicasets',
      '/apis/batch/v1/jobs',
      '/apis/batch/v1/cronjobs',
      '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    ]),
    ...watches('scheduler', (at) => component('kube-scheduler', at, 'scheduler'), [
      '/api/v1/pods',
      '/api/v1/nodes',
      '/api/v1/persistentvolumeclaims',
      '/apis/storage.k8s.io/v1/csinodes',
    ]),
    ...watches('gc', (at) => controller('generic-garbage-collector', at), [
      '/api/v1/secrets',
      '/api/v1/configmaps',
      '/apis/rbac.authorization.k8s.io/v1/rolebindings',
      '/apis/argoproj.io/v1alpha1/applications',
    ]),
    ...watches('quota', (at) => controller('resourcequota-controller', at), ['/api/v1/secrets', '/api/v1/services']),
    ...watches('apiserver', apiServer, [
      '/api/v1/secrets',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      '/apis/rbac.authorization.k8s.io/v1/rolebindings',
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      '/apis/apiregistration.k8s.io/v1/apiservices',
      '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    ]),
  ];
}
