/**
 * Ids in the forms Datadog gives them: `abc-def-ghi` for rules and filters, 55 characters beginning with `AQAAA`
 * for logs and signals, UUIDs for accounts and users. Counted, not random, so that a failed run can be repeated.
 */
import { createHash } from 'node:crypto';

export class Ids {
  #count = 0;

  /** `5br-mto-gse`: rules, filters, suppressions, notification rules. */
  short(): string {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
    const letters = [...this.#bytes(9)].map((byte) => alphabet[byte % alphabet.length]);
    return [letters.slice(0, 3), letters.slice(3, 6), letters.slice(6, 9)].map((part) => part.join('')).join('-');
  }

  uuid(): string {
    const hex = this.#bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** 32 hexadecimal digits, as in an AWS external id. */
  hex32(): string {
    return this.#bytes(16).toString('hex');
  }

  /** Numeric ids of users and organisations. */
  number(): number {
    return 1_000_000 + (this.#bytes(4).readUInt32BE() % 9_000_000);
  }

  /** `AYNqUBVUAAB2Awzm07PRqwAA`: the short id inside an event id; begins with the time. */
  innerEvent(timestampMs: number): string {
    const bytes = Buffer.alloc(18);
    bytes.writeUIntBE(Math.trunc(timestampMs), 0, 6);
    this.#bytes(10).copy(bytes, 8);
    return bytes.toString('base64url');
  }

  /** `AQAAAYAZdbh47dGwNwAAAABBWUFaZGJyMUFBQ0s4OEN3YmZ1UDJRQUI`: version, time, tiebreaker, inner id. */
  event(timestampMs: number): string {
    const head = Buffer.alloc(17);
    head.writeUInt8(1, 0);
    head.writeBigUInt64BE(BigInt(Math.trunc(timestampMs)), 1);
    this.#bytes(4).copy(head, 9);
    return Buffer.concat([head, Buffer.from(this.innerEvent(timestampMs))]).toString('base64url');
  }

  request(): string {
    return `pddv1Ch${this.#bytes(36).toString('base64url')}`;
  }

  #bytes(length: number): Buffer {
    this.#count += 1;
    return createHash('sha512').update(`datadog ${this.#count}`).digest().subarray(0, length);
  }
}
