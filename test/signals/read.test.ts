/** Signals are read from either of Datadog's shapes, and from whatever else comes in their place. */
import { describe, expect, test } from 'vitest';
import { readSignal } from '../../src/signals/read.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { detail, EVENT, ID, listItem } from './wire.ts';

type Json = Record<string, unknown>;

const CLUSTER = { name: 'prod-a', accountId: '111122223333', region: 'us-east-1' };

const SIGNAL: Signal = {
  id: ID,
  title: 'kubernetes-admin opened a shell in web-0',
  severity: 'high',
  rule: { id: '5br-mto-gse', name: 'Exec into a pod', shipped: true },
  at: '2026-11-23T08:00:02.099Z',
  firstSeen: '2026-11-23T07:58:00.000Z',
  lastSeen: '2026-11-23T07:59:58.000Z',
  events: 31,
  tags: ['security:attack', 'source:kubernetes.audit', 'tactic:ta0002-execution'],
  triage: {
    state: 'under_review',
    assignee: 'Jane Doe',
    archiveReason: undefined,
    by: 'jane@example.com',
    at: undefined,
  },
  message: '**kubernetes-admin** opened a shell in a pod.\n\n1. Ask them.',
  clusters: [CLUSTER],
  groupedBy: [
    { path: '@usr.name', value: 'kubernetes-admin' },
    { path: '@aws.awslogs.logGroup', value: '/aws/eks/prod-a/cluster' },
  ],
  samples: [
    {
      eventId: 'AQAAAZqx3fF4newer',
      at: '2026-11-23T07:59:58.000Z',
      cluster: CLUSTER,
      actor: {
        name: 'kubernetes-admin',
        arn: 'arn:aws:iam::111122223333:role/sso_admin',
        session: 'jane.doe-example.com',
      },
      verb: 'get',
      object: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
      status: 101,
      ip: '203.0.113.7',
      userAgent: 'kubectl/v1.31.0',
    },
    {
      eventId: 'AQAAAZqx3eZ4older',
      at: '2026-11-23T07:59:00.000Z',
      cluster: CLUSTER,
      actor: {
        name: 'kubernetes-admin',
        arn: 'arn:aws:iam::111122223333:role/sso_admin',
        session: 'jane.doe-example.com',
      },
      verb: 'create',
      object: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-1' },
      status: 403,
      ip: '203.0.113.7',
      userAgent: 'kubectl/v1.31.0',
    },
  ],
};

test('the item of a list', () => {
  expect(readSignal(listItem())).toEqual(SIGNAL);
});

test('a single GET of the same signal gives the same, but for who changed it last, which it does not say', () => {
  const same = { ...SIGNAL, triage: { ...SIGNAL.triage, by: undefined } };
  expect(readSignal(detail())).toEqual(same);
  expect(readSignal({ data: detail() })).toEqual(same);
});

test('newer lists may keep under `custom` what they kept under `attributes`', () => {
  const item = listItem();
  const { attributes, ...outer } = item.attributes as Json;
  expect(readSignal({ ...item, attributes: { ...outer, custom: attributes } })).toEqual(SIGNAL);
});

test.each<[what: string, value: unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'signal'],
  ['an array', [listItem()]],
  ['no id', { ...listItem(), id: undefined }],
  ['an id that is a number', { ...listItem(), id: 7 }],
  ['an id that would lead elsewhere', { ...listItem(), id: '../../rules' }],
  ['an id of dots', { ...listItem(), id: '..' }],
  ['no attributes', { id: ID, type: 'signal' }],
  ['no time at all', { id: ID, type: 'signal', attributes: { status: 'high' } }],
  ['a time long before there were signals', { id: ID, attributes: { timestamp: '0001-01-01T00:00:00Z' } }],
  ['a time no calendar has', { id: ID, attributes: { timestamp: '2026-13-45T99:00:00Z' } }],
  ['a log', { id: ID, type: 'log', attributes: { timestamp: '2026-11-23T08:00:00Z' } }],
])('%s is no signal', (_what, value) => {
  expect(readSignal(value)).toBeUndefined();
});

test('an id and a time are enough', () => {
  expect(readSignal({ id: 'x', attributes: { timestamp: '2026-11-23T08:00:00+09:00' } })).toEqual({
    id: 'x',
    title: 'x',
    severity: 'medium',
    rule: { id: undefined, name: 'x', shipped: false },
    at: '2026-11-22T23:00:00.000Z',
    firstSeen: '2026-11-22T23:00:00.000Z',
    lastSeen: '2026-11-22T23:00:00.000Z',
    events: 0,
    tags: [],
    triage: { state: 'open', assignee: undefined, archiveReason: undefined, by: undefined, at: undefined },
    message: '',
    clusters: [],
    groupedBy: [],
    samples: [],
  });
});

