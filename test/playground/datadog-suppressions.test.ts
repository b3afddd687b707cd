import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import { expect, test } from 'vitest';
import { suppressionApplies } from '../../playground/datadog/suppressions.ts';
import type { DatadogWorld } from './datadog-world.ts';
import { failureOf, OWNER, openDatadog, START } from './datadog-world.ts';

const ATTRIBUTES = {
  name: 'CI may exec',
  enabled: true,
  ruleQuery: 'type:log_detection source:kubernetes',
  suppressionQuery: '@usr.name:ci-bot',
  expirationDate: START + 3600_000,
  tags: ['technique:T1110-brute-force', 'source:kubernetes'],
};

function api(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

async function create(world: DatadogWorld) {
  const body = { data: { type: 'suppressions' as const, attributes: ATTRIBUTES } };
  return (await api(world).createSecurityMonitoringSuppression({ body })).data;
}

test('a suppression is created with sorted tags, read, changed and deleted', async () => {
  await using world = await openDatadog();
  const created = await create(world);
  const suppressionId = created?.id ?? '';
  expect(created?.attributes).toMatchObject({
    ...ATTRIBUTES,
    tags: ['source:kubernetes', 'technique:T1110-brute-force'],
    dataExclusionQuery: '',
    editable: true,
    version: 1,
    creationDate: START,
    creator: { handle: OWNER },
  });
  const patch = (attributes: { enabled: boolean; version: number }) =>
    api(world).updateSecurityMonitoringSuppression({
      suppressionId,
      body: { data: { type: 'suppressions', attributes } },
    });
  expect((await patch({ enabled: false, version: 1 })).data?.attributes).toMatchObject({ enabled: false, version: 2 });
  expect((await failureOf(patch({ enabled: true, version: 1 }))).code).toBe(409);
  const { data, meta } = await api(world).listSecurityMonitoringSuppressions();
  expect(data).toHaveLength(1);
  expect(meta?.page?.totalCount).toBe(1);
  await api(world).deleteSecurityMonitoringSuppression({ suppressionId });
  expect(await failureOf(api(world).getSecurityMonitoringSuppression({ suppressionId }))).toMatchObject({
    code: 404,
    body: { errors: [`not_found(Suppression with ID ${suppressionId} not found)`] },
  });
});

test('an unreadable rule query is refused by validation', async () => {
  await using world = await openDatadog();
  const validate = (ruleQuery: string) =>
    api(world).validateSecurityMonitoringSuppression({
      body: { data: { type: 'suppressions', attributes: { ...ATTRIBUTES, ruleQuery } } },
    });
  await validate(ATTRIBUTES.ruleQuery);
  expect(await failureOf(validate('rule:[A-Invalid'))).toMatchObject({
    code: 400,
    body: {
      errors: ["input_validation_error(Field 'data.attributes.rule_query' is invalid: rule query is invalid)"],
    },
  });
  expect(world.door.writes).toEqual([]);
});

test('a suppression affects the rules its query names, while it is in force', async () => {
  await using world = await openDatadog();
  await create(world);
  const shipped = world.datadog.rule('User Exec into a Pod');
  const other = world.datadog.addRule({ name: 'other', tags: ['source:cloudtrail'] });
  const suppression = world.datadog.suppressions[0];
  if (!shipped || !suppression) throw new Error('missing');
  const affecting = async (ruleId: string) => (await api(world).getSuppressionsAffectingRule({ ruleId })).data;
  expect(await affecting(shipped.id)).toHaveLength(1);
  expect(await affecting(other.id)).toEqual([]);
  expect(suppressionApplies(suppression, shipped, START)).toBe(true);
  expect(suppressionApplies(suppression, shipped, ATTRIBUTES.expirationDate)).toBe(false);
  expect(suppressionApplies(suppression, other, START)).toBe(false);
});
