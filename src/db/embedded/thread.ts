/** The thread of the embedded database, and a connection to it that looks like a socket. */
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { joined, type Order, type Report } from './protocol.ts';

/** One for the process. It keeps that alive only while a database is open. */
let thread: Worker | undefined;
const open = new Set<string>();
let connections = 0;

function running(): Worker {
  if (thread) return thread;
  const started = new Worker(new URL('./worker.ts', import.meta.url));
  started.once('exit', () => {
    thread = undefined;
  });
  // Whoever is connected hears of it.
  started.on('error', () => {});
  thread = started;
  return started;
}

/** As much of a socket as `pg` uses. The first connection opens the database, or makes it. */
export function connectToThread(dataDir: string): Duplex {
  open.add(dataDir);
  const worker = running();
  worker.ref();
  return new ThreadSocket(worker, dataDir, ++connections);
}

/** When nothing is asked any more: writes everything down. */
export async function closeInThread(dataDir: string): Promise<void> {
  const worker = thread;
  if (worker && open.has(dataDir))
    await new Promise<void>((resolve) => {
      const onMessage = (report: Report) => {
        if (report.report === 'closed' && report.dataDir === dataDir) done();
      };
      const done = () => {
        worker.off('message', onMessage).off('exit', done);
        resolve();
      };
      worker.on('message', onMessage).once('exit', done);
      worker.postMessage({ order: 'close', dataDir } satisfies Order);
    });
  open.delete(dataDir);
  if (open.size === 0) thread?.unref();
}

/** With the code that a socket's would have. */
function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

class ThreadSocket extends Duplex {
  readonly #worker: Worker;
  readonly #dataDir: string;
  readonly #connection: number;

  constructor(worker: Worker, dataDir: string, connection: number) {
    super();
    this.#worker = worker;
    this.#dataDir = dataDir;
    this.#connection = connection;
  }

  connect(): void {
    this.#worker.on('message', this.#receive).once('error', this.#lost).once('exit', this.#lost);
    process.nextTick(() => this.emit('connect'));
  }

  /** What is answered to a connection that was given up must not reach the next one. */
  readonly #receive = (report: Report): void => {
    if (report.report === 'closed' || report.connection !== this.#connection) return;
    if (report.report === 'received') this.push(report.bytes);
    else this.destroy(broken(report.reason));
  };

  readonly #lost = (reason: unknown): void => {
    const why = reason instanceof Error ? reason.message : reason;
    this.destroy(broken(`the thread of the embedded database ended: ${why}`));
  };

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this._writev([{ chunk: bytes }], done);
  }

  /** What `pg` writes in one go, such as a statement with its values, is answered in one go. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const bytes = joined(chunks.map(({ chunk }) => chunk));
    const order: Order = { order: 'send', dataDir: this.#dataDir, connection: this.#connection, bytes };
    this.#worker.postMessage(order, [bytes.buffer]);
    done();
  }

  override _final(done: () => void): void {
    this.destroy();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#worker.off('message', this.#receive).off('error', this.#lost).off('exit', this.#lost);
    done(error);
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}
