/** A draft begun with a rule that is there, and what Datadog is sent for a draft. */
import { describe, expect, test } from 'vitest';
import { configurationOf } from '../../playground/datadog/rule.ts';
import { ruleProblem } from '../../playground/datadog/rule-validation.ts';
import { shippedRules } from '../../playground/datadog/shipped-rules.ts';
import { compileRule, isUntouched } from '../../src/rules/compile.ts';
import { Draft, draftOf, newDraft, payloadOf, problemsOf } from '../../src/rules/draft.ts';
import { AT, draft, existingRule, packRule } from './samples.ts';

const NOW = AT('14:00:00');
const CLUSTER = ['@aws.awslogs.owner', '@aws.awslogs.logGroup'];

/** A threshold rule, but for what is changed. */
function begun(change: Record<string, unknown> = {}, edit = false): Draft | undefined {
  const wire = { ...compileRule(packRule()), name: 'Theirs', ...change };
  return draftOf(existingRule(wire), edit, NOW);
}

function queriesWith(change: Record<string, unknown>): Record<string, unknown> {
  return { queries: compileRule(packRule()).queries.map((query) => ({ ...query, ...change })) };
}

test('a new draft is tried on the last day, and tells clusters apart', () => {
  const made = newDraft('@verb:get', NOW);
  expect(made).toMatchObject({ from: '2026-11-22T14:00:00.000Z', to: '2026-11-23T14:00:00.000Z', method: 'threshold' });
  expect(made.groupBy).toEqual(expect.arrayContaining(CLUSTER));
  expect(made.base).toBeUndefined();
});

test('every shipped rule can be cloned; the copy tells clusters apart, is ours, and Datadog takes it', () => {
  for (const { configuration } of shippedRules()) {
    const made = draftOf(existingRule({ ...configuration } as never, { shipped: true }), false, NOW);
    if (!made) throw new Error(`${configuration.name} cannot be cloned`);
    expect(Draft.safeParse(made).success).toBe(true);
    expect(made.groupBy).toEqual(expect.arrayContaining(CLUSTER));
    expect(problemsOf(made), configuration.name).toEqual([]);
    const payload = payloadOf(made, 'custom-1');
    expect(payload.name).toBe(`${configuration.name} (copy)`);
    expect(payload.tags).toEqual(expect.arrayContaining(['managed-by:eks-audit', 'eks-audit-id:custom-1']));
    expect(payload.tags).not.toContain('source:kubernetes');
    expect(ruleProblem(configurationOf({ ...payload }))).toBeUndefined();
  }
});

test('a copy counts different values where its original did', () => {
  const made = begun({ ...queriesWith({ aggregation: 'cardinality', distinctFields: ['@objectRef.namespace'] }) });
  expect(made?.distinct).toEqual(['@objectRef.namespace']);
  expect(made && payloadOf(made, 'x').queries[0]).toMatchObject({
    aggregation: 'cardinality',
    distinctFields: ['@objectRef.namespace'],
  });
});

test('a rule that is edited keeps its name, its version, what it is known by and how it groups', () => {
  const made = begun({ version: 7, tags: ['team:soc', 'soc', 'eks-audit-id:custom-9', ...queriesTags()] }, true);
  expect(made).toMatchObject({ name: 'Theirs', groupBy: [...CLUSTER, '@usr.name'], tags: ['team:soc', 'soc'] });
  expect(made?.base).toEqual({ id: 'abc-def-ghi', name: 'Theirs', edit: true, version: 7, key: 'custom-9' });
  const bare = begun(queriesWith({ groupByFields: [] }), true);
  expect(bare?.groupBy).toEqual([]);
});

function queriesTags(): string[] {
  return ['source:kubernetes.audit', 'managed-by:eks-audit', 'eks-audit-content:abc'];
}

describe('a condition becomes the number that must be exceeded', () => {
  const table: [condition: string | undefined, moreThan: number | undefined][] = [
    ['a > 5', 5],
    ['a>5', 5],
    ['a >= 5', 4],
    ['a > 2.5', 2],
    ['a >= 2.5', 2],
    [undefined, 0],
    ['', 0],
    ['a < 5', undefined],
    ['a == 0', undefined],
    ['a > 3 && a < 10', undefined],
    ['a > 3 && something odd', undefined],
    ['odd', undefined],
    // Several queries become one.
    ['a > 3 || b > 1', 3],
  ];
  for (const [condition, moreThan] of table)
    test(`${condition}`, () => expect(begun({ cases: [{ status: 'low', condition }] })?.moreThan).toBe(moreThan));
});