test.each([
  ['2026-11-23T08:00:00', '2026-11-23T08:00:00.000Z'],
  ['1795420800000', '2026-11-23T08:00:00.000Z'],
  [1_795_420_800_000, '2026-11-23T08:00:00.000Z'],
  ['2026-11-23T08:00:00.123456789Z', '2026-11-23T08:00:00.123Z'],
])('the time %s is %s, wherever the bot runs', (timestamp, at) => {
  const zone = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  try {
    expect(readSignal({ id: 'x', attributes: { timestamp } })?.at).toBe(at);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

/** A list item with some of its inner attributes changed. */
function changed(inner: Json, outer: Json = {}): Signal | undefined {
  const item = listItem();
  const attributes = item.attributes as Json;
  return readSignal({
    ...item,
    attributes: { ...attributes, ...outer, attributes: { ...(attributes.attributes as Json), ...inner } },
  });
}

/** A signal with this sample only, and nothing else that names a cluster. */
function sampled(content: unknown): Signal['samples'][number] | undefined {
  return readSignal({ id: 'x', attributes: { timestamp: 1_795_420_800_000, attributes: { samples: [{ content }] } } })
    ?.samples[0];
}

describe('severity', () => {
  test.each<[outer: Json, severity: string]>([
    [{ status: 'critical' }, 'critical'],
    [{ status: 'LOW' }, 'low'],
    [{ status: undefined, severity: 0 }, 'info'],
    [{ status: 'ok', severity: 4 }, 'critical'],
    [{ status: 7, severity: 'low' }, 'low'],
    [{ status: undefined, severity: 9 }, 'high'],
  ])('%j is %s', (outer, severity) => {
    expect(changed({}, outer)?.severity).toBe(severity);
  });

  test('the inner status is something else', () => {
    expect(changed({ status: 'critical' })?.severity).toBe('high');
  });

  test('one nobody knows is neither lost in a digest nor an alarm', () => {
    expect(changed({ triggeringRuleCase: {} }, { status: 'severe' })?.severity).toBe('medium');
  });
});

describe('triage', () => {
  const triage = (value: unknown) => changed({ workflow: { triage: value } })?.triage;

  test.each<[what: string, assignee: unknown]>([
    ['by name', { name: 'Unassigned' }],
    ['by number', { name: 'Nobody', id: -1 }],
    ['by silence', undefined],
  ])('nobody has it: %s', (_what, assignee) => {
    expect(triage({ assignee })?.assignee).toBeUndefined();
  });

  test('an archived one has a reason, a moment, and somebody', () => {
    const updater = { handle: 'jane@example.com', name: 'Jane Doe' };
    const state = { state: 'archived', archiveReason: 'false_positive', stateUpdateTimestamp: 1_795_420_800_000 };
    expect(triage({ ...state, updater })).toEqual({
      state: 'archived',
      assignee: undefined,
      archiveReason: 'false_positive',
      by: 'Jane Doe',
      at: '2026-11-23T08:00:00.000Z',
    });
    expect(triage({ archive_reason: 'none', state: 'a state of tomorrow' })).toMatchObject({
      state: 'open',
      archiveReason: undefined,
    });
  });
});

describe('clusters', () => {
  const aws = (cluster: string, owner?: unknown, region?: string) => ({
    awslogs: { logGroup: `/aws/eks/${cluster}/cluster`, owner },
    ...(region && { invoked_function_arn: `arn:aws:lambda:${region}:111122223333:function:f` }),
  });
  const clusters = (inner: Json, outer: Json = {}) =>
    readSignal({ id: 'x', attributes: { timestamp: 1_795_420_800_000, ...outer, attributes: inner } })?.clusters;
  const samples = (...list: unknown[]) => ({ samples: list.map((a) => ({ content: { custom: { aws: a } } })) });
  const named = (name: string, accountId?: string, region?: string) => ({ name, accountId, region });

  test.each<[what: string, found: unknown, expected: unknown[]]>([
    [
      'of the samples, each once, in order',
      clusters(samples(aws('b', '111122223333'), aws('a', '111122223333'), aws('b', '111122223333'))),
      [named('a', '111122223333'), named('b', '111122223333')],
    ],
    [
      'of the same name in two accounts are two',
      clusters(samples(aws('a', '444455556666'), aws('a', '111122223333'))),
      [named('a', '111122223333'), named('a', '444455556666')],
    ],
    [
      'that one place knows better than another are one',
      clusters({ ...samples(aws('a', '111122223333', 'eu-west-1')), aws: aws('a') }, { host: '/aws/eks/a/cluster' }),
      [named('a', '111122223333', 'eu-west-1')],
    ],
    [
      'of values that became a list, whose accounts cannot be told apart',
      clusters({
        aws: {
          awslogs: { logGroup: ['/aws/eks/a/cluster', '/aws/eks/b/cluster'], owner: ['111122223333', '444455556666'] },
        },
      }),
      [named('a'), named('b')],
    ],
    ['of an account that lost its zero', clusters({ aws: aws('a', 11122223333) }), [named('a', '011122223333')]],
    [
      'only an entity names',
      clusters({
        groupByPaths: ['@aws.awslogs.logGroup', '@aws.awslogs.owner'],
        entities: ['@aws.awslogs.logGroup:/aws/eks/a/cluster', '@aws.awslogs.owner:111122223333'],
      }),
      [named('a', '111122223333')],
    ],
    ['of the host, which is the log group', clusters({}, { host: '/aws/eks/a/cluster' }), [named('a')]],
    ['of other log groups are none', clusters({ aws: { awslogs: { logGroup: '/aws/lambda/a' } } }), []],
    ['with impossible names are none', clusters({ aws: aws('a/../b <!channel>') }), []],
  ])('%s', (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('are at most twenty', () => {
    const logGroup = Array.from({ length: 90 }, (_, i) => `/aws/eks/c${i}/cluster`);
    expect(clusters({ aws: { awslogs: { logGroup } } })).toHaveLength(20);
  });
});

describe('samples', () => {
  test('without the pipeline are read from the event’s own names', () => {
    const { aws: _, ...own } = { aws: 0, ...EVENT };
    expect(sampled({ custom: own })).toMatchObject({
      actor: SIGNAL.samples[0]?.actor,
      verb: 'get',
      status: 101,
      ip: '203.0.113.7',
      object: { resource: 'pods', name: 'web-0' },
    });
  });

  test('without attributes are read from the text of the log', () => {
    const expected = { ...SIGNAL.samples[0], eventId: undefined, cluster: { ...CLUSTER, accountId: undefined } };
    expect(sampled({ message: JSON.stringify(EVENT), host: '/aws/eks/prod-a/cluster' })).toEqual({
      ...expected,
      cluster: { name: 'prod-a', accountId: undefined, region: undefined },
    });
    for (const message of ['{"verb":', '[1]', 'just words', '{}'])
      expect(sampled({ message, custom: 'no object' })).toMatchObject({ verb: undefined, actor: { name: undefined } });
  });

  test.each<[attributes: Json, expected: Json]>([
    [{ usr: { id: 'only-id' } }, { actor: { name: 'only-id', arn: undefined, session: undefined } }],
    [{ user: { extra: { arn: ['arn:a'] } } }, { actor: { name: undefined, arn: 'arn:a', session: undefined } }],
    [{ http: { status_code: '403' } }, { status: 403 }],
    [{ http: { status_code: 'no' }, responseStatus: { code: 201 } }, { status: 201 }],
    [{ responseStatus: { code: 99_999 } }, { status: undefined }],
    [{ network: { client: { ip: ['198.51.100.1'] } } }, { ip: '198.51.100.1' }],
    [{ http: { useragent: 'standard' }, userAgent: 'raw' }, { userAgent: 'standard' }],
  ])('%j', (attributes, expected) => {
    expect(sampled({ custom: attributes })).toMatchObject(expected);
  });

  test('are the five newest', () => {
    const minutes = [3, 7, 1, 9, 5, 8, 2];
    const samples = minutes.map((m) => ({ content: { timestamp: `2026-11-23T08:0${m}:00Z` } }));
    const found = changed({ samples })?.samples.map(({ at }) => Number(at?.slice(15, 16)));
    expect(found).toEqual([9, 8, 7, 5, 3]);
  });
});

test('what a signal is grouped by may be an attribute, a list, a tag, a host, or missing', () => {
  const groupByPaths = ['@a.b', '@n', 'env', 'host', '@constructor.name', '@gone', '@usr.id'];
  const found = changed(
    { groupByPaths, a: { b: ['one', 2] }, n: 0, entities: ['@usr.id:root'] },
    { tags: ['env:prod'], host: 'web' },
  );
  expect(found?.groupedBy).toEqual([
    { path: '@a.b', value: 'one, 2' },
    { path: '@n', value: '0' },
    { path: 'env', value: 'prod' },
    { path: 'host', value: 'web' },
    { path: '@usr.id', value: 'root' },
  ]);
});

test.each([
  ['%%%\nText\n%%%', 'Text'],
  ['%%% \nText\n\n %%% ', 'Text'],
  ['No marks, 100 %%% sure', 'No marks, 100 %%% sure'],
  ['%%%', ''],
])('the message %j is %j', (sent, shown) => {
  expect(changed({}, { message: sent })?.message).toBe(shown);
});

test('texts are cut, never inside a character', () => {
  const found = changed(
    { title: '🙂'.repeat(400), usr: { name: 'x'.repeat(1_000) } },
    { message: `a${'🙂'.repeat(5_000)}`, tags: Array.from({ length: 300 }, (_, i) => `t:${i}`) },
  );
  expect(found?.title).toBe('🙂'.repeat(250));
  expect(found?.message).toBe(`a${'🙂'.repeat(1_499)}`);
  expect(found?.tags).toHaveLength(100);
  expect(found?.groupedBy[0]?.value).toHaveLength(300);
});
