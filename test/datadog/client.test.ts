/** The Datadog client behind its thread: every kind of answer comes back as what can be done about it, and nothing is sent twice. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { datadogRateLimited, errors, titledError } from '../../playground/datadog/answers.ts';
import { type Answer, json } from '../../playground/http.ts';
import { openWorld, SECRETS, type World } from '../../playground/world.ts';
import type { Config } from '../../src/config.ts';
import { findIntegration } from '../../src/datadog/aws-integration.ts';
import { createDatadog, type Datadog, DatadogError, reasonsIn } from '../../src/datadog/client.ts';
import { searchLogs } from '../../src/datadog/logs.ts';
import { createRule, deleteRule, listOwnRules } from '../../src/datadog/rules.ts';
import { packState } from '../../src/datadog/siem.ts';
import { logExplorerUrl, uiUrl } from '../../src/datadog/sites.ts';
import { deleteWebhook, getWebhook, hasVariable, putSecretVariable } from '../../src/datadog/webhooks.ts';
import { compileRule } from '../../src/rules/compile.ts';
import { loadPack } from '../../src/rules/pack.ts';

const TIMEOUT_MS = 700;
const [RULE] = (await loadPack()).rules;
const PAYLOAD = RULE && compileRule(RULE);

let world: World;
let datadog: Datadog;

beforeAll(async () => {
  world = await openWorld({ speed: 1000 });
  world.datadog.addApiKey(SECRETS.datadogApiKey);
  world.datadog.addApplicationKey({ key: SECRETS.datadogAppKey, owner: 'bot@acme.example' });
  datadog = createDatadog(configWith(SECRETS.datadogAppKey));
  // Loading the API classes takes the thread seconds; a call before that would only measure it.
  await listOwnRules(datadog);
});

afterAll(async () => {
  await datadog.close();
  await world.close();
});

afterEach(() => void world.door.faults.splice(0));

/** All that the client reads of the configuration; a secret is cut out of whatever Datadog quotes. */
function configWith(appKey: string): Config {
  return {
    DD_API_URL: world.urls.datadog,
    DD_SITE: 'datadoghq.com',
    DD_API_KEY: SECRETS.datadogApiKey,
    DD_APP_KEY: appKey,
    timing: { http_timeout: TIMEOUT_MS },
  } as Config;
}

async function failure(work: Promise<unknown>): Promise<DatadogError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof DatadogError)) throw new Error(`no DatadogError but ${String(error)}`);
  return error;
}

function answerWith(operation: string, answer: Answer | 'hang' | 'reset', applies = false): void {
  world.door.fail({ service: 'datadog', operation, answer, applies });
}

const LIST = 'ListSecurityMonitoringRules';
const HTML = (status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>Bad gateway</body></html>',
});

test.each<[string, Answer | 'hang' | 'reset', Partial<DatadogError>]>([
  ['a permission that is missing', errors(403, 'Forbidden'), { kind: 'denied', status: 403, reasons: ['Forbidden'] }],
  ['keys nobody knows', errors(401, 'Unauthorized'), { kind: 'denied', status: 401, reasons: ['Unauthorized'] }],
  ['too many calls', datadogRateLimited(7), { kind: 'throttled', status: 429, retryAfterMs: 7_000 }],
  ['a conflict', errors(409, 'version mismatch'), { kind: 'conflict', status: 409, reasons: ['version mismatch'] }],
  ['an error page', HTML(502), { kind: 'unreachable', status: 502, reasons: [] }],
  [
    'an error page that calls itself a success',
    HTML(200),
    { kind: 'unreachable', status: 200, reasons: ['the answer is not JSON'] },
  ],
  ['a status nobody documents', errors(418, 'no coffee'), { kind: 'other', status: 418, reasons: ['no coffee'] }],
  [
    'JSON:API errors',
    titledError(400, 'Invalid Parameter', 'expected type "uuid"'),
    { kind: 'invalid', status: 400, reasons: ['Invalid Parameter: expected type "uuid"'] },
  ],
  [
    'one error with details',
    json(422, {
      error: {
        code: 'InvalidArgument',
        message: 'Invalid rule',
        details: [{ message: 'too broad', target: 'queries[0]' }],
      },
    }),
    { kind: 'invalid', status: 422, reasons: ['Invalid rule', 'queries[0]: too broad'] },
  ],
])('%s', async (_what, answer, expected) => {
  answerWith(LIST, answer);
  const error = await failure(listOwnRules(datadog));
  expect(error).toMatchObject({ method: 'listSecurityMonitoringRules', ...expected });
});

test('an answer that does not come in time, and a connection cut off, are both "unreachable"', async () => {
  answerWith(LIST, 'hang');
  const before = performance.now();
  expect(await failure(listOwnRules(datadog))).toMatchObject({ kind: 'unreachable', status: undefined });
  expect(performance.now() - before).toBeLessThan(TIMEOUT_MS + 5_000);
  answerWith(LIST, 'reset');
  expect(await failure(listOwnRules(datadog))).toMatchObject({ kind: 'unreachable', status: undefined });
});

test('a POST is sent once, whatever is answered: the client’s own retry would make a second rule', async () => {
  const sent = () => world.door.recorded.filter((r) => r.call.operation === 'CreateSecurityMonitoringRule').length;
  for (const answer of [errors(500, 'Internal error'), HTML(502), datadogRateLimited(1), 'reset', 'hang'] as const) {
    const before = sent();
    answerWith('CreateSecurityMonitoringRule', answer, true);
    if (PAYLOAD) await failure(createRule(datadog, PAYLOAD));
    expect(sent() - before).toBe(1);
  }
  const ours = await listOwnRules(datadog);
  expect(ours).toHaveLength(5);
  for (const rule of ours) await deleteRule(datadog, rule.id);
  // What is gone is deleted.
  for (const rule of ours) await deleteRule(datadog, rule.id);
  expect(await listOwnRules(datadog)).toEqual([]);
});

