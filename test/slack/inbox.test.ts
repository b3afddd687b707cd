import { renameSync } from 'node:fs';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { RetryableError } from '../../src/errors.ts';
import type { Delivery } from '../../src/slack/deliveries.ts';
import { createInbox, type Handle, type Inbox } from '../../src/slack/inbox.ts';
import type { People } from '../../src/slack/people.ts';
import { type Reply, serveUnread } from '../../src/slack/requests.ts';
import { MovableClock, startBot, type TestBot } from '../bot.ts';
import { endEmbeddedThread } from '../db/embedded/end-thread.ts';
import { freshDatabase } from '../db/fresh.ts';
import { administer } from '../postgres/administer.ts';
import { command, deliver, form } from './deliver.ts';

const LEASE_MS = 15_000;

interface Opened extends AsyncDisposable {
  database: Database;
  clock: MovableClock;
  inbox: Inbox;
  logged: Record<string, unknown>[];
  row(id: string): Promise<{ attempts: number; done: boolean; failure: string | null }>;
}

async function openInbox(handle: Handle): Promise<Opened> {
  const fresh = await freshDatabase();
  const database = await openDatabase(fresh.config);
  const clock = new MovableClock();
  const logged: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const inbox = createInbox({ db: database.db, front: database.front, clock, log, leaseMs: LEASE_MS, handle });
  return {
    database,
    clock,
    inbox,
    logged,
    async row(id) {
      const row = await database.db.selectFrom('inbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      return { attempts: row.attempts, done: row.done_at !== null, failure: row.failure };
    },
    async [Symbol.asyncDispose]() {
      await inbox.idle();
      await database.close();
      await fresh.remove();
    },
  };
}

function delivery(id: string, body: Record<string, unknown> = {}): Delivery {
  return { kind: 'command', id, teamId: 'T1', userId: 'U1', name: '/eks-audit', body };
}

test('the same trigger id is one row and one piece of work, however often it comes', async () => {
  const worked: string[] = [];
  await using it = await openInbox(async ({ id }) => void worked.push(id));
  const together = await Promise.all(['a', 'b', 'a', 'a'].map((id) => it.inbox.store(delivery(id))));
  expect(together.filter(Boolean).length).toBeGreaterThanOrEqual(2);
  expect(await it.inbox.store(delivery('a'))).toBe(false);
  await it.inbox.work();
  await it.inbox.idle();
  expect(await it.inbox.store(delivery('a'))).toBe(false);
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked.sort()).toEqual(['a', 'b']);
});

test('what no column can hold is stored all the same', async () => {
  const worked: Delivery[] = [];
  await using it = await openInbox(async (d) => void worked.push(d));
  await it.inbox.store(
    delivery('a', { text: 'nul\0half\ud800', __proto__: null, 'k\0': [Number.POSITIVE_INFINITY, -0] }),
  );
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked[0]?.body).toEqual({ text: 'nul\uFFFDhalf\uFFFD', 'k\uFFFD': [null, 0] });
});

test('a passing failure is tried again after its pause, and given up after five times', async () => {
  let failing = Number.POSITIVE_INFINITY;
  await using it = await openInbox(async ({ id }) => {
    if (id === 'busy' && failing-- > 0) throw new RetryableError('busy', { retryAfterMs: 1_000 });
  });
  await it.inbox.store(delivery('busy'));
  const look = async () => {
    await it.inbox.work();
    await it.inbox.idle();
  };
  await look();
  expect(await it.row('busy')).toEqual({ attempts: 1, done: false, failure: null });
  await look();
  expect(await it.row('busy')).toMatchObject({ attempts: 1 });
  for (let i = 0; i < 4; i++) {
    it.clock.forward(1_001);
    await look();
  }
  expect(await it.row('busy')).toEqual({ attempts: 5, done: true, failure: 'busy' });
  expect(it.logged.map((line) => line.msg)).toEqual(['a request could not be worked on']);

  failing = 1;
  await it.database.db.updateTable('inbox').set({ done_at: null, attempts: 0, failures: 0, failure: null }).execute();
  await look();
  it.clock.forward(1_001);
  await look();
  expect(await it.row('busy')).toEqual({ attempts: 2, done: true, failure: null });
});

test('our own bug ends the work on a row, and the next rows are worked on', async () => {
  const worked: string[] = [];
  await using it = await openInbox(async ({ id }) => {
    if (id === 'bug') throw new TypeError('x is not a function');
    worked.push(id);
  });
  for (const id of ['bug', 'fine']) await it.inbox.store(delivery(id));
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked).toEqual(['fine']);
  expect(await it.row('bug')).toEqual({ attempts: 1, done: true, failure: 'x is not a function' });
});

