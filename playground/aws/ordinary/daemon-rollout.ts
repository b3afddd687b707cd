/** A DaemonSet has a new template: its controller replaces the pod of one node after the other. */
import { controller } from './actors.ts';
import { inTurn, type Moment, SECOND } from './moments.ts';
import { hex, tail } from './naming.ts';
import { NODE_AGENTS, type NodeAgent } from './objects.ts';
import { podStarts, podStops } from './pods.ts';
import { request } from './request.ts';
import { nodesAt, type Scene } from './scene.ts';

export function nodeAgent(name: string): NodeAgent {
  const agent = NODE_AGENTS.find((one) => one.name === name);
  if (!agent) throw new Error(`no agent ${name} on the nodes`);
  return agent;
}

export function daemonsReplaced(scene: Scene, { spec, ...owner }: NodeAgent, start: number): Moment[] {
  const { name, namespace } = owner;
  const daemons = controller('daemon-set-controller', start);
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const revision = {
    kind: 'ControllerRevision',
    apiVersion: 'apps/v1',
    metadata: { name: `${name}-${hex(`revision ${scene.hour}`, 9)}`, namespace },
    data: { spec: { template: { spec } } },
    revision: 7,
  };
  const status = { kind: 'DaemonSet', apiVersion: 'apps/v1', metadata: { name, namespace } };
  return [
    ...inTurn(start, [request(daemons, 'create', `${apps}/controllerrevisions`, { body: revision })]),
    ...nodesAt(scene, start).flatMap((node, index) => {
      const at = start + (5 + index * 40) * SECOND;
      return [
        ...podStops(at, namespace, `${name}-${tail(`${name} ${node.name}`)}`, node, daemons),
        ...podStarts(at + 5 * SECOND, {
          owner,
          spec,
          pod: `${name}-${tail(`${name} anew ${node.name}`)}`,
          node,
          account: name,
        }),
        ...inTurn(at + 10 * SECOND, [
          request(daemons, 'update', `${apps}/daemonsets/${name}/status`, {
            body: { ...status, spec: { template: { spec } } },
          }),
        ]),
      ];
    }),
  ];
}
