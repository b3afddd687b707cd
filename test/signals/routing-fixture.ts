/** Routes as a person writes them, checked by the schema the bot reads them with, and signals with just what matters. */
import { parse } from 'yaml';
import { fileSchema } from '../../src/config-schema.ts';
import type { RoutingConfig } from '../../src/signals/routing.ts';
import type { Sample, Signal, SignalCluster } from '../../src/signals/signal.ts';

export const DEFAULTS = `
admin_channel: C0ADMIN
aws:
  accounts:
    - { id: "111122223333", name: production, regions: [us-east-1] }
    - { id: "444455556666", name: staging, regions: [us-east-1] }
roles:
  admins: { users: [U01] }
  operators: { users: [U01] }
  approvers: { users: [U01] }
approvals: { channel: C0APPROVE }
`;

export function routing(signals: string): RoutingConfig {
  return fileSchema.parse({ ...parse(DEFAULTS), ...parse(signals) });
}

export const PROD_A: SignalCluster = { name: 'prod-a', accountId: '111122223333', region: 'us-east-1' };
export const STAGING: SignalCluster = { name: 'staging', accountId: '444455556666', region: 'us-east-1' };

export function signal(change: Partial<Signal> = {}): Signal {
  return {
    id: 'AQAA1',
    title: 'Exec into a pod',
    severity: 'high',
    rule: { id: 'abc-def-ghi', name: 'Kubernetes exec into pod', shipped: true },
    at: '2026-03-02T10:00:00.000Z',
    firstSeen: '2026-03-02T10:00:00.000Z',
    lastSeen: '2026-03-02T10:00:00.000Z',
    events: 1,
    tags: ['tactic:TA0002-execution', 'source:kubernetes.audit'],
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: '',
    clusters: [PROD_A],
    groupedBy: [],
    samples: [],
    ...change,
  };
}

export function sample(actor: Partial<Sample['actor']>, namespace?: string): Sample {
  return {
    eventId: undefined,
    at: undefined,
    cluster: PROD_A,
    actor: { name: undefined, arn: undefined, session: undefined, ...actor },
    verb: 'get',
    object: { resource: 'pods', subresource: 'exec', namespace, name: 'web-0' },
    status: 101,
    ip: undefined,
    userAgent: undefined,
  };
}
