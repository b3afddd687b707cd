/** Signals, people and suppressions by Datadog's API: pages, repeated changes, and every way a change is refused. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { datadogRateLimited, errors } from '../../playground/datadog/answers.ts';
import { signalListItem } from '../../playground/datadog/signal-shapes.ts';
import { type Answer, json } from '../../playground/http.ts';
import { openWorld, SECRETS, type World } from '../../playground/world.ts';
import type { Config } from '../../src/config.ts';
import { createDatadog, type Datadog, DatadogError } from '../../src/datadog/client.ts';
import { SIGNAL_QUERY, setAssignee, setState, type TriageOutcome } from '../../src/datadog/signals.ts';
import {
  createSuppression,
  deleteSuppression,
  findSuppression,
  listSuppressions,
  type NewSuppression,
  validateSuppression,
} from '../../src/datadog/suppressions.ts';
import { findUserByEmail } from '../../src/datadog/users.ts';
import { getSignal, searchSignals } from '../../src/signals/fetch.ts';
import { readSignal } from '../../src/signals/read.ts';
import { auditEntry, execBy } from '../playground/datadog-world.ts';

const SINGLE_STATE = 'EditSecurityMonitoringSignalState';
const BULK_STATE = 'BulkEditSecurityMonitoringSignalsState';
const BULK_ASSIGNEE = 'BulkEditSecurityMonitoringSignalsAssignee';
const SEARCH = 'SearchSecurityMonitoringSignals';

let world: World;
let datadog: Datadog;
let before = 0;

beforeAll(async () => {
  world = await openWorld({ speed: 1000 });
  world.datadog.addApiKey(SECRETS.datadogApiKey);
  world.datadog.addApplicationKey({ key: SECRETS.datadogAppKey, owner: 'bot@acme.example' });
  datadog = createDatadog({
    DD_API_URL: world.urls.datadog,
    DD_SITE: 'datadoghq.com',
    DD_API_KEY: SECRETS.datadogApiKey,
    DD_APP_KEY: SECRETS.datadogAppKey,
    timing: { http_timeout: 5_000 },
  } as Config);
  // Loading the API classes takes the thread seconds.
  await listSuppressions(datadog);
});

afterAll(async () => {
  await datadog.close();
  await world.close();
});

beforeEach(() => {
  before = world.door.recorded.length;
});

afterEach(() => {
  world.door.faults.splice(0);
  world.datadog.signals.splice(0);
  world.datadog.suppressions.splice(0);
});

/** The operations of this test, in order. */
function calls(): string[] {
  return world.door.recorded.slice(before).map(({ call }) => call.operation);
}

function sent(): unknown[] {
  return world.door.recorded.slice(before).map(({ call }) => JSON.parse(call.body.toString() || 'null'));
}

function answerWith(operation: string, answer: Answer, times = 1): void {
  world.door.fail({ service: 'datadog', operation, answer, times });
}

/** A signal of an exec on prod, raised so many seconds after the start of November 23. */
function raise(second: number): string {
  const at = Date.parse('2026-11-23T08:00:00.250Z') + second * 1000;
  const log = world.datadog.addLog(auditEntry(execBy('jane'), { timestamp: at - 500 }));
  const id = world.datadog.ids.event(at);
  world.datadog.signals.push({
    id,
    timestampMs: at,
    version: 1,
    severity: 'high',
    title: 'jane opened a shell in a pod',
    message: 'Ask jane.',
    rule: {
      id: '5br-mto-gse',
      name: 'exec',
      type: 'Log Detection',
      detectionMethod: 'threshold',
      version: 3,
      isDefault: false,
    },
    ruleCase: { status: 'high', name: '', condition: 'a > 0', notifications: [] },
    queries: [{ name: '', query: SIGNAL_QUERY, aggregation: 'count', groupByFields: ['@usr.name'] }],
    firstSeenMs: at - 500,
    lastSeenMs: at - 500,
    eventsMatched: 1,
    groupByPaths: ['@usr.name'],
    entities: ['@usr.name:jane'],
    projected: { usr: { name: 'jane' } },
    tags: ['source:kubernetes.audit'],
    services: ['cloudwatch'],
    host: '/aws/eks/prod/cluster',
    samples: [{ eventId: log.id, event: log.event }],
    relatedQuery: SIGNAL_QUERY,
    triage: { state: 'open', archiveReason: 'none', incidentIds: [] },
  });
  return id;
}

function stateOf(id: string): string | undefined {
  return world.datadog.signals.find((signal) => signal.id === id)?.triage.state;
}

