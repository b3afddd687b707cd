/** What a person reads who gets a file of the rule pack wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadPack, PackError } from '../../src/rules/pack.ts';
import { loadTestedRules } from '../../src/rules/samples.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rule-pack-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function file(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'pod-exec',
    title: { en: 'Exec', ja: '実行' },
    cases: [{ condition: 'exec > 0', severity: 'low' }],
    queries: { exec: 'source:kubernetes.audit @objectRef.subresource:exec' },
    detection: { method: 'threshold', evaluation_window: '5m', keep_alive: '1h', max_signal_duration: '6h' },
    group_by: ['@aws.awslogs.owner', '@aws.awslogs.logGroup', '@usr.name'],
    tags: ['source:kubernetes.audit', 'security:attack', 'tactic:TA0002-execution', 'technique:T1609-container'],
    references: ['https://example.com/exec'],
    triage: { en: ['Look.'], ja: ['確認します。'] },
    noise: { en: 'None.', ja: 'なし。' },
    samples: {
      match: [{ it: 'an exec', event: { verb: 'get', objectRef: { subresource: 'exec' } } }],
      no_match: [{ it: 'a read', change: { objectRef: { subresource: null } } }],
    },
    ...over,
  };
}

function pack(files: Record<string, unknown>): string {
  const directory = mkdtempSync(join(root, 'p-'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(
      join(directory, name),
      typeof content === 'string' ? content : twoDocuments(content as Record<string, unknown>),
    );
  return directory;
}

function twoDocuments({ samples, ...rule }: Record<string, unknown>): string {
  return `${stringify(rule)}---\n${samples === undefined ? '' : stringify(samples)}`;
}

function problems(directory: string): string[] {
  try {
    loadTestedRules(directory);
  } catch (error) {
    if (error instanceof PackError) return error.problems;
    throw error;
  }
  return [];
}

const newValue = (over: Record<string, unknown> = {}) => ({
  method: 'new_value',
  of: ['@usr.name'],
  learn_for_days: 7,
  forget_after_days: 28,
  keep_alive: '0s',
  max_signal_duration: '10m',
  ...over,
});
/** A rule that remembers, with the sequences such a one needs. */
const learning = (over: Record<string, unknown> = {}) =>
  file({
    detection: newValue(),
    cases: [{ severity: 'low' }],
    samples: {
      ...(file().samples as object),
      sequences: [
        { it: 'somebody new', events: [{ at: '8d' }], signals: ['low'] },
        { it: 'learning', events: [{ at: '1d' }], signals: [] },
      ],
    },
    ...over,
  });
const threshold = (over: Record<string, unknown>) => ({ ...(file().detection as object), ...over });
const without = (key: string) => Object.fromEntries(Object.entries(file()).filter(([name]) => name !== key));

