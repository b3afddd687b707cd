import { AuthenticationApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/apis/AuthenticationApi.js';
import { KeyManagementApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/KeyManagementApi.js';
import { UsersApi } from '@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/UsersApi.js';
import { expect, test } from 'vitest';
import { datadogRateLimited, errors } from '../../playground/datadog/answers.ts';
import { DATADOG_COVERAGE } from '../../playground/datadog/coverage.ts';
import { PERMISSIONS } from '../../playground/datadog/permissions.ts';
import { DATADOG_ROUTES } from '../../playground/datadog/routes.ts';
import { API_KEY, APP_KEY, failureOf, OWNER, openDatadog } from './datadog-world.ts';

test('both key checks succeed with the right keys and name the key owner', async () => {
  await using world = await openDatadog();
  const configuration = world.configuration();
  expect(await new AuthenticationApi(configuration).validate()).toMatchObject({ valid: true });
  expect(await new KeyManagementApi(configuration).validateAPIKey()).toMatchObject({ status: 'ok' });
  const { data } = await new UsersApi(configuration).getCurrentUser();
  expect(data?.attributes).toMatchObject({ email: OWNER, serviceAccount: true, disabled: false, status: 'Active' });
  expect(world.door.recorded.map(({ call }) => [call.operation, call.principal])).toEqual([
    ['Validate', undefined],
    ['ValidateAPIKey', OWNER],
    ['GetCurrentUser', OWNER],
  ]);
});

test('a wrong API key is forbidden, a missing one is named', async () => {
  await using world = await openDatadog();
  const wrong = new AuthenticationApi(world.configuration({ apiKey: 'wrong' }));
  expect(await failureOf(wrong.validate())).toMatchObject({ code: 403, body: { errors: ['Forbidden'] } });
  const bare = await fetch(`${world.url}/api/v1/validate`);
  expect([bare.status, await bare.text()]).toEqual([403, '{"errors":["API key required"]}']);
});

test('a wrong application key is refused with 403 or, where the endpoint does so, 401', async () => {
  await using world = await openDatadog();
  const users = new UsersApi(world.configuration({ appKey: 'wrong' }));
  expect(await failureOf(users.getCurrentUser())).toMatchObject({ code: 403, body: { errors: ['Forbidden'] } });
  world.datadog.wrongKeyStatus = 401;
  // The client does not know this status and gives the body as a string.
  expect(await failureOf(users.getCurrentUser())).toMatchObject({
    code: 401,
    body: 'Unknown API Status Code!\nBody: "{"errors":["Unauthorized"]}"',
  });
});

test('a key without the permission of an operation is forbidden that operation only', async () => {
  await using world = await openDatadog();
  world.datadog.addApplicationKey({ key: 'narrow', owner: OWNER, permissions: ['logs_read_data'] });
  const users = new UsersApi(world.configuration({ appKey: 'narrow' }));
  expect(await failureOf(users.listUsers())).toMatchObject({ code: 403, body: { errors: ['Forbidden'] } });
  expect((await users.getCurrentUser()).data?.attributes?.email).toBe(OWNER);
});

test('the user look-up is loose and pages', async () => {
  await using world = await openDatadog();
  for (const name of ['jane', 'jane.doe', 'john']) world.datadog.addUser({ email: `${name}@example.com` });
  const users = new UsersApi(world.configuration());
  const found = await users.listUsers({ filter: 'jane' });
  expect(found.data?.map((user) => user.attributes?.email)).toEqual(['jane@example.com', 'jane.doe@example.com']);
  expect(found.meta?.page).toMatchObject({ totalCount: 4, totalFilteredCount: 2 });
  const second = await users.listUsers({ pageSize: 3, pageNumber: 1 });
  expect(second.data?.map((user) => user.attributes?.email)).toEqual(['john@example.com']);
});

test('a rate limit answers 429 with the headers that say when to come back', async () => {
  await using world = await openDatadog();
  world.door.fail({ service: 'datadog', operation: 'ListUsers', answer: datadogRateLimited(7) });
  const headers = { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY };
  const limited = await fetch(`${world.url}/api/v2/users`, { headers });
  expect(limited.status).toBe(429);
  expect(Object.fromEntries(limited.headers)).toMatchObject({
    'x-ratelimit-limit': '300',
    'x-ratelimit-period': '3600',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': '7',
  });
  world.door.fail({ service: 'datadog', operation: 'ListUsers', answer: datadogRateLimited(1) });
  const users = new UsersApi(world.configuration());
  expect(await failureOf(users.listUsers())).toMatchObject({
    code: 429,
    body: { errors: [expect.stringContaining('Rate limit of 300 requests in 3600 seconds reached')] },
  });
  world.door.fail({ service: 'datadog', operation: 'ListUsers', answer: errors(502, 'Bad Gateway') });
  expect((await failureOf(users.listUsers())).code).toBe(502);
  expect((await users.listUsers()).data).toHaveLength(1);
});

test('an unknown path and a body that is no JSON are refused', async () => {
  await using world = await openDatadog();
  const headers = { 'dd-api-key': API_KEY, 'dd-application-key': APP_KEY };
  expect((await fetch(`${world.url}/api/v2/nothing`, { headers })).status).toBe(404);
  const broken = await fetch(`${world.url}/api/v2/security_monitoring/rules`, { method: 'POST', headers, body: '{' });
  expect(broken.status).toBe(400);
});

test('the coverage list names exactly the operations that have a route', () => {
  const routed = DATADOG_ROUTES.map((route) => route.operation);
  expect(Object.keys(DATADOG_COVERAGE).sort()).toEqual([...routed].sort());
  expect(new Set(routed).size).toBe(routed.length);
});

test('the permission table names only operations that have a route', () => {
  const routed = DATADOG_ROUTES.map((route) => route.operation);
  expect(Object.keys(PERMISSIONS).filter((operation) => !routed.includes(operation))).toEqual([]);
});
