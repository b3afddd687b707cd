/** What webhooks send, and how often when it fails: over real HTTP to a receiver on loopback. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../playground/datadog/random.ts';
import { reachable } from '../../playground/datadog/webhook-request.ts';
import { substituted, type Variables } from '../../playground/datadog/webhook-variables.ts';
import { openDatadog, START } from './datadog-world.ts';
import { outcomes, receiver, ring, settle } from './webhook-receiver.ts';

const VARIABLES: Variables = new Map([
  ['ID', { kind: 'text', value: '1' }],
  ['ID_TOKEN', { kind: 'text', value: 's3cret' }],
  ['TITLE', { kind: 'text', value: 'say "$ID_TOKEN"\n' }],
  ['ATTRIBUTES', { kind: 'object', value: '{"a":"b"}' }],
  ['TAGS', { kind: 'text', value: 'env:prod' }],
  ['TAGS[env]', { kind: 'text', value: 'prod' }],
]);

test.each([
  ['{"id":"$ID","t":"$ID_TOKEN"}', false, '{"id":"1","t":"s3cret"}'],
  ['"$TITLE"', false, '"say "$ID_TOKEN"\n"'],
  ['"$TITLE"', true, '"say \\"$ID_TOKEN\\"\\n"'],
  ['{"a":$ATTRIBUTES}', true, '{"a":{"a":"b"}}'],
  ['$UNKNOWN $SECURITY_SIGNAL_ID $id $', false, '$UNKNOWN $SECURITY_SIGNAL_ID $id $'],
  ['$TAGS $TAGS[env] $TAGS[team]|$ID[0]', false, 'env:prod prod |1[0]'],
])('%s, escaped %s, becomes %s', (template, escapes, expected) => {
  expect(substituted(template, VARIABLES, escapes)).toBe(expected);
});

test.each([
  ['http://127.0.0.1:80/x', 'http://127.0.0.1/x'],
  ['http://localhost:81/x', 'http://localhost:81/x'],
  ['https://bot.example/x?y=1', 'http://127.0.0.1:8080/x?y=1'],
  ['https://bot.example:8443/x', undefined],
  ['https://elsewhere.example/', undefined],
  ['http://127.0.0.1.example/', undefined],
  ['nothing', undefined],
])('%s leads to %s', (url, expected) => {
  expect(reachable(url, new Map([['https://bot.example', 'http://127.0.0.1:8080']]))?.href).toBe(expected);
});

test('a signal rings the webhook with its variables, the custom ones and the secret header', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver();
  world.datadog.addCustomVariable({ name: 'TOKEN', value: 's3cret', is_secret: true });
  const payload =
    '{"v":1,"signal_id":"$SECURITY_SIGNAL_ID","rule_id":"$SECURITY_RULE_ID","rule_type":"$SECURITY_RULE_TYPE","severity":"$SECURITY_SIGNAL_SEVERITY","org_id":"$ORG_ID","date":"$DATE","attributes":$SECURITY_SIGNAL_ATTRIBUTES,"by":$SECURITY_RULE_GROUP_BY_FIELDS,"queries":$SECURITY_RULE_MATCHED_QUERIES}';
  ring(world, url, { payload, custom_headers: '{"Authorization":"Bearer $TOKEN"}' });
  const signal = world.datadog.raiseSignal({ rule: 'exec', severity: 'high', user: 'jane' });
  expect(heard).toEqual([]);
  await settle(world, 1);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({
    path: '/hook',
    headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json' },
  });
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
    v: 1,
    signal_id: signal.id,
    rule_id: signal.rule.id,
    rule_type: 'log_detection',
    severity: 'high',
    org_id: world.datadog.orgId,
    date: String(START),
    attributes: { ...signal.projected, service: ['cloudwatch'] },
    by: {
      '@aws.awslogs.owner': '111122223333',
      '@aws.awslogs.logGroup': '/aws/eks/prod-a/cluster',
      '@usr.name': 'jane',
    },
    queries: ['source:kubernetes.audit @objectRef.subresource:exec'],
  });
  expect(world.datadog.sender.deliveries).toMatchObject([
    { atMs: START + 1000, webhook: 'eks-audit', signalId: signal.id, attempt: 1, status: 200 },
  ]);
  expect(JSON.stringify(world.datadog.sender.deliveries)).not.toContain('s3cret');
});

test('what an attacker typed is put in raw unless told otherwise, and never replaced again', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver();
  world.datadog.addCustomVariable({ name: 'TOKEN', value: 's3cret', is_secret: true });
  ring(world, url, { payload: '{"title":"$SECURITY_SIGNAL_TITLE"}' });
  const title = '","x":"$TOKEN';
  world.datadog.raiseSignal({ title });
  world.datadog.sender.escapeVariables = true;
  world.datadog.raiseSignal({ title });
  await settle(world, 1);
  expect(heard.map(({ body }) => JSON.parse(body)).sort((a, b) => b.title.length - a.title.length)).toEqual([
    { title },
    { title: '', x: '$TOKEN' },
  ]);
});

test('a form is sent URL-encoded, and credentials of the URL as basic authentication', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver();
  ring(world, url.replace('//', '//bot:s3%40cret@'), { encode_as: 'form', payload: '{"id":"a b","n":[1]}' });
  world.datadog.raiseSignal();
  await settle(world, 1);
  expect(heard[0]).toMatchObject({
    body: 'id=a+b&n=%5B1%5D',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from('bot:s3@cret').toString('base64')}`,
    },
  });
});

test.each<[string, (number | 'hang' | 'reset')[], Record<string, unknown>, string[]]>([
  ['a 2xx is enough', [204], {}, ['1 204']],
  ['a 4xx loses the alert', [404], {}, ['1 404']],
  ['a redirect is not followed', [302], {}, ['1 302']],
  ['a 503 is tried again', [503, 503], {}, ['1 503', '2 503', '3 200']],
  ['five tries are all', [500, 500, 500, 500, 500], {}, ['1 500', '2 500', '3 500', '4 500', '5 500']],
  ['a cut connection is tried again', ['reset'], {}, ['1 connection', '2 200']],
  ['silence is tried again', ['hang'], { timeoutMs: 40 }, ['1 timeout', '2 200']],
  ['silence may also be final', ['hang'], { timeoutMs: 40, retryTimeouts: false }, ['1 timeout']],
  ['nothing leaves under HIPAA', [], { hipaa: true }, []],
  ['loss is final', [], { lossRate: 1 }, ['1 lost']],
  ['a notification may come several times', [], { duplicate: 3 }, ['1 200', '1 200', '1 200']],
])('%s', async (_what, answers, knobs, expected) => {
  await using world = await openDatadog();
  const { url, heard } = await receiver(...answers);
  ring(world, url);
  Object.assign(world.datadog.sender, knobs);
  world.datadog.raiseSignal();
  await settle(world);
  expect(outcomes(world)).toEqual(expected);
  expect(heard).toHaveLength(expected.filter((outcome) => !outcome.endsWith('lost')).length);
});

test('tries are further and further apart in world time', async () => {
  await using world = await openDatadog();
  const { url } = await receiver(500, 500, 500, 500, 500);
  ring(world, url);
  world.datadog.raiseSignal();
  await settle(world);
  const seconds = world.datadog.sender.deliveries.map(({ atMs }) => (atMs - START) / 1000);
  expect(seconds).toEqual([1, 6, 16, 36, 76]);
});

test('an address outside this machine is not reached, unless somebody says where it is', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver();
  ring(world, 'https://bot.example');
  world.datadog.raiseSignal();
  await settle(world, 2);
  expect(outcomes(world)).toEqual(['1 unreachable']);
  world.datadog.sender.names.set('https://bot.example', url);
  await settle(world, 10);
  expect(outcomes(world)).toEqual(['1 unreachable', '2 200']);
  expect(heard[0]?.path).toBe('/hook');
});

test('deliveries overtake each other when told to, the same way every time', async () => {
  const order = async () => {
    await using world = await openDatadog();
    const { url } = await receiver();
    ring(world, url);
    world.datadog.sender.reorder = 20_000;
    const ids = Array.from({ length: 8 }, () => world.datadog.raiseSignal().id);
    await settle(world, 25);
    return world.datadog.sender.deliveries.map(({ signalId }) => ids.indexOf(signalId ?? ''));
  };
  const first = await order();
  expect([...first].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(first).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await order()).toEqual(first);
});

test('some are lost at a loss rate, the same ones for the same seed', async () => {
  await using world = await openDatadog();
  const { url } = await receiver();
  ring(world, url);
  world.datadog.sender.lossRate = 0.3;
  for (let i = 0; i < 200; i++) world.datadog.raiseSignal();
  await settle(world, 1);
  const lost = outcomes(world).filter((outcome) => outcome === '1 lost').length;
  expect(lost).toBeGreaterThan(30);
  expect(lost).toBeLessThan(90);
  const [one, two] = [seededRandom(7), seededRandom(7)];
  expect(Array.from({ length: 5 }, one)).toEqual(Array.from({ length: 5 }, two));
});

test('a test notification comes at once with the variables of signals as they are written', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver(500);
  world.datadog.addCustomVariable({ name: 'TOKEN', value: 's3cret', is_secret: true });
  const payload = '{"id":"$SECURITY_SIGNAL_ID","org":"$ORG_ID"}';
  ring(world, url, { payload, custom_headers: '{"Authorization":"Bearer $TOKEN"}' });
  expect(await world.datadog.testNotification('eks-audit')).toMatchObject({
    signalId: undefined,
    attempt: 1,
    status: 500,
  });
  await settle(world, 30);
  expect(heard).toMatchObject([
    {
      body: `{"id":"$SECURITY_SIGNAL_ID","org":"${world.datadog.orgId}"}`,
      headers: { authorization: 'Bearer s3cret' },
    },
  ]);
  await expect(world.datadog.testNotification('nothing')).rejects.toThrow('No webhook nothing');
});

test('a storm of two thousand rings two thousand times, over few connections', async () => {
  await using world = await openDatadog();
  const { heard, url } = await receiver();
  ring(world, url);
  for (let i = 0; i < 2000; i++) world.datadog.raiseSignal();
  await settle(world, 1);
  expect(new Set(heard.map(({ body }) => body)).size).toBe(2000);
});

test('closing cuts what is on its way and sends nothing after', async () => {
  const { heard, url } = await receiver('hang');
  {
    await using world = await openDatadog();
    ring(world, url);
    world.datadog.raiseSignal();
    world.pass(1000);
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    world.datadog.raiseSignal();
    await world.datadog.close();
    world.pass(60_000);
    world.datadog.raiseSignal();
    world.pass(60_000);
    expect(outcomes(world)).toEqual(['1 connection']);
  }
  expect(heard).toHaveLength(1);
});
