/**
 * Calls to Datadog. The API client lives in a worker thread; here are its results and its failures, told apart by
 * what can be done about them. Nothing is retried here: a repeated POST makes a second rule.
 */
import type { Config } from '../config.ts';
import { createRedaction, type Redact } from '../redaction.ts';
import type { CallResult, DatadogApi } from './protocol.ts';
import { createDatadogThread, type DatadogThread } from './thread.ts';

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

/** Without a thread to share it has one of its own. */
export function createDatadog(
  config: Config,
  redact: Redact = createRedaction(config),
  shared?: DatadogThread,
): Datadog {
  const thread = shared ?? createDatadogThread();
  const client = thread.open({
    baseUrl: config.DD_API_URL ?? `https://api.${config.DD_SITE}`,
    apiKey: config.DD_API_KEY,
    appKey: config.DD_APP_KEY,
    timeoutMs: config.timing.http_timeout,
  });
  let closed = false;

  async function call(api: DatadogApi, method: string, param?: unknown): Promise<unknown> {
    if (closed) throw new DatadogError(method, { kind: 'unreachable', reasons: ['the bot is stopping'] });
    return read(method, await client.call(api, method, param), redact);
  }

  return {
    call,
    async close() {
      closed = true;
      client.close();
      if (!shared) await thread.end();
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
