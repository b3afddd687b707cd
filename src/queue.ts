/**
 * When work is looked at. Rows decide what is due; this only hastens: a nudge after a commit looks at once, a timer
 * looks when the next row falls due, and a sweep finds what a crash or another replica left. pg-boss keeps the
 * clock-bound chores (one replica does them) on the same database.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Database } from './db/database.ts';
import { messageOf } from './errors.ts';

/** Works on every due row of its kind and says when the next one falls due, if it knows. */
export type Work = () => Promise<Date | undefined>;

interface Looker {
  work: Work;
  /** The look under way; undefined when nobody looks. */
  running: Promise<void> | undefined;
  again: boolean;
  timer: NodeJS.Timeout | undefined;
  /** When the timer fires, by `performance.now()`. */
  timerAt: number;
  /** Between the end of a look and the next one. */
  restMs: number;
  /** By `performance.now()`. */
  restsUntil: number;
}

interface Chore {
  name: string;
  cron: string;
  work: () => Promise<void>;
}

export interface QueueDeps {
  database: Pick<Database, 'bossOptions'>;
  clock: Clock;
  log: Logger;
  sweepMs: number;
  /** Why nothing may be written now; work then waits for a sweep that finds it possible again. */
  full?: () => string | undefined;
  /** How often schedules are looked at; pg-boss allows 1 to 45. */
  choreTickSeconds?: number;
}

/** A row that stays due after a look on it must not keep the process busy: the next look waits this long. */
const BREATH_MS = 20;
/** Chores are never urgent, and making pg-boss ready competes with the first requests after a start. */
const CHORES_AFTER_MS = 3_000;

export class Queue {
  readonly #lookers = new Map<string, Looker>();
  readonly #chores: Chore[] = [];
  readonly #deps: QueueDeps;
  readonly #stopped = new AbortController();
  #boss: PgBoss | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  /**
   * Names a kind of work; looked at once the queue starts. With `restMs` what comes within so many milliseconds after a
   * look is looked at together, instead of a look for each.
   */
  define(name: string, work: Work, { restMs = 0 } = {}): void {
    const idle = { running: undefined, again: false, timer: undefined, timerAt: 0, restsUntil: 0 };
    this.#lookers.set(name, { work, restMs, ...idle });
  }

  /** A chore on a cron schedule (UTC), done by one replica. */
  chore(name: string, cron: string, work: () => Promise<void>): void {
    this.#chores.push({ name, cron, work });
  }

  /** Looks at `name` now, or at `at`. Call it after the commit that made the work due. */
  nudge(name: string, at?: Date): void {
    const looker = this.#lookers.get(name);
    if (!looker) throw new Error(`no work is named ${name}`);
    const delayMs = at ? at.getTime() - this.#deps.clock.now().getTime() : 0;
    if (delayMs > 0) this.#lookIn(delayMs, name, looker);
    else this.#look(name, looker);
  }

  /** Looks at everything that may be due, after a test has moved the clock. */
  wake(): void {
    this.#sweep();
  }

  /** Starts looking at once; the chores follow, nobody waits for them. */
  start(): void {
    this.#sweep();
    this.#sweeper = setInterval(() => this.#sweep(), this.#deps.sweepMs);
    if (this.#chores.length > 0) this.#starting = this.#startChores();
  }

  /** Stops looking and waits for what is being worked on. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#sweeper);
    for (const looker of this.#lookers.values()) clearTimeout(looker.timer);
    await this.#starting;
    await this.#boss?.stop({ timeout: 5_000 }).catch(() => {});
    await Promise.all([...this.#lookers.values()].map((looker) => looker.running));
  }

  #sweep(): void {
    for (const [name, looker] of this.#lookers) this.#look(name, looker);
  }

  #look(name: string, looker: Looker): void {
    if (this.#stopped.signal.aborted || this.#deps.full?.()) return;
    const restMs = looker.restsUntil - performance.now();
    if (looker.running) looker.again = true;
    else if (restMs > 0) this.#lookIn(restMs, name, looker);
    else looker.running = this.#lookUntilQuiet(name, looker);
  }

  /** A timer that would fire earlier stays: what it was set for is still due then. */
  #lookIn(delayMs: number, name: string, looker: Looker): void {
    // The sweep is there first.
    if (this.#stopped.signal.aborted || delayMs > this.#deps.sweepMs) return;
    const timerAt = performance.now() + delayMs;
    if (looker.timer && looker.timerAt <= timerAt) return;
    clearTimeout(looker.timer);
    looker.timerAt = timerAt;
    looker.timer = setTimeout(() => {
      looker.timer = undefined;
      this.#look(name, looker);
    }, delayMs);
  }

  async #lookUntilQuiet(name: string, looker: Looker): Promise<void> {
    do {
      // Yields, so that nudges in one turn of the loop are one look, and `running` is set before it can be unset.
      await Promise.resolve();
      looker.again = false;
      try {
        const next = await looker.work();
        if (next) this.#lookIn(Math.max(BREATH_MS, next.getTime() - this.#deps.clock.now().getTime()), name, looker);
      } catch (error) {
        this.#deps.log.error({ work: name, error }, 'work failed; the next sweep tries again');
      }
    } while (looker.again && looker.restMs === 0 && !this.#stopped.signal.aborted);
    // In the same turn as the check above: a nudge in between would be lost until the next sweep.
    looker.running = undefined;
    looker.restsUntil = performance.now() + looker.restMs;
    if (looker.again) this.#look(name, looker);
  }

  /** Tries until it succeeds: a database that is away for a moment must not cost the chores of a whole run. */
  async #startChores(): Promise<void> {
    const { signal } = this.#stopped;
    let pauseMs = Math.min(CHORES_AFTER_MS, this.#deps.sweepMs);
    while (!signal.aborted) {
      await wait(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#startBoss();
        return;
      } catch (error) {
        this.#deps.log.warn({ error: messageOf(error) }, 'scheduled chores could not be started; trying again');
        await this.#boss?.stop({ graceful: false }).catch(() => {});
        pauseMs = 30_000;
      }
    }
  }

  async #startBoss(): Promise<void> {
    const { database, log, choreTickSeconds = 30 } = this.#deps;
    const boss = new PgBoss({
      ...database.bossOptions,
      // Its defaults notice a dead worker after a minute.
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
      cronMonitorIntervalSeconds: choreTickSeconds,
      cronWorkerIntervalSeconds: Math.min(5, choreTickSeconds),
    });
    this.#boss = boss;
    boss.on('error', (error) => log.warn({ error: messageOf(error) }, 'the job queue could not reach its database'));
    await boss.start();
    for (const { name, cron, work } of this.#chores) {
      await boss.createQueue(name);
      await boss.work(name, { pollingIntervalSeconds: choreTickSeconds }, async () => {
        try {
          await work();
        } catch (error) {
          log.error({ chore: name, error }, 'a chore failed; it is tried again');
          throw error;
        }
      });
      await boss.schedule(name, cron);
    }
  }
}
