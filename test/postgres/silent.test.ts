/** PostgreSQL’s host vanishes without a word: nobody waits for it for long. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { endSilentConnections, isPassing, outliveLostConnections } from '../../src/db/lost-connections.ts';

const SILENT_FOR_MS = 400;

/** What stands between us and the server; `deaf` swallows what is said without closing anything. */
async function openRelay(to: { host: string; port: number }) {
  const relay = { port: 0, deaf: false, connections: 0, [Symbol.dispose]: () => {} };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    relay.connections += 1;
    const upstream = connect(to);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (data) => !relay.deaf && upstream.write(data));
    upstream.on('data', (data) => !relay.deaf && client.write(data));
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  relay.port = typeof address === 'object' && address ? address.port : 0;
  relay[Symbol.dispose] = () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  return relay;
}

test('a connection that owes an answer for too long is ended and replaced, an idle one stays', async () => {
  const url = new URL(inject('postgresUrl'));
  using relay = await openRelay({ host: url.hostname, port: Number(url.port) });
  url.port = String(relay.port);
  const pool = outliveLostConnections(new pg.Pool({ connectionString: url.href, max: 1, idleTimeoutMillis: 0 }));
  endSilentConnections(pool, SILENT_FOR_MS);
  try {
    await pool.query('select 1');
    await wait(2 * SILENT_FOR_MS);
    await pool.query('select 1');
    expect(relay.connections).toBe(1);

    relay.deaf = true;
    const failure = await pool.query('select 1').catch((error: unknown) => error);
    expect(String(failure)).toContain('PostgreSQL has not answered for 0.4 s');
    expect(isPassing(failure)).toBe(true);

    relay.deaf = false;
    expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }]);
    expect(relay.connections).toBe(2);
  } finally {
    await pool.end();
  }
});
