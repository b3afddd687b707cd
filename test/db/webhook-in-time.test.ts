/** A database that hangs: Datadog is told in time to repeat, and what is stored after all is the same row. */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { createMetrics } from '../../src/metrics.ts';
import { buildServer } from '../../src/server.ts';
import type { Doorbell } from '../../src/signals/doorbell.ts';
import { keepDeadLetters, storeDoorbells } from '../../src/signals/store.ts';
import { signalWebhook } from '../../src/signals/webhook.ts';
import { freshDatabase } from './fresh.ts';

const TOKEN = 'a-token-of-more-than-sixteen-characters';
const NOW = new Date('2026-11-23T08:00:00Z');
const WITHIN_MS = 300;

test('a database that hangs is a 503 in time, for a doorbell and for nonsense, and the repetition is one row', async () => {
  await using fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const { db, front } = database;
  const logged: { level: number; error?: string }[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const metrics = createMetrics();
  let nudges = 0;
  const unexpected = async () => {
    throw new Error('nobody presses the test button');
  };
  const plugin = signalWebhook({
    config: { WEBHOOK_TOKEN: TOKEN, WEBHOOK_TOKEN_PREVIOUS: undefined },
    log,
    metrics,
    store: async (doorbell: Doorbell) =>
      (await storeDoorbells(front, { now: () => NOW }, [doorbell]))[0] ?? { fresh: false, due: false },
    keepDeadLetter: async (reason, body) => void (await keepDeadLetters(front, [{ reason, body }], NOW)),
    test: unexpected,
    ownTest: unexpected,
    full: () => undefined,
    nudge: () => void nudges++,
    storedWithinMs: WITHIN_MS,
  });
  const server = buildServer({
    plugins: [plugin],
    health: { problems: () => [] },
    metrics: metrics.registry,
    metricsToken: undefined,
    log,
  });
  const ring = async (payload: string) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const began = performance.now();
    const { statusCode } = await server.inject({ method: 'POST', url: '/webhooks/datadog', headers, payload });
    return { status: statusCode, ms: performance.now() - began };
  };
  const doorbell = JSON.stringify({ signal_id: 'AQAAAYaaaaaaaaaaaaaaaaaaaa', severity: 'high' });

  const released = Promise.withResolvers<void>();
  const hanging = Promise.withResolvers<void>();
  const hung = db.transaction().execute(async (trx) => {
    await sql`lock table signals, dead_letters in access exclusive mode`.execute(trx);
    hanging.resolve();
    await released.promise;
  });
  await hanging.promise;
  for (const { status, ms } of await Promise.all([ring(doorbell), ring('{')])) {
    expect(status).toBe(503);
    expect(ms).toBeGreaterThanOrEqual(WITHIN_MS - 5);
    expect(ms).toBeLessThan(WITHIN_MS + 2_000);
  }
  expect(logged.map(({ error }) => error).filter(Boolean)).toEqual(
    Array.from({ length: 2 }, () => 'the database did not answer in time'),
  );
  released.resolve();
  await hung;
  // The first one is stored after all.
  const stored = () => db.selectFrom('signals').select(['id', 'doorbells']).execute();
  while ((await stored()).length === 0) await pause(10);
  expect((await ring(doorbell)).status).toBe(202);
  expect(await stored()).toEqual([{ id: 'AQAAAYaaaaaaaaaaaaaaaaaaaa', doorbells: 2 }]);
  await server.close();
  await database.close();
});