const WINDOW = { from: new Date('2026-11-23T08:00:00.400Z'), to: new Date('2026-11-23T08:00:09.100Z') };

describe('reading', () => {
  test('a signal by its id is the one the search finds; who is not there is undefined', async () => {
    const id = raise(1);
    const one = await getSignal(datadog, id);
    expect(one).toMatchObject({ id, severity: 'high', clusters: [{ name: 'prod', accountId: '111122223333' }] });
    const { signals } = await searchSignals(datadog, { ...WINDOW, query: SIGNAL_QUERY });
    expect(signals).toEqual([one]);
    expect(await getSignal(datadog, 'AQAAAnobody')).toBeUndefined();
  });

  test('an id that would be another address is not asked for', async () => {
    for (const id of ['..', '', '../rules', 'a b']) expect(await getSignal(datadog, id)).toBeUndefined();
    expect(calls()).toEqual([]);
  });

  test('all pages are read to the empty one, in either order', async () => {
    const ids = [raise(1), raise(2), raise(3)];
    const read = async (sort: 'timestamp' | '-timestamp') => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await searchSignals(datadog, { ...WINDOW, query: SIGNAL_QUERY, sort, limit: 2, cursor });
        found.push(...page.signals.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found;
    };
    expect(await read('timestamp')).toEqual(ids);
    expect(await read('-timestamp')).toEqual([...ids].reverse());
    // The second page was short and had a cursor all the same.
    expect(calls()).toEqual(Array(6).fill(SEARCH));
  });

  test('the window is rounded outwards, since the client sends whole seconds', async () => {
    // At .250 of its second: outside of what was asked, inside of what is sent.
    raise(0);
    const { signals } = await searchSignals(datadog, { ...WINDOW, query: SIGNAL_QUERY });
    expect(signals).toHaveLength(1);
    expect(sent()).toMatchObject([{ filter: { from: '2026-11-23T08:00:00Z', to: '2026-11-23T08:00:10Z' } }]);
  });

  test('an item that is no signal is counted, and an answer without data is the last page', async () => {
    raise(1);
    const [signal] = world.datadog.signals;
    const item = signal && signalListItem(signal);
    answerWith(SEARCH, json(200, { data: [{ id: 7 }, item, null], meta: { page: { after: 'next' } } }));
    const page = await searchSignals(datadog, { ...WINDOW, query: SIGNAL_QUERY });
    expect(page).toEqual({ signals: [readSignal(item)], cursor: 'next', unread: 2 });
    answerWith(SEARCH, json(200, {}));
    expect(await searchSignals(datadog, { ...WINDOW, query: SIGNAL_QUERY })).toEqual({
      signals: [],
      cursor: undefined,
      unread: 0,
    });
  });
});

