import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import type { SecurityMonitoringRuleResponse } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SecurityMonitoringRuleResponse.js';
import type { SecurityMonitoringStandardRuleCreatePayload } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SecurityMonitoringStandardRuleCreatePayload.js';
import type { SecurityMonitoringStandardRuleResponse } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SecurityMonitoringStandardRuleResponse.js';
import { expect, test } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';
import { API_KEY, APP_KEY, failureOf, OWNER, openDatadog } from './datadog-world.ts';

function threshold(
  over: Partial<SecurityMonitoringStandardRuleCreatePayload> = {},
): SecurityMonitoringStandardRuleCreatePayload {
  return {
    name: 'exec into a pod',
    type: 'log_detection',
    isEnabled: true,
    message: 'Test rule',
    queries: [
      {
        query: 'source:kubernetes.audit @objectRef.subresource:exec',
        aggregation: 'count',
        groupByFields: ['@usr.name'],
      },
    ],
    options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 7200 },
    cases: [{ name: '', status: 'info', notifications: [], condition: 'a > 0' }],
    tags: ['managed-by:eks-audit', 'source:kubernetes.audit'],
    ...over,
  };
}

function newValue(): SecurityMonitoringStandardRuleCreatePayload {
  return threshold({
    name: 'new user in a pod',
    queries: [
      {
        name: '',
        query: 'source:kubernetes.audit @objectRef.subresource:exec',
        aggregation: 'new_value',
        dataSource: 'logs',
        metrics: ['@usr.name'],
        groupByFields: ['@aws.awslogs.logGroup'],
      },
    ],
    options: {
      detectionMethod: 'new_value',
      keepAlive: 300,
      maxSignalDuration: 600,
      newValueOptions: { forgetAfter: 7, learningDuration: 1, learningMethod: 'duration', learningThreshold: 0 },
    },
    cases: [{ name: '', status: 'info', notifications: ['@webhook-eks-audit'] }],
  });
}

