/**
 * EKS brings the control plane to the next minor version. New API servers reconcile what they bring along, leaders
 * change, EKS applies its own roles again. Watches break and come back in `moments.ts`.
 */
import type { AuditEventDraft } from '../audit-event.ts';
import { apiServer, component, controller } from './actors.ts';
import { eksBootstrap } from './eks-bootstrap.ts';
import { inTurn, type Moment, SECOND, UPGRADE } from './moments.ts';
import { binding, group, type PolicyRule, RBAC, READ, role } from './rbac.ts';
import { type Actor, request } from './request.ts';

/** Bootstrap roles that differ between two versions, among them the widest that Kubernetes has. */
const CHANGED_ROLES: readonly (readonly [name: string, rules: PolicyRule[]])[] = [
  [
    'system:controller:generic-garbage-collector',
    [{ apiGroups: ['*'], resources: ['*'], verbs: ['delete', ...READ, 'patch', 'update'] }],
  ],
  [
    'system:controller:namespace-controller',
    [{ apiGroups: ['*'], resources: ['*'], verbs: ['delete', 'deletecollection', 'get', 'list'] }],
  ],
  [
    'system:kube-controller-manager',
    [
      { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: ['create', 'delete', 'get', 'update'] },
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
      { apiGroups: ['*'], resources: ['*'], verbs: ['list', 'watch'] },
    ],
  ],
  [
    'system:aggregate-to-edit',
    [
      { apiGroups: [''], resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'secrets'], verbs: READ },
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
    ],
  ],
  ['system:node', [{ apiGroups: [''], resources: ['nodes', 'pods', 'secrets', 'configmaps'], verbs: READ }]],
  [
    'system:controller:clusterrole-aggregation-controller',
    [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
        verbs: ['escalate', 'get', 'list', 'patch', 'update', 'watch'],
      },
    ],
  ],
];

const CONTROLLERS = [
  ...['attachdetach', 'clusterrole-aggregation', 'cronjob', 'daemon-set', 'deployment', 'disruption', 'endpoint'],
  ...['endpointslice', 'job', 'namespace', 'node', 'replicaset', 'resourcequota', 'service-account', 'statefulset'],
  ...['ttl', 'ttl-after-finished'],
]
  .map((name) => `${name}-controller`)
  .concat(
    'generic-garbage-collector',
    'horizontal-pod-autoscaler',
    'persistent-volume-binder',
    'pod-garbage-collector',
  );

export function upgrade(): Moment[] {
  const server = apiServer(UPGRADE);
  return [
    ...inTurn(UPGRADE, itsOwnObjects(server)),
    ...inTurn(UPGRADE + 2 * SECOND, rolesReconciled(server)),
    ...inTurn(UPGRADE + 4 * SECOND, rolesAggregated()),
    ...['kube-controller-manager', 'kube-scheduler'].flatMap((name, index) =>
      inTurn(
        UPGRADE + (15 + index) * SECOND,
        leaderChanges(name === 'kube-scheduler' ? 'kube-scheduler' : 'kube-controller-manager'),
      ),
    ),
    ...inTurn(UPGRADE + 17 * SECOND, controllerTokens()),
    ...inTurn(UPGRADE + 60 * SECOND, eksBootstrap(), 200),
  ];
}