test('values the client does not know yet come through as Datadog sent them', async () => {
  const wire = {
    id: 'abc-def-ghi',
    name: 'New',
    isEnabled: true,
    type: 'a_type_of_tomorrow',
    tags: ['managed-by:eks-audit', 'eks-audit-id:new'],
    odd: 1,
  };
  answerWith(LIST, json(200, { data: [wire], meta: {} }));
  expect(await listOwnRules(datadog)).toEqual([
    { id: wire.id, name: 'New', enabled: true, shipped: false, packId: 'new', wire },
  ]);
  // The last page comes without data at all.
  answerWith('ListLogs', json(200, { meta: { elapsed: 3 } }));
  expect(await searchLogs(datadog, 'source:kubernetes.audit', new Date(0), new Date(), 5)).toEqual([]);
});

test('all pages are read, and only what carries our mark is ours', async () => {
  const rule = (i: number, tags: string[]) => ({
    id: `r-${i}`,
    name: 'x',
    isEnabled: true,
    type: 'log_detection',
    tags,
  });
  const ours = ['managed-by:eks-audit', 'eks-audit-id:x'];
  answerWith(LIST, json(200, { data: Array.from({ length: 100 }, (_, i) => rule(i, ours)) }));
  answerWith(LIST, json(200, { data: [rule(100, ours), rule(101, ['not-managed-by:eks-audit']), rule(102, [])] }));
  expect(await listOwnRules(datadog)).toHaveLength(101);
});

test('what is missing is an answer where we ask by name, and a failure everywhere else', async () => {
  expect(await getWebhook(datadog, 'eks-audit')).toBeUndefined();
  expect(await hasVariable(datadog, 'EKS_AUDIT_WEBHOOK_TOKEN')).toBe(false);
  await deleteWebhook(datadog, 'eks-audit');
  expect(await findIntegration(datadog, '111122223333')).toBeUndefined();
  world.datadog.addAwsAccount({ accountId: '111122223333', lambdas: ['arn:one'], sources: ['eks'] });
  expect(await findIntegration(datadog, '111122223333')).toMatchObject({
    autoSubscribes: { forwarders: ['arn:one'], services: ['eks'] },
  });
  answerWith('GetContentPacksStates', errors(404, 'Not found'));
  expect(await packState(datadog)).toBeUndefined();
  await putSecretVariable(datadog, 'EKS_AUDIT_WEBHOOK_TOKEN', 'first');
  await putSecretVariable(datadog, 'EKS_AUDIT_WEBHOOK_TOKEN', 'second');
  expect(world.datadog.customVariables.get('EKS_AUDIT_WEBHOOK_TOKEN')).toMatchObject({
    value: 'second',
    is_secret: true,
  });
});

test('a secret that Datadog quotes does not come back with the error', async () => {
  answerWith(LIST, errors(400, `key ${SECRETS.datadogAppKey} is not valid here`));
  const error = await failure(listOwnRules(datadog));
  expect(error.reasons).toEqual(['key [secret] is not valid here']);
  expect(String(error)).not.toContain(SECRETS.datadogAppKey);
});

test('a call the client refuses to build is our mistake; a closed client answers at once', async () => {
  const wrong = await failure(
    datadog.call('security', 'createSecurityMonitoringRule', { body: { ...PAYLOAD, type: 'nonsense' } }),
  );
  expect(wrong.kind).toBe('other');
  const other = createDatadog(configWith('wrong-key-0123'));
  expect(await failure(listOwnRules(other))).toMatchObject({ kind: 'denied' });
  await other.close();
  expect(await failure(listOwnRules(other))).toMatchObject({ kind: 'unreachable', reasons: ['the bot is stopping'] });
});

test.each([
  ['{"errors":["a","b"]}', ['a', 'b']],
  ['{"errors":[{"title":"T","detail":"d"},{"title":"only"},{"code":7}]}', ['T: d', 'only', '{"code":7}']],
  ['{"error":{"message":"m","details":[{"message":"n","target":"t"},{"message":"o"}]}}', ['m', 't: n', 'o']],
  ['<html>oops</html>', []],
  ['', []],
  ['just words', ['just words']],
  ['null', ['null']],
  ['{"errors":null}', ['{"errors":null}']],
])('the reasons in %s', (body, reasons) => {
  expect(reasonsIn(body)).toEqual(reasons);
});

test('links lead to the host people use for their site, or to the one they named', () => {
  expect(uiUrl({ DD_SITE: 'datadoghq.com', DD_APP_URL: undefined })).toBe('https://app.datadoghq.com');
  expect(uiUrl({ DD_SITE: 'us5.datadoghq.com', DD_APP_URL: undefined })).toBe('https://us5.datadoghq.com');
  expect(uiUrl({ DD_SITE: 'datadoghq.com', DD_APP_URL: 'https://acme.datadoghq.com' })).toBe(
    'https://acme.datadoghq.com',
  );
  const url = new URL(
    logExplorerUrl(
      { DD_SITE: 'datadoghq.eu', DD_APP_URL: undefined },
      'source:kubernetes.audit @a:"b c"',
      new Date(1_000),
      new Date(2_000),
    ),
  );
  expect(url.host).toBe('app.datadoghq.eu');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    query: 'source:kubernetes.audit @a:"b c"',
    from_ts: '1000',
    to_ts: '2000',
    live: 'false',
  });
});
