/**
 * Requests that arrive together share one write: while one batch is being committed the next one gathers. Under load
 * this turns a commit per request into a commit per round trip, and nobody is answered before their own row is safe.
 */

interface Waiting<T, R> {
  item: T;
  resolve: (result: R) => void;
  reject: (error: unknown) => void;
}

/**
 * Wraps `write`, which must return one result per item in the same order, so that single items can be given to it.
 * A failed write rejects every item of its batch. `limit` bounds a batch, `atOnce` how many are written at a time: more
 * than one helps where the database is another process with connections to spare.
 */
export function groupCommit<T, R>(
  write: (items: T[]) => Promise<R[]>,
  { limit = 500, atOnce = 1 }: { limit?: number; atOnce?: number } = {},
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let writing = 0;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, limit);
      try {
        const results = await write(batch.map((w) => w.item));
        batch.forEach((w, i) => {
          w.resolve(results[i] as R);
        });
      } catch (error) {
        for (const w of batch) w.reject(error);
      }
    }
    writing--;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (writing >= atOnce) return;
      writing++;
      // Starting in the next macrotask lets everything that arrived in this turn of the loop share the batch.
      setImmediate(() => void drain());
    });
}