function itsOwnObjects(server: Actor): AuditEventDraft[] {
  const flow = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices';
  const apiService = {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: 'v1.resource.k8s.io' },
  };
  return [
    request(server, 'get', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
    request(server, 'update', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
    request(server, 'create', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'),
    request(server, 'create', apiServices, { body: apiService }),
    request(server, 'update', `${apiServices}/v1beta1.metrics.k8s.io/status`, {
      body: { ...apiService, metadata: { name: 'v1beta1.metrics.k8s.io' } },
    }),
    ...['exempt', 'system-leader-election', 'workload-high'].map((name) =>
      request(server, 'get', `${flow}/flowschemas/${name}`),
    ),
    ...['node-high', 'catch-all'].map((name) =>
      request(server, 'update', `${flow}/prioritylevelconfigurations/${name}`),
    ),
    request(server, 'get', '/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical'),
    request(server, 'update', '/api/v1/namespaces/default/endpoints/kubernetes', {
      body: { kind: 'Endpoints', apiVersion: 'v1', metadata: { name: 'kubernetes', namespace: 'default' } },
    }),
    request(server, 'update', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes'),
  ];
}

function rolesReconciled(server: Actor): AuditEventDraft[] {
  const added = 'system:controller:device-taint-eviction-controller';
  return [
    request(server, 'get', `${RBAC}/clusterroles/cluster-admin`),
    ...CHANGED_ROLES.flatMap(([name, rules]) => [
      request(server, 'get', `${RBAC}/clusterroles/${name}`),
      request(server, 'update', `${RBAC}/clusterroles/${name}`, { body: role(name, rules) }),
    ]),
    request(server, 'get', `${RBAC}/clusterroles/${added}`, { code: 404 }),
    request(server, 'create', `${RBAC}/clusterroles`, {
      body: role(added, [{ apiGroups: [''], resources: ['pods'], verbs: ['delete', ...READ] }]),
    }),
    request(server, 'create', `${RBAC}/clusterrolebindings`, {
      body: binding(added, added, {
        kind: 'ServiceAccount',
        name: 'device-taint-eviction-controller',
        namespace: 'kube-system',
      }),
    }),
    request(server, 'get', `${RBAC}/clusterrolebindings/cluster-admin`),
    request(server, 'update', `${RBAC}/clusterrolebindings/cluster-admin`, {
      body: binding('cluster-admin', 'cluster-admin', group('system:masters')),
    }),
    request(server, 'update', `${RBAC}/clusterrolebindings/system:public-info-viewer`, {
      body: binding('system:public-info-viewer', 'system:public-info-viewer', group('system:unauthenticated')),
    }),
    request(server, 'update', `${RBAC}/clusterrolebindings/system:basic-user`, {
      body: binding('system:basic-user', 'system:basic-user', group('system:authenticated')),
    }),
    request(server, 'update', `${RBAC}/namespaces/kube-system/roles/system::leader-locking-kube-scheduler`, {
      body: { ...role('system::leader-locking-kube-scheduler', []), kind: 'Role' },
    }),
  ];
}

/** `admin`, `edit` and `view` are sums of other roles; `edit` holds exec and impersonation. */
function rolesAggregated(): AuditEventDraft[] {
  const rules = CHANGED_ROLES.find(([name]) => name === 'system:aggregate-to-edit')?.[1] ?? [];
  return ['admin', 'edit', 'view'].map((name) => {
    const body = role(name, name === 'view' ? [] : rules);
    return request(
      controller('clusterrole-aggregation-controller', UPGRADE),
      'patch',
      `${RBAC}/clusterroles/${name}?fieldManager=clusterrole-aggregation-controller&force=true`,
      { body },
    );
  });
}

function leaderChanges(name: 'kube-controller-manager' | 'kube-scheduler'): AuditEventDraft[] {
  const uri = `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}?timeout=5s`;
  const newcomer = component(name, UPGRADE, 'leader-election');
  return [
    request(component(name, UPGRADE - 1, 'leader-election'), 'update', uri),
    request(newcomer, 'get', uri),
    request(newcomer, 'update', uri, { code: 409 }),
    request(newcomer, 'update', uri),
    request(newcomer, 'get', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
  ];
}

/** The new leader gets every controller a token of its own. */
function controllerTokens(): AuditEventDraft[] {
  const actor = component('kube-controller-manager', UPGRADE, 'kube-controller-manager');
  const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';
  return CONTROLLERS.flatMap((name) => [
    request(actor, 'get', `${accounts}/${name}`),
    request(actor, 'create', `${accounts}/${name}/token`),
  ]);
}