function rules(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

async function create(
  world: DatadogWorld,
  body: SecurityMonitoringStandardRuleCreatePayload = threshold(),
): Promise<SecurityMonitoringStandardRuleResponse> {
  return standard(await rules(world).createSecurityMonitoringRule({ body }));
}

/** The client cannot tell the kinds of answers apart by type; all rules here are of the standard kind. */
function standard(rule: SecurityMonitoringRuleResponse): SecurityMonitoringStandardRuleResponse {
  expect(rule).not.toHaveProperty('_data');
  return rule as SecurityMonitoringStandardRuleResponse;
}

test('a created rule has an id, a version, an author and the defaults of the server', async () => {
  await using world = await openDatadog();
  const rule = await create(world);
  expect(rule).toMatchObject({
    id: expect.stringMatching(/^\w{3}-\w{3}-\w{3}$/),
    version: 1,
    isDefault: false,
    isDeleted: false,
    hasExtendedTitle: false,
    filters: [],
    type: 'log_detection',
    queries: [{ name: '', dataSource: 'logs', hasOptionalGroupByFields: false, distinctFields: [] }],
    creationAuthorId: world.datadog.user(OWNER)?.number,
    additionalProperties: {
      isPartner: false,
      isBeta: false,
      isDeprecated: false,
      blocking: false,
      metadata: { entities: null, sources: null },
      creator: { handle: OWNER, name: 'EKS audit' },
      updater: { handle: '', name: '' },
    },
  });
  expect(rule.queries?.[0]?.metrics).toBeUndefined();
  expect(standard(await rules(world).getSecurityMonitoringRule({ ruleId: rule.id ?? '' }))).toEqual(rule);
});

test('a new-value rule gains the legacy metric and the baseline timeout', async () => {
  await using world = await openDatadog();
  const rule = await create(world, newValue());
  expect(rule.queries?.[0]).toMatchObject({ metric: '@usr.name', metrics: ['@usr.name'], aggregation: 'new_value' });
  expect(rule.options?.newValueOptions).toMatchObject({
    forgetAfter: 7,
    instantaneousBaseline: false,
    additionalProperties: { instantaneousBaselineTimeoutMinutes: 30 },
  });
  expect(rule.cases?.[0]?.condition).toBeUndefined();
});

test('the evaluation window of an anomaly rule is changed by the server', async () => {
  await using world = await openDatadog();
  const options = {
    detectionMethod: 'anomaly_detection' as const,
    evaluationWindow: 900 as const,
    keepAlive: 3600 as const,
    maxSignalDuration: 86400 as const,
    anomalyDetectionOptions: { bucketDuration: 300 as const, detectionTolerance: 3 as const },
  };
  const cases = [{ name: '', status: 'info' as const, notifications: [], condition: 'a > 0.995' }];
  expect((await create(world, threshold({ options, cases }))).options?.evaluationWindow).toBe(1800);
});

test('the same request twice makes two rules', async () => {
  await using world = await openDatadog();
  const [first, second] = [await create(world), await create(world)];
  expect(second.id).not.toBe(first.id);
  expect(world.datadog.rules.all.filter(({ name }) => name === 'exec into a pod')).toHaveLength(2);
});

test('a change raises the version and keeps what was not sent', async () => {
  await using world = await openDatadog();
  const rule = await create(world);
  world.pass(1000);
  const ruleId = rule.id ?? '';
  const changed = standard(await rules(world).updateSecurityMonitoringRule({ ruleId, body: { isEnabled: false } }));
  expect(changed).toMatchObject({ version: 2, isEnabled: false, name: rule.name, cases: rule.cases });
  expect(changed.updatedAt).toBe((changed.createdAt ?? 0) + 1000);
  expect(changed.additionalProperties?.updater).toEqual({ handle: OWNER, name: 'EKS audit' });
  const stale = rules(world).updateSecurityMonitoringRule({ ruleId, body: { version: 1, isEnabled: true } });
  expect((await failureOf(stale)).code).toBe(409);
});

test('a deleted rule is gone, and each call has its own words for that', async () => {
  await using world = await openDatadog();
  const ruleId = (await create(world)).id ?? '';
  await rules(world).deleteSecurityMonitoringRule({ ruleId });
  expect(await failureOf(rules(world).deleteSecurityMonitoringRule({ ruleId }))).toMatchObject({
    code: 404,
    body: { errors: [`Threat detection rule not found: ${ruleId}`] },
  });
  expect(await failureOf(rules(world).getSecurityMonitoringRule({ ruleId }))).toMatchObject({
    code: 404,
    body: { errors: ['Not found'] },
  });
});

test('an empty query is refused in the older shape', async () => {
  await using world = await openDatadog();
  const body = threshold({ queries: [{ query: '' }], options: {}, cases: [{ status: 'info' }] });
  expect(await failureOf(rules(world).createSecurityMonitoringRule({ body }))).toMatchObject({
    code: 400,
    body: { errors: ['Invalid rule configuration', 'Query filter cannot be empty'] },
  });
});

test('durations are refused in the newer shape', async () => {
  await using world = await openDatadog();
  const body = threshold();
  const sent = {
    ...body,
    options: { ...body.options, evaluationWindow: 1800, keepAlive: 999999, maxSignalDuration: 1800 },
  };
  const answer = await fetch(`${world.url}/api/v2/security_monitoring/rules/validation`, {
    method: 'POST',
    headers: { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY },
    body: JSON.stringify(sent),
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    {
      error: {
        code: 'InvalidArgument',
        message: 'Invalid rule configuration',
        details: [
          {
            code: 'InvalidArgument',
            message: 'Max signal duration must be greater than or equal to keep alive',
            target: 'maxSignalDuration',
          },
          {
            code: 'InvalidArgument',
            message: 'Keep alive is not in allowed durations: 0, 1, 5, 10, 15, 30, 60, 120, 180, 360 (in minutes)',
            target: 'keepAlive',
          },
        ],
      },
    },
  ]);
});

test.each<[string, SecurityMonitoringStandardRuleCreatePayload]>([
  ['a condition naming no query', threshold({ cases: [{ status: 'info', condition: 'failed > 0' }] })],
  ['a condition the wrong way round', threshold({ cases: [{ status: 'info', condition: '0 < a' }] })],
  ['no condition', threshold({ cases: [{ status: 'info' }] })],
  ['no case', threshold({ cases: [] })],
  ['an unreadable query', threshold({ queries: [{ query: 'a:(' }] })],
  ['a new-value rule with a named query', { ...newValue(), queries: [{ ...newValue().queries[0], name: 'a' }] }],
  ['a new-value rule with a condition', { ...newValue(), cases: [{ status: 'info', condition: 'a > 0' }] }],
  ['a new-value rule with a window', { ...newValue(), options: { ...newValue().options, evaluationWindow: 300 } }],
  ['a new-value rule without a metric', { ...newValue(), queries: [{ query: '*', aggregation: 'new_value' }] }],
  ['a schedule without a rule', threshold({ schedulingOptions: { start: '2026-06-18T12:00:00', timezone: 'UTC' } })],
  ['a memory of 31 days', { ...newValue(), options: { ...newValue().options, newValueOptions: { forgetAfter: 31 } } }],
])('%s is refused by validation and by create alike', async (_what, body) => {
  await using world = await openDatadog();
  expect((await failureOf(rules(world).validateSecurityMonitoringRule({ body }))).code).toBe(400);
  expect((await failureOf(rules(world).createSecurityMonitoringRule({ body }))).code).toBe(400);
  expect(world.datadog.rule(body.name)).toBeUndefined();
});

test('a good rule validates without being made', async () => {
  await using world = await openDatadog();
  await rules(world).validateSecurityMonitoringRule({ body: newValue() });
  await rules(world).validateSecurityMonitoringRule({ body: threshold() });
  expect(world.datadog.rule('exec into a pod')).toBeUndefined();
  expect(world.door.writes).toEqual([]);
});

test('the detection method cannot change', async () => {
  await using world = await openDatadog();
  const ruleId = (await create(world)).id ?? '';
  const { queries, options, cases } = newValue();
  const body = { queries, options, cases: [...cases] };
  expect((await failureOf(rules(world).updateSecurityMonitoringRule({ ruleId, body }))).code).toBe(400);
});
