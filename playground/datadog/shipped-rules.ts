/**
 * The rules Datadog ships for `source:kubernetes.audit`. Names and ids are those of its documentation
 * (content/en/security/default_rules/kubernetes-*.md); queries come from public Terraform exports of clones,
 * and where only the name is known the query is read off it.
 */
import type { RuleCase, RuleConfiguration, RuleQuery, Severity } from './rule.ts';

export interface ShippedRule {
  /** The id in the documentation; the organisation's own copy has another one. */
  defaultId: string;
  configuration: RuleConfiguration;
}

interface Shipped {
  defaultId: string;
  name: string;
  severity: Severity;
  query: string;
  tactic?: string;
  technique?: string;
  groupBy?: string[];
  /** A distinct count instead of a count. */
  cardinality?: { field: string; over: number };
}

const AUDIT = 'source:kubernetes.audit';
const SUCCEEDED = '@http.status_code:[200 TO 299]';

const SHIPPED: readonly Shipped[] = [
  {
    defaultId: '1d5-6cd-162',
    name: 'User Exec into a Pod',
    severity: 'info',
    tactic: 'TA0002-execution',
    technique: 'T1609-container-administration-command',
    // The verb `get` of exec over WebSocket (kubernetes/kubernetes#133515) is missed here, as in the original.
    query: `${AUDIT} @objectRef.resource:pods @objectRef.subresource:exec @http.method:create @http.status_code:[101 TO 299]`,
  },
  {
    defaultId: '3e1-0b7-119',
    name: 'User Attached to a Pod',
    severity: 'info',
    tactic: 'TA0007-discovery',
    query: `${AUDIT} @objectRef.resource:pods @objectRef.subresource:attach @http.method:create @http.status_code:[101 TO 299]`,
  },
  {
    defaultId: '37f-a98-5cd',
    name: 'Anonymous Request Authorized',
    severity: 'info',
    tactic: 'TA0001-initial-access',
    query: `${AUDIT} @usr.id:system\\:anonymous @annotations.authorization.k8s.io/decision:allow`,
  },
  {
    defaultId: 'kqq-0do-gio',
    name: 'New Kubernetes privileged pod created',
    severity: 'info',
    tactic: 'TA0004-privilege-escalation',
    query: `${AUDIT} @objectRef.resource:pods @http.method:create @requestObject.spec.containers.securityContext.privileged:true ${SUCCEEDED}`,
  },
  {
    defaultId: '72d-b43-42f',
    name: 'Kubernetes Pod Created with hostNetwork',
    severity: 'info',
    query: `${AUDIT} @objectRef.resource:pods @http.method:create @requestObject.spec.hostNetwork:true ${SUCCEEDED}`,
  },
  {
    defaultId: '27a-db7-89d',
    name: 'Kubernetes Pod Created in Kube Namespace',
    severity: 'info',
    query: `${AUDIT} @objectRef.resource:pods @http.method:create @objectRef.namespace:kube\\-* ${SUCCEEDED}`,
  },
  {
    defaultId: 'ca4-360-b9c',
    name: 'Kubernetes Service Account Created in Kube Namespace',
    severity: 'info',
    tactic: 'TA0003-persistence',
    technique: 'T1136-create-account',
    query: `${AUDIT} @objectRef.resource:serviceaccounts @http.method:create @objectRef.namespace:kube\\-* ${SUCCEEDED}`,
  },
  {
    defaultId: '6b4-f87-bcd',
    name: 'Kubernetes Service Created with NodePort',
    severity: 'info',
    tactic: 'TA0001-initial-access',
    technique: 'T1190-exploit-public-facing-application',
    query: `${AUDIT} @objectRef.resource:services @http.method:create @requestObject.spec.type:NodePort ${SUCCEEDED}`,
  },
  {
    defaultId: 'a9f-f61-a6c',
    name: 'New Kubernetes Namespace Created',
    severity: 'info',
    query: `${AUDIT} @objectRef.resource:namespaces @http.method:create -@objectRef.name:("default" OR "kube-system" OR "kube-public")`,
  },
  {
    defaultId: 'wpm-g1s-8yx',
    name: 'A new Kubernetes admission controller was created',
    severity: 'medium',
    tactic: 'TA0003-persistence',
    query: `${AUDIT} @http.method:create @objectRef.resource:(mutatingwebhookconfigurations OR validatingwebhookconfigurations) -@usr.id:eks\\:cluster\\-bootstrap`,
  },
  {
    defaultId: 'q2g-reo-fw1',
    name: 'A Kubernetes user was assigned cluster administrator permissions',
    severity: 'medium',
    tactic: 'TA0004-privilege-escalation',
    technique: 'T1098-account-manipulation',
    query: `${AUDIT} @requestObject.kind:ClusterRoleBinding @requestObject.roleRef.name:cluster\\-admin -@usr.id:system\\:apiserver`,
    groupBy: ['@usr.id'],
  },
  {
    defaultId: 'bz1-7ay-vqj',
    name: 'A Kubernetes user attempted to perform a high number of actions that were denied',
    severity: 'medium',
    tactic: 'TA0007-discovery',
    technique: 'T1613-container-and-resource-discovery',
    query: `${AUDIT} @responseStatus.reason:Forbidden`,
    groupBy: ['@usr.id'],
    cardinality: { field: '@http.url_details.path', over: 10 },
  },
  {
    defaultId: '68a-f97-42f',
    name: 'Kubernetes principal attempted to enumerate their permissions',
    severity: 'low',
    tactic: 'TA0007-discovery',
    query: `${AUDIT} @objectRef.resource:selfsubjectrulesreviews @http.method:create`,
  },
];

export function shippedRules(): ShippedRule[] {
  return SHIPPED.map((shipped) => ({ defaultId: shipped.defaultId, configuration: configuration(shipped) }));
}

function configuration(shipped: Shipped): RuleConfiguration {
  const { cardinality } = shipped;
  const query: RuleQuery = {
    query: shipped.query,
    groupByFields: shipped.groupBy ?? ['@usr.name'],
    hasOptionalGroupByFields: false,
    distinctFields: cardinality ? [cardinality.field] : [],
    aggregation: cardinality ? 'cardinality' : 'count',
    name: 'a',
    dataSource: 'logs',
  };
  const onlyCase: RuleCase = {
    name: '',
    status: shipped.severity,
    notifications: [],
    condition: `a > ${cardinality?.over ?? 0}`,
  };
  return {
    name: shipped.name,
    isEnabled: true,
    queries: [query],
    options: { evaluationWindow: 300, detectionMethod: 'threshold', maxSignalDuration: 7200, keepAlive: 3600 },
    cases: [onlyCase],
    message: `## Goal\nDetect: ${shipped.name}.\n\n## Triage and response\n1. Ask {{@usr.name}} whether this was intended.`,
    tags: [
      'source:kubernetes',
      'scope:kubernetes',
      'security:attack',
      ...(shipped.tactic ? [`tactic:${shipped.tactic}`] : []),
      ...(shipped.technique ? [`technique:${shipped.technique}`] : []),
    ],
    hasExtendedTitle: true,
    type: 'log_detection',
    filters: [],
  };
}
