/** Slack's kinds of identifiers: message timestamps, trigger ids, block ids, view ids and hashes. */
import { randomBytes, randomInt } from 'node:crypto';

const BLOCK_ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';
const OBJECT_ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export class Timestamps {
  #lastMicros = 0;

  /** The next `seconds.micros`: wall time, unique and increasing within the workspace. */
  next(): string {
    this.#lastMicros = Math.max(Date.now() * 1000 + randomInt(1000), this.#lastMicros + 1);
    const micros = String(this.#lastMicros);
    return `${micros.slice(0, -6)}.${micros.slice(-6)}`;
  }
}

/** `n.n.hex`, as in every recorded payload. */
export function newTriggerId(): string {
  return `${randomDigits(14)}.${randomDigits(14)}.${randomBytes(16).toString('hex')}`;
}

/** Slack fills a missing block_id (and action_id) with five random characters. */
export function newBlockId(): string {
  return pick(BLOCK_ID_ALPHABET, 5);
}

export function newObjectId(prefix: string): string {
  return prefix + pick(OBJECT_ID_ALPHABET, 10);
}

export function newViewHash(): string {
  return `${Math.floor(Date.now() / 1000)}.${pick(OBJECT_ID_ALPHABET, 8)}`;
}

export function newSecret(): string {
  return pick(BLOCK_ID_ALPHABET.slice(0, 62), 24);
}

export function randomDigits(length: number): string {
  return String(randomInt(1, 10)) + Array.from({ length: length - 1 }, () => randomInt(10)).join('');
}

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
