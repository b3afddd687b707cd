import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import type { SecurityMonitoringRuleResponse } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SecurityMonitoringRuleResponse.js';
import type { SecurityMonitoringStandardRuleCreatePayload } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/SecurityMonitoringStandardRuleCreatePayload.js';
import { expect, test } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';
import { failureOf, openDatadog } from './datadog-world.ts';

const SHIPPED = 13;

const RULE: SecurityMonitoringStandardRuleCreatePayload = {
  name: '_1166a375f2500467',
  isEnabled: true,
  message: 'Test rule',
  queries: [{ query: '@test:true', aggregation: 'count', groupByFields: [], distinctFields: [], metrics: [] }],
  options: { evaluationWindow: 900, keepAlive: 3600, maxSignalDuration: 86400 },
  cases: [{ condition: 'a > 0', name: '', notifications: [], status: 'info' }],
  filters: [],
  tags: ['managed-by:eks-audit', 'source:kubernetes.audit'],
  type: 'log_detection',
};

function api(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

async function names(world: DatadogWorld, request: { query?: string; sort?: 'name' | '-name' } = {}) {
  const { data } = await api(world).listSecurityMonitoringRules({ pageSize: 100, ...request });
  return (data ?? []).map(nameOf);
}

function nameOf(rule: SecurityMonitoringRuleResponse): string | undefined {
  return 'name' in rule ? rule.name : undefined;
}

test('the rules Datadog ships are there from the start', async () => {
  await using world = await openDatadog();
  const { data } = await api(world).listSecurityMonitoringRules({ pageSize: 100 });
  expect(data).toHaveLength(SHIPPED);
  expect(data?.find((rule) => nameOf(rule) === 'User Exec into a Pod')).toMatchObject({
    isDefault: true,
    isEnabled: true,
    creationAuthorId: 0,
    queries: [
      { query: expect.stringContaining('@objectRef.subresource:exec @http.method:create'), aggregation: 'count' },
    ],
    cases: [{ status: 'info', condition: 'a > 0' }],
    defaultTags: expect.arrayContaining(['tactic:TA0002-execution']),
    type: 'log_detection',
  });
});

test('only a short page tells the end of the list', async () => {
  await using world = await openDatadog();
  const list = (pageNumber: number) => api(world).listSecurityMonitoringRules({ pageNumber });
  const [first, second, third] = [await list(0), await list(1), await list(2)];
  expect([first, second, third].map(({ data }) => data?.length)).toEqual([10, 3, 0]);
  expect(first.meta?.page).toMatchObject({ totalCount: SHIPPED, totalFilteredCount: 10 });
  expect((await failureOf(api(world).listSecurityMonitoringRules({ pageSize: 101 }))).code).toBe(400);
});

test.each([
  ['managed-by:eks-audit', 1],
  ['source:kubernetes.audit', 1],
  ['type:log_detection', SHIPPED + 1],
  ['source:cloudtrail', 0],
])('the list filtered by %s has %i rules', async (query, count) => {
  await using world = await openDatadog();
  world.datadog.addRule({ ...RULE });
  expect(await names(world, { query })).toHaveLength(count);
});

test('the list is sorted by name unless told otherwise', async () => {
  await using world = await openDatadog();
  const sorted = await names(world);
  expect(sorted).toEqual([...sorted].sort());
  expect(await names(world, { sort: '-name' })).toEqual([...sorted].reverse());
});

test('a new rule is readable at once and listed later', async () => {
  await using world = await openDatadog();
  world.datadog.listLagMs = 30_000;
  const created = await api(world).createSecurityMonitoringRule({ body: RULE });
  const ruleId = ('id' in created && created.id) || '';
  expect(nameOf(await api(world).getSecurityMonitoringRule({ ruleId }))).toBe(RULE.name);
  world.pass(29_999);
  expect(await names(world)).not.toContain(RULE.name);
  world.pass(1);
  expect(await names(world)).toContain(RULE.name);
});

test('a shipped rule can be disabled, tagged and made to notify', async () => {
  await using world = await openDatadog();
  const rule = world.datadog.rule('User Exec into a Pod');
  if (!rule) throw new Error('not shipped');
  const changed = await api(world).updateSecurityMonitoringRule({
    ruleId: rule.id,
    body: {
      isEnabled: false,
      cases: rule.cases.map((ruleCase) => ({ ...ruleCase, notifications: ['@webhook-eks-audit'] })),
      tags: [...rule.tags, 'team:platform'],
    },
  });
  expect(changed).toMatchObject({
    isEnabled: false,
    version: 2,
    cases: [{ notifications: ['@webhook-eks-audit'] }],
    tags: expect.arrayContaining(['team:platform', 'tactic:TA0002-execution']),
  });
});

test('a shipped rule can neither be rewritten, nor stripped of its tags, nor deleted', async () => {
  await using world = await openDatadog();
  const rule = world.datadog.rule('User Exec into a Pod');
  if (!rule) throw new Error('not shipped');
  const ruleId = rule.id;
  for (const body of [{ name: 'mine' }, { message: 'mine' }, { tags: [] }, { queries: [{ query: '*' }] }]) {
    expect((await failureOf(api(world).updateSecurityMonitoringRule({ ruleId, body }))).code).toBe(400);
  }
  expect((await failureOf(api(world).deleteSecurityMonitoringRule({ ruleId }))).code).toBe(403);
  expect(world.datadog.rule('User Exec into a Pod')?.version).toBe(1);
});

test('a test says for each sample whether the query did what was expected', async () => {
  await using world = await openDatadog();
  const sample = (expectedResult: boolean, ddsource: string) => ({
    expectedResult,
    index: 0,
    payload: {
      ddsource,
      ddtags: 'env:staging,version:5.1',
      hostname: 'i-012345678',
      message: 'Hello World',
      service: 'payment',
      additionalProperties: { userIdentity: { assumed_role: 'admin' } },
    },
  });
  const query = 'source:source_here env:staging @userIdentity.assumed_role:admin';
  const body = {
    rule: { ...RULE, type: 'log_detection' as const, queries: [{ query, aggregation: 'count' as const }] },
    ruleQueryPayloads: [sample(true, 'source_here'), sample(true, 'other'), sample(false, 'other')],
  };
  expect((await api(world).testSecurityMonitoringRule({ body })).results).toEqual([true, false, true]);
  const { id: ruleId } = world.datadog.addRule({ ...RULE, queries: [{ query }] });
  expect((await api(world).testExistingSecurityMonitoringRule({ ruleId, body })).results).toEqual([true, false, true]);
  expect(world.door.writes).toEqual([]);
});

test('a rule converts to the Terraform text that Datadog writes', async () => {
  await using world = await openDatadog();
  const expected =
    'resource "datadog_security_monitoring_rule" "_1166a375f2500467" {\n\tname = "_1166a375f2500467"\n\tenabled = true\n\tquery {\n\t\tquery = "@test:true"\n\t\tgroup_by_fields = []\n\t\thas_optional_group_by_fields = false\n\t\tdistinct_fields = []\n\t\taggregation = "count"\n\t\tname = ""\n\t\tdata_source = "logs"\n\t}\n\toptions {\n\t\tkeep_alive = 3600\n\t\tmax_signal_duration = 86400\n\t\tdetection_method = "threshold"\n\t\tevaluation_window = 900\n\t}\n\tcase {\n\t\tname = ""\n\t\tstatus = "info"\n\t\tnotifications = []\n\t\tcondition = "a > 0"\n\t}\n\tmessage = "Test rule"\n\ttags = []\n\thas_extended_title = false\n\ttype = "log_detection"\n}\n';
  const body = { ...RULE, tags: [] };
  const sent = await api(world).convertSecurityMonitoringRuleFromJSONToTerraform({ body });
  expect(sent.terraformContent).toBe(expected);
  const { id: ruleId } = world.datadog.addRule(body);
  const existing = await api(world).convertExistingSecurityMonitoringRule({ ruleId });
  expect(existing.terraformContent).toBe(expected);
});
