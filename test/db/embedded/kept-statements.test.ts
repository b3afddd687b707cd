/** The embedded engine plans what is asked again and again once, and nothing else about its answers changes. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Db, openDatabase } from '../../../src/db/database.ts';
import { freshDatabase } from '../fresh.ts';

async function withDatabase(use: (db: Db) => Promise<void>): Promise<void> {
  await using fresh = await freshDatabase();
  const { db, close } = await openDatabase(fresh.config);
  await use(db);
  await close();
}

/** Statements the engine keeps a plan of, and how often each was run from it. */
async function kept(db: Db, like: string): Promise<{ statement: string; runs: number }[]> {
  const { rows } = await sql<{ statement: string; runs: number }>`
    select statement, (generic_plans + custom_plans)::int as runs from pg_prepared_statements
    where statement like ${like} and statement not like '%pg_prepared_statements%'`.execute(db);
  return rows;
}

const double = async (db: Db, value: number) =>
  (await sql<{ twice: number }>`select ${value}::int * 2 as twice`.execute(db)).rows[0]?.twice;

test('from its second time on a statement is kept, and answers for the values it is asked with', async () => {
  await withDatabase(async (db) => {
    for (const value of [1, 2, 3, 4, 5, 6, 7, 8]) expect(await double(db, value)).toBe(value * 2);
    expect(await kept(db, '%as twice')).toEqual([{ statement: 'select $1::int * 2 as twice', runs: 7 }]);
  });
});

test('a statement that fails is no worse off for being kept', async () => {
  await withDatabase(async (db) => {
    const ratio = (by: number) => sql`select 100 / ${by}::int as ratio`.execute(db);
    for (const by of [1, 0, 2, 0, 4, 5])
      if (by === 0) await expect(ratio(by)).rejects.toThrow('division by zero');
      else expect((await ratio(by)).rows).toEqual([{ ratio: 100 / by }]);
    const nonsense = () => sql`select nothing from nowhere`.execute(db);
    for (let i = 0; i < 3; i++) await expect(nonsense()).rejects.toThrow('does not exist');
    expect(await kept(db, '%nowhere%')).toEqual([]);
    expect(await double(db, 21)).toBe(42);
  });
});

test('what a transaction first kept is there after it was rolled back, and inside a failed one nothing is asked', async () => {
  await withDatabase(async (db) => {
    const work = db.transaction().execute(async (trx) => {
      for (let i = 1; i <= 3; i++) await double(trx, i);
      await sql`select 1 / 0`.execute(trx).catch(() => {});
      await expect(double(trx, 4)).rejects.toThrow('current transaction is aborted');
      throw new Error('rolled back');
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await double(db, 5)).toBe(10);
    expect(await kept(db, '%as twice')).toEqual([{ statement: 'select $1::int * 2 as twice', runs: 3 }]);
  });
});

test('of many texts some hundreds are kept, and all are answered', async () => {
  await withDatabase(async (db) => {
    const ask = async (i: number) => {
      for (let time = 0; time < 2; time++)
        expect((await sql`select ${sql.lit(i)} as many`.execute(db)).rows).toEqual([{ many: i }]);
    };
    for (let i = 0; i < 400; i++) await ask(i);
    const many = await kept(db, '%as many');
    expect(many.length).toBeGreaterThan(200);
    expect(many.length).toBeLessThanOrEqual(300);
    await ask(0);
    await ask(399);
  });
});

test('a plan that was made while a table was empty uses its index all the same', async () => {
  await withDatabase(async (db) => {
    const ask = () => sql`select value from choices where key = ${'k1'}`.execute(db);
    await ask();
    await ask();
    await sql`insert into choices select 'k' || i, 'v', 'U1', now() from generate_series(1, 3000) i`.execute(db);
    expect((await ask()).rows).toEqual([{ value: 'v' }]);
    const { rows } = await sql<{ name: string; generic_plans: string }>`
      select name, generic_plans from pg_prepared_statements where statement like 'select value from choices%'`.execute(
      db,
    );
    expect(rows).toMatchObject([{ generic_plans: '2' }]);
    const plan = await sql<Record<string, string>>`explain execute ${sql.id(rows[0]?.name ?? '')}('k1')`.execute(db);
    expect(JSON.stringify(plan.rows)).toContain('Index Scan using choices_pkey');
  });
});
