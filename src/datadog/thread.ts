/** The thread that owns Datadog's API client: starting it, asking it, and what happens when it dies. */
import { Worker } from 'node:worker_threads';
import type { CallRequest, CallResult, ClientOptions, DatadogApi, Order } from './protocol.ts';

export interface ThreadClient {
  call(api: DatadogApi, method: string, param: unknown): Promise<CallResult>;
  /** No calls after this one; those under way are still answered. */
  close(): void;
}

export interface DatadogThread {
  /** Clients share the thread, and nothing else. */
  open(options: ClientOptions): ThreadClient;
  /** Calls under way fail. */
  end(): Promise<void>;
}

/** The bot's own start is over by then, and nobody has asked yet. */
const WARM_AFTER_MS = 1_000;

/** Starts it with the first call, or after a second. It keeps the process alive only while a call is under way. */
export function createDatadogThread(): DatadogThread {
  const waiting = new Map<number, (result: CallResult) => void>();
  const clients = new Map<number, ClientOptions>();
  let worker: Worker | undefined;
  let lastCall = 0;
  let lastClient = 0;

  function start(): Worker {
    const started = new Worker(new URL('./worker.ts', import.meta.url));
    started.unref();
    started.on('message', (result: CallResult) => {
      waiting.get(result.id)?.(result);
      waiting.delete(result.id);
      if (waiting.size === 0) started.unref();
    });
    // A dead thread fails what it was working on; the next call starts a new one.
    const died = (reason: string) => {
      if (worker !== started) return;
      worker = undefined;
      for (const [id, resolve] of waiting) resolve({ id, outcome: 'failed', name: 'WorkerDied', message: reason });
      waiting.clear();
    };
    started.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    started.on('exit', (code) => died(`the Datadog thread ended with ${code}`));
    for (const [client, options] of clients) tell(started, { order: 'open', client, options });
    return started;
  }
  const warming = setTimeout(() => {
    worker ??= start();
  }, WARM_AFTER_MS).unref();

  async function ask(request: Omit<CallRequest, 'id'>): Promise<CallResult> {
    worker ??= start();
    const id = ++lastCall;
    return await new Promise<CallResult>((resolve) => {
      waiting.set(id, resolve);
      worker?.ref();
      if (worker) tell(worker, { order: 'call', id, ...request });
    });
  }

  return {
    open(options) {
      const client = ++lastClient;
      clients.set(client, options);
      if (worker) tell(worker, { order: 'open', client, options });
      return {
        call: (api, method, param) => ask({ client, api, method, param }),
        close() {
          clients.delete(client);
          if (worker) tell(worker, { order: 'close', client });
        },
      };
    },
    async end() {
      clearTimeout(warming);
      await worker?.terminate();
    },
  };
}

function tell(worker: Worker, order: Order): void {
  worker.postMessage(order);
}
