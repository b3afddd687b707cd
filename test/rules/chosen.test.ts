/** Which rules a deployment wants, and how: the section `rules` of the configuration, and each of its mistakes. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { chosenRules } from '../../src/rules/chosen.ts';
import { compileRule, severityOf } from '../../src/rules/compile.ts';
import { loadPack, PackError, type PackRule } from '../../src/rules/pack.ts';
import { parseQuery } from '../../src/rules/query.ts';
import { acmeFile } from '../config/acme-file.ts';

const PACK = new URL('../../rules/', import.meta.url).pathname;
let whole: PackRule[];
let disk: ReturnType<typeof acmeFile>;
beforeAll(async () => {
  whole = (await loadPack()).rules;
  disk = acmeFile({});
});
afterAll(() => disk[Symbol.dispose]());

/** What the bot would start with, with this section in its file. */
async function chosen(rules: Record<string, unknown>): Promise<PackRule[]> {
  using file = acmeFile({ rules });
  return (await chosenRules(loadConfig(file.env))).rules;
}

const ids = (rules: readonly PackRule[]) => rules.map(({ id }) => id);

/** The lines a person reads who starts the bot like that, without the path of the file. */
async function mistakes(rules: Record<string, unknown>): Promise<string[]> {
  using file = acmeFile({ rules });
  try {
    await chosenRules(loadConfig(file.env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((line) => line.replace(`${file.path}: `, ''));
  }
  return [];
}

describe('of the recommended pack', () => {
  test('all are wanted, enabled, in the order of their ids, where nothing is said', async () => {
    expect(await chosen({})).toEqual(whole);
    expect(whole.every(({ enabled }) => enabled)).toBe(true);
    expect(ids(whole)).toEqual(ids(whole).toSorted());
  });

  test('none are', async () => expect(await chosen({ pack: 'none' })).toEqual([]));

  test('only those named by id, by tag, or by a part of either', async () => {
    expect(ids(await chosen({ only: ['privileged-pod', 'exec-into-pod'] }))).toEqual([
      'exec-into-pod',
      'privileged-pod',
    ]);
    const byTag = await chosen({ only: ['tactic:TA0006-*'] });
    expect(byTag.length).toBeGreaterThan(1);
    expect(byTag.every(({ tags }) => tags.some((tag) => tag.startsWith('tactic:TA0006-')))).toBe(true);
    expect(ids(await chosen({ only: ['exec-*'] })).every((id) => id.startsWith('exec-'))).toBe(true);
    expect(await chosen({ only: ['*'] })).toHaveLength(whole.length);
  });

  test('what is left out wins over what is named', async () => {
    const some = await chosen({ only: ['exec-*', 'privileged-pod'], except: ['exec-into-pod'] });
    expect(ids(some)).not.toContain('exec-into-pod');
    expect(ids(some)).toContain('exec-into-system-pod');
    expect(await chosen({ except: ['*'] })).toEqual([]);
    expect(await chosen({ except: ['exec-into-pod'] })).toHaveLength(whole.length - 1);
  });
});

describe('an override', () => {
  const of = async (change: Record<string, unknown>, id = 'exec-into-pod') => {
    const [rule] = await chosen({ only: [id], overrides: { [id]: change } });
    if (!rule) throw new Error(`${id} is not chosen`);
    return rule;
  };

  test('creates a rule switched off', async () => {
    const rule = await of({ enabled: false });
    expect(compileRule(rule).isEnabled).toBe(false);
    expect(compileRule(await of({ severity: 'low' })).isEnabled).toBe(true);
  });

  test('gives every case another severity', async () => {
    const several = whole.find(({ cases }) => cases.length > 1);
    const rule = await of({ severity: 'critical' }, several?.id);
    expect(rule.cases.map(({ severity }) => severity)).toEqual(several?.cases.map(() => 'critical'));
    expect(rule.cases.map(({ condition }) => condition)).toEqual(several?.cases.map(({ condition }) => condition));
    expect(severityOf(rule)).toBe('critical');
  });

  test('narrows every query, whole', async () => {
    const add = '-@usr.name:"ci-bot" -@usr.name:"argo" OR -@objectRef.namespace:dev';
    for (const id of ['exec-into-pod', 'dangerous-capabilities']) {
      const before = whole.find((rule) => rule.id === id)?.queries ?? {};
      const { queries } = await of({ add }, id);
      expect(Object.keys(queries)).toEqual(Object.keys(before));
      for (const [name, query] of Object.entries(queries)) {
        expect(query).toBe(`${before[name]} (${add})`);
        // A top-level OR would leave the rest of the query as wide as it was.
        expect(parseQuery(query).type).toBe('and');
      }
    }
  });

  test('leaves other rules as they are', async () => {
    const rules = await chosen({ overrides: { 'exec-into-pod': { severity: 'info' } } });
    expect(rules.filter(({ id }) => id !== 'exec-into-pod')).toEqual(whole.filter(({ id }) => id !== 'exec-into-pod'));
  });

  test('of a rule that is left out is no mistake: both may be meant for a while', async () => {
    expect(await mistakes({ except: ['exec-into-pod'], overrides: { 'exec-into-pod': { severity: 'low' } } })).toEqual(
      [],
    );
  });
});

describe('people’s own files', () => {
  const text = readFileSync(join(PACK, 'exec-into-pod.yaml'), 'utf8').replace('id: exec-into-pod', 'id: our-exec');
  const folder = (name: string, files: Record<string, string>) => {
    const path = join(dirname(disk.path), name);
    mkdirSync(path, { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
    return path;
  };

  test('stand beside the pack, or alone, in a directory beside the configuration', async () => {
    const path = folder('ours', { 'our-exec.yaml': text, 'README.md': 'not a rule' });
    expect(ids(await chosen({ extra: path, only: ['our-*', 'exec-into-pod'] }))).toEqual(['exec-into-pod', 'our-exec']);
    expect(ids(await chosen({ extra: path, pack: 'none' }))).toEqual(['our-exec']);
    using file = acmeFile({ rules: { extra: './ours', pack: 'none' } });
    const beside = join(dirname(file.path), 'ours');
    mkdirSync(beside);
    copyFileSync(join(path, 'our-exec.yaml'), join(beside, 'our-exec.yaml'));
    expect(ids((await chosenRules(loadConfig(file.env))).rules)).toEqual(['our-exec']);
  });

  test('may be overridden like those of the pack', async () => {
    const path = folder('overridden', { 'our-exec.yaml': text });
    const [rule] = await chosen({ extra: path, pack: 'none', overrides: { 'our-exec': { severity: 'low' } } });
    expect(rule && severityOf(rule)).toBe('low');
  });

  test('with alternatives at the top are narrowed in all of them', async () => {
    const document = text.replace(/queries:\n[\s\S]*?\n(?=detection:)/, `queries:\n  exec: '${ALTERNATIVES}'\n`);
    const path = folder('alternatives', { 'our-exec.yaml': document });
    const [rule] = await chosen({ extra: path, pack: 'none', overrides: { 'our-exec': { add: '-@usr.name:bot' } } });
    expect(Object.values(rule?.queries ?? {})).toEqual([`(${ALTERNATIVES}) (-@usr.name:bot)`]);
  });

  test('that are wrong are one line each, with file and key', async () => {
    const missing = join(dirname(disk.path), 'missing');
    expect(await mistakes({ extra: missing })).toEqual([expect.stringContaining(`${missing}: cannot be read: ENOENT`)]);
    const empty = folder('empty', {});
    expect(await mistakes({ extra: empty })).toEqual([`${empty}: holds no rules; put one .yaml file per rule there`]);
    const taken = folder('taken', { 'exec-into-pod.yaml': readFileSync(join(PACK, 'exec-into-pod.yaml'), 'utf8') });
    expect(await mistakes({ extra: taken })).toEqual([
      `${taken}/exec-into-pod.yaml: id: exec-into-pod is a rule of the recommended pack; choose another id`,
    ]);
    expect(await mistakes({ extra: taken, pack: 'none' })).toEqual([]);
    const odd = folder('odd', { 'our-exec.yaml': text.replace('severity: medium', 'severity: severe') });
    expect(await mistakes({ extra: odd })).toEqual([
      'odd/our-exec.yaml: cases[0].severity: expected info, low, medium, high or critical',
    ]);
    rmSync(odd, { recursive: true });
  });
});

const ALTERNATIVES = 'source:kubernetes.audit @verb:get OR source:kubernetes.audit @verb:list';

describe('a mistake in the configuration is one line that says what would be right', () => {
  const table: [rules: Record<string, unknown>, lines: (string | RegExp)[]][] = [
    [{ pack: 'recomended' }, ['rules.pack: expected recommended or none, got "recomended"; did you mean recommended?']],
    [{ only: 'exec-into-pod' }, ['rules.only: expected a list of rule ids or tags, got "exec-into-pod"']],
    [{ extra: 7 }, ['rules.extra: expected a directory such as ./my-rules, got 7']],
    [
      { only: ['exec-into-pood'] },
      ['rules.only[0]: "exec-into-pood" is no rule and no tag of one; did you mean exec-into-pod?'],
    ],
    [
      { only: ['exec-into-pod'], except: ['exec-into-pod', 'tactic:TA9999-*'] },
      ['rules.except[1]: "tactic:TA9999-*" is no rule and no tag of one; `npm run -s cli -- rules check` lists them'],
    ],
    [
      { overrides: { 'exec-in-pod': {} } },
      ['rules.overrides.exec-in-pod: there is no such rule; did you mean exec-into-pod?'],
    ],
    [{ pack: 'none', only: ['exec-into-pod'] }, [/^rules\.only\[0\]: "exec-into-pod" is no rule/]],
    [
      { overrides: { 'exec-into-pod': { severity: 'hihg' } } },
      [
        'rules.overrides.exec-into-pod.severity: expected info, low, medium, high or critical, got "hihg"; did you mean high?',
      ],
    ],
    [
      { overrides: { 'exec-into-pod': { enabled: 'no' } } },
      ['rules.overrides.exec-into-pod.enabled: expected true or false, got "no"'],
    ],
    [{ overrides: { 'exec-into-pod': { query: 'x' } } }, [/rules\.overrides\.exec-into-pod\.query: unknown key/]],
    [
      { overrides: { 'exec-into-pod': { add: '@a:(b' } } },
      ['rules.overrides.exec-into-pod.add: is not a query: Unexpected end of query at 5: expected ")"'],
    ],
    [
      { overrides: { 'exec-into-pod': { add: ' ' } } },
      ['rules.overrides.exec-into-pod.add: narrows nothing; write a query such as -@usr.name:"ci-bot"'],
    ],
  ];
  for (const [rules, lines] of table)
    test(JSON.stringify(rules), async () => {
      const read = await mistakes(rules);
      expect(read).toHaveLength(lines.length);
      for (const [i, line] of lines.entries())
        if (typeof line === 'string') expect(read[i]).toBe(line);
        else expect(read[i]).toMatch(line);
    });

  test('and all are told at once', async () => {
    const rules = { only: ['nope-1'], except: ['nope-2'], overrides: { 'nope-3': {}, 'exec-into-pod': { add: '(' } } };
    await expect(chosen(rules)).rejects.toThrow(PackError);
    expect(await mistakes(rules)).toHaveLength(4);
  });
});
