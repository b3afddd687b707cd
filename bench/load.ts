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
}

/** So many connections, each of which asks again as soon as it is answered; the bodies are sent in turn, again and again. */
export async function atFullSpeed(
  target: Target,
  bodies: readonly string[],
  connections: number,
  forMs: number,
): Promise<{ perSecond: number }> {
  const toRequest = requestTo(target);
  const requests = bodies.map(toRequest);
  const callers = await Promise.all(Array.from({ length: connections }, () => openCaller(target.url)));
  let next = 0;
  let answered = 0;
  const begun = performance.now();
  const end = begun + forMs;
  await Promise.all(
    callers.map(async (caller) => {
      for (; performance.now() < end; answered++) await caller.ask(requests[next++ % requests.length] ?? EMPTY);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  for (const caller of callers) caller.close();
  return { perSecond: answered / seconds };
}

export interface Rung {
  /** Of each request, in milliseconds. */
  tookMs: number[];
  /** When each left, as `Date.now()`. */
  sentAt: number[];
}

/** Bodies are made so long before they are sent. */
const AHEAD_MS = 25;

/**
 * So many requests at this rate, whether or not the earlier ones are answered. `make` makes the bodies of some of them
 * shortly before they are sent; what it is late is not counted as the answer's.
 */
export async function atRate(
  target: Target,
  make: (from: number, count: number) => Promise<readonly string[]>,
  { count, perSecond }: { count: number; perSecond: number },
): Promise<Rung> {
  const toRequest = requestTo(target);
  const free: Caller[] = [];
  const rung: Rung = { tookMs: [], sentAt: [] };
  const atOnce = Math.max(1, Math.round((AHEAD_MS * perSecond) / 1000));
  const begun = performance.now();

  async function send(i: number, body: string): Promise<void> {
    await wait(Math.max(0, begun + (i * 1000) / perSecond - performance.now()));
    const left = performance.now();
    rung.sentAt[i] = performance.timeOrigin + left;
    const caller = free.pop() ?? (await openCaller(target.url));
    await caller.ask(toRequest(body));
    rung.tookMs[i] = performance.now() - left;
    free.push(caller);
  }

  const sent: Promise<void>[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const bodies = await make(from, Math.min(atOnce, count - from));
    sent.push(...bodies.map((body, i) => send(from + i, body)));
    await wait(Math.max(0, begun + ((from + atOnce) * 1000) / perSecond - performance.now() - AHEAD_MS));
  }
  await Promise.all(sent);
  for (const caller of free) caller.close();
  return rung;
}

const EMPTY = Buffer.alloc(0);

function requestTo({ url, path, headers }: Target): (body: string) => Buffer {
  const lines = Object.entries({ host: new URL(url).host, 'content-type': 'application/json', ...headers });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  return (body) => Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

interface Caller {
  /** Resolves when the answer is complete; rejects unless it is a 2xx. */
  ask(request: Buffer): Promise<void>;
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
    ask: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
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
