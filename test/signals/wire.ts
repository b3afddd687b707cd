/**
 * One signal in Datadog's two JSON shapes, written out: an exec into a pod of prod-a by somebody who came in by SSO.
 * A list item keeps everything under `attributes`; a single GET keeps identity under `custom` and the rest under `gated`.
 */

export const ID = 'AQAAAZqx3fI4hZKzPQAAAABBWnF4M2ZJNEFBQldfU1RWVk5WVUFBQUE';

const USER = 'arn:aws:sts::111122223333:assumed-role/sso_admin/jane.doe-example.com';

const AWS = {
  awslogs: {
    logGroup: '/aws/eks/prod-a/cluster',
    logStream: 'kube-apiserver-audit-4ddc5b2b1c3b',
    owner: '111122223333',
  },
  invoked_function_arn: 'arn:aws:lambda:us-east-1:111122223333:function:DatadogForwarder',
};

/** The event itself, as the text of its log. */
export const EVENT = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  stage: 'ResponseComplete',
  verb: 'get',
  user: {
    username: 'kubernetes-admin',
    groups: ['system:masters'],
    extra: {
      arn: [USER],
      canonicalArn: ['arn:aws:iam::111122223333:role/sso_admin'],
      sessionName: ['jane.doe-example.com'],
    },
  },
  sourceIPs: ['203.0.113.7', '10.0.0.1'],
  userAgent: 'kubectl/v1.31.0',
  objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
  responseStatus: { code: 101 },
  stageTimestamp: '2026-11-23T07:59:58.000000Z',
};

/** With what Datadog's pipeline adds. */
const INDEXED = {
  ...EVENT,
  aws: AWS,
  usr: { name: 'kubernetes-admin', id: 'kubernetes-admin' },
  http: { method: 'get', status_code: 101, url_details: { path: '/api/v1/namespaces/shop/pods/web-0/exec' } },
  network: { client: { ip: '203.0.113.7' } },
};

const OLDER = {
  ...INDEXED,
  http: { method: 'create', status_code: 403 },
  objectRef: { ...EVENT.objectRef, name: 'web-1' },
};

const LOG = { tags: ['source:kubernetes.audit'], source: 'kubernetes.audit', service: 'cloudwatch', status: 'info' };

const SAMPLES = [
  {
    eventId: 'AQAAAZqx3eZ4older',
    content: { ...LOG, timestamp: '2026-11-23T07:59:00.000Z', host: '/aws/eks/prod-a/cluster', custom: OLDER },
  },
  {
    eventId: 'AQAAAZqx3fF4newer',
    content: { ...LOG, timestamp: '2026-11-23T07:59:58.000Z', host: '/aws/eks/prod-a/cluster', custom: INDEXED },
  },
];

const SHOWN = {
  status: 'high',
  message: '%%%\n**kubernetes-admin** opened a shell in a pod.\n\n1. Ask them.\n%%%',
  service: ['cloudwatch'],
  host: '/aws/eks/prod-a/cluster',
  tags: ['security:attack', 'source:kubernetes.audit', 'tactic:ta0002-execution', 'security:attack'],
  timestamp: '2026-11-23T08:00:02.099Z',
};

const RULE = {
  id: '5br-mto-gse',
  name: 'Exec into a pod',
  type: 'Log Detection',
  detectionMethod: 'new_value',
  version: 3,
};

const PROJECTED = { usr: { name: 'kubernetes-admin' }, aws: { awslogs: { logGroup: '/aws/eks/prod-a/cluster' } } };
const PATHS = ['@usr.name', '@aws.awslogs.logGroup'];

/** An item of a list or search. */
export function listItem(): Record<string, unknown> {
  return structuredClone({
    id: ID,
    type: 'signal',
    attributes: {
      ...SHOWN,
      attributes: {
        ...PROJECTED,
        status: 'info',
        title: 'kubernetes-admin opened a shell in web-0',
        groupByPaths: PATHS,
        entities: ['@usr.name:kubernetes-admin'],
        workflow: {
          events_matched: 31,
          first_seen: '2026-11-23T07:58:00.000Z',
          last_seen: '2026-11-23T07:59:58.000Z',
          high_cardinality: { attributes: [], tags: [] },
          rule: { ...RULE, isDefaultRule: true, defaultRuleId: 'tz1-6vg-1yz', defaultRuleVersion: 19 },
          triage: {
            state: 'under_review',
            assignee: { name: 'Jane Doe', id: 2115689 },
            incidentIds: [],
            updater: { handle: 'jane@example.com', name: '' },
            creator: { handle: '', name: '' },
          },
        },
        triggeringRuleCase: { status: 'high', name: '', condition: '' },
        relatedLogsQueryUrl: '/logs?query=x&from_ts=1&to_ts=2&live=false',
        samples: SAMPLES,
      },
    },
  });
}

/** The `data` of a GET. */
export function detail(): Record<string, unknown> {
  return structuredClone({
    id: ID,
    type: 'signal',
    attributes: {
      ...SHOWN,
      severity: 3,
      version: 53,
      'datadog.index': 'signal',
      searchable: { title: 'kubernetes-admin opened a shell in web-0' },
      triggering_log_timestamp: '2026-11-23T07:58:00.000Z',
      discovery_timestamp: 1795420802099,
      tag: { source: 'kubernetes.audit' },
      custom: {
        title: 'kubernetes-admin opened a shell in web-0',
        entities: ['@usr.name:kubernetes-admin'],
        workflow: { triage: { assignee: { name: 'Jane Doe' }, state: 'under_review' }, rule: RULE },
      },
      gated: {
        ...PROJECTED,
        workflow: {
          events_matched: 31,
          first_seen: '2026-11-23T07:58:00.000Z',
          last_seen: '2026-11-23T07:59:58.000Z',
          rule: { isDefaultRule: true, defaultRuleVersion: 19, defaultRuleId: 'tz1-6vg-1yz' },
          triage: { assignee: { id: 2115689 }, incidentIds: [] },
        },
        triggeringRuleCase: { status: 'high', notifications: [], name: '', condition: '' },
        relatedQuery: { from: 1, to: 2, track: 'logs', query: 'x', queries: { a: 'x' } },
        samples: SAMPLES.map((sample) => ({ ...sample, queryIndex: 0, trackKey: { orgId: 1, type: 'logs' } })),
        queries: [{ query: 'x', name: '', aggregation: 'new_value', groupByPaths: PATHS, distinctFields: [] }],
      },
    },
  });
}
