/**
 * Lets the embedded engine parse a statement once instead of each time, and plan it a few times. Two thirds of what a
 * short statement costs there are parsing and planning, and PGlite's client does both on every call. This rewrites the
 * messages between them, so that what is asked again is a named statement, of which PostgreSQL keeps a plan after five
 * runs unless plans for single values are much better (https://www.postgresql.org/docs/current/sql-prepare.html).
 *
 * Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { protocol } from '@electric-sql/pglite';

const PARSE = 0x50;
const DESCRIBE = 0x44;
const BIND = 0x42;
const OF_STATEMENT = 0x53;

/** Of Parse: its code, its length, and the empty name of the statement. */
const BEFORE_TEXT = 6;
/** Of Bind: its code, its length, and the empty name of the portal. */
const BEFORE_STATEMENT = 6;

/** A plan takes some tens of kilobytes. Lists of values make many texts of one statement, and most are asked once. */
const MOST_KEPT = 150;
const MOST_SEEN = 1_000;

const NOTHING = new Uint8Array(0);

export type Send = (message: Uint8Array) => Uint8Array;

/**
 * Stands between PGlite's client and its engine; call it for each message. A statement whose columns change after it
 * was kept fails in PostgreSQL: only migrations do that, which ask nothing of a table before and after they change it.
 */
export function createStatementCache(send: Send): Send {
  /** Texts asked once so far. */
  const seen = new Set<string>();
  /** Names by text, the least recently used first. */
  const kept = new Map<string, string>();
  let made = 0;
  /** What the client's statement without a name stands for. */
  let current: { name: string; text: string; isNew: boolean } | undefined;

  function parse(message: Uint8Array): Uint8Array {
    if (current?.isNew) close(current.name);
    current = undefined;
    const text = textOf(message);
    const known = kept.get(text);
    if (known) {
      kept.delete(text);
      kept.set(text, known);
      current = { name: known, text, isNew: false };
      return NOTHING;
    }
    if (!seen.has(text)) {
      if (seen.size >= MOST_SEEN) seen.clear();
      seen.add(text);
      return send(message);
    }
    // A new name each time: when parsing fails nobody says so here.
    current = { name: `kept${made++}`, text, isNew: true };
    return send(withName(message, BEFORE_TEXT - 1, current.name));
  }

  function bind(message: Uint8Array): Uint8Array {
    if (!current) return send(message);
    if (current.isNew) keep(current);
    return send(withName(message, BEFORE_STATEMENT, current.name));
  }

  /** The client binds only what could be parsed. */
  function keep(statement: { name: string; text: string; isNew: boolean }): void {
    const [oldest] = kept;
    if (oldest && kept.size >= MOST_KEPT) {
      kept.delete(oldest[0]);
      close(oldest[1]);
    }
    kept.set(statement.text, statement.name);
    seen.delete(statement.text);
    statement.isNew = false;
  }

  /** Also one that there is not, which is no error. */
  function close(name: string): void {
    send(protocol.serialize.close({ type: 'S', name }));
  }

  return (message) => {
    if (!isOne(message)) return send(message);
    if (message[0] === PARSE && message[BEFORE_TEXT - 1] === 0) return parse(message);
    if (message[0] === BIND && message[BEFORE_STATEMENT] === 0) return bind(message);
    if (message[0] === DESCRIBE && message[BEFORE_TEXT - 1] === OF_STATEMENT && current)
      return send(protocol.serialize.describe({ type: 'S', name: current.name }));
    return send(message);
  };
}

/** Several in one buffer go through as they are. */
function isOne(message: Uint8Array): boolean {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return message.byteLength > BEFORE_TEXT && view.getUint32(1) === message.byteLength - 1;
}

/** With the types of its parameters, where the client says them. */
function textOf(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1', BEFORE_TEXT);
}

/** The same message with `name` where an empty one is at `at`. */
function withName(message: Uint8Array, at: number, name: string): Uint8Array {
  const named = new Uint8Array(message.byteLength + name.length);
  named.set(message.subarray(0, at));
  new TextEncoder().encodeInto(name, named.subarray(at));
  named.set(message.subarray(at), at + name.length);
  new DataView(named.buffer).setUint32(1, named.byteLength - 1);
  return named;
}
