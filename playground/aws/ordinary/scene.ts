/**
 * The cluster the hour happens in: its nodes, and what is new in this hour and gone in the next. Everything follows
 * from the hour, so that the same hour is always the same and the next one has other nodes and pods.
 */
import { ACCOUNT, type Node, nodeAt, nodeOfTheHour } from './actors.ts';
import { tail } from './naming.ts';

export interface Scene {
  /** Makes names that live for an hour. */
  hour: string;
  /** Nodes that stay. */
  settled: Node[];
  /** Karpenter drains and deletes it. */
  leaving: Node;
  /** Karpenter makes it in place of the one leaving, with the version of the upgraded control plane. */
  joining: Node;
  fargate: Node;
  payments: Rollout;
  shop: Rollout;
}

/** A deployment that gets a new release within the hour. */
export interface Rollout {
  namespace: string;
  deployment: string;
  image: string;
  replicaSet: string;
  before: { replicaSet: string; pods: string[] };
  pods: string[];
}

/** Minutes of the hour. */
export const JOIN_AT = 29;
export const DRAIN_AT = 32;

export function sceneOf(fromMs: number): Scene {
  const hour = new Date(fromMs).toISOString().slice(0, 13);
  return {
    hour,
    settled: ['10.0.12.34', '10.0.20.15', '10.0.33.7', '10.0.17.201'].map((address) => nodeAt(address)),
    leaving: nodeOfTheHour(`${hour} leaving`, 'old'),
    joining: nodeOfTheHour(`${hour} joining`, 'new'),
    fargate: { ...nodeAt('10.0.44.21', 'prod-fargate-pod-execution'), name: 'fargate-ip-10-0-44-21.ec2.internal' },
    payments: rollout('payments', 'api', hour),
    shop: rollout('shop', 'web', hour),
  };
}

/** Nodes at a time of the hour, Fargate aside. */
export function nodesAt(scene: Scene, at: number): Node[] {
  const minute = at / 60_000;
  return [
    ...scene.settled,
    ...(minute < DRAIN_AT + 3 ? [scene.leaving] : []),
    ...(minute >= JOIN_AT + 1 ? [scene.joining] : []),
  ];
}

/** As Kubernetes writes times. */
export function timeAt(scene: Scene, at: number): string {
  return new Date(Date.parse(`${scene.hour}:00:00Z`) + Math.floor(at / 1000) * 1000).toISOString().replace('.000', '');
}

/** A settled node, to put things on. */
export function settledNode(scene: Scene, index: number): Node {
  const node = scene.settled[index % scene.settled.length];
  if (!node) throw new Error('a scene without nodes');
  return node;
}

function rollout(namespace: string, deployment: string, hour: string): Rollout {
  const release = Date.parse(`${hour}:00:00Z`) / 3_600_000;
  const replicaSet = `${deployment}-${tail(`${deployment} ${release}`, 9)}`;
  const before = `${deployment}-${tail(`${deployment} ${release - 1}`, 9)}`;
  const pods = (of: string) => [1, 2, 3].map((n) => `${of}-${tail(`${of} ${n}`)}`);
  return {
    namespace,
    deployment,
    image: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/${namespace}/${deployment}:1.${release % 1000}.0`,
    replicaSet,
    before: { replicaSet: before, pods: pods(before) },
    pods: pods(replicaSet),
  };
}