test('what another process left unfinished is taken over when its lease has run out', async () => {
  const worked: string[] = [];
  await using it = await openInbox(async ({ id }) => void worked.push(id));
  await it.inbox.store(delivery('left'));
  const until = new Date(it.clock.now().getTime() + LEASE_MS);
  await it.database.db.updateTable('inbox').set({ lease_token: 'dead', lease_until: until, attempts: 1 }).execute();
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked).toEqual([]);
  it.clock.forward(LEASE_MS + 1);
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked).toEqual(['left']);
  expect(await it.row('left')).toEqual({ attempts: 2, done: true, failure: null });
});

test('a process that dies is no failure: what was begun before is tried as often as anything else', async () => {
  const resumed: (boolean | undefined)[] = [];
  await using it = await openInbox(async (d) => {
    resumed.push(d.resumed);
    throw new RetryableError('busy', { retryAfterMs: 1_000 });
  });
  await it.inbox.store(delivery('killed'));
  await it.database.db.updateTable('inbox').set({ attempts: 9 }).execute();
  for (let i = 0; i < 6; i++) {
    await it.inbox.work();
    await it.inbox.idle();
    it.clock.forward(1_001);
  }
  expect(await it.row('killed')).toEqual({ attempts: 14, done: true, failure: 'busy' });
  // The last time it may say that it failed.
  expect(resumed).toEqual([true, true, true, true, false]);
});

test('while the database is lost a request is tried again; the last time the person is told that it may have been done', async () => {
  const told: string[] = [];
  const reply: Reply = async ({ text }) => void told.push(text);
  await using it = await openInbox((d) =>
    serveUnread(
      {
        config: {} as Config,
        people: { languageOf: () => 'en' } as unknown as People,
        log: pino({ level: 'silent' }),
        replyTo: () => reply,
        direct: async (_key, _user, content) => reply(content),
      },
      d,
      (asked) => asked,
      async () => {
        // What a server says that is being stopped.
        throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
      },
    ),
  );
  await it.inbox.store(delivery('lost'));
  for (let i = 0; i < 5; i++) {
    expect(told).toEqual([]);
    await it.inbox.work();
    await it.inbox.idle();
    it.clock.forward(60_000);
  }
  expect(told).toEqual([expect.stringContaining('It may have been done all the same')]);
  expect(await it.row('lost')).toEqual({ attempts: 5, done: true, failure: null });
});

test('a row that brings the process down every time is given up', async () => {
  const worked: string[] = [];
  await using it = await openInbox(async ({ id }) => void worked.push(id));
  await it.inbox.store(delivery('deadly'));
  await it.database.db.updateTable('inbox').set({ attempts: 20 }).execute();
  await it.inbox.work();
  await it.inbox.idle();
  expect(worked).toEqual([]);
  expect(await it.row('deadly')).toMatchObject({ done: true, failure: 'begun 20 times and never finished' });
});

test('rows written before the bot starts are worked on when it does', async () => {
  await using bot = await startBot();
  // Stored as by a process that died between the commit and the work.
  const body = command(bot.world, 'list');
  const value = { kind: 'command', id: 'before', teamId: body.team_id, userId: body.user_id, name: '/eks-audit', body };
  await bot.bot.db
    .insertInto('inbox')
    .values({
      id: 'before',
      kind: 'command',
      body: JSON.stringify(value),
      received_at: new Date(),
      next_at: new Date(),
    })
    .execute();
  expect(bot.text(await bot.told('olivia'))).toContain('2 clusters');
});

/** Nobody reaches the database any more: its directory is gone, or it lets no connection in and the old ones are cut. */
async function takeAway({ bot, config }: TestBot): Promise<void> {
  if (!config.DATABASE_URL) {
    renameSync(config.DATA_DIR, `${config.DATA_DIR}-away`);
    return await endEmbeddedThread(bot.db);
  }
  const name = new URL(config.DATABASE_URL).pathname.slice(1);
  const server = inject('postgresUrl');
  await administer(server, `alter database ${name} with allow_connections false`);
  await administer(server, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
}

test('while the database is away Slack is told 503, so that the person sees it and may try again', async () => {
  await using bot = await startBot();
  bot.expectErrors();
  await takeAway(bot);
  const { status, body } = await deliver(bot.bot.server, { body: form(command(bot.world, 'list')) });
  expect({ status, body }).toEqual({ status: 503, body: '' });
  const { statusCode } = await bot.bot.server.inject('/readyz');
  expect(statusCode).toBe(503);
  expect(bot.logged.some((line) => line.msg === 'a request could not be stored, so it was not acknowledged')).toBe(
    true,
  );
});
