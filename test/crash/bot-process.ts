/** The bot as a process of its own, which may die at any moment and is started again at once, as a supervisor would. */
import { type ChildProcess, type Serializable, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Question, Rows } from './commits.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const KILL_AFTER_COMMIT = new URL('./kill-after-commit.ts', import.meta.url).href;
/** A process that lives for seconds never earns back an optimised PGlite, a small heap, nor threads that tidy it. */
const QUICK_START = ['--liftoff-only', '--max-semi-space-size=64', '--single-threaded-gc'];
const MAY_END = 2;
const READY_WITHIN_MS = 60_000;

/** A harness that stops half-way takes its bots with it. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export interface BotProcessOptions {
  env: Record<string, string>;
  /** Called with the address each time it listens. */
  onReady: (address: string) => void;
  /** It died by SIGKILL, whoever sent it. */
  onKilled: () => void;
  /** Loaded before the bot's own code. */
  preload?: string;
  /** How often it may end by itself: a start without Slack is such an end. */
  mayEnd?: number;
}

export class BotProcess {
  readonly errors: Record<string, unknown>[] = [];
  /** How it ended when nobody killed it: a start without Slack is such an end. */
  readonly ended: string[] = [];
  starts = 0;
  readonly #options: BotProcessOptions;
  #child: ChildProcess | undefined;
  #ready = Promise.withResolvers<void>();
  #isReady = false;
  #closing = false;

  constructor(options: BotProcessOptions) {
    this.#options = options;
  }

  start(): void {
    this.starts += 1;
    const child = spawn(
      process.execPath,
      [...QUICK_START, '--import', this.#options.preload ?? KILL_AFTER_COMMIT, MAIN],
      {
        env: { ...this.#options.env, PATH: process.env.PATH ?? '' },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    this.#child = child;
    living.add(child);
    const said: string[] = [];
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#read(child, line));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => said.push(line));
    child.on('exit', (code, signal) => {
      living.delete(child);
      if (this.#closing) return;
      if (signal === 'SIGKILL') this.#options.onKilled();
      else this.ended.push(`${code ?? signal}: ${said.join('\n')}`);
      if (this.ended.length > (this.#options.mayEnd ?? MAY_END))
        this.#ready.reject(new Error(`the bot ended by itself: ${this.ended.join('\n')}`));
      else {
        this.#renew();
        this.start();
      }
    });
  }

  /** Resolves when it listens, after the start that is under way. */
  async ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the bot is not ready after ${READY_WITHIN_MS} ms`)), READY_WITHIN_MS);
    });
    await Promise.race([this.#ready.promise, late]).finally(() => clearTimeout(timer));
  }

  /** Nothing it would have done after this instant happens. */
  kill(): void {
    this.#renew();
    this.#child?.kill('SIGKILL');
  }

  /** Its rows as they are now; undefined when it died meanwhile. */
  rows(): Promise<Rows | undefined> {
    return this.ask<Rows>('rows' satisfies Question);
  }

  /** What it still has to do; undefined when it died meanwhile. */
  unfinished(): Promise<string[] | undefined> {
    return this.ask<string[]>('unfinished' satisfies Question);
  }

  /** Ends it for good: cleanly with SIGTERM, which lets it write what it has compiled, or at once. */
  async close(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.#closing = true;
    this.#ready.promise.catch(() => {});
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** One question at a time, to what was loaded before the bot; undefined when it died meanwhile. */
  async ask<T>(question: Serializable): Promise<T | undefined> {
    await this.ready();
    const child = this.#child;
    if (!child?.connected) return undefined;
    return new Promise((resolve) => {
      const died = () => resolve(undefined);
      child.once('exit', died);
      child.once('message', (answer) => {
        child.off('exit', died);
        resolve(answer as T);
      });
      child.send(question, (error) => error && resolve(undefined));
    });
  }

  /** Whoever asks from now on waits for the next start; whoever waits already goes on waiting. */
  #renew(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#ready = Promise.withResolvers<void>();
  }

  #read(child: ChildProcess, line: string): void {
    const entry = JSON.parse(line) as Record<string, unknown>;
    if (entry.level === 'error' || entry.level === 'fatal') this.errors.push(entry);
    if (entry.msg !== 'ready' || child !== this.#child || child.killed) return;
    this.#isReady = true;
    this.#options.onReady(String(entry.address));
    this.#ready.resolve();
  }
}
