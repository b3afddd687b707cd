/** `cli rules`: rule files checked, tried on their samples and compiled, for a person who writes rules and for pipelines. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { compileRule } from '../../src/rules/compile.ts';
import { loadPack, RECOMMENDED_PACK } from '../../src/rules/pack.ts';
import { openTerminal, type Ran, type Terminal } from './terminal.ts';

const PACK = fileURLToPath(RECOMMENDED_PACK);
const IDS = readdirSync(PACK).map((name) => name.replace('.yaml', ''));

/** A directory of one's own, with these files of the pack under these ids, changed as a text. */
function own(
  terminal: Terminal,
  files: Record<string, { from?: string; change?: (text: string) => string } | string>,
): string {
  const directory = join(terminal.dir, 'my-rules');
  mkdirSync(directory);
  for (const [id, file] of Object.entries(files)) {
    const { from = 'exec-into-pod', change = (text: string) => text } = typeof file === 'string' ? {} : file;
    const copied = readFileSync(join(PACK, `${from}.yaml`), 'utf8').replace(/^id: .*$/m, `id: ${id}`);
    writeFileSync(join(directory, `${id}.yaml`), typeof file === 'string' ? file : change(copied));
  }
  return directory;
}

function configured(terminal: Terminal, rules: Record<string, unknown>): void {
  const path = join(terminal.dir, 'eks-audit.yaml');
  writeFileSync(path, stringify({ ...parse(readFileSync(path, 'utf8')), rules }));
}

function unconfigured(terminal: Terminal): void {
  terminal.env = { EKS_AUDIT_CONFIG: join(terminal.dir, 'none.yaml') };
}

function lines({ out }: Ran, about: RegExp): string[] {
  return out.split('\n').filter((line) => about.test(line));
}

