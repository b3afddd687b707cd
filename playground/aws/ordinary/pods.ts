/** How pods come and go, whoever wants them: controller, scheduler and kubelet each say their part. */
import type { AuditEventDraft } from '../audit-event.ts';
import { component, controller, kubelet, type Node } from './actors.ts';
import { inTurn, type Moment, SECOND } from './moments.ts';
import { type PodOwner, podFrom } from './objects.ts';
import { type Actor, request } from './request.ts';

export interface StartedPod {
  owner: PodOwner;
  spec: Record<string, unknown>;
  /** The name the API server makes. */
  pod: string;
  node: Node;
  account: string;
  secrets?: string[];
}

const CONTROLLERS = {
  ReplicaSet: 'replicaset-controller',
  DaemonSet: 'daemon-set-controller',
  Job: 'job-controller',
  StatefulSet: 'statefulset-controller',
} as const;

export function podStarts(at: number, { owner, spec, pod, node, account, secrets = [] }: StartedPod): Moment[] {
  const { namespace } = owner;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const bound = {
    kind: 'Binding',
    apiVersion: 'v1',
    metadata: { name: pod, namespace },
    target: { kind: 'Node', name: node.name },
  };
  const agent = kubelet(node);
  return [
    ...inTurn(at, [
      request(controller(CONTROLLERS[owner.kind], at), 'create', pods, { body: podFrom(owner, spec), named: pod }),
      request(component('kube-scheduler', at, 'scheduler'), 'create', `${pods}/${pod}/binding`, { body: bound }),
      request(
        agent,
        'list',
        `/api/v1/namespaces/${namespace}/configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt&limit=500&resourceVersion=0`,
      ),
      ...secrets.map((name) =>
        request(
          agent,
          'list',
          `/api/v1/namespaces/${namespace}/secrets?fieldSelector=metadata.name%3D${name}&limit=500&resourceVersion=0`,
        ),
      ),
      request(agent, 'create', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`),
    ]),
    ...inTurn(at + 4 * SECOND, podStatus(agent, namespace, pod, 'Running')),
  ];
}

/** The controller asks, the kubelet stops the containers and removes what is left. */
export function podStops(at: number, namespace: string, pod: string, node: Node, by: Actor): Moment[] {
  return [...inTurn(at, [deletePod(by, namespace, pod)]), ...podEnds(at + 2 * SECOND, namespace, pod, node)];
}

export function podEnds(at: number, namespace: string, pod: string, node: Node): Moment[] {
  const agent = kubelet(node);
  return inTurn(at, [
    ...podStatus(agent, namespace, pod, 'Succeeded'),
    request(agent, 'delete', `/api/v1/namespaces/${namespace}/pods/${pod}`, {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid: pod } },
      response: { kind: 'Pod', apiVersion: 'v1', metadata: { name: pod, namespace } },
    }),
  ]);
}

/** Services follow the pods behind them. */
export function endpointsFollow(at: number, namespace: string, service: string): Moment[] {
  return inTurn(at, [
    request(
      controller('endpointslice-controller', at),
      'update',
      `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${service}-8xk2p`,
    ),
    request(controller('endpoint-controller', at), 'update', `/api/v1/namespaces/${namespace}/endpoints/${service}`, {
      body: { kind: 'Endpoints', apiVersion: 'v1', metadata: { name: service, namespace }, subsets: [] },
    }),
  ]);
}

function podStatus(agent: Actor, namespace: string, pod: string, phase: string): AuditEventDraft[] {
  const uri = `/api/v1/namespaces/${namespace}/pods/${pod}`;
  return [
    request(agent, 'get', uri),
    request(agent, 'patch', `${uri}/status`, {
      body: { metadata: { uid: pod }, status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' }] } },
    }),
  ];
}

function deletePod(by: Actor, namespace: string, pod: string): AuditEventDraft {
  return request(by, 'delete', `/api/v1/namespaces/${namespace}/pods/${pod}`, {
    response: { kind: 'Pod', apiVersion: 'v1', metadata: { name: pod, namespace } },
  });
}
