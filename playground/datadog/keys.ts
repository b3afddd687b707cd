/**
 * Application keys: who owns them, what they may do, and which logs they are shown.
 */
import type { Query } from '../../src/rules/query.ts';
import type { DatadogUser } from './users.ts';

export interface ApplicationKey {
  key: string;
  /** Every change made with the key is attributed to this person or service account. */
  owner: DatadogUser;
  /** The key's scopes; `all` for an unscoped key. */
  permissions: readonly string[] | 'all';
  /** A restriction query of the owner: logs outside it are missing from answers, without an error. */
  restriction: Query | undefined;
}

export interface ApplicationKeySeed {
  key: string;
  /** E-mail address. */
  owner: string;
  permissions?: readonly string[] | 'all';
  /** `-*` for a key that sees no log at all. */
  restrictionQuery?: string;
}
