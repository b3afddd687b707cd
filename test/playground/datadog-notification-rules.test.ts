import { SecurityMonitoringApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/SecurityMonitoringApi.js';
import type { CreateNotificationRuleParameters } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/models/CreateNotificationRuleParameters.js';
import { expect, test } from 'vitest';
import type { DatadogWorld } from './datadog-world.ts';
import { failureOf, OWNER, openDatadog, START } from './datadog-world.ts';

const BODY: CreateNotificationRuleParameters = {
  data: {
    type: 'notification_rules',
    attributes: {
      name: 'eks-audit',
      enabled: true,
      selectors: {
        triggerSource: 'security_signals',
        ruleTypes: ['log_detection'],
        severities: ['medium', 'high', 'critical'],
        query: 'source:kubernetes.audit',
      },
      targets: ['@webhook-eks-audit'],
    },
  },
};

function api(world: DatadogWorld): SecurityMonitoringApi {
  return new SecurityMonitoringApi(world.configuration());
}

test('a notification rule is created with version, author and dates', async () => {
  await using world = await openDatadog();
  const { data } = await api(world).createSignalNotificationRule({ body: BODY });
  expect(data?.id).toMatch(/^\w{3}-\w{3}-\w{3}$/);
  expect(data?.attributes).toMatchObject({
    ...BODY.data?.attributes,
    version: 1,
    timeAggregation: 0,
    createdAt: START,
    createdBy: { name: 'EKS audit', handle: OWNER },
  });
  expect(world.datadog.notificationRules.all).toHaveLength(1);
});

test('a new notification rule is readable at once and listed later', async () => {
  await using world = await openDatadog();
  world.datadog.listLagMs = 10_000;
  const id = (await api(world).createSignalNotificationRule({ body: BODY })).data?.id ?? '';
  const listed = async () => (await api(world).getSignalNotificationRules()).data;
  expect((await api(world).getSignalNotificationRule({ id })).data?.attributes.name).toBe('eks-audit');
  expect(await listed()).toEqual([]);
  world.pass(10_000);
  expect(await listed()).toHaveLength(1);
});

test('a change names the current version', async () => {
  await using world = await openDatadog();
  const { id } = world.datadog.addNotificationRule({
    name: 'eks-audit',
    selectors: { trigger_source: 'security_signals' },
    targets: ['@webhook-eks-audit'],
  });
  const patch = (attributes: { enabled: boolean; version?: number }) =>
    api(world).patchSignalNotificationRule({ id, body: { data: { type: 'notification_rules', id, attributes } } });
  expect(await failureOf(patch({ enabled: false }))).toMatchObject({
    code: 400,
    body: {
      errors: [
        "input_validation_error(Field 'data.attributes.version' is invalid: Specify the notification rule version to update, it cannot be 0.)",
      ],
    },
  });
  expect((await patch({ enabled: false, version: 1 })).data?.attributes).toMatchObject({ enabled: false, version: 2 });
  expect((await failureOf(patch({ enabled: true, version: 1 }))).code).toBe(409);
});

test('a deleted notification rule is not found', async () => {
  await using world = await openDatadog();
  const id = (await api(world).createSignalNotificationRule({ body: BODY })).data?.id ?? '';
  await api(world).deleteSignalNotificationRule({ id });
  expect(await failureOf(api(world).deleteSignalNotificationRule({ id }))).toMatchObject({
    code: 404,
    body: { errors: [`not_found(Notification rule with id '${id}' not found)`] },
  });
});

test('a notification rule without targets or with an unreadable query is refused', async () => {
  await using world = await openDatadog();
  const attributes = BODY.data?.attributes;
  if (!attributes) throw new Error('no attributes');
  for (const wrong of [{ targets: [] }, { selectors: { ...attributes.selectors, query: 'a:(' } }]) {
    const body = { data: { type: 'notification_rules' as const, attributes: { ...attributes, ...wrong } } };
    expect((await failureOf(api(world).createSignalNotificationRule({ body }))).code).toBe(400);
  }
});
