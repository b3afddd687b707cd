import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { lockDirectory, ownerOf } from '../../../src/db/lock-file.ts';
import { UserError } from '../../../src/errors.ts';
import { freshDatabase } from '../fresh.ts';

function emptyDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A process that takes the directory and says so, or why not, on its output. */
function holder(dir: string): ChildProcess & { said: Promise<string> } {
  const lockFile = fileURLToPath(new URL('../../../src/db/lock-file.ts', import.meta.url));
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(lockFile)});
    try { await lockDirectory(${JSON.stringify(dir)}); console.log('taken'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = once(child.stdout as NonNullable<typeof child.stdout>, 'data').then(([data]) => String(data).trim());
  onTestFinished(() => void child.kill('SIGKILL'));
  return Object.assign(child, { said });
}

test('a second process is refused and told what to do, in both languages', async () => {
  const dir = emptyDir();
  const first = holder(dir);
  expect(await first.said).toBe('taken');
  const refused = await lockDirectory(dir).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UserError);
  const { say } = refused as UserError;
  expect(say('en')).toBe(
    `The data directory ${dir} is in use by process ${first.pid}. Stop that process or choose another DATA_DIR; to run several replicas, set DATABASE_URL.`,
  );
  expect(say('ja')).toContain(`データディレクトリ ${dir} はプロセス ${first.pid} が使用中です。`);
  expect(await ownerOf(dir)).toBe(first.pid);
});

test('of two processes started at once one gets the directory', async () => {
  const dir = emptyDir();
  const said = await Promise.all([holder(dir), holder(dir)].map((child) => child.said));
  expect(said.filter((line) => line === 'taken')).toHaveLength(1);
  expect(said.filter((line) => line.includes('is in use by process'))).toHaveLength(1);
});

test('the file of a killed process is taken over', async () => {
  const dir = emptyDir();
  const killed = holder(dir);
  await killed.said;
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(join(dir, 'lock'))).toBe(true);
  expect(await ownerOf(dir)).toBeUndefined();
  const unlock = await lockDirectory(dir);
  expect(await ownerOf(dir)).toBe(process.pid);
  unlock();
  expect(existsSync(join(dir, 'lock'))).toBe(false);
});

test.each([
  ['nothing, by a process killed while it wrote', ''],
  ['nonsense', 'not a number'],
  ['our own id from before a restart of the container', `${process.pid} 1`],
  ['our own id where /proc tells nothing', `${process.pid} `],
  ['the id of another living process that is not the one that wrote it', `${process.ppid} 1`],
])('a file that says %s is taken over', async (_what, text) => {
  const dir = emptyDir();
  writeFileSync(join(dir, 'lock'), text);
  const unlock = await lockDirectory(dir);
  expect(readFileSync(join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  unlock();
});

test('one process cannot open a directory twice either', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  await expect(openDatabase(fresh.config)).rejects.toThrow(`is in use by process ${process.pid}`);
  await database.close();
  await (await openDatabase(fresh.config)).close();
});

test('a directory that cannot be written says so', async () => {
  const dir = emptyDir();
  writeFileSync(join(dir, 'file'), '');
  await expect(openDatabase({ DATABASE_URL: undefined, DATA_DIR: join(dir, 'file', 'data') })).rejects.toThrow(
    'ENOTDIR',
  );
});
