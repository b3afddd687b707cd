/** The CLI as a process of its own, as people and pipelines start it. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTerminal, type Terminal } from './terminal.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

/** Whoever leaves a handle open is still there after this. */
const ENDS_WITHIN_MS = 20_000;

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

function run({ env }: Pick<Terminal, 'env'>, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { env, timeout: ENDS_WITHIN_MS });
  const chunks: Record<'out' | 'err', string[]> = { out: [], err: [] };
  child.stdout.on('data', (chunk) => chunks.out.push(String(chunk)));
  child.stderr.on('data', (chunk) => chunks.err.push(String(chunk)));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out: chunks.out.join(''), err: chunks.err.join('') })),
  );
}

test('every command ends by itself with its exit code and nothing stray on stderr', async () => {
  await using terminal = await openTerminal();
  const [help, config, status, doctor] = await Promise.all([
    run(terminal, 'help'),
    run(terminal, 'config'),
    run(terminal, 'status', 'prod-a'),
    run(terminal, 'doctor'),
  ]);
  expect([help, config, status, doctor].map(({ code, signal, err }) => ({ code, signal, err }))).toEqual([
    { code: 0, signal: null, err: '' },
    { code: 0, signal: null, err: '' },
    { code: 1, signal: null, err: '' },
    { code: 0, signal: null, err: '' },
  ]);
  expect(status.out).toContain('4 of 10 steps in sync');
  expect(doctor.out).toContain('Nothing is wrong');
});

test('a damaged database is told of, and keeps no command from ending', async () => {
  await using terminal = await openTerminal();
  const { DATA_DIR = '' } = terminal.env;
  mkdirSync(join(DATA_DIR, 'db'), { recursive: true });
  writeFileSync(join(DATA_DIR, 'db', 'PG_VERSION'), 'nonsense');
  const { code, signal, out } = await run(terminal, 'doctor');
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  expect(out).toMatch(/database/i);
});

test('mistakes of the configuration end with 2, on stderr, before anything is asked', async () => {
  const { code, out, err } = await run({ env: { EKS_AUDIT_CONFIG: '/nonexistent.yaml' } }, 'status', 'prod-a');
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('/nonexistent.yaml: cannot be read');
  expect(err).toContain('DD_API_KEY: missing');
});
