/** Signals of Acme and what is said about them: the values every view is drawn from in tests. */
import type { EventRow, GroupCard, GroupLine, Receipt, StormCard, SuppressionPreview } from '../../src/signals/card.ts';
import type { Note } from '../../src/signals/notes.ts';
import type { Signal } from '../../src/signals/signal.ts';
import type { SuppressionCard } from '../../src/signals/suppression-views.ts';

export const ANA = 'U0ANA00001';
export const ARJUN = 'U0ARJUN001';
export const SOC = 'S0SOC00001';
export const AT = (time: string) => new Date(`2026-11-23T${time}Z`);

export function exec(more: Partial<Signal> = {}): Signal {
  return {
    id: 'AQAAAZ-signal-id',
    title: 'Interactive shell in a pod',
    severity: 'high',
    rule: { id: 'abc-def-ghi', name: 'Interactive shell in a pod', shipped: false },
    at: '2026-11-23T14:03:20.000Z',
    firstSeen: '2026-11-23T14:03:11.000Z',
    lastSeen: '2026-11-23T14:05:02.000Z',
    events: 3,
    tags: ['source:kubernetes.audit'],
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: 'Somebody opened a shell.',
    clusters: [{ name: 'prod-a', accountId: '111122223333', region: 'us-east-1' }],
    groupedBy: [{ path: '@usr.name', value: 'kubernetes-admin' }],
    samples: [
      {
        eventId: 'ev1',
        at: '2026-11-23T14:05:02.000Z',
        cluster: { name: 'prod-a', accountId: '111122223333', region: 'us-east-1' },
        actor: {
          name: 'kubernetes-admin',
          arn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice',
          session: 'alice@acme.example',
        },
        verb: 'get',
        object: { resource: 'pods', subresource: 'exec', namespace: 'payments', name: 'api-7d9f' },
        status: 101,
        ip: '198.51.100.7',
        userAgent: 'kubectl/v1.31.0',
      },
    ],
    ...more,
  };
}

export function groupCard(more: Partial<GroupCard> = {}): GroupCard {
  return {
    groupId: '0198c0de-0000-7000-8000-000000000001',
    severity: 'high',
    counts: { open: 1, under_review: 0, archived: 0 },
    events: 3,
    firstSeen: AT('14:03:11'),
    lastSeen: AT('14:05:02'),
    latest: exec(),
    actors: [{ name: 'kubernetes-admin', signals: 1 }],
    moreActors: 0,
    clusters: ['prod-a'],
    provisional: false,
    test: false,
    triageSteps: ['Ask alice whether it was her.', 'Look at what was run in the pod.'],
    mention: undefined,
    taken: undefined,
    mute: undefined,
    escalated: undefined,
    movedTo: undefined,
    suppression: undefined,
    links: {
      logs: 'https://app.datadoghq.com/logs?query=x&live=false',
      signal: 'https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id',
    },
    ...more,
  };
}

export const CARDS: Record<string, Partial<GroupCard>> = {
  'one signal, just raised': { mention: SOC },
  'twelve signals of several people and clusters, taken, muted, escalated and moved': {
    counts: { open: 2, under_review: 9, archived: 1 },
    events: 1234,
    actors: [
      { name: 'kubernetes-admin', signals: 7 },
      { name: 'bob', signals: 3 },
      { name: 'eve', signals: 1 },
    ],
    moreActors: 2,
    clusters: ['prod-a', 'staging/prod-a', 'dev'],
    taken: { by: { userId: ANA }, at: AT('14:10:00'), withoutAssignee: true },
    mute: { until: AT('18:00:00'), by: ANA },
    escalated: { at: AT('14:20:00'), mention: SOC },
    movedTo: 'C0APPROVE1',
    suppression: { state: 'asked', until: AT('23:00:00') },
  },
  'a critical one, taken in Datadog, which no cluster is named in and which was refused': {
    severity: 'critical',
    clusters: [],
    taken: { by: { name: 'ana@acme.example' }, at: undefined, withoutAssignee: false },
    latest: exec({
      clusters: [],
      samples: exec().samples.map((s) => ({ ...s, status: 403, actor: { ...s.actor, arn: undefined } })),
    }),
    triageSteps: [],
  },
  'all archived': {
    counts: { open: 0, under_review: 0, archived: 3 },
    taken: { by: { userId: ANA }, at: AT('14:10:00'), withoutAssignee: false },
    suppression: { state: 'active', until: AT('23:00:00') },
  },
  'only the doorbell is known': {
    provisional: true,
    clusters: [],
    events: 0,
    actors: [],
    latest: exec({
      title: '',
      rule: { id: undefined, name: '', shipped: false },
      clusters: [],
      groupedBy: [],
      samples: [],
    }),
    triageSteps: [],
    lastSeen: AT('14:03:11'),
  },
  'a test': {
    test: true,
    severity: 'low',
    clusters: [],
    actors: [],
    latest: exec({ samples: [], groupedBy: [] }),
    triageSteps: [],
  },
};

export function stormFacts(more: Partial<StormCard> = {}): StormCard {
  return {
    stormId: '0198c0de-0000-7000-8000-0000000000ff',
    state: 'raging',
    since: AT('14:03:00'),
    until: undefined,
    signals: 2000,
    groups: 37,
    bySeverity: { info: 0, low: 0, medium: 1200, high: 799, critical: 1 },
    topRules: [{ name: 'Interactive shell in a pod', signals: 1800 }],
    topActors: [{ name: 'kubernetes-admin', signals: 1500 }],
    topClusters: [{ name: 'prod-a', signals: 2000 }],
    link: 'https://app.datadoghq.com/security/siem/signals?query=x',
    ...more,
  };
}

