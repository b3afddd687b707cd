import { WebhooksIntegrationApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/WebhooksIntegrationApi.js';
import { expect, test } from 'vitest';
import { API_KEY, APP_KEY, failureOf, openDatadog } from './datadog-world.ts';

const CONFIGURATION = '/api/v1/integration/webhooks/configuration';
const HEADERS = { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY };

test('a webhook made with name and URL only gets the payload without signal variables', async () => {
  await using world = await openDatadog();
  const answer = await fetch(`${world.url}${CONFIGURATION}/webhooks`, {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify({ name: 'eks-audit', url: 'https://example.com/webhook' }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    201,
    {
      encode_as: 'json',
      url: 'https://example.com/webhook',
      custom_headers: null,
      name: 'eks-audit',
      payload:
        '{"body": "$EVENT_MSG", "last_updated": "$LAST_UPDATED", "event_type": "$EVENT_TYPE", "title": "$EVENT_TITLE", "date": "$DATE", "org": {"id": "$ORG_ID", "name": "$ORG_NAME"}, "id": "$ID"}',
    },
  ]);
});

test('a webhook is read, changed in part and deleted by its name', async () => {
  await using world = await openDatadog();
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  const customHeaders = '{"Authorization":"Bearer $TOKEN"}';
  const body = {
    name: 'eks-audit',
    url: 'https://a.example/',
    payload: '{"v":1}',
    customHeaders,
    encodeAs: 'json' as const,
  };
  expect(await webhooks.createWebhooksIntegration({ body })).toMatchObject(body);
  const changed = { url: 'https://b.example/' };
  expect(await webhooks.updateWebhooksIntegration({ webhookName: 'eks-audit', body: changed })).toMatchObject({
    ...body,
    ...changed,
  });
  expect(await webhooks.getWebhooksIntegration({ webhookName: 'eks-audit' })).toMatchObject(changed);
  await webhooks.deleteWebhooksIntegration({ webhookName: 'eks-audit' });
  expect(world.datadog.webhook('eks-audit')).toBeUndefined();
});

test('an unknown webhook and an unknown variable are named as such, in the spelling of their backend', async () => {
  await using world = await openDatadog();
  const text = async (path: string) =>
    (await fetch(`${world.url}${CONFIGURATION}${path}`, { headers: HEADERS })).text();
  expect(await text('/webhooks/nothing')).toBe('{"errors": ["Webhook does not exist"]}');
  expect(await text('/custom-variables/NOTHING')).toBe('{"errors": ["Custom variable does not exist"]}');
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  expect(await failureOf(webhooks.deleteWebhooksIntegration({ webhookName: 'nothing' }))).toMatchObject({
    code: 404,
    body: { errors: ['Webhook does not exist'] },
  });
});

test.each([
  [{ name: 'with space', url: 'https://example.com/' }],
  [{ name: 'ok', url: 'example.com' }],
  [{ name: 'ok', url: 'https://example.com/', customHeaders: 'Authorization: x' }],
])('the webhook %j is invalid', async (body) => {
  await using world = await openDatadog();
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  expect(await failureOf(webhooks.createWebhooksIntegration({ body }))).toMatchObject({
    code: 400,
    body: { errors: ['Invalid webhook'] },
  });
});

test('a webhook name is taken once', async () => {
  await using world = await openDatadog();
  world.datadog.addWebhook({ name: 'eks-audit', url: 'https://example.com/' });
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  const again = webhooks.createWebhooksIntegration({ body: { name: 'eks-audit', url: 'https://other.example/' } });
  expect((await failureOf(again)).code).toBe(400);
  expect(world.datadog.webhook('eks-audit')?.url).toBe('https://example.com/');
});

test('the value of a secret variable is never shown', async () => {
  await using world = await openDatadog();
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  const customVariableName = 'EKS_AUDIT_WEBHOOK_TOKEN';
  const body = { name: customVariableName, value: 'secret', isSecret: true };
  const answers = [
    await webhooks.createWebhooksIntegrationCustomVariable({ body }),
    await webhooks.getWebhooksIntegrationCustomVariable({ customVariableName }),
    await webhooks.updateWebhooksIntegrationCustomVariable({ customVariableName, body: { value: 'newer' } }),
  ];
  expect(answers.map(({ name, isSecret, value }) => [name, isSecret, value])).toEqual(
    answers.map(() => [customVariableName, true, undefined]),
  );
  expect(world.datadog.customVariables.get(customVariableName)?.value).toBe('newer');
  await webhooks.deleteWebhooksIntegrationCustomVariable({ customVariableName });
  expect(world.datadog.customVariables.size).toBe(0);
});

test('an open variable shows its value, and a name in lower case is refused', async () => {
  await using world = await openDatadog();
  const webhooks = new WebhooksIntegrationApi(world.configuration());
  const create = (name: string) =>
    webhooks.createWebhooksIntegrationCustomVariable({ body: { name, value: 'x', isSecret: false } });
  expect(await create('TEAM')).toMatchObject({ name: 'TEAM', value: 'x', isSecret: false });
  expect((await failureOf(create('team'))).code).toBe(400);
});
