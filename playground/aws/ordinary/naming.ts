/** Names and numbers that look random and are not: the same label always gives the same one. */
import { createHash } from 'node:crypto';

/** What Kubernetes makes the random ends of names from: no vowels, nothing that looks like something else. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

export function uuidOf(label: string): string {
  const hex = digest(label).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The end of a pod's name, such as `x2x4q`. */
export function tail(label: string, length = 5): string {
  return [...digest(label).subarray(0, length)].map((byte) => SAFE[byte % SAFE.length]).join('');
}

/** A whole number from 0 up to, not including, `below`. */
export function pick(label: string, below: number): number {
  return digest(label).readUInt32BE(0) % below;
}

export function hex(label: string, length: number): string {
  return digest(label).toString('hex').slice(0, length);
}

function digest(label: string): Buffer {
  return createHash('sha256').update(label).digest();
}