export function line(more: Partial<GroupLine> = {}): GroupLine {
  return {
    groupId: '0198c0de-0000-7000-8000-000000000001',
    severity: 'high',
    state: 'open',
    title: 'Interactive shell in a pod',
    clusters: ['prod-a'],
    actor: 'kubernetes-admin',
    signals: 2,
    lastSeen: AT('14:05:02'),
    permalink: 'https://acme.slack.com/archives/C0URGENT01/p1',
    link: 'https://app.datadoghq.com/security/signal?event=1',
    ...more,
  };
}

export function preview(more: Partial<SuppressionPreview> = {}): SuppressionPreview {
  return {
    scope: 'rule-actor-cluster',
    hidden: 41,
    kept: 3,
    days: 7,
    hiddenExamples: ['Shell in payments/api-7d9f'],
    keptExamples: ['Shell in kube-system/coredns'],
    ...more,
  };
}

export function suppression(more: Partial<SuppressionCard> = {}): SuppressionCard {
  return {
    approvalId: 'approval-1',
    state: 'open',
    requestedBy: ANA,
    scope: { rule: 'Interactive shell in a pod', actor: 'kubernetes-admin', cluster: undefined },
    preview: preview(),
    until: AT('23:00:00'),
    reason: 'The new deploy job opens shells.\nIt is replaced next week.',
    missing: 1,
    expiresAt: AT('20:00:00'),
    approvers: [],
    rejection: undefined,
    ...more,
  };
}

export const RECEIPT: Receipt = {
  signalId: 'AQAAAZ-signal-id',
  title: 'Interactive shell in a pod',
  severity: 'high',
  entries: [
    { at: AT('14:03:21'), what: 'received', via: 'webhook' },
    { at: AT('14:03:22'), what: 'repeated', via: 'webhook' },
    { at: AT('14:03:22'), what: 'not-readable', reason: '404' },
    { at: AT('14:03:27'), what: 'read' },
    { at: AT('14:03:27'), what: 'routed', path: 'signals.routes[0]', channel: 'C0URGENT01', deliver: 'post' },
    { at: AT('14:03:27'), what: 'grouped', groupId: 'g-1', first: true },
    { at: AT('14:03:27'), what: 'folded', stormId: 's-1' },
    { at: AT('14:03:28'), what: 'posted', channel: 'C0URGENT01', repeated: true },
    { at: AT('14:03:28'), what: 'digested', channel: 'C0URGENT01' },
    { at: AT('14:04:00'), what: 'severity', from: 'medium', to: 'high' },
    { at: AT('14:05:00'), what: 'taken', by: { userId: ANA }, in: 'slack' },
    { at: AT('14:06:00'), what: 'muted', by: ANA, until: AT('18:00:00') },
    { at: AT('14:20:00'), what: 'escalated', mention: SOC },
    {
      at: AT('15:00:00'),
      what: 'triaged',
      state: 'archived',
      by: { name: 'bob' },
      in: 'datadog',
      reason: 'false_positive',
    },
  ],
  permalink: 'https://acme.slack.com/archives/C0URGENT01/p1',
  link: 'https://app.datadoghq.com/security/signal?event=AQAAAZ-signal-id',
};

export function eventRow(more: Partial<EventRow> = {}): EventRow {
  return {
    at: AT('14:05:02'),
    actor: 'kubernetes-admin',
    verb: 'get',
    object: 'pods/exec payments/api-7d9f',
    status: '101',
    ip: '198.51.100.7',
    cluster: 'prod-a',
    ...more,
  };
}

const bob = { name: 'bob@acme.example' };
export const NOTES: readonly Note[] = [
  { what: 'raised', from: 'medium', to: 'critical', mention: SOC },
  { what: 'triaged', state: 'under_review', by: { userId: ANA }, in: 'slack', signals: 12, withoutAssignee: true },
  { what: 'triaged', state: 'open', from: 'under_review', by: { userId: ANA }, in: 'slack' },
  {
    what: 'triaged',
    state: 'archived',
    by: bob,
    in: 'datadog',
    reason: 'false_positive',
    comment: 'The deploy job.\nKnown.',
    signals: 3,
  },
  { what: 'triaged', state: 'archived', by: bob, in: 'datadog', reason: 'a_new_reason' },
  { what: 'triaged', state: 'open', from: 'archived', by: bob, in: 'datadog', signals: 3 },
  { what: 'muted', by: ANA, until: AT('18:00:00') },
  { what: 'unmuted', by: undefined },
  { what: 'unmuted', by: ANA },
  { what: 'escalated', mention: SOC, afterMs: 900_000 },
  {
    what: 'conflict',
    later: { by: bob, in: 'datadog', state: 'archived', at: AT('14:03:00') },
    earlier: { by: { userId: ANA }, in: 'slack', state: 'under_review', at: AT('14:01:00') },
  },
  { what: 'moved', to: 'C0URGENT01' },
  { what: 'suppression-asked', by: ANA, scope: 'rule-actor', until: AT('23:00:00'), channel: 'C0APPROVE1' },
  { what: 'suppression-approved', approvers: [ARJUN], until: AT('23:00:00') },
  { what: 'suppression-rejected', by: ARJUN, reason: 'Fix the job instead.' },
  { what: 'suppression-refused', cause: 'Invalid rule_query' },
  { what: 'suppression-expired', unanswered: true },
  { what: 'suppression-expired', unanswered: false },
  { what: 'completed' },
];
