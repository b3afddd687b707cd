/**
 * Owns PGlite in a thread of its own: it computes an answer in one go, up to tens of milliseconds during which nothing
 * else would be answered. Takes and gives what a PostgreSQL server does, bytes of its protocol
 * (https://www.postgresql.org/docs/current/protocol-flow.html).
 */
import module from 'node:module';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { joined, type Order, type Report } from './protocol.ts';

module.enableCompileCache();
const { PGlite } = await import('@electric-sql/pglite');
// Whoever is killed leaves it to the next start.
module.flushCompileCache();
type Engine = InstanceType<typeof PGlite>;

/** A connection begins with a message that has no letter. */
const STARTUP = 0;

/** By their directory. A bot has one; tests have one after the other, and need not load the engine for each. */
const engines = new Map<string, Promise<Engine>>();

function open(dataDir: string): Promise<Engine> {
  const opening = PGlite.create({
    dataDir,
    startParams: [
      ...PGlite.defaultStartParams,
      // 16 MB instead of 128: the bot's working set is small and memory is its largest cost.
      ...['-c', 'shared_buffers=16MB'],
      // Nobody gathers statistics here. So a plan for given values is no better than one for any, which is made once;
      // and one that was made while a table was empty must not read all of it forever.
      ...['-c', 'plan_cache_mode=force_generic_plan'],
      ...['-c', 'enable_seqscan=off'],
    ],
  });
  engines.set(dataDir, opening);
  return opening;
}

async function answer(dataDir: string, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const engine = await (engines.get(dataDir) ?? open(dataDir));
  if (message[0] === STARTUP) {
    // There is one session for all connections, which come one after the other: none must see what another left.
    await engine.exec('rollback');
    await engine.exec('discard all');
  }
  const pieces: Uint8Array[] = [];
  // The engine uses its memory again.
  await engine.execProtocolRawStream(message, { onRawData: (piece) => void pieces.push(piece.slice()) });
  return joined(pieces);
}

parentPort?.on('message', async (order: Order) => {
  const { dataDir } = order;
  if (order.order === 'close') {
    await (await engines.get(dataDir))?.close();
    engines.delete(dataDir);
    return say({ report: 'closed', dataDir });
  }
  const { connection } = order;
  try {
    const bytes = await answer(dataDir, order.bytes);
    say({ report: 'received', connection, bytes }, bytes.buffer);
  } catch (error) {
    // What PostgreSQL refuses is an answer; this is the end of the engine. The next connection finds it as after a crash.
    engines.delete(dataDir);
    say({ report: 'failed', connection, reason: error instanceof Error ? messageOf(error) : JSON.stringify(error) });
  }
});

function say(report: Report, ...handedOver: ArrayBuffer[]): void {
  parentPort?.postMessage(report, handedOver);
}
