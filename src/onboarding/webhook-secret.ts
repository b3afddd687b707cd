/**
 * Datadog never gives back the value of a secret variable, so a changed `WEBHOOK_TOKEN` is noticed by comparing marks: a
 * salted hash of the token, approved with the plan and kept in the journal in place of the token.
 */
import { createHmac } from 'node:crypto';
import { TOKEN_NOT_GIVEN } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { SecretMark } from './change.ts';
import { lastAttempt } from './journal.ts';

/**
 * The salt is the webhook's address, which every replica knows: a plan must come out the same when another process
 * makes it again.
 */
export function markOf(token: string, salt: string): SecretMark {
  return { salt, hash: createHmac('sha256', token).update(salt).digest('hex') };
}

export function isMarkOf(mark: SecretMark, token: string): boolean {
  return markOf(token, mark.salt).hash === mark.hash;
}

/**
 * Whether Datadog holds this token as far as we know. `untold`: we never stored one, somebody else made the variable.
 * An attempt whose answer was lost counts as not stored: storing it again does no harm.
 */
export async function tokenInDatadog(db: Db, variable: string, token: string): Promise<'stored' | 'other' | 'untold'> {
  if (token === TOKEN_NOT_GIVEN) return 'untold';
  const last = await lastAttempt(db, 'put-secret-variable', variable);
  if (!last) return 'untold';
  return last.state === 'done' && isMarkOf(last.change.values, token) ? 'stored' : 'other';
}
