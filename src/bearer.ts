/** The secret a caller of ours carries in its Authorization header. */
import { timingSafeEqual } from 'node:crypto';

/** Compares an Authorization header with `Bearer <token>` in constant time. */
export function isBearer(header: string | undefined, token: string): boolean {
  const expected = Buffer.from(`Bearer ${token}`);
  const given = Buffer.from(header ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
