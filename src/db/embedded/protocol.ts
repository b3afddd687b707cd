/** What passes between the bot and the thread of the embedded database. */

export type Order =
  /** Bytes of PostgreSQL's protocol, one or more whole messages. `connection` is a number for each, used once. */
  | { order: 'send'; dataDir: string; connection: number; bytes: Uint8Array<ArrayBuffer> }
  | { order: 'close'; dataDir: string };

export type Report =
  | { report: 'received'; connection: number; bytes: Uint8Array<ArrayBuffer> }
  /** The database could not be opened, or its engine broke down. */
  | { report: 'failed'; connection: number; reason: string }
  | { report: 'closed'; dataDir: string };

/** In memory of their own, which can be handed over; a `Buffer` is often a piece of something larger. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
