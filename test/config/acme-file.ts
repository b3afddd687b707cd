/** A right configuration on disk, to be changed by a test into a wrong one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

export const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-token',
  SLACK_SIGNING_SECRET: 'signing-secret',
  DD_API_KEY: 'api-key',
  DD_APP_KEY: 'app-key',
  WEBHOOK_TOKEN: '0123456789abcdef',
};

export const ACCOUNT = {
  id: '111122223333',
  name: 'production',
  regions: ['us-east-1'],
  roles: { reader: 'arn:aws:iam::111122223333:role/Reader', operator: 'arn:aws:iam::111122223333:role/Operator' },
};

export const FILE = {
  admin_channel: 'C0ADMIN001',
  aws: { accounts: [ACCOUNT] },
  roles: {
    admins: { users: ['U0ADA00001'] },
    operators: { users: ['U0OLIVIA01'] },
    approvers: { users: ['U0ARJUN001'] },
  },
  approvals: { channel: 'C0APPROVE1' },
};

export interface ConfigOnDisk extends Disposable {
  path: string;
  env: Record<string, string>;
}

/** `change` replaces whole sections; a text takes the place of the file. */
export function acmeFile(
  change: Record<string, unknown> | string,
  env: Record<string, string | undefined> = {},
): ConfigOnDisk {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-config-'));
  const path = join(dir, 'eks-audit.yaml');
  writeFileSync(path, typeof change === 'string' ? change : stringify({ ...FILE, ...change }));
  const set = Object.entries({ ...ENV, ...env, EKS_AUDIT_CONFIG: path });
  return {
    path,
    env: Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
