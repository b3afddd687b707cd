/** What is planned from what was seen: pure functions, by tables. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, FORWARDER, REGION } from '../../playground/acme.ts';
import type { Cluster } from '../../src/clusters/cluster.ts';
import type { Config } from '../../src/config.ts';
import { type Change, hashOf, isSubsequence } from '../../src/onboarding/change.ts';
import { estimateCost } from '../../src/onboarding/cost.ts';
import type { Finding } from '../../src/onboarding/finding.ts';
import { planDisable, planEnable, stepsOf, type Verdict, verdict } from '../../src/onboarding/plan.ts';
import { type Observed, STEP_IDS, type State, type StepId } from '../../src/onboarding/step.ts';
import { STEPS } from '../../src/onboarding/steps.ts';
import { arnOf, GROUP } from './journey.ts';

const CLUSTER: Cluster = {
  arn: arnOf('prod-a'),
  accountId: ACCOUNT,
  accountName: 'production',
  region: REGION,
  name: 'prod-a',
  tags: {},
};
/** All that planning reads of the configuration. */
const CONFIG = {
  onboarding: { filter: 'audit-only', retention_days: 90 },
  WEBHOOK_TOKEN: '0123456789abcdef',
} as Config;

const ENABLE: Change = { step: 'audit-logs', target: CLUSTER.arn, operation: 'enable-audit-logs', values: {} };
const RETENTION: Change = {
  step: 'log-group',
  target: GROUP,
  operation: 'set-retention',
  values: { days: 90 },
  conditional: true,
};
const FILTER: Change = {
  step: 'subscription-filter',
  target: GROUP,
  operation: 'put-subscription-filter',
  values: { name: 'eks-audit-to-datadog', pattern: 'p', forwarderArn: FORWARDER },
};
const RULE: Change = {
  step: 'detection-rules',
  target: 'exec-into-pod',
  operation: 'create-rule',
  values: { title: 'Exec', content: 'abc' },
};

function stale(carriedBy?: string): Observed {
  const [name, from, forwarderArn] = ['eks-audit-to-datadog', `${FORWARDER}-before`, FORWARDER];
  const finding = { code: 'filter-stale', group: GROUP, name, from, forwarderArn } as const;
  return seen('subscription-filter', 'drifted', carriedBy ? { ...finding, carriedBy } : finding);
}

function seen(step: StepId, state: State, finding: Finding): Observed {
  return { step, state, finding };
}

