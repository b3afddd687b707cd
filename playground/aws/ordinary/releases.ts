/** A new release of a deployment rolls out: a ReplicaSet grows pod by pod while the one before it shrinks. */
import type { AuditEventDraft } from '../audit-event.ts';
import { controller } from './actors.ts';
import { inTurn, type Moment, SECOND } from './moments.ts';
import { applicationSpec } from './objects.ts';
import { endpointsFollow, podStarts, podStops } from './pods.ts';
import { request } from './request.ts';
import { type Rollout, type Scene, settledNode } from './scene.ts';

export function rollsOut(scene: Scene, release: Rollout, at: number): Moment[] {
  const { namespace, deployment, replicaSet, before, pods } = release;
  const sets = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  const spec = applicationSpec(deployment, release.image);
  const body = {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: { name: replicaSet, namespace },
    spec: { replicas: 1, template: { metadata: { labels: { app: deployment } }, spec } },
  };
  return [
    ...inTurn(at, [
      request(controller('deployment-controller', at), 'create', sets, { body }),
      ...statusOf(release, at),
    ]),
    ...pods.flatMap((pod, index) => {
      const start = at + (2 + index * 25) * SECOND;
      const node = settledNode(scene, index);
      return [
        ...scaled(namespace, replicaSet, index + 1, start),
        ...podStarts(start, {
          owner: { kind: 'ReplicaSet', name: replicaSet, namespace },
          spec,
          pod,
          node,
          account: deployment,
          secrets: [`${deployment}-database`],
        }),
        ...endpointsFollow(start + 6 * SECOND, namespace, deployment),
        ...scaled(namespace, before.replicaSet, 2 - index, start + 8 * SECOND),
        ...podStops(
          start + 9 * SECOND,
          namespace,
          before.pods[index] ?? '',
          node,
          controller('replicaset-controller', start),
        ),
        ...endpointsFollow(start + 12 * SECOND, namespace, deployment),
        ...inTurn(start + 13 * SECOND, statusOf(release, start)),
      ];
    }),
    // Ten old ReplicaSets are kept.
    ...inTurn(at + 90 * SECOND, [
      request(controller('deployment-controller', at), 'delete', `${sets}/${deployment}-84f6b9d7c2`, {
        response: { kind: 'Status', apiVersion: 'v1', status: 'Success' },
      }),
    ]),
  ];
}

function scaled(namespace: string, replicaSet: string, replicas: number, at: number): Moment[] {
  const uri = `/apis/apps/v1/namespaces/${namespace}/replicasets/${replicaSet}`;
  const body = {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: { name: replicaSet, namespace },
    spec: { replicas },
  };
  return inTurn(at, [
    request(controller('deployment-controller', at), 'update', uri, { body }),
    request(controller('replicaset-controller', at), 'update', `${uri}/status`, { body }),
  ]);
}

function statusOf({ namespace, deployment }: Rollout, at: number): AuditEventDraft[] {
  const uri = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/status`;
  const body = {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: deployment, namespace },
    status: { replicas: 3 },
  };
  const actor = controller('deployment-controller', at);
  return [request(actor, 'update', uri, { body, code: 409 }), request(actor, 'update', uri, { body })];
}