describe('a file of the rule pack', () => {
  it('is accepted when it is right', () => {
    expect(problems(pack({ 'pod-exec.yaml': file() }))).toEqual([]);
    expect(problems(pack({ 'pod-exec.yaml': learning() }))).toEqual([]);
    const english = file({ title: { en: 'Exec' }, triage: { en: ['Look.'] }, noise: { en: 'None.' } });
    expect(problems(pack({ 'pod-exec.yaml': english }))).toEqual([]);
  });

  const mistakes: [what: string, content: unknown, problems: (string | RegExp)[]][] = [
    ['no title', without('title'), ['title: missing. Expected texts in en and ja.']],
    ['no cases', without('cases'), ['cases: missing. Expected a list of cases, each with a severity.']],
    [
      'an English title in Japanese’s place',
      file({ title: { en: 'Exec', ja: 'Exec' } }),
      ['title.ja: holds no Japanese; translate the English text'],
    ],
    ['a misspelt key', file({ severty: 'low' }), ['severty: unknown key. Remove it, or check its spelling.']],
    [
      'a misspelt inner key',
      file({ detection: threshold({ keepAlive: '1h' }) }),
      ['detection.keepAlive: unknown key. Remove it, or check its spelling.'],
    ],
    [
      'an unknown severity',
      file({ cases: [{ condition: 'exec > 0', severity: 'urgent' }] }),
      ['cases[0].severity: expected info, low, medium, high or critical'],
    ],
    [
      'a case without a condition',
      file({ cases: [{ severity: 'low' }] }),
      ['cases[0].condition: missing. Write for example exec > 0.'],
    ],
    [
      'a condition that cannot be read',
      file({ cases: [{ condition: '0 < exec', severity: 'low' }] }),
      ['cases[0].condition: cannot be read; write for example exec > 0'],
    ],
    [
      'a condition about another query',
      file({ cases: [{ condition: 'exec > 3 && attach > 0', severity: 'low' }] }),
      ['cases[0].condition: names the query attach, which this rule does not have'],
    ],
    [
      'a condition for new values',
      learning({ cases: [{ condition: 'exec > 0', severity: 'low' }] }),
      ['cases[0].condition: a new value has no condition; remove it'],
    ],
    [
      'a rule that counts, without a sequence',
      file({ cases: [{ condition: 'exec > 3', severity: 'low' }] }),
      [
        'samples.sequences: this rule counts or remembers; write a sequence that raises a signal',
        'samples.sequences: this rule counts or remembers; write a sequence that raises none',
      ],
    ],
    ['no samples', without('samples'), ['has no samples; write them below a line of three hyphens']],
    [
      'a query that cannot be read',
      file({ queries: { exec: 'source:kubernetes.audit (@a:1' } }),
      [/^queries\.exec: is not a query: Unexpected end of query at 29: expected /],
    ],
    [
      'a query without its source',
      file({ queries: { exec: '@objectRef.subresource:exec' } }),
      ['queries.exec: would look at every log; begin with source:kubernetes.audit'],
    ],
    ['no query', learning({ queries: {} }), ['queries: names no query; write at least one']],
    [
      'a query name Datadog’s conditions cannot hold',
      file({ queries: { 'Pod exec': 'source:kubernetes.audit @a:1' } }),
      ['queries.Pod exec: is not a name for a query; write for example failed_logins'],
    ],
    [
      'a duration Datadog does not take',
      file({ detection: threshold({ evaluation_window: '7m' }) }),
      [/^detection\.evaluation_window: "7m" is not a duration Datadog takes; use 0s, 1m, 5m, .*, 1d$/],
    ],
    [
      'a keep-alive longer than the API takes',
      file({ detection: threshold({ keep_alive: '12h', max_signal_duration: '1d' }) }),
      [/^detection\.keep_alive: "12h" is not a duration Datadog takes; use .*, 6h$/],
    ],
    [
      'a keep-alive shorter than the window',
      file({ detection: threshold({ evaluation_window: '1h', keep_alive: '5m' }) }),
      ['detection.keep_alive: must not be shorter than evaluation_window'],
    ],
    [
      'a signal shorter than its keep-alive',
      file({ detection: threshold({ keep_alive: '1h', max_signal_duration: '30m' }) }),
      ['detection.max_signal_duration: must not be shorter than keep_alive'],
    ],
    [
      'an unknown detection method',
      file({ detection: threshold({ method: 'anomaly_detection' }) }),
      ['detection.method: expected the method threshold or new_value'],
    ],
    [
      'a window for new values',
      learning({ detection: newValue({ evaluation_window: '5m' }) }),
      ['detection.evaluation_window: unknown key. Remove it, or check its spelling.'],
    ],
    [
      'learning for too long',
      learning({ detection: newValue({ learn_for_days: 60 }) }),
      ['detection.learn_for_days: expected a number of days from 0 to 30'],
    ],
    [
      'two queries for new values',
      learning({
        queries: { a: 'source:kubernetes.audit @a:1', b: 'source:kubernetes.audit @b:1' },
      }),
      ['queries: a new_value rule has exactly one query'],
    ],
    [
      'clusters mixed in one signal',
      file({ group_by: ['@usr.name', '@aws.awslogs.logGroup'] }),
      ['group_by: would mix clusters in one signal; add @aws.awslogs.owner'],
    ],
    [
      'a tag among the attributes',
      file({ group_by: ['@aws.awslogs.owner', '@aws.awslogs.logGroup', 'env'] }),
      ['group_by[2]: is not an attribute; write for example @usr.name'],
    ],
    [
      'no tactic',
      file({ tags: ['source:kubernetes.audit', 'security:attack', 'technique:T1609-container'] }),
      ['tags: lacks a tag such as tactic:TA0002-execution'],
    ],
    [
      'a tag that is ours to add',
      file({ tags: [...(file().tags as string[]), 'managed-by:eks-audit'] }),
      ['tags: must not contain managed-by:eks-audit; it is added when the rule is created'],
    ],
    ['a reference that is no URL', file({ references: ['T1609'] }), ['references[0]: expected an https URL']],
    [
      'a shipped rule by its name alone',
      file({ shipped: { relation: 'replaces', name: 'User Exec into a Pod' } }),
      ['shipped.default_id: missing. Expected an id such as 1d5-6cd-162.'],
    ],
    [
      'a triage step untranslated',
      file({ triage: { en: ['Look.', 'Ask.'], ja: ['確認します。'] } }),
      ['triage: has not the same steps in English and Japanese'],
    ],
    [
      'no event that must not match',
      file({ samples: { ...(file().samples as object), no_match: [] } }),
      ['samples: no_match: is empty; write at least one event'],
    ],
    [
      'nothing to start changes from',
      file({ samples: { ...(file().samples as object), match: [{ it: 'an exec', change: {} }] } }),
      ['samples: match[0].event: missing. The first event is the one all changes start from.'],
    ],
    [
      'another file name',
      file({ id: 'exec-pod' }),
      ['id: is exec-pod; name the file exec-pod.yaml, so that no id occurs twice'],
    ],
    ['an id that cannot be a tag', file({ id: 'Pod Exec' }), ['id: expected small letters, digits and hyphens']],
    ['an empty file', '', [/^id: missing\./, /^title: missing\./]],
    ['no YAML', 'id: [', [/^not valid YAML: /]],
    ['a key given twice', 'id: a\nid: b\n', [/^not valid YAML: Map keys must be unique/]],
    ['a list instead of a rule', '- id', [/^\(top level\): /]],
  ];

  it.each(mistakes)('is refused with %s', (_, content, expected) => {
    const found = problems(pack({ 'pod-exec.yaml': content }));
    for (const [index, problem] of expected.entries()) {
      const text = found[index]?.replace(/^[^/]+\/pod-exec\.yaml: /, '');
      if (typeof problem === 'string') expect(text).toBe(problem);
      else expect(text).toMatch(problem);
    }
    expect(found.every((line) => /^[^/]+\/pod-exec\.yaml: [^\n]+$/.test(line))).toBe(true);
    if (typeof content === 'object') expect(found).toHaveLength(expected.length);
  });
});

