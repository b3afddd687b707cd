/** The roles that exist, the sessions STS has issued, and the bot's own base credentials. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { PolicyStatement } from './iam.ts';
import { statementsOf } from './iam.ts';

export interface Role {
  arn: string;
  account: string;
  name: string;
  /** The stable id in `AROA…:session` user ids. */
  id: string;
  /** ARNs of roles or users, or account ids, that the trust policy names. */
  trustedBy: string[];
  /** What the trust policy lets them do; Pod Identity sessions also need sts:TagSession. */
  trustActions: string[];
  externalId?: string;
  allow: PolicyStatement[];
  maxSessionSeconds: number;
}

export interface RoleSeed {
  arn: string;
  trustedBy?: string | string[];
  trustActions?: string[];
  externalId?: string;
  /** Action patterns (`eks:Describe*`) or whole policy statements. */
  allow: (string | PolicyStatement)[];
  maxSessionSeconds?: number;
}

export interface Identity {
  /** `arn:aws:sts::111122223333:assumed-role/EksAuditOperator/<RoleSessionName>`. */
  arn: string;
  account: string;
  userId: string;
  role: Role;
  sessionName: string;
  /** A session policy only narrows what the role allows. */
  sessionPolicy?: PolicyStatement[];
}

export interface IssuedKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** Wall time: the SDK compares it with its own clock. */
  expiresAt: Date;
  identity: Identity;
}

export class Identities {
  /** Static keys with this prefix belong to the bot's base role, as IRSA or Pod Identity would give it. */
  readonly basePrefix = 'AKIAPLAYGROUND';
  readonly base: Role;
  readonly #roles = new Map<string, Role>();
  readonly #issued = new Map<string, IssuedKey>();

  constructor(baseRoleArn: string) {
    this.base = this.addRole({
      arn: baseRoleArn,
      allow: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    });
  }

  addRole(seed: RoleSeed): Role {
    const match = /^arn:[^:]+:iam::(\d{12}):role\/(.+)$/.exec(seed.arn);
    if (!match) throw new Error(`not a role ARN: ${seed.arn}`);
    const [, account, path] = match as unknown as [string, string, string];
    const role: Role = {
      arn: seed.arn,
      account,
      name: path.split('/').at(-1) ?? path,
      id: `AROA${randomBytes(9).toString('hex').toUpperCase().slice(0, 17)}`,
      trustedBy: seed.trustedBy === undefined ? [this.base?.arn ?? seed.arn] : [seed.trustedBy].flat(),
      trustActions: seed.trustActions ?? ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      ...(seed.externalId === undefined ? {} : { externalId: seed.externalId }),
      allow: statementsOf(seed.allow),
      maxSessionSeconds: seed.maxSessionSeconds ?? 3600,
    };
    this.#roles.set(seed.arn, role);
    return role;
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  removeRole(arn: string): void {
    this.#roles.delete(arn);
  }

  /** Whoever the key belongs to; `expired` and `unknown` are answered by every service in its own way. */
  find(accessKeyId: string, sessionToken?: string): Identity | 'expired' | 'unknown' {
    if (accessKeyId.startsWith(this.basePrefix)) return session(this.base, 'eks-audit-bot');
    const key = this.#issued.get(accessKeyId);
    if (!key || key.sessionToken !== sessionToken) return 'unknown';
    return key.expiresAt.getTime() <= Date.now() ? 'expired' : key.identity;
  }

  issue(role: Role, sessionName: string, seconds: number, sessionPolicy?: PolicyStatement[]): IssuedKey {
    const identity = session(role, sessionName);
    if (sessionPolicy) identity.sessionPolicy = sessionPolicy;
    const key: IssuedKey = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: `playground-${randomUUID()}`,
      expiresAt: new Date(Date.now() + seconds * 1000),
      identity,
    };
    this.#issued.set(key.accessKeyId, key);
    return key;
  }

  /** Every session issued so far ends now, as when an administrator revokes them. */
  expireSessions(): void {
    for (const key of this.#issued.values()) key.expiresAt = new Date(0);
  }
}

function session(role: Role, sessionName: string): Identity {
  const partition = role.arn.split(':')[1];
  return {
    arn: `arn:${partition}:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    account: role.account,
    userId: `${role.id}:${sessionName}`,
    role,
    sessionName,
  };
}