describe('triage', () => {
  test('one signal is changed by the recorded call, and again to the same', async () => {
    const id = raise(1);
    const change = { state: 'archived', archiveReason: 'false_positive', archiveComment: 'by Olivia' } as const;
    for (const _ of [1, 2]) expect(await setState(datadog, [id, id], change)).toEqual({ changed: [id], failed: [] });
    expect(world.datadog.signals[0]?.triage).toMatchObject(change);
    expect(calls()).toEqual([SINGLE_STATE, SINGLE_STATE]);
    await setState(datadog, [id], { state: 'open', archiveReason: 'false_positive' });
    expect(world.datadog.signals[0]?.triage).toMatchObject({ state: 'open', archiveReason: 'none' });
  });

  test('many are changed in bulk, 199 at a time', async () => {
    const ids = Array.from({ length: 400 }, (_, i) => raise(i));
    expect(await setState(datadog, ids, { state: 'under_review' })).toEqual({ changed: ids, failed: [] });
    expect(new Set(ids.map(stateOf))).toEqual(new Set(['under_review']));
    expect(calls()).toEqual([BULK_STATE, BULK_STATE, BULK_STATE]);
    expect(sent().map((body) => (body as { data: unknown[] }).data.length)).toEqual([199, 199, 2]);
  });

  test('what the bulk call leaves out is asked for singly, so that the reason is known', async () => {
    const ids = [raise(1), 'AQAAAgone', raise(2)];
    expect(await setState(datadog, ids, { state: 'archived', archiveReason: 'other' })).toEqual({
      changed: [ids[0], ids[2]],
      failed: [{ id: 'AQAAAgone', kind: 'not-found', reasons: ['Signal not found'] }],
    });
    expect(calls()).toEqual([BULK_STATE, SINGLE_STATE]);
  });

  test.each([
    ['404', errors(404, 'Not found')],
    ['400', errors(400, 'Invalid')],
    ['403', errors(403, 'Forbidden')],
    ['409', errors(409, 'Conflict')],
    ['an answer of another shape', json(200, { result: 7 })],
    ['no answer at all', { status: 200 }],
  ])('when bulk calls end in %s, signals are changed singly', async (_what, answer) => {
    const ids = Array.from({ length: 12 }, (_, i) => raise(i));
    answerWith(BULK_STATE, answer);
    expect(await setState(datadog, ids, { state: 'under_review' })).toEqual({ changed: ids, failed: [] });
    expect(calls()).toEqual([BULK_STATE, ...ids.map(() => SINGLE_STATE)]);
  });

  test('a key that may not is not asked for every signal', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => raise(i));
    answerWith('*', errors(403, 'Forbidden'), Number.POSITIVE_INFINITY);
    const { changed, failed } = await setState(datadog, ids, { state: 'archived' });
    expect(changed).toEqual([]);
    expect(failed.map(({ id }) => id)).toEqual(ids);
    expect(failed.every(({ kind, reasons }) => kind === 'denied' && reasons[0] === 'Forbidden')).toBe(true);
    expect(calls().filter((name) => name === BULK_STATE)).toHaveLength(1);
    expect(calls().length).toBeLessThan(15);
  });

  test.each([
    ['the bulk call', BULK_STATE, datadogRateLimited(7), { kind: 'throttled', retryAfterMs: 7_000 }],
    ['the bulk call', BULK_STATE, errors(503, 'Later'), { kind: 'unreachable' }],
    ['a single one', SINGLE_STATE, datadogRateLimited(7), { kind: 'throttled', retryAfterMs: 7_000 }],
    ['a single one', SINGLE_STATE, errors(502, 'Later'), { kind: 'unreachable' }],
  ])('%s (%s) that may work later goes up, and nothing more is sent', async (_what, operation, answer, expected) => {
    const ids = Array.from({ length: 40 }, (_, i) => raise(i));
    if (operation === SINGLE_STATE) answerWith(BULK_STATE, errors(404, 'Not found'));
    answerWith(operation, answer);
    const sent = calls().length;
    const ended = await setState(datadog, ids, { state: 'archived' }).catch((thrown: unknown) => thrown);
    expect(calls().length - sent).toBeLessThanOrEqual(operation === BULK_STATE ? 1 : 9);
    if (ended instanceof DatadogError) return expect(ended).toMatchObject(expected);
    // Something was changed meanwhile, and that is not kept from whoever asked.
    const { changed, failed } = ended as TriageOutcome;
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length + failed.length).toBe(ids.length);
    expect(failed.every(({ kind }) => kind === expected.kind)).toBe(true);
  });

  test('what the first of two bulk calls changed is told when there is no time for the second', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => raise(i));
    world.door.fail({
      service: 'datadog',
      operation: BULK_STATE,
      answer: datadogRateLimited(5),
      when: ({ body }) => body.toString().includes(ids[249] ?? ''),
    });
    const { changed, failed } = await setState(datadog, ids, { state: 'archived' });
    expect(changed).toEqual(ids.slice(0, 199));
    expect(failed.map(({ id }) => id)).toEqual(ids.slice(199));
    expect(new Set(failed.map(({ kind }) => kind))).toEqual(new Set(['throttled']));
  });

  test('a change the client refuses to build is our mistake, not the signals’', async () => {
    const state = 'nonsense' as 'open';
    for (const ids of [[raise(1)], [raise(2), raise(3)]])
      await expect(setState(datadog, ids, { state })).rejects.toMatchObject({ kind: 'other', status: undefined });
    expect(calls()).toEqual([]);
  });

  test('signals are given to somebody and taken away again, one or many', async () => {
    const user = world.datadog.addUser({ email: 'taker@acme.example', name: 'Taker' });
    const ids = [raise(1), raise(2)];
    for (const some of [ids, ids.slice(0, 1)]) {
      expect(await setAssignee(datadog, some, user.id)).toEqual({ changed: some, failed: [] });
      expect((await getSignal(datadog, some[0] ?? ''))?.triage.assignee).toBe('Taker');
      expect(await setAssignee(datadog, some, undefined)).toEqual({ changed: some, failed: [] });
      expect((await getSignal(datadog, some[0] ?? ''))?.triage.assignee).toBeUndefined();
    }
    expect(calls().filter((name) => name === BULK_ASSIGNEE)).toHaveLength(2);
    const nobody = await setAssignee(datadog, ids, '2514d32c-0719-11eb-b643-63faf7d5e1bd');
    expect(nobody.failed.map(({ kind }) => kind)).toEqual(['invalid', 'invalid']);
  });

  test('no signals, no calls', async () => {
    expect(await setState(datadog, [], { state: 'open' })).toEqual({ changed: [], failed: [] });
    expect(calls()).toEqual([]);
  });
});

