/**
 * Sends HTTP requests as fast as they are answered, or at a rate. Plain sockets and ready-made bytes: on two cores the
 * sender must cost little, or it is the sender that is measured.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface Target {
  url: string;
  path: string;
  headers: Record<string, string>;
  /** Sent in turn, again and again. */
  bodies: readonly string[];
}

export interface Load {
  perSecond: number;
  /** Of each request, in milliseconds. */
  tookMs: number[];
}

/** So many connections, each of which asks again as soon as it is answered. */
export async function atFullSpeed(target: Target, connections: number, forMs: number): Promise<Load> {
  const requests = requestsOf(target);
  const callers = await Promise.all(Array.from({ length: connections }, () => openCaller(target.url)));
  const tookMs: number[] = [];
  let next = 0;
  const begun = performance.now();
  const end = begun + forMs;
  await Promise.all(
    callers.map(async (caller) => {
      while (performance.now() < end) tookMs.push(await caller.ask(requests[next++ % requests.length] ?? EMPTY));
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  for (const caller of callers) caller.close();
  return { perSecond: tookMs.length / seconds, tookMs };
}

/**
 * Every body once, at this rate whether or not the earlier ones are answered. Times count from when a request should
 * have left, so that a stall is not hidden by asking less during it. `sentAt` holds those moments, as `Date.now()`.
 */
export async function atRate(target: Target, perSecond: number): Promise<Load & { sentAt: number[] }> {
  const requests = requestsOf(target);
  const free: Caller[] = [];
  const tookMs: number[] = [];
  const sentAt: number[] = [];
  const begun = performance.now();
  await Promise.all(
    requests.map(async (request, i) => {
      const due = begun + (i * 1000) / perSecond;
      await wait(Math.max(0, due - performance.now()));
      const caller = free.pop() ?? (await openCaller(target.url));
      sentAt[i] = performance.timeOrigin + due;
      await caller.ask(request);
      tookMs[i] = performance.now() - due;
      free.push(caller);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  for (const caller of free) caller.close();
  return { perSecond: requests.length / seconds, tookMs, sentAt };
}

const EMPTY = Buffer.alloc(0);

function requestsOf({ url, path, headers, bodies }: Target): Buffer[] {
  const lines = Object.entries({ host: new URL(url).host, 'content-type': 'application/json', ...headers });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  return bodies.map((body) => Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
}

interface Caller {
  /** Resolves with the milliseconds until the answer was complete; rejects unless it is a 2xx. */
  ask(request: Buffer): Promise<number>;
  close(): void;
}

async function openCaller(url: string): Promise<Caller> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let answer = '';
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    if (!isComplete(answer)) return;
    const whole = answer;
    answer = '';
    if (whole.startsWith('HTTP/1.1 2')) settle?.resolve();
    else settle?.reject(new Error(`a request was answered with ${whole.slice(9)}`));
  });
  for (const event of ['error', 'close'])
    socket.on(event, () => settle?.reject(new Error('the connection was closed before the answer')));
  return {
    async ask(request) {
      const asked = performance.now();
      await new Promise<void>((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      });
      return performance.now() - asked;
    },
    close: () => socket.destroy(),
  };
}

function isComplete(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /content-length: (\d+)/i.exec(answer)?.[1];
  if (length === undefined) throw new Error('an answer without content-length cannot be measured');
  return answer.length >= head + 4 + Number(length);
}
