/**
 * Cursor paging of logs and signals. Every page that has items has a cursor, even the last and short one; the page
 * after it is `{"data":[]}` without `meta` (recorded in DataDog/datadog-api-client-typescript cassettes v2/Logs).
 */

export interface Ordered {
  id: string;
  timestampMs: number;
}

export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page; absent when this page is empty. */
  after?: string;
}

/** Items in the asked order, after the cursor; undefined for a cursor this organisation never gave. */
export function pageOf<Item extends Ordered>(
  items: readonly Item[],
  options: { descending: boolean; cursor?: string | undefined; limit: number },
): Page<Item> | undefined {
  const direction = options.descending ? -1 : 1;
  const order = (a: Ordered, b: Ordered) => direction * (a.timestampMs - b.timestampMs || compareText(a.id, b.id));
  let after: Ordered | undefined;
  if (options.cursor !== undefined) {
    const id = idOf(options.cursor);
    if (id === undefined) return undefined;
    // The time is read from the id: the item itself may have left the window while the client paged.
    after = { id, timestampMs: timestampOf(id) };
  }
  const rest = after === undefined ? [...items] : items.filter((item) => order(item, after) > 0);
  const page = rest.sort(order).slice(0, options.limit);
  const last = page.at(-1);
  return { items: page, ...(last && { after: cursorOf(last.id) }) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cursorOf(id: string): string {
  return Buffer.from(JSON.stringify({ after: id })).toString('base64url');
}

function idOf(cursor: string): string | undefined {
  try {
    const { after } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { after?: unknown };
    return typeof after === 'string' && after.startsWith('AQAAA') ? after : undefined;
  } catch {
    return undefined;
  }
}

function timestampOf(id: string): number {
  return Number(Buffer.from(id, 'base64url').readBigUInt64BE(1));
}
