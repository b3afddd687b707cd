/** PostgreSQL goes away and comes back, as in a fail-over: nothing is lost, nobody restarts the bot. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { startBot } from '../bot.ts';
import { type PostgresServer, startPostgres } from './server.ts';

async function withServer(use: (server: PostgresServer) => Promise<void>): Promise<void> {
  const server = await startPostgres();
  try {
    await use(server);
  } finally {
    await server.remove();
  }
}

test('while the database is away the bot says so and refuses, and recovers without a restart', async () => {
  await withServer(async (server) => {
    await using bot = await startBot({ env: { DATABASE_URL: server.url('postgres') } });
    bot.expectErrors();
    const get = async (path: string) => {
      const response = await fetch(`${bot.url}${path}`);
      return { status: response.status, body: (await response.json()) as { ready?: boolean; problems?: string[] } };
    };
    expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true, problems: [] } });

    await server.stop();
    const away = await get('/readyz');
    expect(away.status).toBe(503);
    expect(away.body.problems).toEqual([expect.stringMatching(/^database: ./)]);
    expect((await get('/healthz')).status).toBe(200);
    // Not stored, so not acknowledged: Slack tells the person, who tries again.
    await bot.slash('/eks-audit help');
    expect((await bot.told('olivia')).text).toBe('dispatch_failed');
    expect(bot.logged.some((line) => line.msg === 'a request could not be stored, so it was not acknowledged')).toBe(
      true,
    );

    await server.start();
    while ((await get('/readyz')).status !== 200) await wait(50);
    await bot.slash('/eks-audit list');
    expect(bot.text(await bot.told('olivia', '2 clusters'))).toContain('prod-a');
  });
});

test('a connection that breaks inside a transaction fails the transaction, not the process', async () => {
  await withServer(async (server) => {
    const database = await openDatabase({ DATABASE_URL: server.url('postgres'), DATA_DIR: '' });
    const choice = { key: 'k', value: 'v', chosen_by: 'U1', chosen_at: new Date() };
    const broken = database.db.transaction().execute(async (trx) => {
      await trx.insertInto('choices').values(choice).execute();
      await server.stop();
      // While nothing is asked: nobody but a listener would hear of the broken connection.
      await wait(100);
      await trx
        .insertInto('choices')
        .values({ ...choice, key: 'l' })
        .execute();
    });
    await expect(broken).rejects.toThrow();
    await server.start();
    expect(await database.db.selectFrom('choices').selectAll().execute()).toEqual([]);
    await database.close();
  });
});
