/**
 * Calls to Datadog. The API client lives in a worker thread; here are its results and its failures, told apart by
 * what can be done about them. Nothing is retried here: a repeated POST makes a second rule.
 */
import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';
import { createRedaction, type Redact } from '../redaction.ts';
import type { CallRequest, CallResult, DatadogApi, WorkerOptions } from './protocol.ts';

export type DatadogFailureKind =
  | 'denied'
  | 'not-found'
  | 'invalid'
  | 'conflict'
  | 'throttled'
  | 'unreachable'
  | 'other';

export class DatadogError extends Error {
  override name = 'DatadogError';
  /** The call that failed, as the client names it. */
  readonly method: string;
  readonly kind: DatadogFailureKind;
  readonly status: number | undefined;
  /** The texts Datadog sent, whichever of its four shapes they came in. */
  readonly reasons: string[];
  readonly retryAfterMs: number | undefined;

  constructor(
    method: string,
    failure: { kind: DatadogFailureKind; status?: number; reasons: string[]; retryAfterMs?: number | undefined },
  ) {
    super(`cannot ${method}: ${failure.status ?? failure.kind}: ${failure.reasons.join('; ') || 'no reason given'}`);
    this.method = method;
    this.kind = failure.kind;
    this.status = failure.status;
    this.reasons = failure.reasons;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

export interface Datadog {
  /** The JSON of the answer, or undefined for an empty one. Throws `DatadogError`. */
  call(api: DatadogApi, method: string, param?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** The bot's own start is over by then, and nobody has asked yet. */
const WARM_AFTER_MS = 1_000;

const PRELOAD: DatadogApi[] = ['security', 'logs', 'aws', 'webhooks', 'keys'];

export function createDatadog(config: Config, redact: Redact = createRedaction(config)): Datadog {
  const options: WorkerOptions = {
    baseUrl: config.DD_API_URL ?? `https://api.${config.DD_SITE}`,
    apiKey: config.DD_API_KEY,
    appKey: config.DD_APP_KEY,
    timeoutMs: config.timing.http_timeout,
    preload: PRELOAD,
  };
  const waiting = new Map<number, (result: CallResult) => void>();
  let worker: Worker | undefined;
  let closed = false;
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
    started.on('message', (result: CallResult) => {
      waiting.get(result.id)?.(result);
      waiting.delete(result.id);
    });
    // A dead thread fails what it was working on; the next call starts a new one.
    const died = (reason: string) => {
      if (worker === started) worker = undefined;
      for (const [id, resolve] of waiting) resolve({ id, outcome: 'failed', name: 'WorkerDied', message: reason });
      waiting.clear();
    };
    started.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    started.on('exit', (code) => died(`the Datadog thread ended with ${code}`));
    return started;
  }
  const warming = setTimeout(() => {
    worker ??= start();
  }, WARM_AFTER_MS).unref();

  async function call(api: DatadogApi, method: string, param?: unknown): Promise<unknown> {
    if (closed) throw new DatadogError(method, { kind: 'unreachable', reasons: ['the bot is stopping'] });
    worker ??= start();
    const id = ++lastId;
    const result = await new Promise<CallResult>((resolve) => {
      waiting.set(id, resolve);
      worker?.postMessage({ id, api, method, param } satisfies CallRequest);
    });
    return read(method, result, redact);
  }

  return {
    call,
    async close() {
      closed = true;
      clearTimeout(warming);
      await worker?.terminate();
    },
  };
}

function read(method: string, result: CallResult, redact: Redact): unknown {
  if (result.outcome === 'failed') {
    const ours = result.name === 'TypeError' && /doesn't match|unknown enum value/.test(result.message);
    throw new DatadogError(method, {
      kind: ours ? 'other' : 'unreachable',
      reasons: [redact(`${result.name}: ${result.message}`)],
    });
  }
  const { status, body } = result;
  if (status >= 200 && status < 300) {
    if (body.trim() === '') return undefined;
    const value = parse(body);
    if (value === undefined)
      throw new DatadogError(method, { kind: 'unreachable', status, reasons: ['the answer is not JSON'] });
    return value;
  }
  throw new DatadogError(method, {
    kind: kindOf(status),
    status,
    reasons: reasonsIn(body).map(redact),
    retryAfterMs: result.resetSeconds === undefined ? undefined : result.resetSeconds * 1000,
  });
}

function kindOf(status: number): DatadogFailureKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 400 || status === 422) return 'invalid';
  if (status === 409) return 'conflict';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unreachable' : 'other';
}

/** Datadog's error bodies: `{errors:[text]}`, `{errors:[{title,detail}]}`, `{error:{message,details}}`, or no JSON at all. */
export function reasonsIn(body: string): string[] {
  const value = parse(body) as
    | { errors?: unknown[]; error?: { message?: string; details?: { message?: string; target?: string }[] } }
    | undefined;
  if (Array.isArray(value?.errors)) {
    return value.errors.map((e) => {
      if (typeof e === 'string') return e;
      const { title, detail } = (e ?? {}) as { title?: string; detail?: string };
      return [title, detail].filter(Boolean).join(': ') || JSON.stringify(e);
    });
  }
  if (value?.error) {
    const details = (value.error.details ?? []).map((d) => [d.target, d.message].filter(Boolean).join(': '));
    return [value.error.message ?? '', ...details].filter(Boolean);
  }
  return body.startsWith('<') || body.trim() === '' ? [] : [body.slice(0, 200)];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