describe('people', () => {
  test('only the exact address of somebody who can log in is found', async () => {
    world.datadog.addUser({ email: 'not-jane@acme.example' });
    world.datadog.addUser({ email: 'jane@acme.example', name: 'Old Jane', status: 'Disabled' });
    world.datadog.addUser({ email: 'jane@acme.example', handle: 'a-uuid', serviceAccount: true });
    expect(await findUserByEmail(datadog, 'jane@acme.example')).toBeUndefined();
    const jane = world.datadog.addUser({ email: 'Jane@Acme.example' });
    expect(await findUserByEmail(datadog, ' jane@acme.example')).toEqual({
      uuid: jane.id,
      handle: 'Jane@Acme.example',
      name: 'Jane@Acme.example',
    });
    expect(await findUserByEmail(datadog, 'ane@acme.example')).toBeUndefined();
  });

  test('an empty address is nobody’s', async () => {
    expect(await findUserByEmail(datadog, ' ')).toBeUndefined();
    expect(calls()).toEqual([]);
  });

  test('somebody on the second page is found', async () => {
    for (let i = 0; i < 105; i++) world.datadog.addUser({ email: `many-${i}-last@acme.example` });
    const last = world.datadog.addUser({ email: 'last@acme.example' });
    expect((await findUserByEmail(datadog, 'last@acme.example'))?.uuid).toBe(last.id);
  });
});

describe('suppressions', () => {
  const wanted: NewSuppression = {
    name: 'eks-audit ab12',
    description: 'Asked for by Olivia.',
    ruleQuery: 'type:log_detection source:kubernetes.audit',
    suppressionQuery: '@usr.name:ci-bot',
    expiresAt: new Date('2026-12-01T00:00:00.123Z'),
    tags: ['managed-by:eks-audit', 'a:b'],
  };

  test('one is made, found by its name, and removed, and removed again', async () => {
    await validateSuppression(datadog, wanted);
    expect(await findSuppression(datadog, wanted.name)).toBeUndefined();
    const id = await createSuppression(datadog, wanted);
    expect(await findSuppression(datadog, wanted.name)).toEqual({
      ...wanted,
      id,
      enabled: true,
      exclusionQuery: '',
      startsAt: undefined,
      tags: ['a:b', 'managed-by:eks-audit'],
      createdBy: 'bot@acme.example',
    });
    await deleteSuppression(datadog, id);
    await deleteSuppression(datadog, id);
    expect(await listSuppressions(datadog)).toEqual([]);
  });

  test('Datadog’s no to one comes with its reasons', async () => {
    const broken = { ...wanted, ruleQuery: 'rule:[A-Invalid' };
    for (const ask of [validateSuppression, createSuppression])
      await expect(ask(datadog, broken)).rejects.toMatchObject({ kind: 'invalid', reasons: [/rule query is invalid/] });
  });

  test('a creation is sent once, whatever is answered', async () => {
    for (const answer of [errors(500, 'Internal error'), datadogRateLimited(1)]) {
      world.door.fail({ service: 'datadog', operation: 'CreateSecurityMonitoringSuppression', answer, applies: true });
      await expect(createSuppression(datadog, wanted)).rejects.toBeInstanceOf(DatadogError);
    }
    expect(await listSuppressions(datadog)).toHaveLength(2);
  });

  test('all pages are read, with or without a count', async () => {
    const item = (i: number) => ({ id: `s-${i}`, attributes: { name: `n${i}`, expiration_date: 1e300 } });
    const list = 'ListSecurityMonitoringSuppressions';
    const page = (from: number, length: number) => Array.from({ length }, (_, i) => item(from + i));
    answerWith(list, json(200, { data: page(0, 100) }));
    answerWith(list, json(200, { data: page(100, 3) }));
    expect((await listSuppressions(datadog)).map(({ id }) => id)).toEqual(page(0, 103).map(({ id }) => id));
    // A server that gives less than asked for says how many there are.
    for (const from of [0, 50, 100])
      answerWith(list, json(200, { data: page(from, 50), meta: { page: { totalCount: 150 } } }));
    expect(await listSuppressions(datadog)).toHaveLength(150);
    // And one that counts wrong does not keep us for ever.
    for (const _ of [1, 2]) answerWith(list, json(200, { data: page(0, 2), meta: { page: { totalCount: 9 } } }));
    expect(await listSuppressions(datadog)).toHaveLength(2);
  });
});
