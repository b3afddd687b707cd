import { LogsApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js';
import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import { expect, test } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';
import { API_KEY, auditEntry, execBy, failureOf, openDatadog } from './datadog-world.ts';

function siem(world: DatadogWorld): SecurityMonitoringApi {
  const configuration = world.configuration();
  configuration.unstableOperations['v2.getContentPacksStates'] = true;
  configuration.unstableOperations['v2.activateContentPack'] = true;
  return new SecurityMonitoringApi(configuration);
}

async function shippedTags(world: DatadogWorld): Promise<string[]> {
  world.datadog.intake({ apiKey: API_KEY, site: 'datadoghq.com', entries: [auditEntry(execBy('jane'))] });
  world.pass(world.datadog.indexDelayMs);
  const answer = await new LogsApi(world.configuration()).listLogs({ body: { filter: { query: '*' } } });
  return answer.data?.[0]?.attributes?.tags ?? [];
}

test('without security filters a log does not say whether it was analysed', async () => {
  await using world = await openDatadog();
  expect(await shippedTags(world)).not.toContainEqual(expect.stringContaining('datadog.cloud_siem'));
});

test.each([
  [[{ name: 'all', query: '*' }], 'true'],
  [[{ name: 'audit', query: 'source:kubernetes.audit' }], 'true'],
  [[{ name: 'trail', query: 'source:cloudtrail' }], 'false'],
  [[{ name: 'off', query: '*', isEnabled: false }], 'false'],
  [[{ name: 'all', query: '*', exclusionFilters: [{ name: 'test', query: 'env:test' }] }], 'false'],
])('with the filters %j a log is marked %s', async (filters, verdict) => {
  await using world = await openDatadog();
  for (const filter of filters) world.datadog.addSecurityFilter(filter);
  expect(await shippedTags(world)).toContain(`datadog.cloud_siem:${verdict}`);
});

test('a security filter is created, listed, read, changed and deleted', async () => {
  await using world = await openDatadog();
  world.datadog.addSecurityFilter({ name: 'all ingested logs', query: '*', isBuiltin: true });
  const api = siem(world);
  const attributes = {
    name: 'EKS audit',
    query: 'source:kubernetes.audit',
    isEnabled: true,
    exclusionFilters: [{ name: 'Exclude staging', query: 'env:staging' }],
    filteredDataType: 'logs' as const,
  };
  const created = await api.createSecurityFilter({ body: { data: { type: 'security_filters', attributes } } });
  const id = created.data?.id ?? '';
  expect(id).toMatch(/^\w{3}-\w{3}-\w{3}$/);
  expect(created.data?.attributes).toMatchObject({ ...attributes, version: 1, isBuiltin: false });
  const listed = await api.listSecurityFilters();
  expect(listed.data?.map((filter) => filter.attributes?.isBuiltin)).toEqual([true, false]);
  const changed = await api.updateSecurityFilter({
    securityFilterId: id,
    body: { data: { type: 'security_filters', attributes: { isEnabled: false } } },
  });
  expect(changed.data?.attributes).toMatchObject({ version: 2, isEnabled: false, query: 'source:kubernetes.audit' });
  expect((await api.getSecurityFilter({ securityFilterId: id })).data?.attributes?.version).toBe(2);
  await api.deleteSecurityFilter({ securityFilterId: id });
  expect((await failureOf(api.getSecurityFilter({ securityFilterId: id }))).code).toBe(404);
});

test('a content pack goes from install over initializing to active as the world goes on', async () => {
  await using world = await openDatadog();
  const api = siem(world);
  const audit = async () => {
    const { data, meta } = await api.getContentPacksStates();
    expect(meta).toMatchObject({ sku: 'add_on_2024', cloudSiemIndexIncorrect: false });
    return data.find(({ id }) => id === 'kubernetes-audit-logs')?.attributes;
  };
  expect(await audit()).toMatchObject({
    status: 'install',
    details: { type: 'logs', cpActivation: 'never_activated', dataLastSeen: 'not_seen', filtersConfigured: false },
  });
  await api.activateContentPack({ contentPackId: 'kubernetes-audit-logs' });
  expect(await audit()).toMatchObject({ status: 'initializing', details: { filtersConfigured: true } });
  expect(await shippedTags(world)).toContain('datadog.cloud_siem:true');
  expect(await audit()).toMatchObject({ status: 'active', details: { dataLastSeen: 'within_24_hours' } });
  world.pass(48 * 3600_000);
  expect(await audit()).toMatchObject({ status: 'warning', details: { dataLastSeen: 'within_24_to_72_hours' } });
  world.datadog.securityFilters.length = 0;
  expect(await audit()).toMatchObject({ status: 'broken', details: { filtersConfigured: false } });
});

test('a state that a test sets wins over the world, and no Cloud SIEM shows onboarding', async () => {
  await using world = await openDatadog();
  world.datadog.setContentPack('kubernetes-audit-logs', { status: 'warning', siemIndexIncorrect: true });
  world.datadog.sku = 'standalone_indexed';
  const api = siem(world);
  const first = await api.getContentPacksStates();
  expect(first.meta.sku).toBe('standalone_indexed');
  expect(first.data[0]?.attributes).toMatchObject({ status: 'warning', details: { siemIndexIncorrect: true } });
  world.datadog.cloudSiemActive = false;
  expect((await api.getContentPacksStates()).data[0]?.attributes.details).toMatchObject({ type: 'onboarding' });
});

test('an unknown content pack cannot be activated', async () => {
  await using world = await openDatadog();
  expect(await failureOf(siem(world).activateContentPack({ contentPackId: 'nothing' }))).toMatchObject({ code: 404 });
});
