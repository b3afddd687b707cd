/** From what people type, paste or begin with, to what Datadog is sent. */
import { describe, expect, test } from 'vitest';
import {
  cleanQuery,
  type Draft,
  type DraftNote,
  fieldOf,
  fieldsIn,
  fromExplorerUrl,
  isAddress,
  problemsOf,
  tagsIn,
} from '../../src/rules/draft.ts';
import { draft } from './samples.ts';

const S = 'source:kubernetes.audit';

describe('a query as people paste it becomes', () => {
  const table: [typed: string, query: string, notes: DraftNote[]][] = [
    ['', '', []],
    ['  \n ', '', []],
    [`${S} @verb:get`, `${S} @verb:get`, []],
    [`  ${S}\n\t@verb:get  `, `${S} @verb:get`, []],
    ['source:kubernetes.aduit @verb:get', `${S} @verb:get`, ['misspelled']],
    [
      'source:(kubernetes.aduit OR x) -source:kubernetes.aduit',
      'source:(kubernetes.audit OR x) -source:kubernetes.audit',
      ['misspelled'],
    ],
    ['@verb:get', `${S} @verb:get`, ['source-added']],
    ['@verb:get OR @verb:list', `${S} (@verb:get OR @verb:list)`, ['source-added']],
    ['@verb:(get OR list)', `${S} (@verb:(get OR list))`, ['source-added']],
    ['@usr.name:“kube admin” „x”', `${S} @usr.name:"kube admin" "x"`, ['source-added']],
    ['@usr.name:FOR', `${S} @usr.name:FOR`, ['source-added']],
    ['\u3000@verb:get\u00A0@x:1', `${S} @verb:get @x:1`, ['source-added']],
  ];
  for (const [typed, query, notes] of table)
    test(JSON.stringify(typed), () => expect(cleanQuery(typed)).toEqual({ query, notes }));
});

describe('an address of the Log Explorer', () => {
  const LOGS = 'https://app.datadoghq.com/logs';
  const window = 'from_ts=1795356000000&to_ts=1795442400000&live=false';
  const [from, to] = [new Date(1_795_356_000_000), new Date(1_795_442_400_000)];
  const table: [typed: string, found: ReturnType<typeof fromExplorerUrl>][] = [
    [`${LOGS}?query=source%3Akubernetes.audit%20%40verb%3Aget&${window}`, { query: `${S} @verb:get`, from, to }],
    [`${LOGS}?query=source:kubernetes.audit+@verb:get&${window}`, { query: `${S} @verb:get`, from, to }],
    [
      `${LOGS}?query=%40usr.name%3A%22a%2Bb%22&agg_m=count&cols=host%2Cservice&messageDisplay=inline&storage=hot&stream_sort=desc&viz=stream&${window}`,
      { query: '@usr.name:"a+b"', from, to },
    ],
    [`https://acme.datadoghq.eu/logs?saved-view-id=12&query=x&index=%2A`, { query: 'x' }],
    [`https://us5.datadoghq.com/logs/livetail?query=x`, { query: 'x' }],
    [`${LOGS}/?query=`, { query: '' }],
    [`  ${LOGS}?query=x  `, { query: 'x' }],
    [`${LOGS}?query=a b`, { query: 'a b' }],
    // The wrong way round, in seconds, or no numbers: the query alone is taken.
    [`${LOGS}?query=x&from_ts=1795442400000&to_ts=1795356000000`, { query: 'x' }],
    [`${LOGS}?query=x&from_ts=1795356000&to_ts=1795442400`, { query: 'x' }],
    [`${LOGS}?query=x&from_ts=yesterday&to_ts=1795442400000`, { query: 'x' }],
    [`${LOGS}?query=x&from_ts=99999999999999999&to_ts=1795442400000`, { query: 'x' }],
    [`${LOGS}?${window}`, undefined],
    ['https://app.datadoghq.com/dashboard/abc?query=x', undefined],
    ['https://app.datadoghq.com/security/siem/signals?query=x', undefined],
    ['https://app.datadoghq.com/logsearch?query=x', undefined],
    ['https://', undefined],
    ['https://[broken?query=x', undefined],
    ['app.datadoghq.com/logs?query=x', undefined],
    ['ftp://app.datadoghq.com/logs?query=x', undefined],
    ['source:kubernetes.audit @url:https://x', undefined],
    ['', undefined],
  ];
  for (const [typed, found] of table) test(JSON.stringify(typed), () => expect(fromExplorerUrl(typed)).toEqual(found));

  test('is told from a query by how it begins', () => {
    expect(['https://x', ' HTTP://x', 'http://'].map(isAddress)).toEqual([true, true, true]);
    expect(['', 'source:x @url:https://x', 'httpd'].map(isAddress)).toEqual([false, false, false]);
  });
});