describe('what a step plans', () => {
  const NOT_ACTIVE = (status: string): Finding => ({ code: 'cluster-not-active', status });
  const CASES: [string, Observed, string[]][] = [
    ['audit logs that are off', seen('audit-logs', 'missing', { code: 'audit-off' }), ['enable-audit-logs']],
    ['audit logs that are on', seen('audit-logs', 'in-sync', { code: 'audit-on' }), []],
    ['a cluster being created', seen('audit-logs', 'waiting', NOT_ACTIVE('CREATING')), ['enable-audit-logs']],
    ['a cluster being deleted', seen('audit-logs', 'blocked', NOT_ACTIVE('DELETING')), []],
    ['a group not there yet', seen('log-group', 'missing', { code: 'group-awaited', group: GROUP }), ['set-retention']],
    [
      'a group that never forgets',
      seen('log-group', 'in-sync', { code: 'group-ready', group: GROUP, retentionDays: undefined, advisedDays: 90 }),
      [],
    ],
    [
      'a Forwarder that lets nobody in',
      seen('invoke-permission', 'missing', {
        code: 'invoke-missing',
        forwarderArn: FORWARDER,
        sid: 'eks-audit-cloudwatch-logs',
        sourceArn: 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/*/cluster:*',
      }),
      ['add-invoke-permission'],
    ],
    [
      'a group nobody subscribes',
      seen('subscription-filter', 'missing', { code: 'filter-missing', group: GROUP, forwarderArn: FORWARDER }),
      ['put-subscription-filter'],
    ],
    [
      'a group subscribed twice',
      seen('subscription-filter', 'drifted', { code: 'filter-double', names: ['a', 'b'] }),
      [],
    ],
    ['a filter of ours to a replaced Forwarder', stale(), ['repoint-subscription-filter']],
    ['one whose work another filter does already', stale('platform-team'), []],
    [
      'edited rules',
      seen('detection-rules', 'drifted', {
        code: 'rules-edited',
        edited: [{ title: 'Exec', key: 'exec', fields: ['name'] }],
      }),
      [],
    ],
    [
      'a webhook that is there and wrong',
      seen('signal-webhook', 'missing', {
        code: 'webhook-missing',
        url: 'https://bot.example/webhooks/datadog',
        needs: ['webhook', 'notification-rule'],
        exists: true,
      }),
      ['update-webhook', 'create-notification-rule'],
    ],
    [
      'a webhook whose secret changed',
      seen('signal-webhook', 'drifted', {
        code: 'webhook-missing',
        url: 'https://bot.example/webhooks/datadog',
        needs: ['secret'],
        exists: true,
      }),
      ['put-secret-variable'],
    ],
  ];
  for (const [what, observed, operations] of CASES) {
    test(`${what}: ${operations.join(', ') || 'nothing'}`, () => {
      expect(STEPS[observed.step].plan(observed, CLUSTER, CONFIG).map((c) => c.operation)).toEqual(operations);
    });
  }

  test('the filter takes audit events only, or everything where the configuration says so', () => {
    const missing = seen('subscription-filter', 'missing', {
      code: 'filter-missing',
      group: GROUP,
      forwarderArn: FORWARDER,
    });
    const patterns = (['audit-only', 'all'] as const).map((filter) => {
      const config = { onboarding: { ...CONFIG.onboarding, filter } } as Config;
      return STEPS['subscription-filter']
        .plan(missing, CLUSTER, config)
        .map((c) => 'pattern' in c.values && c.values.pattern);
    });
    expect(patterns).toEqual([['{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }'], ['']]);
  });
});

describe('the verdict on what was seen', () => {
  const DEPENDS: Finding = { code: 'depends', on: 'forwarder' };
  const DENIED: Finding = { code: 'datadog-denied', scope: 'logs_read_data' };
  const CASES: [StepId, State, Finding, Change[], Verdict][] = [
    ['audit-logs', 'in-sync', { code: 'audit-on' }, [], 'fine'],
    ['audit-logs', 'missing', { code: 'audit-off' }, [ENABLE], 'act'],
    ['audit-logs', 'blocked', { code: 'cluster-connected' }, [], 'stop'],
    ['audit-logs', 'waiting', { code: 'cluster-not-active', status: 'CREATING' }, [ENABLE], 'wait'],
    ['aws-integration', 'missing', { code: 'integration-missing', accountId: ACCOUNT }, [], 'ask'],
    ['aws-integration', 'unknown', DENIED, [], 'warn'],
    ['cloud-siem', 'unknown', DENIED, [], 'warn'],
    ['forwarder', 'drifted', { code: 'forwarder-gone', arn: FORWARDER }, [], 'ask'],
    ['forwarder', 'unknown', DENIED, [], 'ask'],
    ['logs-arriving', 'unknown', DENIED, [], 'ask'],
    ['logs-arriving', 'missing', { code: 'logs-none', url: '' }, [], 'wait'],
    ['subscription-filter', 'unknown', DEPENDS, [], 'warn'],
    ['subscription-filter', 'drifted', { code: 'filter-double', names: ['a', 'b'] }, [], 'warn'],
    ['detection-rules', 'drifted', { code: 'rules-edited', edited: [] }, [], 'warn'],
  ];
  for (const [step, state, finding, changes, expected] of CASES) {
    test(`${step} ${state} (${finding.code}): ${expected}`, () => {
      expect(verdict({ step, state, finding }, changes)).toBe(expected);
    });
  }
});

describe('an approval', () => {
  const approved = [ENABLE, RETENTION, FILTER, RULE];
  const other: Change = { ...FILTER, values: { ...FILTER.values, forwarderArn: `${FORWARDER}2` } };
  test.each<[string, Change[], boolean]>([
    ['all of it', approved, true],
    ['nothing any more', [], true],
    ['some of it', [RETENTION, RULE], true],
    ['another order', [RULE, ENABLE], false],
    ['one thing more', [...approved, { ...RULE, target: 'anonymous-access' }], false],
    ['another value', [ENABLE, other], false],
    ['the same twice', [ENABLE, ENABLE], false],
  ])('covers %s: %s', (_what, wanted, covered) => {
    expect(isSubsequence(wanted, approved)).toBe(covered);
  });

  test('is for the ordered changes: step, target, operation and values, and nothing else of a plan', () => {
    const shuffled = { values: { forwarderArn: FORWARDER, name: FILTER.values.name, pattern: 'p' } };
    expect(hashOf([{ ...FILTER, ...shuffled } as Change])).toBe(hashOf([FILTER]));
    expect(hashOf([{ ...RETENTION, conditional: true } as Change])).toBe(
      hashOf([
        { step: RETENTION.step, target: RETENTION.target, operation: 'set-retention', values: { days: 90 } } as Change,
      ]),
    );
    const different: Change[][] = [
      [],
      [RULE, FILTER],
      [FILTER, RULE, RULE],
      [other, RULE],
      [{ ...FILTER, target: '/aws/eks/prod-b/cluster' }, RULE],
      [FILTER, { ...RULE, values: { ...RULE.values, content: 'abd' } }],
    ];
    const hashes = different.map(hashOf);
    expect(hashes).not.toContain(hashOf([FILTER, RULE]));
    expect(new Set(hashes).size).toBe(different.length);
  });
});

describe('a plan to enable', () => {
  const fine = STEP_IDS.map((step) => seen(step, 'in-sync', { code: 'audit-on' }));
  const withSeen = (...changed: Observed[]) =>
    planEnable(
      fine.map((o) => changed.find((c) => c.step === o.step) ?? o),
      CLUSTER,
      CONFIG,
      undefined,
    );

  test('is empty when everything holds', () => {
    expect(withSeen()).toMatchObject({ changes: [], prerequisites: [], stops: [], warnings: [], leaves: [] });
  });

  test('tells apart what to change, what people must do, what stops and what is only worth a warning', () => {
    const missing = seen('aws-integration', 'missing', { code: 'integration-missing', accountId: ACCOUNT });
    const unseen = seen('cloud-siem', 'unknown', { code: 'datadog-denied', scope: 'security_monitoring_filters_read' });
    const off = seen('audit-logs', 'missing', { code: 'audit-off' });
    const cheap = seen('log-group', 'blocked', { code: 'group-infrequent-access', group: GROUP });
    const depends = seen('subscription-filter', 'unknown', { code: 'depends', on: 'forwarder' });
    expect(withSeen(missing, unseen, off, cheap, depends)).toMatchObject({
      changes: [ENABLE],
      prerequisites: [missing],
      stops: [cheap],
      warnings: [unseen],
    });
  });

  test('of one part looks at the steps of that part, and the parts together at all but the proof', () => {
    expect(stepsOf({ only: 'audit-logs' })).toEqual(['audit-logs', 'log-group']);
    const parts = (['audit-logs', 'forwarder', 'rules'] as const).flatMap((only) => stepsOf({ only }));
    expect(parts.toSorted()).toEqual(STEP_IDS.filter((id) => id !== 'logs-arriving').toSorted());
  });
});

describe('a plan to disable', () => {
  const made = [ENABLE, RETENTION, FILTER, RULE, RULE];
  const operations = (changes: { operation: string }[]) => changes.map((c) => c.operation);
  const plan = (options: { auditLogs?: boolean }, shared: boolean, auditOn = true) =>
    planDisable(made, CLUSTER, options, () => shared, auditOn);

  test('takes back what was made, once each and backwards, and leaves audit logs and retention', () => {
    const { changes, leaves } = plan({}, false);
    expect(operations(changes)).toEqual(['delete-rule', 'delete-subscription-filter']);
    expect(leaves).toEqual([
      { change: RETENTION, why: 'kept' },
      { change: ENABLE, why: 'kept' },
    ]);
  });

  test('names a thing once that was changed after it was made', () => {
    const moved: Change = {
      ...FILTER,
      operation: 'repoint-subscription-filter',
      values: { ...FILTER.values, from: FORWARDER, forwarderArn: `${FORWARDER}2` },
    } as Change;
    const webhook = { step: 'signal-webhook', target: 'eks-audit' } as const;
    const history: Change[] = [
      FILTER,
      { ...webhook, operation: 'create-webhook', values: { url: 'https://old.example' } },
      { ...webhook, operation: 'update-webhook', values: { url: 'https://new.example' } },
      moved,
    ];
    const { changes, leaves } = planDisable(history, CLUSTER, {}, () => false, true);
    expect(operations(changes)).toEqual(['delete-subscription-filter', 'delete-webhook']);
    expect(changes[0]?.values).toMatchObject({ forwarderArn: `${FORWARDER}2` });
    expect(leaves).toEqual([]);
    expect(planDisable(history, CLUSTER, {}, () => true, true).leaves).toHaveLength(1);
  });

  test('leaves what others use', () => {
    const { changes, leaves } = plan({}, true);
    expect(operations(changes)).toEqual(['delete-subscription-filter']);
    expect(leaves.filter((l) => l.why === 'shared')).toEqual([{ change: RULE, why: 'shared' }]);
  });

  test('switches audit logs off when that is asked for, last and only if they are on', () => {
    expect(operations(plan({ auditLogs: true }, false).changes).at(-1)).toBe('disable-audit-logs');
    const off = plan({ auditLogs: true }, false, false);
    expect(operations(off.changes)).not.toContain('disable-audit-logs');
    expect(plan({}, false, false).leaves).toEqual([{ change: RETENTION, why: 'kept' }]);
  });
});

describe('the price', () => {
  test.each([
    [undefined, 'range', [0.2, 10], [3, 150], [6, 285]],
    [1e9, 'measured', [1, 1], [15, 15], [29, 29]],
    [0, 'measured', [0, 0], [0, 0], [0, 0]],
    [250e6, 'measured', [0.25, 0.25], [4, 4], [8, 8]],
  ] as const)('of %s bytes a day', (bytes, basis, gbPerDay, cloudWatch, datadog) => {
    expect(estimateCost(bytes)).toEqual({ basis, gbPerDay, cloudWatch, datadog });
  });
});