describe('a rule pack', () => {
  it('reports the mistakes of all files at once', () => {
    const directory = pack({
      'a-rule.yaml': file({ id: 'a-rule', title: 1 }),
      'b-rule.yaml': file({ id: 'b-rule', tags: 1 }),
    });
    expect(problems(directory)).toEqual([
      expect.stringMatching(/^[^/]+\/a-rule\.yaml: title: /),
      expect.stringMatching(/^[^/]+\/b-rule\.yaml: tags: /),
    ]);
  });

  it('is not silently empty', () => {
    expect(problems(pack({ 'readme.md': 'x' }))).toEqual([expect.stringContaining('holds no rules')]);
    expect(problems(join(root, 'nowhere'))).toEqual([expect.stringContaining('cannot be read')]);
  });

  it('completes samples: changes merge, replace and remove, and leave their origin alone', () => {
    const event = { verb: 'get', user: { username: 'jane', groups: ['a', 'b'], extra: { arn: ['x'] } } };
    const match = [
      { it: 'whole', event },
      { it: 'changed', change: { user: { groups: ['c'], extra: null, uid: '1' }, objectRef: { name: 'n' } } },
      { it: 'from another', event: { verb: 'list' }, change: { stage: 'Panic' } },
      { it: 'unchanged' },
    ];
    const [tested] = loadTestedRules(
      pack({ 'pod-exec.yaml': file({ samples: { match, no_match: [{ it: 'x', event: {} }] } }) }),
    );
    expect(tested?.match.map((sample) => sample.event)).toEqual([
      event,
      { verb: 'get', user: { username: 'jane', groups: ['c'], uid: '1' }, objectRef: { name: 'n' } },
      { verb: 'list', stage: 'Panic' },
      event,
    ]);
  });

  it('repeats an event of a sequence, numbered and spaced', () => {
    const sequences = [
      {
        it: 'many',
        events: [{ at: '1m', times: 3, every: '10s', change: { objectRef: { name: 'pod-{n}' } } }],
        signals: [],
      },
    ];
    const samples = { ...(file().samples as object), sequences };
    const [tested] = loadTestedRules(pack({ 'pod-exec.yaml': file({ samples }) }));
    expect(tested?.sequences[0]?.events.map(({ at, event }) => [at, event.objectRef])).toEqual([
      [60_000, { subresource: 'exec', name: 'pod-1' }],
      [70_000, { subresource: 'exec', name: 'pod-2' }],
      [80_000, { subresource: 'exec', name: 'pod-3' }],
    ]);
  });

  it('recommends rules in both languages and within Slack’s and Datadog’s reach', async () => {
    for (const rule of (await loadPack()).rules) {
      expect(rule.title.en).not.toBe(rule.title.ja);
      // One section of a Slack message holds 3,000 characters.
      for (const language of ['en', 'ja'] as const)
        expect(rule.triage[language].join('\n').length, `${rule.id} ${language}`).toBeLessThan(2500);
    }
  });
});
