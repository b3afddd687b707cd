import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { administer } from './administer.ts';

async function emptyDatabase(): Promise<{ url: string } & AsyncDisposable> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  const url = new URL(inject('postgresUrl'));
  await administer(url.href, `create database ${name}`);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => administer(inject('postgresUrl'), `drop database ${name}`) };
}

test('replicas that start at once on an empty database make one schema', async () => {
  await using empty = await emptyDatabase();
  const replicas = await Promise.all([1, 2, 3].map(() => openDatabase({ DATABASE_URL: empty.url, DATA_DIR: '' })));
  const ran = await sql<{ name: string }>`select name from kysely_migration`.execute(
    (replicas[0] as NonNullable<(typeof replicas)[0]>).db,
  );
  expect(ran.rows).toHaveLength(new Set(ran.rows.map((row) => row.name)).size);
  for (const replica of replicas) await replica.db.insertInto('leases').values(lease()).execute();
  for (const replica of replicas) await replica.close();
});

function lease() {
  return { key: randomBytes(4).toString('hex'), token: 't', until: new Date() };
}

test('a database that is not there fails with its reason', async () => {
  const refused = { DATABASE_URL: 'postgres://postgres:secret-password@localhost:1/x', DATA_DIR: '' };
  const error = await openDatabase(refused).catch((e: unknown) => e);
  expect(String(error)).toMatch(/PostgreSQL cannot be reached: .*ECONNREFUSED.*whether DATABASE_URL names/);
  expect(String(error)).not.toContain('secret-password');
});
