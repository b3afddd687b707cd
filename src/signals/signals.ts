/**
 * Signals from the webhook or the poller to messages: what is stored is read from Datadog, routed, grouped and drawn,
 * each from rows, so that a crash anywhere is made up for by the next look.
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Datadog } from '../datadog/client.ts';
import type { Database } from '../db/database.ts';
import { groupCommit } from '../db/group-commit.ts';
import { putMessage } from '../messages/store.ts';
import type { Metrics } from '../metrics.ts';
import type { RulePack } from '../rules/pack.ts';
import type { Doorbell } from './doorbell.ts';
import { createDrawing, type Drawing } from './drawing.ts';
import { workOnDue } from './due.ts';
import { groupDue } from './grouping.ts';
import { testButtonPressed } from './list-views.ts';
import { createPoller } from './poller.ts';
import { createReading } from './reading.ts';
import { defaultChannel } from './routing.ts';
import { storeTest } from './self-test.ts';
import {
  type DeadLetter,
  earliest,
  keepDeadLetters,
  nextGroupWork,
  storeDoorbells,
  type UnreadSignal,
} from './store.ts';
import { signalWebhook } from './webhook.ts';

export interface SignalsDeps {
  database: Pick<Database, 'kind' | 'db' | 'front'>;
  datadog: Datadog;
  clock: Clock;
  config: Config;
  pack: RulePack;
  log: Logger;
  metrics: Metrics;
  /** Why nothing may be written now, such as a full disk. */
  full: () => string | undefined;
  workspaceUrl: () => string;
  nudge: (work: SignalWork | 'messages') => void;
}

/** The kinds of work, as the queue names them. */
export type SignalWork = 'signals-read' | 'signals-group' | 'signals-poll';

export interface Signals {
  plugin: FastifyPluginAsync;
  drawing: Drawing;
  works: Record<SignalWork, () => Promise<Date | undefined>>;
  /** Resolves when nothing is being read from Datadog. */
  idle(): Promise<void>;
}

/** One statement's worth of doorbells; a larger one would keep the embedded database's thread for too long. */
const LARGEST_COMMIT = 250;
/** Questions to Datadog at the same time; one that hangs must not keep the others waiting. */
const READING_AT_ONCE = 4;

export function createSignals(deps: SignalsDeps): Signals {
  const { database, clock, config, log, metrics, nudge } = deps;
  const { db, front } = database;
  const drawing = createDrawing(deps);
  const reading = createReading({ ...deps, db });
  const poller = createPoller({ ...deps, db, nudge: () => nudge('signals-group') });
  const grouping = { ...deps, db, drawing };
  const active = new Set<Promise<void>>();
  /** More may be due than could be read beside what is being read. */
  let held = false;
  const store = groupCommit((doorbells: Doorbell[]) => storeDoorbells(front, clock, doorbells), {
    limit: LARGEST_COMMIT,
    atOnce: database.kind === 'postgres' ? 2 : 1,
  });
  const keepDeadLetter = groupCommit((letters: DeadLetter[]) => keepDeadLetters(front, letters, clock.now()), {
    limit: LARGEST_COMMIT,
  });

  async function read(): Promise<Date | undefined> {
    for (;;) {
      if (active.size >= READING_AT_ONCE) {
        held = true;
        return undefined;
      }
      const claim = await reading.claim();
      if (claim.rows.length > 0) start(claim.rows);
      const freeAt = reading.freeAt();
      // What held it may be over by now.
      if (claim.more || (claim.held && !freeAt)) continue;
      held ||= claim.held;
      return freeAt ?? claim.next;
    }
  }

  function start(rows: readonly UnreadSignal[]): void {
    let done = false;
    const job: Promise<void> = reading
      .read(rows)
      .then((all) => {
        done = all;
      })
      .catch((error) => log.error({ error }, 'reading signals failed; the next look tries again'))
      .finally(() => {
        active.delete(job);
        nudge('signals-group');
        if (held || !done) nudge('signals-read');
        held = false;
      });
    active.add(job);
  }

  async function group(): Promise<Date | undefined> {
    for (;;) {
      // A transaction is opened only for what is there: the embedded database does nothing else meanwhile.
      const { signalsAt, groupsAt } = await nextGroupWork(db, config.timing.signal_read_for);
      const now = clock.now();
      const signalsDue = signalsAt !== undefined && signalsAt <= now;
      const groupsDue = groupsAt !== undefined && groupsAt <= now;
      if (!signalsDue && !groupsDue) return earliest(signalsAt, groupsAt);
      if (signalsDue) await groupDue(grouping);
      if (groupsDue) await workOnDue(grouping);
      nudge('messages');
    }
  }

  /** Once a minute is enough for whoever presses the button again and again. */
  async function test(): Promise<void> {
    const now = clock.now();
    const channel = defaultChannel(config);
    const content = testButtonPressed(drawing.languageOf(channel));
    await putMessage(db, { key: `webhook-test:${now.toISOString().slice(0, 16)}`, channel, content }, now);
    nudge('messages');
  }

  return {
    drawing,
    plugin: signalWebhook({
      config,
      log,
      metrics,
      store,
      keepDeadLetter: (reason, body) => keepDeadLetter({ reason, body }),
      test,
      ownTest: (signalId, severity) => storeTest({ db: front, clock, nudge }, signalId, severity),
      full: deps.full,
      nudge: () => {
        nudge('signals-read');
        // Draws the card without Datadog's help if that takes too long.
        nudge('signals-group');
      },
    }),
    works: { 'signals-read': read, 'signals-group': group, 'signals-poll': poller.work },
    idle: async () => void (await Promise.all(active)),
  };
}
