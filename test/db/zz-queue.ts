/**
 * When work is looked at. Rows decide what is due; this only hastens: a nudge after a commit looks at once, a timer
 * looks when the next row falls due, and a sweep finds what a crash or another replica left. pg-boss keeps the
 * clock-bound chores (one replica does them) on the same database.
 */
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { Database } from '../../src/db/database.ts';
import { messageOf } from '../../src/errors.ts';

/** Works on every due row of its kind and says when the next one falls due, if it knows. */
export type Work = () => Promise<Date | undefined>;

interface Looker {
  work: Work;
  running: Promise<void> | undefined;
  again: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Queue {
  readonly #lookers = new Map<string, Looker>();
  readonly #chores: { name: string; cron: string; work: () => Promise<void> }[] = [];
  readonly #deps: { database: Database; clock: Clock; log: Logger; sweepMs: number };
  #boss: PgBoss | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: { database: Database; clock: Clock; log: Logger; sweepMs: number }) {
    this.#deps = deps;
  }

  /** Names a kind of work; looked at once the queue starts. */
  define(name: string, work: Work): void {
    this.#lookers.set(name, { work, running: undefined, again: false, timer: undefined });
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
    if (this.#stopping || delayMs > this.#deps.sweepMs) return;
    clearTimeout(looker.timer);
    if (delayMs > 0) looker.timer = setTimeout(() => this.#look(name, looker), delayMs);
    else this.#look(name, looker);
  }

  /** Starts looking at once; the chores follow when pg-boss has its schema, which nobody needs to wait for. */
  start(): void {
    this.#sweep();
    this.#sweeper = setInterval(() => this.#sweep(), this.#deps.sweepMs);
    this.#starting = this.#startChores().catch((error) =>
      this.#deps.log.error({ error }, 'the job queue could not start'),
    );
  }

  async #startChores(): Promise<void> {
    const boss = new PgBoss({
      ...this.#deps.database.bossOptions,
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
    });
    boss.on('error', (error) =>
      this.#deps.log.warn({ error: messageOf(error) }, 'the job queue could not reach its database'),
    );
    this.#boss = boss;
    await boss.start();
    for (const chore of this.#chores) {
      await boss.createQueue(chore.name);
      await boss.work(chore.name, { pollingIntervalSeconds: 30 }, async () => {
        await chore.work();
      });
      await boss.schedule(chore.name, chore.cron);
    }
  }

  /** Stops looking and waits for what is being worked on. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweeper);
    for (const looker of this.#lookers.values()) clearTimeout(looker.timer);
    await this.#starting;
    await this.#boss?.stop({ graceful: false, close: false }).catch(() => {});
    await Promise.all([...this.#lookers.values()].map((looker) => looker.running));
  }

  #sweep(): void {
    for (const name of this.#lookers.keys()) this.nudge(name);
  }

  #look(name: string, looker: Looker): void {
    if (looker.running) {
      looker.again = true;
      return;
    }
    looker.running = (async () => {
      do {
        looker.again = false;
        try {
          const next = await looker.work();
          if (next) queueMicrotask(() => this.nudge(name, next));
        } catch (error) {
          this.#deps.log.error({ work: name, error }, 'work failed; the next sweep tries again');
        }
      } while (looker.again && !this.#stopping);
    })().finally(() => {
      looker.running = undefined;
    });
  }
}
