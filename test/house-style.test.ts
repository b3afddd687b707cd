/** What a reviewer would say twice: which way imports point, how files look, and that the documents say what the code does. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS, type CommandSpec, usage } from '../src/commands.ts';
import { envSchema, fileSchema } from '../src/config-schema.ts';
import { STEP_IDS } from '../src/onboarding/step.ts';
import { en } from '../src/onboarding/text.ts';

const ROOT = new URL('..', import.meta.url).pathname;

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)[^;]*?from '(\.[^']+)'/gms)].map((m) =>
    normalize(join(dirname(file), m[1] ?? '')),
  );
}

/** The part of the house a file of `src` belongs to: its folder, or its own name at the top level. */
function partOf(file: string): string {
  const [first = ''] = relative('src', file).split('/');
  return first.replace(/\.ts$/, '');
}

/** What each part may import besides itself. Everything may use what stands at the bottom. */
const BOTTOM = [
  'bearer',
  'config',
  'config-schema',
  'config-values',
  'permissions',
  'errors',
  'clock',
  'log',
  'metrics',
  'closest',
  'redaction',
  'proxy',
];
const BOUNDARIES = ['aws', 'datadog', 'slack', 'db', 'queue', ...BOTTOM];
const MAY_IMPORT: Record<string, string[]> = {
  signals: ['clusters', 'rules', 'approvals', 'messages', ...BOUNDARIES],
  onboarding: ['clusters', 'rules', 'approvals', 'messages', 'commands', ...BOUNDARIES],
  clusters: ['rules', ...BOUNDARIES],
  approvals: ['messages', ...BOUNDARIES],
  rules: ['approvals', 'messages', 'commands', ...BOUNDARIES],
  messages: BOUNDARIES,
  slack: ['db', ...BOTTOM],
  aws: BOTTOM,
  datadog: BOTTOM,
  db: BOTTOM,
  queue: ['db', ...BOTTOM],
  commands: ['slack', ...BOTTOM],
};

describe('imports', () => {
  for (const [part, allowed] of Object.entries(MAY_IMPORT)) {
    test(`${part} imports only what lies below it`, () => {
      const wrong = filesIn('src')
        .filter((file) => partOf(file) === part)
        .flatMap((file) => importsOf(file).map((imported) => ({ file, imported })))
        .filter(({ imported }) => partOf(imported) !== part && !allowed.includes(partOf(imported)));
      expect(wrong.map(({ file, imported }) => `${file} imports ${imported}`)).toEqual([]);
    });
  }

  test('src knows nothing of playground, test or bench', () => {
    const outside = filesIn('src').flatMap((file) =>
      importsOf(file)
        .filter((imported) => !imported.startsWith('src/'))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(outside).toEqual([]);
  });

  test('no file imports itself by a detour', () => {
    const graph = new Map(filesIn('src').map((file) => [file, importsOf(file)]));
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) return void cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles.filter((cycle) => !isTypeOnly(cycle))).toEqual([]);
  });
});

/** Cycles of types alone vanish when the types are stripped. */
function isTypeOnly(cycle: string): boolean {
  const files = cycle.split(' → ');
  return files.some((file, i) => {
    const next = files[i + 1];
    if (!next) return false;
    const text = readFileSync(join(ROOT, file), 'utf8');
    const name = next.slice(next.lastIndexOf('/') + 1).replace('.', '\\.');
    const statements = [...text.matchAll(new RegExp(`^import ([^;]*?)from '[^']*/${name}'`, 'gms'))].map(
      (m) => m[1] ?? '',
    );
    return (
      statements.length > 0 && statements.every((s) => s.startsWith('type ') || /^\{(\s*type \w+,?)+\s*\}\s*$/.test(s))
    );
  });
}

describe('files', () => {
  const files = [...filesIn('src'), ...filesIn('playground')];

  test('open with why they exist', () => {
    const silent = files.filter((file) => !readFileSync(join(ROOT, file), 'utf8').startsWith('/**'));
    expect(silent).toEqual([]);
  });

  test('stay readable: none has more than 400 lines', () => {
    const long = [...files, ...filesIn('test')].filter(
      (file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 400,
    );
    expect(long).toEqual([]);
  });

  test('switch no check off without a reason beside it', () => {
    const loose = [...files, ...filesIn('test')].filter((file) =>
      /@ts-(ignore|nocheck|expect-error)|biome-ignore[^:]*:\s*$/m.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(loose.filter((file) => !file.endsWith('house-style.test.ts'))).toEqual([]);
  });
});

describe('the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  test('names every environment variable and every configuration key', () => {
    const keys = [...Object.keys(envSchema.shape), ...Object.keys(fileSchema.shape)];
    expect(keys.filter((key) => !readme.includes(`\`${key}`) && !readme.includes(`${key}\``))).toEqual([]);
  });

  test('shows every command as help shows it', () => {
    const shown = readme.replaceAll('\\|', '|');
    expect(
      COMMANDS.map((spec: CommandSpec) => usage(spec)).filter((line) => !shown.includes(`/eks-audit ${line}`)),
    ).toEqual([]);
  });

  test('lists every rule of the pack under its tactic', () => {
    const byTactic = new Map<string, string[]>();
    const files = readdirSync(join(ROOT, 'rules')).sort();
    for (const file of files) {
      const [, id = '', name = ''] =
        /tactic:(TA\d{4})-([a-z-]+)/.exec(readFileSync(join(ROOT, 'rules', file), 'utf8')) ?? [];
      const tactic = `${id} ${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
      byTactic.set(tactic, [...(byTactic.get(tactic) ?? []), `\`${file.replace('.yaml', '')}\``]);
    }
    const rows = [...byTactic].map(([tactic, ids]) => `| ${tactic} | ${ids.length} | ${ids.join(', ')} |`);
    expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
    expect(readme).toContain(`${files.length} of them`);
  });

  test('names every key of the section about rules', () => {
    const { overrides, ...keys } = fileSchema.shape.rules.unwrap().shape;
    const override = Object.keys(overrides.unwrap().valueType.shape).map((key) => `overrides.<id>.${key}`);
    expect([...Object.keys(keys), ...override].filter((key) => !readme.includes(`\`rules.${key}\``))).toEqual([]);
  });

  test('lists every step under its name', () => {
    expect(STEP_IDS.map((id) => en.steps[id]).filter((name) => !readme.includes(`| ${name} |`))).toEqual([]);
  });
});