test('a directory with one file copied from the pack is a beginning', async () => {
  await using terminal = await openTerminal();
  unconfigured(terminal);
  const directory = join(terminal.dir, 'my-rules');
  mkdirSync(directory);
  copyFileSync(join(PACK, 'exec-into-pod.yaml'), join(directory, 'exec-into-pod.yaml'));
  expect(await terminal.run(`rules check ${directory}`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "exec-into-pod  medium  TA0002-execution  threshold

    The recommended pack has a rule exec-into-pod, too: give yours another id before \`rules.extra\` names its directory.
    1 rule: nothing is wrong.
    ",
    }
  `);
  expect(await terminal.run(`rules test ${directory}`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "✓ exec-into-pod: 8 tried
        ? no sample notices the loss of @http.method:(create OR get)

    1 rule, 8 samples and sequences: all right. 1 of 7 clauses could be removed unnoticed.
    ",
    }
  `);
  expect(terminal.world.door.recorded).toEqual([]);
});

test('without a configuration the recommended pack is checked', async () => {
  await using terminal = await openTerminal();
  unconfigured(terminal);
  const ran = await terminal.run('rules check');
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(lines(ran, /TA\d{4}-/).map((line) => line.split(' ')[0])).toEqual(IDS.toSorted());
  expect(lines(ran, /exec-into-pod|none\.yaml|wrong/)).toMatchInlineSnapshot(`
    [
      "There is no <dir>/none.yaml, so this is the recommended pack alone.",
      "exec-into-pod                         medium    TA0002-execution             threshold",
      "62 rules: nothing is wrong.",
    ]
  `);
});

test('with a configuration what it chooses is told from what it leaves out', async () => {
  await using terminal = await openTerminal();
  own(terminal, {
    'our-exec': { change: (text) => text.split(/^---$/m)[0] ?? '' },
    'our-attach': { from: 'attach-to-pod' },
  });
  configured(terminal, {
    extra: './my-rules',
    only: ['*exec*', 'our-*'],
    except: ['technique:T1610-*'],
    overrides: { 'exec-into-pod': { severity: 'critical' }, 'our-attach': { enabled: false } },
  });
  const ran = await terminal.run('rules check');
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(lines(ran, /exec|our-|wrong/)).toMatchInlineSnapshot(`
    [
      "attach-to-pod                         medium    TA0002-execution             threshold",
      "ephemeral-container-added             medium    TA0002-execution             threshold  left out",
      "exec-into-pod                         critical  TA0002-execution             threshold",
      "exec-into-system-pod                  high      TA0002-execution             threshold",
      "exec-with-attack-command              high      TA0002-execution             threshold",
      "node-proxy-used                       high      TA0002-execution             new_value",
      "our-attach                            medium    TA0002-execution             threshold  switched off",
      "our-exec                              medium    TA0002-execution             threshold  no samples",
      "pod-created-by-hand                   medium    TA0002-execution             new_value  left out",
      "workload-image-changed-by-new-actor   low       TA0002-execution             new_value  left out",
      "64 rules, 56 left out by \`rules.only\` or \`rules.except\`: nothing is wrong.",
    ]
  `);

  configured(terminal, { pack: 'none' });
  expect((await terminal.run('rules check')).out.trim()).toBe(
    'No rules: `rules.pack` is none, and `rules.extra` names no directory.',
  );
});

test('says the same in Japanese', async () => {
  await using terminal = await openTerminal({ file: { language: 'ja' } });
  const directory = own(terminal, {
    'our-exec': { change: (text) => text.replace('verb: create, userAgent', 'verb: patch, userAgent') },
    'our-attach': { from: 'attach-to-pod', change: (text) => text.split(/^---$/m)[0] ?? '' },
  });
  expect((await terminal.run(`rules check ${directory}`)).out).toMatchInlineSnapshot(`
    "our-attach  medium  TA0002-execution  threshold  サンプルなし
    our-exec    medium  TA0002-execution  threshold

    ルール 2 件：誤りはありません。
    "
  `);
  expect((await terminal.run(`rules test ${directory} --only our-exec`)).out).toMatchInlineSnapshot(`
    "✗ our-exec: 8 件を試行
        ✗ does not match: a shell over SPDY, older kubectl

    ルール 1 件、サンプルとシーケンス 8 件：ルール 1 件が失敗しました。条件 0 個のうち 0 個は、除いても結果が変わりません。
    "
  `);
  expect((await terminal.run('rules show our-exec')).err).toMatchInlineSnapshot(`
    "「our-exec」というルールはありません。一覧は npm run -s cli -- rules check で表示します。
    "
  `);
});

test('every mistake of every file is one line, and what can be read is listed all the same', async () => {
  await using terminal = await openTerminal();
  unconfigured(terminal);
  const directory = own(terminal, {
    'our-attach': { from: 'attach-to-pod' },
    'our-exec': {
      change: (text) =>
        text
          .replace('source:kubernetes.audit @objectRef', '@objectRef')
          .replace('severity: medium', 'severity: urgent')
          .replace('- it: refused by RBAC', '- at: refused by RBAC'),
    },
    'not-yaml': 'id: [',
    'our-logs': { change: (text) => `${text}  - it: [\n` },
    empty: '',
    'our-copy': { change: (text) => text.replace('id: our-copy', 'id: our-original') },
  });
  const { code, out, err } = await terminal.run(`rules check ${directory}`);
  expect(code).toBe(2);
  expect(out).toMatchInlineSnapshot(`
    "our-attach  medium  TA0002-execution  threshold

    1 rule could be read. 17 mistakes:
    "
  `);
  expect(err.replace(/^(my-rules\/empty.yaml: \w+: missing.*\n)+/gm, '$1')).toMatchInlineSnapshot(`
    "my-rules/empty.yaml: noise: missing. Expected texts in en and ja.
    my-rules/not-yaml.yaml: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6
    my-rules/our-copy.yaml: id: is our-original; name the file our-original.yaml, so that no id occurs twice
    my-rules/our-exec.yaml: cases[0].severity: expected info, low, medium, high or critical
    my-rules/our-exec.yaml: queries.exec: would look at every log; begin with source:kubernetes.audit
    my-rules/our-exec.yaml: samples: no_match[0].it: missing. Expected a text.
    my-rules/our-exec.yaml: samples: no_match[0].at: unknown key. Remove it, or check its spelling.
    my-rules/our-logs.yaml: samples: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 87, column 1
    "
  `);
  // The same lines, before anything is tried.
  expect(await terminal.run(`rules test ${directory}`)).toEqual({
    code: 2,
    out: '',
    err: expect.stringContaining('my-rules/our-exec.yaml: samples: no_match[0].it: missing.'),
  });
});

test('what the configuration says of rules that do not exist is a mistake, too', async () => {
  await using terminal = await openTerminal();
  own(terminal, { 'exec-into-pod': {} });
  configured(terminal, {
    extra: './my-rules',
    only: ['exec-into-pot'],
    overrides: { 'attach-to-pods': { enabled: false }, 'attach-to-pod': { add: '(@a:1' } },
  });
  const { code, err } = await terminal.run('rules check');
  expect(code).toBe(2);
  expect(err).toMatchInlineSnapshot(`
    "<dir>/my-rules/exec-into-pod.yaml: id: exec-into-pod is a rule of the recommended pack; choose another id
    rules.only[0]: "exec-into-pot" is no rule and no tag of one; did you mean exec-into-pod?
    rules.overrides.attach-to-pods: there is no such rule; did you mean attach-to-pod?
    rules.overrides.attach-to-pod.add: is not a query: Unexpected end of query at 5: expected ")"
    "
  `);
  configured(terminal, { extra: './none' });
  expect((await terminal.run('rules check')).err).toMatch(/^<dir>\/none: cannot be read: ENOENT/);
  configured(terminal, { extras: './none' });
  expect(await terminal.run('rules check')).toMatchObject({
    code: 2,
    err: '<dir>/eks-audit.yaml: rules.extras: unknown key; did you mean extra?\n',
  });
});

test('a rule that does not do what its samples say is told with each of them, and ends with 1', async () => {
  await using terminal = await openTerminal();
  const directory = own(terminal, {
    'our-exec': {
      change: (text) => text.replace('@http.method:(create OR get)', '@http.method:create'),
    },
    'our-scan': {
      from: 'anonymous-scan',
      change: (text) => text.replaceAll(/signals: \[\w+\]/g, 'signals: [critical]'),
    },
    'our-attach': { from: 'attach-to-pod' },
  });
  expect(await terminal.run(`rules test ${directory}`)).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "✓ our-attach: 7 tried
    ✗ our-exec: 8 tried
        ✗ does not match: a shell over WebSocket, kubectl 1.31 and later
    ✗ our-scan: 12 tried
        ✗ a dozen paths tried from one address: raises low instead of critical
        ✗ a word list tried from one address since Kubernetes 1.32: raises medium instead of critical

    3 rules, 27 samples and sequences: 2 rules failed. 0 of 4 clauses could be removed unnoticed.
    ",
    }
  `);
  expect(await terminal.run(`rules test ${directory} --only our-attach`)).toMatchObject({ code: 0, err: '' });
});

test('the whole pack and one’s own rules are tried as they are written, whatever is overridden', async () => {
  await using terminal = await openTerminal();
  own(terminal, { 'our-exec': {} });
  configured(terminal, {
    extra: './my-rules',
    only: ['our-exec'],
    overrides: { 'our-exec': { severity: 'info', add: '-@usr.name:*' } },
  });
  const ran = await terminal.run('rules test');
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(lines(ran, /^✓/)).toHaveLength(IDS.length + 1);
});

test('a rule is shown as Datadog would be sent it, overrides included', async () => {
  await using terminal = await openTerminal();
  const rule = (await loadPack()).rules.find(({ id }) => id === 'exec-into-pod');
  if (!rule) throw new Error('the pack has no exec-into-pod');
  configured(terminal, {
    except: ['port-forward'],
    overrides: { 'exec-into-pod': { enabled: false, severity: 'high', add: '-@usr.name:ci-bot' } },
  });
  const shown = JSON.parse((await terminal.run('rules show exec-into-pod')).out);
  expect(shown).toMatchObject({ isEnabled: false, cases: [{ status: 'high' }] });
  expect(shown.queries[0].query).toMatch(/ \(-@usr\.name:ci-bot\)$/);
  expect(await terminal.run('rules show port-forward')).toEqual({
    code: 2,
    out: '',
    err: 'port-forward is left out by `rules.only` or `rules.except`, so Datadog is not sent it.\n',
  });
  unconfigured(terminal);
  expect(JSON.parse((await terminal.run('rules show exec-into-pod')).out)).toEqual(compileRule(rule));
  const directory = own(terminal, { 'our-exec': {}, broken: 'id: [' });
  expect(JSON.parse((await terminal.run(`rules show our-exec ${directory}`)).out)).toEqual(
    compileRule({ ...rule, id: 'our-exec' }),
  );
});

test('the rule that README begins with is accepted as it stands, and held in place by its samples', async () => {
  await using terminal = await openTerminal();
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, rule = '', id = ''] = /^```yaml\n(# my-rules\/([\w-]+)\.yaml[\s\S]*?)^```$/m.exec(readme) ?? [];
  const directory = own(terminal, { [id]: rule });
  expect((await terminal.run(`rules check ${directory}`)).out).toMatchInlineSnapshot(`
    "payroll-secret-read  high  TA0006-credential-access  new_value

    1 rule: nothing is wrong.
    "
  `);
  expect((await terminal.run(`rules test ${directory} --only payroll-secret-read`)).out).toMatchInlineSnapshot(`
    "✓ payroll-secret-read: 8 tried

    1 rule, 8 samples and sequences: all right. 0 of 5 clauses could be removed unnoticed.
    "
  `);
});

test('a file may open with the line that begins a document, and with a comment before it', async () => {
  await using terminal = await openTerminal();
  const directory = own(terminal, {
    'our-exec': { change: (text) => `---\n${text}` },
    'our-attach': { from: 'attach-to-pod', change: (text) => `# Ours, see the wiki.\n\n--- \r\n${text}` },
  });
  expect(await terminal.run(`rules test ${directory}`)).toMatchObject({ code: 0, err: '' });
});

test('a sentence from a file cannot steer the terminal', async () => {
  await using terminal = await openTerminal();
  const directory = own(terminal, {
    'our-exec': {
      change: (text) =>
        text
          .replace('it: a shell over SPDY, older kubectl', 'it: "\\e[2J\\e]0;owned\\a\\r\\x9b31m"')
          .replace('@http.method:(create OR get)', '@http.method:get'),
    },
  });
  const { code, out } = await terminal.run(`rules test ${directory}`);
  expect(code).toBe(1);
  expect(out).toContain('[2J');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('whatever is typed wrongly ends with 2 and what would be right', async () => {
  await using terminal = await openTerminal();
  const typed = [
    'rules',
    'rules list',
    'rules check a b',
    'rules check --only exec-into-pod',
    'rules test --only',
    'rules test --only exec-into-pot',
    'rules show',
    'rules show exec-into-pot',
    `rules check ${join(terminal.dir, 'nowhere')}`,
    `rules test ${own(terminal, {})}`,
  ];
  const said = [];
  for (const line of typed) {
    const { code, out, err } = await terminal.run(line);
    expect([code, out], line).toEqual([2, '']);
    said.push(`$ ${line.replaceAll(terminal.dir, '<dir>')}\n${err}`);
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "$ rules
    Usage: npm run -s cli -- rules check [directory]
    Usage: npm run -s cli -- rules test [directory] [--only <id>]
    Usage: npm run -s cli -- rules show <id> [directory]

    $ rules list
    Usage: npm run -s cli -- rules check [directory]
    Usage: npm run -s cli -- rules test [directory] [--only <id>]
    Usage: npm run -s cli -- rules show <id> [directory]

    $ rules check a b
    Usage: npm run -s cli -- rules check [directory]

    $ rules check --only exec-into-pod
    Usage: npm run -s cli -- rules check [directory]

    $ rules test --only
    Usage: npm run -s cli -- rules test [directory] [--only <id>]

    $ rules test --only exec-into-pot
    There is no rule "exec-into-pot". Did you mean exec-into-pod? npm run -s cli -- rules check lists them.

    $ rules show
    Usage: npm run -s cli -- rules show <id> [directory]

    $ rules show exec-into-pot
    There is no rule "exec-into-pot". Did you mean exec-into-pod? npm run -s cli -- rules check lists them.

    $ rules check <dir>/nowhere
    <dir>/nowhere: cannot be read: ENOENT: no such file or directory, scandir '<dir>/nowhere'

    $ rules test <dir>/my-rules
    <dir>/my-rules: holds no rules; put one .yaml file per rule there
    "
  `);
});
