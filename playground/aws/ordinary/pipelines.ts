/** Continuous integration with a service account of its own, in pods that live for one job: kubectl and Helm. */
import type { AuditEventDraft } from '../audit-event.ts';
import { podOf, workload } from './actors.ts';
import { inTurn, MINUTE, type Moment, SECOND } from './moments.ts';
import { tail } from './naming.ts';
import { applicationSpec } from './objects.ts';
import { rollsOut } from './releases.ts';
import { type Actor, request } from './request.ts';
import { type Scene, settledNode, timeAt } from './scene.ts';

const APPLY = 24 * MINUTE;
const RESTART = 46 * MINUTE;
const HELM = 50 * MINUTE;

export function pipelines(scene: Scene): Moment[] {
  const kubectl = runner(scene, 'kubectl/v1.33.4 (linux/amd64) kubernetes/74cdb42');
  const helm = runner(scene, 'Helm/3.19.0');
  return [
    ...runnerLives(scene),
    ...inTurn(APPLY, applied(scene, kubectl), 300),
    ...rollsOut(scene, scene.shop, APPLY + 2 * SECOND),
    ...inTurn(RESTART, restarted(scene, kubectl, RESTART), 300),
    ...inTurn(HELM, upgraded(helm), 400),
  ];
}

/** GitHub's runner controller makes a pod and a secret for each job, without any controller of Kubernetes between. */
function runnerLives(scene: Scene): Moment[] {
  const actor = workload('arc-systems', 'arc-gha-rs-controller', 'manager/v0.0.0 (linux/amd64) kubernetes/$Format', {
    pod: podOf('arc-gha-rs-controller'),
    node: settledNode(scene, 0),
  });
  const name = runnerPod(scene);
  const spec = applicationSpec('runner', 'ghcr.io/actions/actions-runner:2.329.0', 'deployer');
  const body = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'ci', labels: { 'actions-ephemeral-runner': 'True' } },
    spec,
  };
  const pods = '/api/v1/namespaces/ci/pods';
  const secrets = '/api/v1/namespaces/ci/secrets';
  const runners = '/apis/actions.github.com/v1alpha1/namespaces/ci/ephemeralrunners';
  return [
    ...inTurn(APPLY - 2 * MINUTE, [
      request(actor, 'create', secrets, { body: { kind: 'Secret', metadata: { name } } }),
      request(actor, 'create', pods, { body }),
      request(actor, 'patch', `${runners}/${name}/status`),
    ]),
    ...inTurn(HELM + MINUTE, [
      request(actor, 'delete', `${pods}/${name}`),
      request(actor, 'get', `${secrets}/${name}`),
      request(actor, 'delete', `${secrets}/${name}`),
      request(actor, 'delete', `${runners}/${name}`),
    ]),
  ];
}

function runnerPod(scene: Scene): string {
  return `deploy-${tail(`runners ${scene.hour}`)}-runner-${tail(`runner ${scene.hour}`)}`;
}

/** Every pipeline runs in a pod that lives for one job. */
function runner(scene: Scene, userAgent: string): Actor {
  return workload('ci', 'deployer', userAgent, { pod: runnerPod(scene), node: settledNode(scene, 3) });
}

function applied({ shop }: Scene, actor: Actor): AuditEventDraft[] {
  const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';
  const template = { metadata: { labels: { app: 'web' } }, spec: applicationSpec('web', shop.image) };
  const manager = 'fieldManager=kubectl-client-side-apply&fieldValidation=Strict';
  const response = {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template },
  };
  return [
    request(actor, 'get', '/openapi/v3?timeout=32s'),
    request(actor, 'get', '/api/v1/namespaces/shop/configmaps/web-settings'),
    request(actor, 'patch', `/api/v1/namespaces/shop/configmaps/web-settings?${manager}`),
    request(actor, 'get', deployment),
    request(actor, 'patch', `${deployment}?${manager}`, { body: { spec: { template } }, response }),
    ...rolloutStatus(actor, 'web'),
  ];
}

function restarted(scene: Scene, actor: Actor, at: number): AuditEventDraft[] {
  const deployment = '/apis/apps/v1/namespaces/shop/deployments/recommendations';
  const annotations = { 'kubectl.kubernetes.io/restartedAt': timeAt(scene, at) };
  const body = { spec: { template: { metadata: { annotations } } } };
  return [
    request(actor, 'get', deployment),
    request(actor, 'patch', `${deployment}?fieldManager=kubectl-rollout`, { body }),
    ...rolloutStatus(actor, 'recommendations'),
  ];
}

function rolloutStatus(actor: Actor, name: string): AuditEventDraft[] {
  const deployments = `/apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name%3D${name}`;
  return [
    request(actor, 'list', `${deployments}&limit=500&resourceVersion=0`),
    request(actor, 'watch', `${deployments}&resourceVersion=8812999&timeoutSeconds=408&watch=true`),
  ];
}

/** Helm keeps its releases in secrets. */
function upgraded(actor: Actor): AuditEventDraft[] {
  const secrets = '/api/v1/namespaces/shop/secrets';
  const created = { kind: 'Secret', metadata: { name: 'sh.helm.release.v1.search.v42' } };
  return [
    request(actor, 'list', `${secrets}?labelSelector=name%3Dsearch%2Cowner%3Dhelm%2Cstatus%3Ddeployed`),
    request(actor, 'list', `${secrets}?labelSelector=name%3Dsearch%2Cowner%3Dhelm`),
    request(actor, 'create', secrets, { body: created }),
    request(actor, 'get', '/apis/apps/v1/namespaces/shop/statefulsets/search'),
    request(actor, 'patch', '/apis/apps/v1/namespaces/shop/statefulsets/search?fieldManager=helm', {
      body: { spec: { replicas: 2 } },
    }),
    request(actor, 'update', `${secrets}/sh.helm.release.v1.search.v41`),
    request(actor, 'update', `${secrets}/sh.helm.release.v1.search.v42`),
    request(actor, 'delete', `${secrets}/sh.helm.release.v1.search.v32`),
  ];
}
