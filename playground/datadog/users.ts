/**
 * People and service accounts of the organisation, in the shape of `/api/v2/users`.
 */
import { createHash } from 'node:crypto';
import type { Ids } from './ids.ts';

export interface DatadogUser {
  id: string;
  /** The number in `creationAuthorId` and triage answers. */
  number: number;
  email: string;
  handle: string;
  name: string | null;
  status: 'Active' | 'Pending' | 'Disabled';
  serviceAccount: boolean;
  createdAt: string;
}

export interface DatadogUserSeed {
  email: string;
  /** The e-mail address unless given; service accounts have a UUID here. */
  handle?: string;
  name?: string;
  status?: DatadogUser['status'];
  serviceAccount?: boolean;
}

export function newUser(seed: DatadogUserSeed, ids: Ids, now: Date): DatadogUser {
  return {
    id: ids.uuid(),
    number: ids.number(),
    email: seed.email,
    handle: seed.handle ?? seed.email,
    name: seed.name ?? null,
    status: seed.status ?? 'Active',
    serviceAccount: seed.serviceAccount ?? false,
    createdAt: now.toISOString(),
  };
}

export function iconOf(user: DatadogUser): string {
  const hash = createHash('md5').update(user.email.toLowerCase()).digest('hex');
  return `https://secure.gravatar.com/avatar/${hash}?s=48&d=retro`;
}

export function userData(user: DatadogUser, orgId: string): unknown {
  return {
    type: 'users',
    id: user.id,
    attributes: {
      name: user.name,
      handle: user.handle,
      created_at: user.createdAt,
      modified_at: user.createdAt,
      email: user.email,
      icon: iconOf(user),
      title: null,
      verified: user.status !== 'Pending',
      service_account: user.serviceAccount,
      disabled: user.status === 'Disabled',
      allowed_login_methods: [],
      status: user.status,
    },
    relationships: { roles: { data: [] }, org: { data: { type: 'orgs', id: orgId } } },
  };
}
