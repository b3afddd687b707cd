/** The bench's end of the playground's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AcmeOptions } from '../playground/acme.ts';
import type { SignalSeed } from '../playground/datadog/raise-signal.ts';
import { atRate, type Rung, type Target } from './load.ts';
import type { StormReport } from './signals-world.ts';
import type { Order, Report } from './world-process.ts';

export interface BenchWorld {
  config(options: AcmeOptions): Promise<{ env: Record<string, string>; yaml: string }>;
  connect(botUrl: string): Promise<void>;
  commands(count: number): Promise<number[]>;
  hang(): Promise<void>;
  recover(): Promise<void>;
  prepareSignals(lanes: number, paced: boolean): Promise<void>;
  /** Returns the bodies of their doorbells. */
  raise(seeds: readonly SignalSeed[]): Promise<string[]>;
  /** Raises each shortly before its doorbell rings: what is not there yet cannot be found. */
  ring(webhook: Target, seeds: readonly SignalSeed[], perSecond: number): Promise<Rung>;
  arrivals(): Promise<Map<number, number>>;
  stormReport(lane: number, first: number, count: number): Promise<StormReport>;
  close(): Promise<void>;
}

export async function openBenchWorld(): Promise<BenchWorld> {
  const child = fork(fileURLToPath(new URL('./world-process.ts', import.meta.url)));
  await answer(child);
  async function order(value: Order): Promise<Report> {
    const answered = answer(child);
    child.send(value);
    return await answered;
  }
  const raise = async (seeds: readonly SignalSeed[]) => asked((await order({ do: 'raise', seeds })).doorbells);
  return {
    async config(options) {
      return asked((await order({ do: 'config', options })).config);
    },
    async commands(count) {
      return asked((await order({ do: 'commands', count })).ackMs);
    },
    connect: async (botUrl) => void (await order({ do: 'connect', botUrl })),
    hang: async () => void (await order({ do: 'hang' })),
    recover: async () => void (await order({ do: 'recover' })),
    prepareSignals: async (lanes, paced) => void (await order({ do: 'prepare-signals', lanes, paced })),
    raise,
    ring: (webhook, seeds, perSecond) =>
      atRate(webhook, (from, count) => raise(seeds.slice(from, from + count)), { count: seeds.length, perSecond }),
    async arrivals() {
      const arrivals = asked((await order({ do: 'arrivals' })).arrivals);
      return new Map(Object.entries(arrivals).map(([i, at]) => [Number(i), at]));
    },
    async stormReport(lane, first, count) {
      return asked((await order({ do: 'storm-report', lane, first, count })).storm);
    },
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
    },
  };
}

function asked<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error('the playground answered something else');
  return answer;
}

/** The next message of the child; its death is an answer too. */
function answer(child: ChildProcess): Promise<Report> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`the playground ended with ${code}`));
    child.once('exit', died);
    child.once('message', (message: { report: Report } | { failure: string }) => {
      child.off('exit', died);
      if ('failure' in message) reject(new Error(message.failure));
      else resolve(message.report);
    });
  });
}