test('several queries are joined, of several severities the first is taken, and both are said', () => {
  const [query] = compileRule(packRule()).queries;
  const made = begun({
    queries: [
      { ...query, query: 'source:kubernetes.audit @verb:get' },
      { ...query, query: 'source:kubernetes.audit @verb:list' },
    ],
    cases: [
      { status: 'high', condition: 'a > 9' },
      { status: 'low', condition: 'a > 1' },
    ],
  });
  expect(made).toMatchObject({
    query: '(source:kubernetes.audit @verb:get) OR (source:kubernetes.audit @verb:list)',
    severity: 'high',
    moreThan: 9,
    notes: ['queries-joined', 'cases-left'],
  });
});

describe('no dialog for', () => {
  const options = (detectionMethod: string) => ({ options: { detectionMethod, keepAlive: 3600 } });
  const table: [what: string, change: Record<string, unknown>][] = [
    ['anomalies', options('anomaly_detection')],
    ['impossible travel', options('impossible_travel')],
    ['a method of tomorrow', options('sequence_detection')],
    ['a sum of an attribute', queriesWith({ aggregation: 'sum', metric: '@bytes' })],
    ['no query', { queries: [] }],
    ['a signal of signals', { queries: [{ ruleId: 'abc', correlatedByFields: [] }] }],
    ['no severity', { cases: [] }],
    ['no options', { options: undefined }],
  ];
  for (const [what, change] of table) test(what, () => expect(begun(change)).toBeUndefined());
});

test('what Datadog leaves out gets what suits', () => {
  const made = begun({
    options: { detectionMethod: 'new_value' },
    cases: [{ status: 'low' }],
    queries: [{ query: 'source:kubernetes.audit @verb:get', metrics: ['@usr.name'] }],
    tags: null,
    message: undefined,
  });
  expect(made).toMatchObject({
    method: 'new_value',
    of: ['@usr.name'],
    learnDays: 7,
    forgetDays: 28,
    tags: [],
    message: '',
  });
  expect(made && ruleProblem(configurationOf({ ...payloadOf(made, 'x') }))).toBeUndefined();
});

describe('Datadog is sent', () => {
  test('a threshold', () => {
    const payload = payloadOf(draft({ moreThan: 3, tags: ['team:soc'], message: '  ' }), 'custom-1');
    expect(payload).toMatchObject({
      name: 'Exec by {{@usr.name}}',
      type: 'log_detection',
      isEnabled: true,
      hasExtendedTitle: true,
      tags: [
        'source:kubernetes.audit',
        'team:soc',
        'managed-by:eks-audit',
        'eks-audit-id:custom-1',
        expect.any(String),
      ],
      queries: [{ name: 'a', aggregation: 'count', distinctFields: [] }],
      options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 21_600 },
      cases: [{ name: '', status: 'medium', condition: 'a > 3', notifications: [] }],
    });
    // Attributes of the message are what triage sees of the event.
    expect(payload.message).toBe(
      '{{@usr.name}} · {{@network.client.ip}} · {{@aws.awslogs.owner}} · {{@aws.awslogs.logGroup}}',
    );
    expect(ruleProblem(configurationOf({ ...payload }))).toBeUndefined();
  });

  test('new values, without window, condition and name of the query', () => {
    const payload = payloadOf(draft({ method: 'new_value', of: ['@usr.name', '@verb'], name: 'New' }), 'custom-1');
    expect(payload.queries).toMatchObject([
      { name: '', aggregation: 'new_value', metrics: ['@usr.name', '@verb'], metric: '@usr.name', distinctFields: [] },
    ]);
    expect(payload.options).not.toHaveProperty('evaluationWindow');
    expect(payload.cases).toEqual([{ name: '', status: 'medium', notifications: [] }]);
    expect(payload.hasExtendedTitle).toBe(false);
    expect(payload.message).toContain('{{@verb}}');
    expect(ruleProblem(configurationOf({ ...payload }))).toBeUndefined();
  });

  test('a hash by which an edit by people is noticed', () => {
    const payload = payloadOf(draft(), 'custom-1');
    expect(isUntouched(existingRule({ ...payload }))).toBe(true);
    expect(isUntouched(existingRule({ ...payload, message: 'theirs' }))).toBe(false);
    expect(isUntouched(existingRule({ ...payload, tags: [...payload.tags, 'team:soc'] }))).toBe(true);
  });
});
