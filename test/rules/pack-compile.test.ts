/** The pack's rules as Datadog takes them, and what counts as an edit of one that Datadog has. */
import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../playground/datadog/rule.ts';
import { ruleProblem } from '../../playground/datadog/rule-validation.ts';
import { shippedRules } from '../../playground/datadog/shipped-rules.ts';
import { compileRule, differs, repairPayload, ruleContent } from '../../src/rules/compile.ts';
import { ownedFields } from '../../src/rules/owned-fields.ts';
import { loadPack, type PackRule } from '../../src/rules/pack.ts';

const { rules } = await loadPack();
type Wire = Record<string, unknown>;

function rule(id: string): PackRule {
  const found = rules.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no rule ${id}`);
  return found;
}

/** What Datadog answers to a rule that is sent, with every rewrite that was recorded. */
function asStored(pack: PackRule): Wire {
  const { queries, options, ...sent } = compileRule(pack);
  return {
    ...sent,
    id: '5br-mto-gse',
    version: 3,
    createdAt: 1_726_078_486_689,
    creationAuthorId: 1_445_416,
    updateAuthorId: 1_445_416,
    updatedAt: 1_732_283_533_337,
    isDefault: false,
    isPartner: false,
    isBeta: false,
    isDeleted: false,
    isDeprecated: false,
    blocking: false,
    metadata: { entities: null, sources: null },
    creator: { handle: 'person@example.com', name: 'Person' },
    updater: { handle: '', name: '' },
    tags: [...sent.tags].sort(),
    filters: [],
    queries: queries.map(({ metrics, metric, ...query }) => ({
      ...query,
      hasOptionalGroupByFields: false,
      ...(metrics && { metrics, metric }),
    })),
    options: {
      ...options,
      ...(options.newValueOptions && {
        evaluationWindow: 0,
        newValueOptions: { ...options.newValueOptions, instantaneousBaselineTimeoutMinutes: 30 },
      }),
    },
  };
}

describe.each(rules)('$id, compiled', (pack) => {
  const payload = compileRule(pack);

  it('passes the checks Datadog makes', () => {
    expect(ruleProblem(configurationOf({ ...payload }))).toBeUndefined();
  });

  it('mentions the attributes that triage needs, so that Datadog puts them into the signal', () => {
    for (const attribute of ['@usr.name', '@network.client.ip', '@aws.awslogs.logGroup', '@aws.awslogs.owner'])
      expect(payload.message).toContain(`{{${attribute}}}`);
  });

  it('says what to do first in English, then in Japanese', () => {
    const english = payload.message.indexOf(pack.triage.en[0] ?? '');
    const japanese = payload.message.indexOf(pack.triage.ja[0] ?? '');
    expect(english).toBeGreaterThan(0);
    expect(japanese).toBeGreaterThan(english);
  });

  it('is marked as ours once, and notifies nobody by itself', () => {
    expect(payload.tags.filter((tag) => /^(managed-by|eks-audit-id):/.test(tag))).toEqual([
      'managed-by:eks-audit',
      `eks-audit-id:${pack.id}`,
    ]);
    expect(payload.cases.flatMap((ruleCase) => ruleCase.notifications)).toEqual([]);
  });

  it('is unedited after the server’s rewrites', () => {
    expect(differs({ wire: asStored(pack) }, pack)).toEqual([]);
    expect(ownedFields(asStored(pack))).toEqual(ownedFields(payload));
  });

  it('names a shipped rule that exists, if any', () => {
    if (!pack.shipped) return;
    const shipped = shippedRules().find((candidate) => candidate.defaultId === pack.shipped?.default_id);
    expect(shipped?.configuration.name).toBe(pack.shipped.name);
  });
});

describe('a compiled rule', () => {
  it('counts events per query when its method is threshold', () => {
    expect(compileRule(rule('anonymous-access'))).toMatchObject({
      name: 'Anonymous access to the Kubernetes API granted',
      type: 'log_detection',
      isEnabled: true,
      hasExtendedTitle: false,
      queries: [
        { name: 'request', aggregation: 'count', dataSource: 'logs', distinctFields: [] },
        { name: 'grant', aggregation: 'count', dataSource: 'logs', distinctFields: [] },
      ],
      options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 21_600 },
      cases: [
        { name: 'request', status: 'high', condition: 'request > 0' },
        { name: 'grant', status: 'high', condition: 'grant > 0' },
      ],
    });
  });

  it('learns actors when its method is new_value: unnamed query, no window, no condition', () => {
    const { queries, options, cases } = compileRule(rule('secrets-listed-cluster-wide'));
    expect(queries).toMatchObject([
      { name: '', aggregation: 'new_value', metrics: ['@usr.name'], metric: '@usr.name' },
    ]);
    expect(options).toEqual({
      detectionMethod: 'new_value',
      keepAlive: 0,
      maxSignalDuration: 600,
      newValueOptions: {
        forgetAfter: 28,
        learningDuration: 7,
        learningMethod: 'duration',
        learningThreshold: 0,
        instantaneousBaseline: true,
      },
    });
    expect(cases).toEqual([{ name: '', status: 'medium', notifications: [] }]);
  });

  it('shows attributes in the signal’s title only where its own title has them', () => {
    const pack = rule('exec-into-pod');
    const titled = { ...pack, title: { ...pack.title, en: 'Exec by {{@usr.name}}' } };
    expect(compileRule(titled).hasExtendedTitle).toBe(true);
  });

  it('has a content that moves with what we own and with nothing else', () => {
    const pack = rule('exec-into-pod');
    expect(ruleContent(pack)).toMatch(/^[0-9a-f]{12}$/);
    expect(ruleContent(structuredClone(pack))).toBe(ruleContent(pack));
    expect(ruleContent({ ...pack, noise: { en: 'Other.', ja: '別。' } })).toBe(ruleContent(pack));
    expect(ruleContent({ ...pack, cases: [{ condition: 'exec > 0', severity: 'high' }] })).not.toBe(ruleContent(pack));
    expect(new Set(rules.map(ruleContent)).size).toBe(rules.length);
  });
});

describe('an edit in Datadog', () => {
  const pack = rule('exec-into-pod');
  const learning = rule('secrets-listed-cluster-wide');

  function edited(of: PackRule, edit: (wire: Wire) => void): string[] {
    const wire = structuredClone(asStored(of));
    edit(wire);
    return differs({ wire }, of).map(({ path }) => path);
  }
  const inside = (wire: Wire, list: 'queries' | 'cases') => (wire[list] as Wire[])[0] as Wire;
  const options = (wire: Wire) => wire.options as Wire;

  const edits: [what: string, of: PackRule, edit: (wire: Wire) => void, fields: string[]][] = [
    ['a new name', pack, (w) => (w.name = 'Exec'), ['name']],
    ['another message', pack, (w) => (w.message = `${w.message} Call me.`), ['message']],
    ['a narrower query', pack, (w) => (inside(w, 'queries').query += ' -env:dev'), ['queries[0].query']],
    [
      'another aggregation',
      pack,
      (w) => (inside(w, 'queries').aggregation = 'cardinality'),
      ['queries[0].aggregation'],
    ],
    ['another grouping', pack, (w) => (inside(w, 'queries').groupByFields = ['host']), ['queries[0].groupByFields']],
    ['a distinct field', pack, (w) => (inside(w, 'queries').distinctFields = ['@a']), ['queries[0].distinctFields']],
    ['another value learnt', learning, (w) => (inside(w, 'queries').metrics = ['host']), ['queries[0].metrics']],
    ['a second query', pack, (w) => (w.queries as Wire[]).push({ query: '@a:1' }), ['queries']],
    ['another severity', pack, (w) => (inside(w, 'cases').status = 'info'), ['cases[0].status']],
    ['another condition', pack, (w) => (inside(w, 'cases').condition = 'exec > 5'), ['cases[0].condition']],
    ['a case removed', pack, (w) => (w.cases = []), ['cases']],
    ['another keep-alive', pack, (w) => (options(w).keepAlive = 300), ['options.keepAlive']],
    ['another window', pack, (w) => (options(w).evaluationWindow = 60), ['options.evaluationWindow']],
    [
      'severity lowered by environment',
      learning,
      (w) => (options(w).decreaseCriticalityBasedOnEnv = true),
      ['options.decreaseCriticalityBasedOnEnv'],
    ],
    [
      'another time to forget',
      learning,
      (w) => ((options(w).newValueOptions as Wire).forgetAfter = 1),
      ['options.newValueOptions.forgetAfter'],
    ],
    [
      'a tactic replaced',
      pack,
      (w) => (w.tags = (w.tags as string[]).filter((t) => !t.startsWith('tactic'))),
      ['tags'],
    ],
    [
      'several at once',
      pack,
      (w) => {
        w.name = 'Exec';
        inside(w, 'cases').status = 'info';
      },
      ['name', 'cases[0].status'],
    ],
  ];

  it.each(edits)('is found: %s', (_, of, edit, fields) => {
    expect(edited(of, edit)).toEqual(fields);
  });

  const none: [what: string, of: PackRule, edit: (wire: Wire) => void][] = [
    ['switched off', pack, (w) => (w.isEnabled = false)],
    ['somebody notified', pack, (w) => (inside(w, 'cases').notifications = ['@slack-security'])],
    ['tagged for a team', pack, (w) => (w.tags as string[]).push('team:payments')],
    ['a second technique', pack, (w) => (w.tags as string[]).push('technique:T1059-command-and-scripting-interpreter')],
    ['fields nobody knows', pack, (w) => (options(w).somethingNew = { a: 1 })],
    ['spaces in a condition', pack, (w) => (inside(w, 'cases').condition = 'exec>0')],
    ['empty metrics shown', pack, (w) => Object.assign(inside(w, 'queries'), { metrics: [], metric: '' })],
    ['metrics as null', pack, (w) => Object.assign(inside(w, 'queries'), { metrics: null, metric: null })],
    ['the legacy metric alone', learning, (w) => (inside(w, 'queries').metrics = [])],
    ['groups in another order', pack, (w) => (inside(w, 'queries').groupByFields as string[]).reverse()],
    ['a final newline', pack, (w) => (w.message = `${w.message}\r\n`)],
    ['a default spelt out', learning, (w) => (options(w).decreaseCriticalityBasedOnEnv = false)],
    ['a new-value rule without a window', learning, (w) => delete options(w).evaluationWindow],
  ];

  it.each(none)('is not: %s', (_, of, edit) => {
    expect(edited(of, edit)).toEqual([]);
  });

  it('is mended without switching on, silencing or untagging what people decided', () => {
    const wire = asStored(pack);
    wire.isEnabled = false;
    wire.name = 'Exec';
    (wire.tags as string[]).push('team:payments', 'eks-audit-id:something-else');
    inside(wire, 'cases').notifications = ['@slack-security'];
    const existing = {
      ...{ id: '5br-mto-gse', name: 'Exec', enabled: false, shipped: false },
      ...{ packId: pack.id, content: undefined, wire },
    };
    const repaired = repairPayload(pack, existing);
    expect(differs({ wire: { ...repaired } }, pack)).toEqual([]);
    expect(repaired.isEnabled).toBe(false);
    expect(repaired.tags).toEqual([...compileRule(pack).tags, 'team:payments']);
    expect(repaired.cases[0]?.notifications).toEqual(['@slack-security']);
  });
});
