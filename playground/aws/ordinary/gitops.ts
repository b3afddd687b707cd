/** Argo CD: reads every kind of object when it starts, then applies what Git says and prunes what Git forgot. */
import { podOf, workload } from './actors.ts';
import { compared } from './argo-diff.ts';
import { applied, pruned } from './argo-sync.ts';
import { every, inTurn, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { rollsOut } from './releases.ts';
import { type Actor, request } from './request.ts';
import { DRAIN_AT, type Scene, settledNode } from './scene.ts';

/** It was on the drained node, and starts anew with an empty cache. */
const RESTART = (DRAIN_AT + 1) * MINUTE;
const SYNC = 8 * MINUTE;
const KINDS = [
  '/api/v1/configmaps',
  '/api/v1/limitranges',
  '/api/v1/namespaces',
  '/api/v1/nodes',
  '/api/v1/persistentvolumeclaims',
  '/api/v1/persistentvolumes',
  '/api/v1/pods',
  '/api/v1/resourcequotas',
  '/api/v1/secrets',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/apiregistration.k8s.io/v1/apiservices',
  '/apis/apps/v1/daemonsets',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/replicasets',
  '/apis/apps/v1/statefulsets',
  '/apis/autoscaling/v2/horizontalpodautoscalers',
  '/apis/batch/v1/cronjobs',
  '/apis/batch/v1/jobs',
  '/apis/cert-manager.io/v1/certificates',
  '/apis/external-secrets.io/v1/externalsecrets',
  '/apis/networking.k8s.io/v1/ingresses',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/scheduling.k8s.io/v1/priorityclasses',
  '/apis/storage.k8s.io/v1/storageclasses',
];

export function gitops(scene: Scene): Moment[] {
  const controller = (at: number) => argoController(scene, at);
  const server = argo('argocd-server', podOf('argocd-server'), scene, 1);
  return [
    ...watches('argo', () => controller(0), KINDS, { until: RESTART, list: 'limit=500' }),
    ...watches('argo again', () => controller(RESTART), KINDS, { from: RESTART, list: 'limit=500' }),
    ...watches('argo server', () => server, [
      '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications',
      '/api/v1/namespaces/argocd/secrets',
      '/api/v1/namespaces/argocd/configmaps',
    ]),
    ...every('argo status', MINUTE, (at, turn) =>
      request(
        controller(at),
        'patch',
        `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${turn % 2 === 0 ? 'payments' : 'shop'}`,
      ),
    ),
    ...inTurn(SYNC, applied(scene, controller(SYNC)), 120),
    ...inTurn(SYNC + 20 * SECOND, pruned(controller(SYNC)), 300),
    ...inTurn(SYNC + 15 * MINUTE, compared(controller(SYNC)), 150),
    ...rollsOut(scene, scene.payments, SYNC + 5 * SECOND),
  ];
}

export function argoController(scene: Scene, at: number): Actor {
  return argo('argocd-application-controller', `argocd-application-controller-0 ${at < RESTART}`, scene, 0);
}

function argo(account: string, pod: string, scene: Scene, node: number): Actor {
  const name = pod.split(' ')[0] ?? pod;
  const actor = workload('argocd', account, `${account}/v0.0.0 (linux/amd64) kubernetes/$Format`, {
    pod,
    node: settledNode(scene, node),
  });
  const extra = { ...actor.user.extra, 'authentication.kubernetes.io/pod-name': [name] };
  return { ...actor, user: { ...actor.user, extra } };
}
