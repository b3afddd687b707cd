/** A tenant gets a namespace from Git, another is retired: Argo CD creates and deletes, controllers fill and empty. */
import { controller } from './actors.ts';
import { argoController } from './gitops.ts';
import { inTurn, MINUTE, type Moment, SECOND } from './moments.ts';
import { tail } from './naming.ts';
import { type Actor, request } from './request.ts';
import type { Scene } from './scene.ts';

const COMES = 18 * MINUTE;
const GOES = 54 * MINUTE;

export function tenants(scene: Scene): Moment[] {
  return [...comes(scene, argoController(scene, COMES), COMES), ...goes(scene, argoController(scene, GOES), GOES)];
}

function comes({ hour }: Scene, actor: Actor, at: number): Moment[] {
  const name = `tenant-${tail(`tenant ${hour}`)}`;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', team: 'shop' };
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
  return inTurn(at, [
    request(actor, 'get', `/api/v1/namespaces/${name}`, { code: 404 }),
    request(actor, 'create', '/api/v1/namespaces?fieldManager=argocd-controller', {
      body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels } },
    }),
    request(controller('root-ca-cert-publisher', at), 'create', `/api/v1/namespaces/${name}/configmaps`, {
      body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'kube-root-ca.crt', namespace: name } },
    }),
    request(controller('service-account-controller', at), 'create', accounts, {
      body: { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'default', namespace: name } },
    }),
  ]);
}

/** The namespace controller empties it, kind by kind. */
function goes({ hour }: Scene, actor: Actor, at: number): Moment[] {
  const name = `tenant-${tail(`retired before ${hour}`)}`;
  const uri = `/api/v1/namespaces/${name}`;
  const emptied = controller('namespace-controller', at);
  const namespaced = [
    ...['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'secrets', 'serviceaccounts', 'services'].map(
      (kind) => `${uri}/${kind}`,
    ),
    ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].map(
      (kind) => `/apis/apps/v1/namespaces/${name}/${kind}`,
    ),
    `/apis/batch/v1/namespaces/${name}/cronjobs`,
    `/apis/batch/v1/namespaces/${name}/jobs`,
    `/apis/networking.k8s.io/v1/namespaces/${name}/ingresses`,
    `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`,
    `/apis/policy/v1/namespaces/${name}/poddisruptionbudgets`,
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/rolebindings`,
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/roles`,
    `/apis/events.k8s.io/v1/namespaces/${name}/events`,
    `/apis/external-secrets.io/v1/namespaces/${name}/externalsecrets`,
  ];
  return [
    ...inTurn(at, [
      request(actor, 'delete', uri, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' },
      }),
    ]),
    ...inTurn(
      at + SECOND,
      namespaced.flatMap((path) => [request(emptied, 'deletecollection', path), request(emptied, 'list', path)]),
    ),
    ...inTurn(at + 4 * SECOND, [
      request(emptied, 'update', `${uri}/finalize`, {
        body: { kind: 'Namespace', apiVersion: 'v1', metadata: { name }, spec: { finalizers: [] } },
      }),
    ]),
  ];
}