describe('lists as people type them', () => {
  const fields: [typed: string, names: string[]][] = [
    ['', []],
    ['@usr.name', ['@usr.name']],
    ['usr.name, @usr.name  objectRef.namespace', ['@usr.name', '@objectRef.namespace']],
    ['@a、@b，@c,@d', ['@a', '@b', '@c', '@d']],
    ['host source service env #calculated status', ['host', 'source', 'service', 'env', '#calculated', '@status']],
  ];
  test('fields: what was there before stays, as a tag has no @', () =>
    expect(fieldsIn('cluster_name verb', ['cluster_name'])).toEqual(['cluster_name', '@verb']));
  for (const [typed, names] of fields) test(`fields: ${typed}`, () => expect(fieldsIn(typed)).toEqual(names));

  const tags: [typed: string, names: string[]][] = [
    ['', []],
    ['team:soc tactic:TA0002-execution', ['team:soc', 'tactic:TA0002-execution']],
    ['soc, soc、team:soc', ['soc', 'team:soc']],
    // A rule must not pass for one of the pack, or for nobody's.
    ['eks-audit-id:exec-into-pod managed-by:terraform eks-audit-content:0 Source:x', []],
  ];
  for (const [typed, names] of tags) test(`tags: ${typed}`, () => expect(tagsIn(typed)).toEqual(names));
});

describe('what can be said without asking Datadog', () => {
  const long = 'n'.repeat(201);
  const table: [change: Partial<Draft>, problems: string[]][] = [
    [{}, []],
    [{ name: '  ' }, ['name empty']],
    [{ name: long }, ['name too-long']],
    [{ groupBy: [], distinct: [] }, []],
    [{ groupBy: ['@a b'] }, ['groupBy not-a-field']],
    [{ groupBy: ['@a…'], distinct: ['@'] }, ['groupBy not-a-field', 'distinct not-a-field']],
    [{ groupBy: ['host', '#x', '@annotations.authorization.k8s.io/decision'] }, []],
    [{ moreThan: -1 }, ['moreThan range']],
    [{ moreThan: Number.NaN }, ['moreThan range']],
    [{ moreThan: 1_000_001 }, ['moreThan range']],
    [{ window: 7200 }, ['keepAlive window']],
    [{ keepAlive: 21_600, maxDuration: 3600 }, ['maxDuration duration']],
    [{ method: 'new_value', of: [] }, ['of empty']],
    [{ method: 'new_value', of: ['@a', '@b', '@c', '@d', '@e', '@f'] }, ['of too-many']],
    [{ method: 'new_value', learnDays: 31, forgetDays: 0 }, ['learnDays range', 'forgetDays range']],
    // Of a method these fields are not asked for they say nothing.
    [{ method: 'new_value', window: 86_400, moreThan: -1 }, []],
    [{ of: [], learnDays: 99 }, []],
  ];
  for (const [change, problems] of table)
    test(JSON.stringify(change), () =>
      expect(problemsOf(draft(change)).map(({ field, code }) => `${field} ${code}`)).toEqual(problems),
    );
});

describe('Datadog’s own complaint belongs to', () => {
  const table: [reason: string, field: keyof Draft | undefined][] = [
    ['Query filter cannot be empty', 'query'],
    ['queries[0].query: query is too broad', 'query'],
    ['keepAlive: Keep alive is not in allowed durations: 0, 1, 5 (in minutes)', 'keepAlive'],
    ['maxSignalDuration: Max signal duration must be greater than or equal to keep alive', 'maxDuration'],
    ['keepAlive: Keep alive must be greater than or equal to evaluation window', 'keepAlive'],
    ['evaluationWindow: Evaluation window is not in allowed durations: 0, 1', 'window'],
    ['newValueOptions.forgetAfter: Forget after must be between 1 and 30 days', 'forgetDays'],
    ['newValueOptions.learningDuration: Learning duration must be between 0 and 30 days', 'learnDays'],
    ['New value rules must have between 1 and 5 metrics', 'of'],
    ['distinctFields: too many', 'distinct'],
    ['Rule name cannot be empty', 'name'],
    ['Invalid case condition: a >', 'moreThan'],
    ['Invalid case status: severe', 'severity'],
    ['groupByFields: too many', 'groupBy'],
    ['The stars are not right', undefined],
  ];
  for (const [reason, field] of table) test(reason, () => expect(fieldOf(reason)).toBe(field));
});
