/** The bench's end of the playground's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './world-process.ts';

export interface BenchWorld {
  config(options: {
    dataDir: string;
    env: Record<string, string>;
  }): Promise<{ env: Record<string, string>; yaml: string }>;
  connect(botUrl: string): Promise<void>;
  commands(count: number): Promise<number[]>;
  hang(): Promise<void>;
  recover(): Promise<void>;
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
  return {
    async config(options) {
      const report = await order({ do: 'config', ...options });
      if (typeof report === 'string' || !('config' in report)) throw new Error('the playground sent no configuration');
      return report.config;
    },
    async commands(count) {
      const report = await order({ do: 'commands', count });
      if (typeof report === 'string' || !('ackMs' in report)) throw new Error('the playground sent no figures');
      return report.ackMs;
    },
    connect: async (botUrl) => void (await order({ do: 'connect', botUrl })),
    hang: async () => void (await order({ do: 'hang' })),
    recover: async () => void (await order({ do: 'recover' })),
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
    },
  };
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
