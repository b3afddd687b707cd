/** Engineers with single sign-on and kubectl, who mostly look. */

import { iamUser } from '../audit-actions.ts';
import type { AuditEventDraft } from '../audit-event.ts';
import { nobody } from './actors.ts';
import { inTurn, MINUTE, type Moment, SECOND } from './moments.ts';
import { type Actor, request } from './request.ts';
import type { Scene } from './scene.ts';

const OFFICE = '203.0.113.24';
const HOME = '203.0.113.80';

export function people(scene: Scene): Moment[] {
  const jane = person('PlatformAdmin', 'jane.doe@example.com', OFFICE, 'darwin/arm64');
  const bob = person('Developer', 'bob@example.com', HOME, 'linux/amd64', ['developers']);
  const mio = person('Developer', 'mio.sato@example.com', OFFICE, 'darwin/arm64', ['developers']);
  const [pod = ''] = scene.payments.pods;
  const payments = '/api/v1/namespaces/payments';
  return [
    ...session(3, [...discovery(jane), ...looksAround(jane, 'payments')]),
    ...session(6, [...discovery(bob), ...looksAround(bob, 'shop'), mayI(bob, 'shop', 'deployments')]),
    ...session(12, [
      request(mio, 'list', `${payments}/pods?limit=500`),
      request(mio, 'get', `${payments}/pods/${pod}`),
      // `kubectl logs -f`: the stream begins, and ends when she has seen enough.
      request(mio, 'get', `${payments}/pods/${pod}/log?container=api&follow=true&tailLines=200`, {
        stage: 'ResponseStarted',
      }),
      request(mio, 'get', `${payments}/pods/${pod}/log?container=api&follow=true&tailLines=200`),
    ]),
    ...session(26, [
      request(bob, 'list', '/api/v1/namespaces/shop/pods?limit=500'),
      request(bob, 'get', '/api/v1/namespaces/shop/pods/web-typo', { code: 404 }),
      request(bob, 'list', `${payments}/secrets?limit=500`, { code: 403 }),
    ]),
    ...session(36, [
      request(jane, 'list', '/api/v1/nodes?limit=500'),
      request(jane, 'get', `/api/v1/nodes/${scene.leaving.name}`, { code: 404 }),
      request(jane, 'list', '/apis/metrics.k8s.io/v1beta1/nodes'),
      request(jane, 'list', '/apis/apps/v1/daemonsets?limit=500'),
      request(jane, 'get', '/apis/apps/v1/namespaces/payments/deployments/api'),
    ]),
    ...session(41, [mayI(mio, 'shop', 'configmaps'), ...looksAround(mio, 'shop')]),
    ...session(
      54,
      ['pods', 'services'].map((kind) =>
        request(nobody(bob.userAgent, HOME), 'list', `/api/v1/namespaces/shop/${kind}?limit=500`, { code: 401 }),
      ),
    ),
    ...session(55, [
      request(bob, 'get', '/apis/batch/v1/namespaces/batch/cronjobs/invoice-export'),
      request(bob, 'list', '/apis/batch/v1/namespaces/batch/jobs?limit=500', { code: 403 }),
      request(bob, 'list', '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods'),
    ]),
  ];
}

function session(minute: number, drafts: AuditEventDraft[]): Moment[] {
  return inTurn(minute * MINUTE, drafts, 8 * SECOND);
}

function person(role: string, session: string, address: string, platform: string, groups: string[] = []): Actor {
  const ssoRole = `AWSReservedSSO_${role}_0a1b2c3d4e5f6071`;
  const user = iamUser({ role: ssoRole, session, groups });
  const policy = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';
  return {
    user,
    userAgent: `kubectl/v1.33.1 (${platform}) kubernetes/8adc0f0`,
    address,
    reason:
      groups.length > 0
        ? 'RBAC: allowed by RoleBinding "developers/shop" of ClusterRole "view" to Group "developers"'
        : `EKS Access Policy: allowed by ClusterRoleBinding "arn:aws:iam::111122223333:role/${ssoRole}+${policy}" of ClusterRole "${policy}" to User "AROAEXAMPLEROLEID0001"`,
  };
}

function discovery(who: Actor): AuditEventDraft[] {
  return ['/api?timeout=32s', '/apis?timeout=32s', '/apis/metrics.k8s.io/v1beta1?timeout=32s'].map((uri) =>
    request(who, 'get', uri),
  );
}

/** Get, describe, logs, top. */
function looksAround(who: Actor, namespace: string): AuditEventDraft[] {
  const core = `/api/v1/namespaces/${namespace}`;
  const pod = namespace === 'shop' ? 'search-0' : 'ledger-0';
  return [
    request(who, 'list', `${core}/pods?limit=500`),
    request(who, 'get', `${core}/pods/${pod}`),
    request(who, 'list', `${core}/services?limit=500`),
    request(who, 'get', `${core}/pods/${pod}/log?container=main&tailLines=100`),
    request(who, 'list', `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`),
    request(who, 'list', `/apis/apps/v1/namespaces/${namespace}/deployments?limit=500`),
  ];
}

function mayI(who: Actor, namespace: string, resource: string): AuditEventDraft {
  const body = {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: { resourceAttributes: { namespace, verb: 'update', resource } },
    status: { allowed: false },
  };
  return request(who, 'create', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body });
}
