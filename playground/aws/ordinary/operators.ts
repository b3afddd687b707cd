/** Operators that handle secrets for a living: cert-manager renews a certificate, external-secrets follows the vault. */
import type { AuditEventDraft } from '../audit-event.ts';
import { controller, podOf, workload } from './actors.ts';
import { leads } from './control-plane.ts';
import { every, inTurn, MINUTE, type Moment, SECOND, watches } from './moments.ts';
import { type Actor, request } from './request.ts';
import { type Scene, settledNode } from './scene.ts';

export function operators(scene: Scene): Moment[] {
  const at = (namespace: string, name: string, userAgent: string, node: number) =>
    workload(namespace, name, userAgent, { pod: podOf(name), node: settledNode(scene, node) });
  const certificates = at(
    'cert-manager',
    'cert-manager',
    'cert-manager-certificates-issuing/v1.19.1 (linux/amd64) cert-manager/2ac1eb1',
    0,
  );
  const injector = at(
    'cert-manager',
    'cert-manager-cainjector',
    'cainjector/v1.19.1 (linux/amd64) cert-manager/2ac1eb1',
    1,
  );
  const webhook = at('cert-manager', 'cert-manager-webhook', 'webhook/v1.19.1 (linux/amd64) cert-manager/2ac1eb1', 1);
  const external = at(
    'external-secrets',
    'external-secrets',
    'external-secrets/v0.0.0 (linux/amd64) kubernetes/$Format',
    2,
  );
  return [
    ...leads('cert-manager', () => certificates, 'cert-manager-controller'),
    ...leads('cainjector', () => injector, 'cert-manager-cainjector-leader-election'),
    ...watches('cert-manager', () => certificates, [
      '/api/v1/secrets',
      '/apis/cert-manager.io/v1/certificates',
      '/apis/cert-manager.io/v1/certificaterequests',
      '/apis/networking.k8s.io/v1/ingresses',
    ]),
    ...watches('cainjector', () => injector, [
      '/api/v1/secrets',
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ]),
    ...every('cert-manager webhook', 12 * MINUTE, () => mayIssue(webhook)),
    ...inTurn(11 * MINUTE, renewed(certificates), 500),
    ...inTurn(11 * MINUTE + 20 * SECOND, injected(injector), 200),
    ...watches('external-secrets', () => external, [
      '/apis/external-secrets.io/v1/externalsecrets',
      '/apis/external-secrets.io/v1/clustersecretstores',
    ]),
    ...inTurn(9 * MINUTE, ownedGone(9 * MINUTE)),
    ...every('external-secrets', 15 * MINUTE, (_, turn) => followed(external, turn)),
  ];
}

function renewed(actor: Actor): AuditEventDraft[] {
  const requests = '/apis/cert-manager.io/v1/namespaces/shop/certificaterequests';
  const secrets = '/api/v1/namespaces/shop/secrets';
  return [
    request(actor, 'create', secrets, { body: { kind: 'Secret', metadata: { generateName: 'web-tls-' } } }),
    request(actor, 'create', requests),
    request(actor, 'update', `${requests}/web-tls-14/status`, { code: 409 }),
    request(actor, 'update', `${requests}/web-tls-14/status`),
    request(actor, 'get', '/api/v1/namespaces/cert-manager/secrets/letsencrypt-account-key'),
    request(actor, 'update', `${secrets}/web-tls`),
    request(actor, 'update', '/apis/cert-manager.io/v1/namespaces/shop/certificates/web-tls/status'),
    request(actor, 'delete', `${secrets}/web-tls-h8k2p`),
  ];
}

/** The certificate of its own webhook is new: the API server must trust it. */
function injected(actor: Actor): AuditEventDraft[] {
  const caBundle = Buffer.from('certificate authority of the webhook').toString('base64');
  const service = { name: 'cert-manager-webhook', namespace: 'cert-manager', path: '/validate' };
  const configuration = (kind: string) => ({
    kind,
    apiVersion: 'admissionregistration.k8s.io/v1',
    metadata: {
      name: 'cert-manager-webhook',
      annotations: { 'cert-manager.io/inject-ca-from-secret': 'cert-manager/cert-manager-webhook-ca' },
    },
    webhooks: [
      {
        name: 'webhook.cert-manager.io',
        clientConfig: { caBundle, service },
        failurePolicy: 'Fail',
        sideEffects: 'None',
      },
    ],
  });
  const group = '/apis/admissionregistration.k8s.io/v1';
  return [
    request(actor, 'update', `${group}/validatingwebhookconfigurations/cert-manager-webhook`, {
      body: configuration('ValidatingWebhookConfiguration'),
    }),
    request(actor, 'update', '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io', {
      body: {
        kind: 'APIService',
        apiVersion: 'apiregistration.k8s.io/v1',
        metadata: { name: 'v1beta1.external.metrics.k8s.io' },
        spec: { caBundle, service: { name: 'datadog-cluster-agent-metrics-api', namespace: 'datadog' } },
      },
    }),
    request(actor, 'update', `${group}/mutatingwebhookconfigurations/cert-manager-webhook`, {
      body: configuration('MutatingWebhookConfiguration'),
    }),
    request(
      actor,
      'update',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/externalsecrets.external-secrets.io',
      {
        body: { kind: 'CustomResourceDefinition', metadata: { name: 'externalsecrets.external-secrets.io' } },
      },
    ),
  ];
}

function mayIssue(actor: Actor): AuditEventDraft[] {
  const body = {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {
      resourceAttributes: {
        verb: 'approve',
        group: 'cert-manager.io',
        resource: 'signers',
        name: 'clusterissuers.cert-manager.io/letsencrypt',
      },
      user: 'system:serviceaccount:cert-manager:cert-manager',
    },
  };
  return [request(actor, 'create', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body })];
}

/** With an ExternalSecret that Git no longer has goes the secret it owned. */
function ownedGone(at: number): AuditEventDraft[] {
  const collector = controller('generic-garbage-collector', at);
  const secret = '/api/v1/namespaces/payments/secrets/api-canary';
  return [request(collector, 'get', secret), request(collector, 'delete', secret)];
}

/** Each secret is compared with the vault, as a service account of its namespace; one is new and one has changed. */
function followed(actor: Actor, turn: number): AuditEventDraft[] {
  const kept = [
    ['payments', 'api-database'],
    ['payments', 'api-signing-key'],
    ['shop', 'web-database'],
    ['shop', 'checkout-database'],
    ['shop', 'search-database'],
    ['shop', 'web-session-key'],
    ['shop', 'recommendations-database'],
    ['batch', 'invoice-export-database'],
    ['batch', 'report-database'],
    ['monitoring', 'grafana-admin'],
    ['argocd', 'repository-deploy-key'],
    ['datadog', 'datadog-secret'],
  ] as const;
  return kept.flatMap(([namespace, name], index) => {
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    return [
      request(actor, 'create', `/api/v1/namespaces/${namespace}/serviceaccounts/external-secrets-reader/token`),
      request(actor, 'get', `${secrets}/${name}`, turn === 1 && index === 4 ? { code: 404 } : {}),
      ...(turn === 1 && index === 4
        ? [request(actor, 'create', secrets, { body: { kind: 'Secret', metadata: { name } } })]
        : []),
      ...(turn === 2 && index === 1 ? [request(actor, 'update', `${secrets}/${name}`)] : []),
      request(actor, 'patch', `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/${name}/status`),
    ];
  });
}
