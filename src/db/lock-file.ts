/**
 * Two processes on one PGlite directory corrupt it, so a file names the process that has it. A file left by a killed
 * process is taken over; the check cannot see processes of another container, hence the README's one-replica rule.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../errors.ts';

/** Takes the directory or throws `UserError`; the function returned gives it back. */
export async function lockDirectory(dataDir: string): Promise<() => void> {
  const path = join(dataDir, 'lock');
  for (;;) {
    try {
      writeFileSync(path, `${process.pid} ${birthOf(process.pid)}`, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readOwner(path);
    if (owner && isAlive(owner)) throw inUse(dataDir, owner.pid);
    rmSync(path, { force: true });
  }
}

/** The living process that has this directory; undefined when nobody does. */
export async function ownerOf(dataDir: string): Promise<number | undefined> {
  const owner = await readOwner(join(dataDir, 'lock'));
  return owner && isAlive(owner) ? owner.pid : undefined;
}

interface Owner {
  pid: number;
  birth: string;
}

/** A file just made is empty for a moment; one that stays so was left by a process killed in that moment. */
async function readOwner(path: string): Promise<Owner | undefined> {
  for (const pauseMs of [50, 200, 0]) {
    const [pid = '', birth = ''] = read(path).split(' ');
    if (pid) return { pid: Number(pid), birth };
    await wait(pauseMs);
  }
  return undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function isAlive({ pid, birth }: Owner): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  // In a container the process before a restart had the same id as we, or as some other process there.
  const now = birthOf(pid);
  if (birth && now) return birth === now;
  return pid !== process.pid && exists(pid);
}

/** When a process was started, in ticks since the machine was; empty where /proc does not tell. See proc_pid_stat(5). */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself contain spaces and parentheses; start time is field 22, the name is 2.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(dataDir: string, pid: number): UserError {
  return new UserError((language) =>
    language === 'ja'
      ? `データディレクトリ ${dataDir} はプロセス ${pid} が使用中です。そのプロセスを停止するか、DATA_DIR を変えてください。複数台で動かす場合は DATABASE_URL を設定します。`
      : `The data directory ${dataDir} is in use by process ${pid}. Stop that process or choose another DATA_DIR; to run several replicas, set DATABASE_URL.`,
  );
}
