/**
 * One HTTP door for all stand-ins: reads the request, records it, lets a test break or kill at its three
 * boundaries (before it is applied, applied but unanswered, answered), and injects faults. The services behind
 * it are plain functions from call to answer.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  service: string;
  /** The vendor's name of the operation: `UpdateClusterConfig`, `chat.postMessage`, `CreateSecurityMonitoringRule`. */
  operation: string;
  method: string;
  /** Path without query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
  /** Who calls, where the protocol says so: AWS account and region, Slack token, Datadog application key. */
  account?: string;
  region?: string;
  principal?: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type RawCall = Omit<Call, 'service' | 'operation'>;

export interface Service {
  name: string;
  /** Names the operation and the caller; must not change anything. */
  identify(raw: RawCall): Call;
  handle(call: Call): Answer | Promise<Answer>;
  /** True when the operation changes something in the world. */
  writes(call: Call): boolean;
}

export interface Recorded {
  call: Call;
  writes: boolean;
  answer?: Answer;
}

export type Phase = 'arrived' | 'applied' | 'answered';

/** A fault answers in place of the service (or after it, with `applies`), hangs, or cuts the connection. */
export interface Fault {
  service: string;
  operation: string;
  /** How many calls it hits; Infinity until removed. */
  times: number;
  answer: Answer | 'hang' | 'reset';
  /** True: the call takes effect and only its answer is replaced, as when a response is lost. */
  applies?: boolean;
  /** Only calls for which this holds, e.g. one channel. */
  when?: (call: Call) => boolean;
}

export class Door {
  readonly recorded: Recorded[] = [];
  readonly faults: Fault[] = [];
  /** Called at each boundary; `false` from `arrived` means the call must not take effect (the caller is dead). */
  onBoundary: (phase: Phase, recorded: Recorded) => boolean | Promise<boolean> = () => true;
  readonly #servers: Server[] = [];

  /** The calls that changed something, as `service operation`. */
  get writes(): string[] {
    return this.recorded.filter((r) => r.writes).map((r) => `${r.call.service} ${r.call.operation}`);
  }

  fail(fault: Omit<Fault, 'times'> & { times?: number }): Fault {
    const added: Fault = { times: 1, ...fault };
    this.faults.push(added);
    return added;
  }

  /** Starts listening on loopback; returns the base URL without a trailing slash. */
  async open(service: Service, port = 0): Promise<string> {
    const server = createServer((request, response) => {
      this.#serve(service, request).then(
        (answer) => {
          if (answer === 'hang') return;
          if (answer === 'reset') return request.socket.destroy();
          const body = answer.body ?? '';
          response.writeHead(answer.status, { 'content-length': Buffer.byteLength(body), ...answer.headers });
          response.end(body);
        },
        (error) => {
          response.writeHead(599, { 'content-type': 'text/plain' });
          response.end(`playground bug in ${service.name}: ${error?.stack ?? error}`);
        },
      );
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  async #serve(service: Service, request: IncomingMessage): Promise<Answer | 'hang' | 'reset'> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://playground');
    const call = service.identify({
      method: request.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)])),
      body: Buffer.concat(chunks),
    });
    const recorded: Recorded = { call, writes: service.writes(call) };
    this.recorded.push(recorded);
    if (!(await this.onBoundary('arrived', recorded))) return 'reset';
    const fault = this.#faultFor(call);
    if (fault && !fault.applies) {
      if (typeof fault.answer === 'object') recorded.answer = fault.answer;
      return fault.answer;
    }
    const answer = await service.handle(call);
    // What the caller gets, whatever took effect.
    recorded.answer = typeof fault?.answer === 'object' ? fault.answer : answer;
    if (!(await this.onBoundary('applied', recorded))) return 'reset';
    if (fault) return fault.answer;
    setImmediate(() => void this.onBoundary('answered', recorded));
    return answer;
  }

  #faultFor(call: Call): Fault | undefined {
    const fault = this.faults.find(
      (f) =>
        f.times > 0 &&
        f.service === call.service &&
        (f.operation === '*' || f.operation === call.operation) &&
        (f.when?.(call) ?? true),
    );
    if (fault) fault.times -= 1;
    return fault;
  }
}

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}
